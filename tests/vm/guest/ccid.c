/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a smart-card reader for its slot's status, as pcscd does: ccid NODE. Says `answered`, or why not. */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define BULK_OUT    0x03
#define BULK_IN     0x82
#define GET_STATUS  0x65 /* PC_to_RDR_GetSlotStatus */
#define SLOT_STATUS 0x81 /* RDR_to_PC_SlotStatus */
#define SEQUENCE    7

static int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	uint8_t ask[10] = {GET_STATUS, 0, 0, 0, 0, 0, SEQUENCE}, answer[64];
	struct usbdevfs_bulktransfer out = {.ep = BULK_OUT, .len = sizeof(ask), .timeout = 5000, .data = ask};
	struct usbdevfs_bulktransfer in = {.ep = BULK_IN, .len = sizeof(answer), .timeout = 5000, .data = answer};
	unsigned int interface = 0;
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1, n;

	if (fd < 0)
		return fail("open");
	if (ioctl(fd, USBDEVFS_CLAIMINTERFACE, &interface) < 0)
		return fail("claim");
	if (ioctl(fd, USBDEVFS_BULK, &out) < 0)
		return fail("ask");
	n = ioctl(fd, USBDEVFS_BULK, &in);
	if (n < 0)
		return fail("answer");
	if (n < 10 || answer[0] != SLOT_STATUS || answer[6] != SEQUENCE) {
		printf("another answer: %d bytes, %02x\n", n, answer[0]);
		return 1;
	}
	puts("answered");
	return 0;
}
