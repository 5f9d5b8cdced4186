/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include "http_text.h"

#define TRIES 3 /* where the receipt ends, where the console says, all of it */

/* One year on its way. */
struct Talk {
	struct Sender *s;
	const struct Year *y;
	char records[PUSH_RECORDS], answer[HTTP_ANSWER];
	struct PushReply reply;
};

static int exchange(struct Talk *t, const struct Push *p)
{
	char push[PUSH_HEAD], head[HTTP_HEAD];
	ssize_t n = push_head(p, push, sizeof(push)), m;
	const struct HttpPost post = {.host = t->s->host,
	        .port = t->s->port,
	        .path = PUSH_PATH,
	        .type = PUSH_TYPE,
	        .usual_port = t->s->usual_port,
	        .size = (size_t)MAX(n, 0) + p->n_records + p->n_checkpoint};
	struct HttpReply reply;

	m = n < 0 ? n : http_head(&post, head, sizeof(head));
	if (m < 0)
		return (int)m;
	n = net_ask(t->s->net,
	        (const struct NetPiece[]){{head, (size_t)m}, {push, (size_t)n}, {p->records, p->n_records},
	                {p->checkpoint, p->n_checkpoint}},
	        4, t->answer, sizeof(t->answer));
	if (n < 0)
		return (int)n;
	if (http_reply_read(t->answer, (size_t)n, &reply) < 0)
		return -EBADMSG;
	/* a proxy before the console, or what stands in its place, speaks for itself */
	if (push_reply_read(reply.body, reply.size, &t->reply) < 0)
		return reply.status >= 500 || reply.status == 429 ? -EAGAIN : -EBADMSG;
	return 0;
}

static int read_records(struct Talk *t, uint64_t at, size_t n)
{
	for (size_t have = 0; have < n;) {
		ssize_t r = pread(t->y->records, t->records + have, n - have, (off_t)(at + have));

		if (r == 0)
			return -ESTALE; /* a ledger is never cut */
		if (r < 0 && errno != EINTR)
			return -errno;
		have += r > 0 ? (size_t)r : 0;
	}
	return 0;
}

/* From `base` to the end, part by part, until the console says something else than `more`. */
static int attempt(struct Talk *t, uint64_t base)
{
	uint64_t at = base;

	for (;;) {
		struct Push p = {.base = base,
		        .at = at,
		        .records = t->records,
		        .n_records = (size_t)MIN((uint64_t)PUSH_RECORDS, t->y->bytes - at)};
		int r = read_records(t, at, p.n_records);

		memcpy(p.vkey, t->y->vkey, sizeof(p.vkey));
		if (at + p.n_records == t->y->bytes) {
			p.checkpoint = t->y->checkpoint;
			p.n_checkpoint = t->y->n_checkpoint;
		}
		if (r >= 0)
			r = exchange(t, &p);
		if (r < 0 || t->reply.word != PUSH_MORE)
			return r;
		/* a part that was taken whole, and no other */
		if (p.n_checkpoint || t->reply.number != at + p.n_records)
			return -EBADMSG;
		at = t->reply.number;
	}
}

static int converse(struct Talk *t, uint64_t base)
{
	int r = attempt(t, base);

	for (int i = 1; i < TRIES && r >= 0 && t->reply.word == PUSH_AGAIN; i++)
		r = attempt(t, t->reply.number <= t->y->bytes ? t->reply.number : 0);
	return r;
}

static int conclude(struct Talk *t, enum SendOutcome *ret)
{
	static const enum SendOutcome outcomes[_PUSH_WORD_N] = {
	        [PUSH_RECEIVED] = SEND_RECEIVED,
	        [PUSH_MORE] = SEND_FORGED,
	        [PUSH_AGAIN] = SEND_LATER, /* somebody else sends it at the same time */
	        [PUSH_LATER] = SEND_LATER,
	        [PUSH_WRONG] = SEND_WRONG,
	        [PUSH_REFUSED] = SEND_REFUSED,
	};
	int r = 0;

	*ret = outcomes[t->reply.word];
	if (*ret == SEND_RECEIVED)
		r = receipt_keep(t->s->state, t->y, &t->reply, &t->s->console);
	if (r != -EBADMSG)
		return r;
	*ret = SEND_FORGED;
	return 0;
}

int send_year(struct Sender *s, const struct Year *y, const struct LedgerSeen *since, enum SendOutcome *ret)
{
	_cleanup_free_ struct Talk *t = calloc(1, sizeof(*t));
	uint64_t base = 0;
	int r = t ? year_bytes(y, since->size, &base) : -ENOMEM;

	if (r < 0)
		return r;
	t->s = s;
	t->y = y;
	r = converse(t, MIN(base, y->bytes));
	if (r == -EBADMSG || r == -EAGAIN) {
		*ret = r == -EAGAIN ? SEND_LATER : SEND_FORGED;
		return 0;
	}
	return r < 0 ? r : conclude(t, ret);
}
