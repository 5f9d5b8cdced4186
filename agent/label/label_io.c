/* SPDX-License-Identifier: Apache-2.0 */
#include "label_io.h"

#include "channel.h"
#include "fault.h"

static int io_fault(ssize_t n)
{
	if (n == LABEL_SIZE)
		return 0;
	return n < 0 && (errno == ENODEV || errno == ENXIO) ? FAULT_MEDIUM_GONE : FAULT_MEDIUM_ERROR;
}

static off_t slot_offset(unsigned int slot)
{
	return LABEL_OFFSET + (off_t)slot * LABEL_SIZE;
}

int label_read(int disk, unsigned int slot, struct LabelBuffer *ret)
{
	return io_fault(pread(disk, ret->bytes, LABEL_SIZE, slot_offset(slot)));
}

int label_write(int disk, unsigned int slot, const struct LabelBuffer *bytes)
{
	static struct LabelBuffer back;
	int fault = io_fault(pwrite(disk, bytes->bytes, LABEL_SIZE, slot_offset(slot)));

	if (!fault && fsync(disk))
		fault = io_fault(-1);
	if (!fault)
		fault = label_read(disk, slot, &back);
	return fault || !memcmp(back.bytes, bytes->bytes, LABEL_SIZE) ? fault : FAULT_MEDIUM_ERROR;
}

static int serve_read(int channel, int disk, int *ret_fault)
{
	static struct LabelBuffer buffer;

	for (unsigned int slot = 0; slot < LABEL_SLOTS && !*ret_fault; slot++) {
		struct MsgLabelSlot m = {.slot = (uint8_t)slot};
		int r;

		*ret_fault = label_read(disk, slot, &buffer);
		if (*ret_fault)
			break;
		memcpy(m.bytes, buffer.bytes, LABEL_SIZE);
		r = channel_send(channel, MSG_LABEL_SLOT, &m, NULL, 0);
		if (r)
			return r < 0 ? r : -EPIPE;
	}
	return 0;
}

int label_serve(int channel, int disk)
{
	static struct LabelBuffer buffer;
	_cleanup_message_ struct Message m;
	struct MsgLabelDone done = {};
	int fault = 0, r = channel_receive(channel, &m);

	if (r)
		return r < 0 ? r : -EPROTO;
	if (m.type != MSG_LABEL_ORDER || m.body.LABEL_ORDER.slot >= LABEL_SLOTS)
		return -EPROTO;
	if (m.body.LABEL_ORDER.write) {
		memcpy(buffer.bytes, m.body.LABEL_ORDER.bytes, LABEL_SIZE);
		fault = label_write(disk, m.body.LABEL_ORDER.slot, &buffer);
	} else
		r = serve_read(channel, disk, &fault);
	if (r < 0)
		return r;
	done.fault = (uint16_t)fault;
	r = channel_send(channel, MSG_LABEL_DONE, &done, NULL, 0);
	return r > 0 ? -EPIPE : r;
}
