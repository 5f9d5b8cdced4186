/* SPDX-License-Identifier: Apache-2.0 */
/* The least an append can take: write and fdatasync of one line. floor FILE [N]: the median in milliseconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int less(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 50, fd = argc > 1 ? open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
	double times[1000];
	char line[300];

	if (fd < 0 || n < 1 || n > 1000)
		return 2;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < n; i++) {
		double start = now();

		if (write(fd, line, sizeof(line)) != sizeof(line) || fdatasync(fd))
			return 1;
		times[i] = now() - start;
	}
	qsort(times, (size_t)n, sizeof(times[0]), less);
	printf("%.3f\n", times[n / 2]);
	return 0;
}
