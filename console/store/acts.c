/* SPDX-License-Identifier: Apache-2.0 */
#include "acts.h"

#include "channel.h"
#include "record_detail.h"
#include "str.h"

/* The next message; what covers is noted. 0 or -errno. */
static int receive(struct Acts *a, struct Message *ret)
{
	int r = channel_receive(a->fd, ret);

	if (r)
		return r < 0 ? r : -EPIPE;
	message_done(ret); /* the journal hands over no descriptor here */
	if (ret->type == MSG_COVERED)
		a->covered = ret->body.COVERED.size;
	return ret->type == MSG_LEDGER_FAULT ? -EIO : 0;
}

int acts_open(struct Acts *a, int fd)
{
	static struct Message m;
	int r;

	*a = (struct Acts){.fd = fd};
	do
		r = receive(a, &m);
	while (r == 0 && m.type != MSG_STATE_END);
	return r;
}

void acts_done(struct Acts *a)
{
	a->fd = fd_close(a->fd);
}

static int append(struct Acts *a, const struct Record *record, uint64_t *ret_n)
{
	static struct Message m;
	struct MsgAppend message = {.cookie = ++a->cookie, .record = *record};
	int r = channel_send(a->fd, MSG_APPEND, &message, NULL, 0);

	if (r)
		return r < 0 ? r : -EPIPE;
	do
		r = receive(a, &m);
	while (r == 0 && (m.type != MSG_APPENDED || m.body.APPENDED.cookie != a->cookie));
	if (r < 0)
		return r;
	*ret_n = m.body.APPENDED.n;
	return m.body.APPENDED.fault ? -EIO : 0;
}

int acts_record(struct Acts *a, const char *actor, const char *verb, const char *subject, bool refused)
{
	static struct Message m;
	struct Record record;
	uint64_t n = 0;
	int r;

	if (a->fd < 0)
		return 0;
	record_start(&record, RECORD_REQUEST, refused ? RESULT_REFUSED : RESULT_DONE);
	STR_CUT(record.actor, actor);
	record_text(&record, KEY_VERB, verb);
	if (*subject)
		record_text(&record, KEY_SUBJECT, subject);
	r = append(a, &record, &n);
	while (r >= 0 && !refused && a->covered <= n)
		r = receive(a, &m);
	return r;
}
