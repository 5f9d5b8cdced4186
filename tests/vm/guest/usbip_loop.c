/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `usbip attach` does, without a network: joins the machine's own virtual device controller (usbip-vudc, with a
 * gadget bound to it) to its virtual host controller (vhci_hcd) by a pair of sockets. usbip_loop PORT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE     "/sys/devices/platform/usbip-vudc.0/usbip_sockfd"
#define HOST       "/sys/devices/platform/vhci_hcd.0/attach"
#define HIGH_SPEED 3 /* enum usb_device_speed */

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd))
		return 0;
	printf("%s: %s\n", path, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	char text[64];
	int pair[2];

	if (argc != 2 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return 2;
	snprintf(text, sizeof(text), "%d\n", pair[0]);
	if (put(DEVICE, text))
		return 1;
	snprintf(text, sizeof(text), "%.4s %d %d %d\n", argv[1], pair[1], 0x10001, HIGH_SPEED);
	return put(HOST, text);
}
