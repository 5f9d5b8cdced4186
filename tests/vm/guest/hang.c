/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A USB stick that answers nothing: its descriptors are read, every request after that waits for ever.
 * hang FOLDER: FOLDER is a functionfs that is mounted; says `ready` when the gadget may be bound.
 */
#include <endian.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/functionfs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct Pair {
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor_no_audio in, out;
} __attribute__((packed));

struct SuperPair {
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor_no_audio in;
	struct usb_ss_ep_comp_descriptor in_more;
	struct usb_endpoint_descriptor_no_audio out;
	struct usb_ss_ep_comp_descriptor out_more;
} __attribute__((packed));

struct Descriptors {
	struct usb_functionfs_descs_head_v2 head;
	__le32 full_count, high_count, super_count;
	struct Pair full, high;
	struct SuperPair super;
} __attribute__((packed));

static struct usb_interface_descriptor interface_of(void)
{
	return (struct usb_interface_descriptor){.bLength = USB_DT_INTERFACE_SIZE, .bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = 2, .bInterfaceClass = 8, .bInterfaceSubClass = 6, .bInterfaceProtocol = 0x50};
}

static struct usb_endpoint_descriptor_no_audio endpoint(int address, int packet)
{
	return (struct usb_endpoint_descriptor_no_audio){.bLength = USB_DT_ENDPOINT_SIZE, .bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = address, .bmAttributes = USB_ENDPOINT_XFER_BULK, .wMaxPacketSize = htole16(packet)};
}

int main(int argc, char **argv)
{
	static const struct usb_functionfs_strings_head no_strings = {.magic = FUNCTIONFS_STRINGS_MAGIC, .length = sizeof(no_strings)};
	const struct usb_ss_ep_comp_descriptor more = {.bLength = USB_DT_SS_EP_COMP_SIZE, .bDescriptorType = USB_DT_SS_ENDPOINT_COMP};
	struct Descriptors d = {
		.head = {.magic = htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2), .length = htole32(sizeof(d)),
			.flags = htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC | FUNCTIONFS_HAS_SS_DESC)},
		.full_count = htole32(3), .high_count = htole32(3), .super_count = htole32(5),
		.full = {interface_of(), endpoint(1 | USB_DIR_IN, 64), endpoint(2, 64)},
		.high = {interface_of(), endpoint(1 | USB_DIR_IN, 512), endpoint(2, 512)},
		.super = {interface_of(), endpoint(1 | USB_DIR_IN, 1024), more, endpoint(2, 1024), more},
	};
	char path[256];
	int fd;

	if (argc != 2 || snprintf(path, sizeof(path), "%s/ep0", argv[1]) >= (int)sizeof(path))
		return 2;
	fd = open(path, O_RDWR);
	if (fd < 0 || write(fd, &d, sizeof(d)) != sizeof(d) || write(fd, &no_strings, sizeof(no_strings)) != sizeof(no_strings)) {
		perror(path);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause(); /* what the host asks stays in the queue */
}
