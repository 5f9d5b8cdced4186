/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's half of the reader. It holds the person's channel, the ring and one file at a time.
 *
 * Entries come in batches of at most LIMIT_IN_FLIGHT descriptors: the kernel caps how many an ordinary
 * user may have under way. Each is taken, used and closed before the next one is received.
 */
#include "reader_child.h"

#include "channel.h"
#include "fault.h"
#include "phase.h"
#include "str.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

struct Child {
	struct Ring *ring;
	int person;
	bool contents;
	uint64_t index; /* of the next entry */
};

/* ------------------------------------------------------------------ slots */

static int put(struct Child *c, enum SlotKind kind, int fault, const char *name)
{
	struct Slot *s;
	uint8_t *bytes;
	int r = ring_claim(c->ring, &s, &bytes);

	if (r < 0)
		return r;
	*s = (struct Slot){.kind = kind, .fault = (uint16_t)fault, .index = c->index};
	STR_CUT(s->name, name);
	ring_fill(c->ring);
	return 0;
}

static void facts_of(const struct stat *st, struct FileFacts *ret)
{
	*ret = (struct FileFacts){
	        .size = (uint64_t)st->st_size,
	        .dev = st->st_dev,
	        .ino = st->st_ino,
	        .mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
	};
}

/* ------------------------------------------------------------------ one file */

/* Only what was opened for reading and is a plain file: no device, no FIFO, no path descriptor. */
static int file_check(int fd, struct stat *ret)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) != O_RDONLY)
		return FAULT_BAD_REQUEST;
	if (fstat(fd, ret))
		return FAULT_FILE_UNREADABLE;
	return S_ISREG(ret->st_mode) ? 0 : FAULT_NOT_A_FILE;
}

/* Fills a slot, or less at the end of the file: bytes, or -errno of the read. */
static ssize_t file_fill(struct Child *c, int fd, uint8_t *bytes, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t k;

		ring_busy(c->ring, NULL);
		k = read(fd, bytes + at, n - at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		at += (size_t)k;
	}
	return (ssize_t)at;
}

/* The bytes as said by fstat, and one more to see that it ends there. */
static int file_read(struct Child *c, int fd, const struct Slot *first, struct Slot **ret)
{
	uint64_t left = first->facts.size;
	struct Slot *s;
	uint8_t *bytes;

	for (bool begun = false;; begun = true) {
		size_t want = (size_t)MIN(left, (uint64_t)RING_CHUNK);
		ssize_t n;
		int r;

		ring_idle(c->ring);
		r = ring_claim(c->ring, &s, &bytes);
		if (r < 0)
			return r;
		*s = *first;
		s->first = !begun;
		n = file_fill(c, fd, bytes, want);
		if (n < 0) {
			s->kind = SLOT_FAULT;
			s->fault = FAULT_FILE_UNREADABLE;
			*ret = s;
			return 0;
		}
		s->size = (uint32_t)n;
		left -= (uint64_t)n;
		s->last = left == 0 || (size_t)n < want;
		if (s->last)
			break;
		ring_fill(c->ring);
	}
	*ret = s;
	return 0;
}

static void file_finish(struct Child *c, int fd, struct Slot *s)
{
	struct stat st;
	uint8_t more;

	if (s->kind == SLOT_ENTRY) {
		ring_busy(c->ring, NULL);
		if (fstat(fd, &st)) {
			s->kind = SLOT_FAULT;
			s->fault = FAULT_FILE_UNREADABLE;
		} else {
			facts_of(&st, &s->after);
			/* mtime may be coarse: a byte beyond the end tells growth as well */
			if (read(fd, &more, 1) > 0)
				s->after.size++;
		}
	}
	ring_fill(c->ring);
}

static int file_serve(struct Child *c, int fd, const char *name)
{
	struct Slot first = {.kind = SLOT_ENTRY, .index = c->index, .first = 1}, *s;
	struct stat st = {};
	int r = file_check(fd, &st);

	if (r) {
		ring_idle(c->ring);
		return put(c, SLOT_FAULT, r, name);
	}
	facts_of(&st, &first.facts);
	STR_CUT(first.name, name);
	if (c->contents) {
		r = file_read(c, fd, &first, &s);
		if (r >= 0)
			file_finish(c, fd, s);
		return r;
	}
	ring_idle(c->ring);
	r = ring_claim(c->ring, &s, &(uint8_t *){NULL});
	if (r < 0)
		return r;
	*s = first;
	s->last = 1;
	s->after = s->facts;
	ring_fill(c->ring);
	return 0;
}

/* ------------------------------------------------------------------ the person's side */

/* 0, CHANNEL_CLOSED, CHANNEL_BROKEN, -errno. The descriptor of ours may be non-blocking. */
static int person_wait(struct Child *c, short events)
{
	struct pollfd p = {.fd = c->person, .events = events};

	return poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int person_receive(struct Child *c, struct Message *ret)
{
	for (;;) {
		int r = channel_receive(c->person, ret);

		if (r != CHANNEL_AGAIN)
			return r;
		r = person_wait(c, POLLIN);
		if (r < 0)
			return r;
	}
}

static int person_want(struct Child *c)
{
	struct MsgWant want = {.index = c->index, .n = LIMIT_IN_FLIGHT};

	for (;;) {
		int r = channel_send(c->person, MSG_WANT, &want, NULL, 0);

		if (r != CHANNEL_AGAIN)
			return r;
		r = person_wait(c, POLLOUT);
		if (r < 0)
			return r;
	}
}

/* One entry. The descriptor is closed here, inside the watched stretch: close waits for a FUSE too. */
static int entry(struct Child *c, struct Message *m)
{
	const struct MsgEntry *e = &m->body.ENTRY;
	int r;

	if (e->index != c->index)
		return CHANNEL_BROKEN;
	if (e->fault)
		return put(c, SLOT_FAULT, e->fault, e->name);
	if (m->n_fds != 1)
		return CHANNEL_BROKEN;
	ring_busy(c->ring, e->name);
	r = file_serve(c, m->fds[0], e->name);
	ring_busy(c->ring, NULL);
	message_done(m);
	ring_idle(c->ring);
	c->index++;
	return r;
}

static int batch(struct Child *c, bool *ret_end)
{
	int r = person_want(c);

	for (unsigned int i = 0; !r && i < LIMIT_IN_FLIGHT; i++) {
		_cleanup_message_ struct Message m = {};

		r = person_receive(c, &m);
		if (!r && m.type == MSG_ENTRIES_END) {
			*ret_end = true;
			return m.body.ENTRIES_END.n == c->index ? 0 : CHANNEL_BROKEN;
		}
		if (!r)
			r = m.type == MSG_ENTRY ? entry(c, &m) : CHANNEL_BROKEN;
	}
	return r;
}

static int pass(struct Child *c)
{
	bool end = false;
	int r = 0;

	while (!r && !end)
		r = batch(c, &end);
	ring_idle(c->ring);
	if (r == CHANNEL_CLOSED)
		return put(c, SLOT_CLOSED, 0, "");
	if (r > 0)
		return put(c, SLOT_BROKEN, 0, "");
	return r < 0 ? r : put(c, SLOT_END, 0, "");
}

int reader_child(struct Ring *ring, int person)
{
	struct Child c = {.ring = ring, .person = person};
	int r = phase_enter(PHASE_READER);

	while (r >= 0) {
		r = ring_await_pass(ring);
		if (r < 0)
			break;
		c.contents = r == PASS_CONTENTS;
		c.index = 0;
		r = pass(&c);
	}
	return r;
}
