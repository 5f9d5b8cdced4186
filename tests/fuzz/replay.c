/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target once over every file of the folders given: the corpus as an ordinary test. */
#include "std.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(int dir, const char *name)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ uint8_t *data = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 0;
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return -ENOMEM;
	n = read(fd, data, (size_t)st.st_size);
	if (n < 0)
		return -errno;
	LLVMFuzzerTestOneInput(data, (size_t)n);
	return 1;
}

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);

		if (!d) {
			perror(argv[i]);
			return 1;
		}
		for (struct dirent *e; (e = readdir(d));) {
			int r = replay_file(dirfd(d), e->d_name);

			if (r < 0)
				return 1;
			n += r;
		}
		closedir(d);
	}
	printf("%d inputs\n", n);
	return n == 0; /* a corpus that is empty proves nothing */
}
