/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_print PROGRAM: starts the watch process as core does and prints one line for each of its messages,
 * with seconds on the monotonic clock. With --open SERIAL it writes `authorized` of the interface of the
 * device with that serial number, as core would: for looking at times without a ledger.
 */
#include "channel.h"
#include "file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void usb_add(const struct Message *m, const char *serial)
{
	const struct MsgUsbAdd *a = &m->body.USB_ADD;
	const struct Identity *i = &a->identity;

	if (serial && strlen(serial) == i->serial_size && !memcmp(serial, i->serial, i->serial_size) &&
	        file_write_at(m->fds[1], "authorized", "1") == 0) {
		_cleanup_fd_ int usb = open("/sys/bus/usb", O_PATH | O_DIRECTORY);

		(void)file_write_at(usb, "drivers_probe", a->interface);
	}
	printf("%.6f USB_ADD %s port=%s %04x:%04x:%04x serial=%.*s strength=%u storage=%u composite=%u "
	       "alias=%u "
	       "settings=%u descriptors=%u bus=%u dev=%u authorized=%u coldplug=%u\n",
	        now(), a->interface, i->port, i->vendor, i->product, i->revision, i->serial_size,
	        (const char *)i->serial, i->strength, i->storage_like, i->composite, i->by_alias,
	        i->n_interfaces, i->descriptors_size, a->busnum, a->devnum, a->authorized, a->coldplug);
}

static void print(const struct Message *m, const char *serial)
{
	const struct MsgBlockAdd *b = &m->body.BLOCK_ADD;

	switch (m->type) {
	case MSG_USB_ADD:
		usb_add(m, serial);
		break;
	case MSG_USB_EXPECT:
		printf("%.6f USB_EXPECT %s bus=%u dev=%u\n", now(), m->body.USB_EXPECT.interface,
		        m->body.USB_EXPECT.busnum, m->body.USB_EXPECT.devnum);
		break;
	case MSG_USB_REMOVE:
		printf("%.6f USB_REMOVE %s\n", now(), m->body.USB_REMOVE.name);
		break;
	case MSG_USB_BIND:
		printf("%.6f USB_BIND %s %s\n", now(), m->body.USB_BIND.interface, m->body.USB_BIND.driver);
		break;
	case MSG_BLOCK_ADD:
		printf("%.6f BLOCK_ADD %s %s %u:%u partition=%s:%u size=%lu diskseq=%lu ro=%u lun=%u\n",
		        now(), b->interface, b->disk, b->major, b->minor, b->partition, b->partition_minor,
		        b->size, b->diskseq, b->read_only, b->lun);
		break;
	case MSG_BLOCK_REMOVE:
		printf("%.6f BLOCK_REMOVE %s\n", now(), m->body.BLOCK_REMOVE.disk);
		break;
	case MSG_WATCH_READY:
		printf("%.6f WATCH_READY %u\n", now(), m->body.WATCH_READY.rescan);
		break;
	default:
		printf("%.6f unexpected %s\n", now(), channel_name(m->type));
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *serial = argc == 4 ? argv[3] : NULL;
	int ends[2], r, status = 0;
	pid_t pid;

	if (argc < 2 || channel_pair(ends) < 0)
		return 2;
	pid = fork();
	if (pid == 0) {
		if (ends[1] == WIRE_CHANNEL ? fcntl(WIRE_CHANNEL, F_SETFD, 0)
		                            : dup2(ends[1], WIRE_CHANNEL) < 0)
			_exit(127);
		execl(argv[1], argv[1], (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	for (;;) {
		_cleanup_message_ struct Message m = {};

		r = channel_receive(ends[0], &m);
		if (r)
			break;
		print(&m, serial);
	}
	waitpid(pid, &status, 0);
	printf("%.6f end %d status %x\n", now(), r, (unsigned int)status);
	return r == CHANNEL_CLOSED ? 0 : 1;
}
