/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include "batch.h"
#include "clock.h"
#include "reply.h"
#include "rotate.h"

#include <poll.h>

#define IDLE_MOST    INT64_C(3600000)
#define COVER_WITHIN 100 /* milliseconds from a record to the start of its checkpoint */

struct MessageRow {
	enum MessageType type;
	int (*handle)(struct Server *s, const struct Message *m);
};
static const struct MessageRow rows[] = {
        {MSG_DIGEST, reply_digest},
        {MSG_FILES_DIGEST, reply_files_digest},
        {MSG_NOTE_LINE, reply_note_line},
        {MSG_NOTE_SIGN, reply_note_sign},
        {MSG_READ, reply_read},
        {MSG_FIND_COPY, reply_find_copy},
        {MSG_COPIES_ON, reply_copies_on},
        {MSG_LABEL_MAKE, reply_label_make},
        {MSG_LABEL_LOOK, reply_label_look},
        {MSG_YEAR_LOOK, reply_year_look},
        {MSG_YEAR_DROP, reply_year_drop},
};

void server_done(struct Server *s)
{
	copies_done(&s->copies);
	audit_freep(&s->audit);
	free(s->lines);
	s->lines = NULL;
}

static int wait_for(const struct Server *s, short events, int milliseconds)
{
	struct pollfd p = {.fd = s->channel, .events = events};

	while (poll(&p, 1, milliseconds) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int server_send(struct Server *s, enum MessageType type, const void *body, const int *fds, size_t n_fds)
{
	while (!s->closed) {
		int r = channel_send(s->channel, type, body, fds, n_fds);

		if (r == CHANNEL_CLOSED)
			s->closed = true;
		else if (r == CHANNEL_AGAIN)
			r = wait_for(s, POLLOUT, -1);
		else
			return r;
		if (r < 0)
			return r;
	}
	return 0;
}

/* Everything durable gets its checkpoint. 0, FAULT_LEDGER_FULL, or -errno. */
static int cover(struct Server *s)
{
	struct MsgCovered covered;
	int r;

	if (s->store->covered == s->store->tree.size)
		return 0;
	r = STORE_FULL;
	if (s->store->tree.size - s->store->last_key >= ROTATE_EVERY)
		r = rotate(s->store, s->terminal); /* ends with a checkpoint of its own */
	if (r == STORE_FULL)
		r = store_checkpoint(s->store);
	if (r == STORE_FULL)
		return FAULT_LEDGER_FULL;
	if (r < 0)
		return r;
	s->oldest = 0;
	covered = (struct MsgCovered){.size = s->store->covered};
	r = tree_root(&s->store->tree, s->store->seal->crypto, covered.root);
	if (r < 0)
		return r;
	return server_send(s, MSG_COVERED, &covered, NULL, 0);
}

int server_message(struct Server *s, const struct Message *m)
{
	int r;

	if (m->type == MSG_APPEND) {
		r = batch_add(s, &m->body.APPEND);
		return r < 0 || !batch_is_full(s) ? r : batch_flush(s);
	}
	/* what was appended before is asked about now */
	r = batch_flush(s);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].type == (enum MessageType)m->type)
			return rows[i].handle(s, m);
	return -EPROTO;
}

static bool cover_is_due(const struct Server *s)
{
	return s->oldest && clock_boot() - s->oldest >= COVER_WITHIN;
}

/* Takes in what waits: 0 when nothing does any more, or when a checkpoint is due. */
static int drain(struct Server *s)
{
	while (!s->closed && !cover_is_due(s)) {
		_cleanup_message_ struct Message m;
		int r = channel_receive(s->channel, &m);

		if (r == CHANNEL_AGAIN && !s->n_waiting)
			return 0;
		if (r == CHANNEL_AGAIN)
			r = batch_flush(s); /* and look again: more may have come meanwhile */
		else if (r == CHANNEL_CLOSED)
			s->closed = true;
		else if (r)
			return r < 0 ? r : -EPROTO;
		else
			r = server_message(s, &m);
		if (r < 0)
			return r;
	}
	return batch_flush(s);
}

/* What can be put off, a little of it: UPKEEP_MORE, 0, FAULT_LEDGER_ALTERED or -errno. */
#define UPKEEP_MORE -1000
static int upkeep(struct Server *s)
{
	int r = 0;

	if (s->audit) {
		r = audit_step(s->audit, s->subject);
		if (r == AUDIT_MORE)
			return UPKEEP_MORE;
		audit_freep(&s->audit);
		if (r > 0 && s->cache)
			cache_drop(s->cache, s->store);
	} else if (s->cache && cache_is_due(s->cache, s->store)) {
		r = cache_refresh(s->cache, s->store, s->terminal, s->subject);
	}
	return r;
}

/* Everything is covered: another fiscal year may begin. Core hears of it before anything else. */
static int turn_year(struct Server *s)
{
	struct MsgCovered m;
	int r;

	if (!s->year_turn || clock_boot() < s->year_again)
		return 0;
	r = s->year_turn(s->year_owner, s->subject);
	if (r != SERVER_TURNED)
		return r;
	m = (struct MsgCovered){.size = s->store->covered};
	r = tree_root(&s->store->tree, s->store->seal->crypto, m.root);
	return r < 0 ? r : server_send(s, MSG_YEAR, &m, NULL, 0);
}

/* Until a message comes, or the year may end; a clock that is set in between is noticed within the hour. */
static int wait_idle(const struct Server *s)
{
	int64_t now = clock_now(), left = clock_fiscal_year_end(now) - now,
	        again = s->year_again - clock_boot();

	return wait_for(
	        s, POLLIN, !s->year_turn ? -1 : (int)MIN(again > 0 ? MIN(left, again) : left, IDLE_MOST) + 1);
}

int serve(struct Server *s)
{
	while (!s->closed) {
		bool more = false;
		int r = drain(s);

		if (!r)
			r = cover(s);
		if (!r && !s->closed)
			r = turn_year(s);
		if (!r && !s->closed) {
			r = upkeep(s);
			more = r == UPKEEP_MORE;
		}
		if (more)
			continue;
		if (!r && !s->closed)
			r = wait_idle(s);
		if (r)
			return r;
	}
	return 0;
}
