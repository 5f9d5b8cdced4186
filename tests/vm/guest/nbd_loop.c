/* SPDX-License-Identifier: Apache-2.0 */
/* nbd_loop NODE MEGABYTES: a network block device whose other end is this very process: zeros, and what is written is
   forgotten. Ends when the kernel ends the connection. */
#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int all(int fd, void *bytes, size_t n, int out)
{
	for (size_t at = 0; at < n;) {
		ssize_t k = out ? write(fd, (char *)bytes + at, n - at) : read(fd, (char *)bytes + at, n - at);

		if (k <= 0)
			return -1;
		at += (size_t)k;
	}
	return 0;
}

static int serve(int fd)
{
	static char data[1 << 20];
	struct nbd_request q;

	while (!all(fd, &q, sizeof(q), 0)) {
		struct nbd_reply a = {.magic = htonl(NBD_REPLY_MAGIC)};
		uint32_t type = ntohl(q.type) & 0xffff, n = ntohl(q.len);

		memcpy(a.handle, q.handle, sizeof(a.handle));
		if (n > sizeof(data) || type == NBD_CMD_DISC)
			return 0;
		if (type == NBD_CMD_WRITE && all(fd, data, n, 0))
			return 1;
		memset(data, 0, sizeof(data));
		if (all(fd, &a, sizeof(a), 1) || (type == NBD_CMD_READ && all(fd, data, n, 1)))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int ends[2], fd = argc == 3 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || ioctl(fd, NBD_SET_BLKSIZE, 512UL) ||
		ioctl(fd, NBD_SET_SIZE_BLOCKS, strtoul(argv[2], NULL, 10) * 2048) || ioctl(fd, NBD_SET_SOCK, ends[0])) {
		perror("nbd_loop");
		return 1;
	}
	if (!fork()) {
		close(fd);
		close(ends[0]);
		return serve(ends[1]);
	}
	close(ends[1]);
	printf("connected\n");
	fflush(stdout);
	printf("ended: %d\n", ioctl(fd, NBD_DO_IT));
	return 0;
}
