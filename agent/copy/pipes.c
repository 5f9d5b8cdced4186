/* SPDX-License-Identifier: Apache-2.0 */
#include "pipes.h"

#include <fcntl.h>

int pipe_take(struct Job *j, int fd)
{
	int flags;

	/* asks the pipe itself: fstat would ask the file system that a FIFO lies on */
	if (fcntl(fd, F_GETPIPE_SZ) <= 0)
		return job_fail(j, FAULT_BAD_REQUEST, "descriptor");
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	return 0;
}

int pipe_read(struct Job *j, int fd, void *ret, size_t size, size_t *ret_size)
{
	size_t at = 0;

	for (;;) {
		struct pollfd in = {.fd = fd, .events = POLLIN};
		uint8_t beyond;
		ssize_t n = at < size ? read(fd, (uint8_t *)ret + at, size - at) : read(fd, &beyond, 1);
		int r;

		if (n > 0 && at == size)
			return job_fail(j, FAULT_BAD_REQUEST, "too long");
		if (n > 0) {
			at += (size_t)n;
			continue;
		}
		if (n == 0)
			break;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		r = job_wait(j, &in, 1, INT64_MAX);
		if (r)
			return r;
	}
	*ret_size = at;
	return 0;
}

int pipe_write(struct Job *j, int fd, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	while (n) {
		struct pollfd out = {.fd = fd, .events = POLLOUT};
		ssize_t k = write(fd, from, n);
		int r;

		if (k > 0) {
			from += k;
			n -= (size_t)k;
			continue;
		}
		if (k < 0 && errno == EPIPE)
			return FAULT_DEST_FAILED;
		if (k < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		r = job_wait(j, &out, 1, INT64_MAX);
		if (r)
			return r;
	}
	return 0;
}
