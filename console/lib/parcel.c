/* SPDX-License-Identifier: Apache-2.0 */
#include "parcel.h"

#include <sys/socket.h>

static int send_all(int fd, const void *bytes, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t r = send(fd, (const char *)bytes + at, n - at, MSG_NOSIGNAL);

		if (r < 0 && errno != EINTR)
			return -errno;
		at += r > 0 ? (size_t)r : 0;
	}
	return 0;
}

static int receive_all(int fd, void *ret, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t r = recv(fd, (char *)ret + at, n - at, 0);

		if (r == 0)
			return -EPIPE;
		if (r < 0 && errno != EINTR)
			return -errno;
		at += r > 0 ? (size_t)r : 0;
	}
	return 0;
}

int parcel_send(int fd, const void *bytes, size_t n)
{
	const uint32_t size = (uint32_t)n;
	int r = n > INT32_MAX ? -E2BIG : send_all(fd, &size, sizeof(size));

	return r < 0 ? r : send_all(fd, bytes, n);
}

ssize_t parcel_receive(int fd, void *ret, size_t size)
{
	uint32_t n = 0;
	int r = receive_all(fd, &n, sizeof(n));

	if (r >= 0 && n > size)
		r = -EBADMSG;
	if (r >= 0)
		r = receive_all(fd, ret, n);
	return r < 0 ? r : (ssize_t)n;
}
