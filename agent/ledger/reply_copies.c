/* SPDX-License-Identifier: Apache-2.0 */
/* Which copies the records say are on a medium: for its return, where what is not there is to be named. */
#include "reply.h"
#include "str.h"
#include "stream.h"
#include "view.h"

struct OnMedium {
	const char *medium;
	char (*ids)[LIMIT_ID];
	size_t n, room;
};

static int on_add(struct OnMedium *on, const char *id)
{
	if (on->n == on->room) {
		size_t room = on->room ? 2 * on->room : 16;
		void *more = reallocarray(on->ids, room, sizeof(*on->ids));

		if (!more)
			return -ENOMEM;
		on->ids = more;
		on->room = room;
	}
	return STR_SET(on->ids[on->n++], id);
}

/* In the order they were made. */
static void on_remove(struct OnMedium *on, const char *id)
{
	for (size_t i = 0; i < on->n; i++)
		if (str_eq(on->ids[i], id)) {
			memmove(&on->ids[i], &on->ids[i + 1], (--on->n - i) * sizeof(*on->ids));
			return;
		}
}

static int on_line(void *owner, char *line, size_t n, const char *readable _unused_)
{
	struct OnMedium *on = owner;
	char id[LIMIT_ID];
	struct LedgerEntry e;
	struct View v;

	if (!memmem(line, n, on->medium, strlen(on->medium)) || ledger_entry_read(line, n, &e))
		return 0;
	view_make(&e, &v);
	if (v.result != RESULT_DONE || !str_eq(v.medium, on->medium))
		return 0;
	if (v.kind == RECORD_REGISTER)
		on->n = 0; /* another medium, or prepared anew: nothing of before is expected */
	if ((v.kind != RECORD_COPY && v.kind != RECORD_MISSING) || !view_text(&v, KEY_COPY, id, sizeof(id)))
		return 0;
	on_remove(on, id);
	return v.kind == RECORD_COPY ? on_add(on, id) : 0;
}

int reply_copies_on(struct Server *s, const struct Message *m)
{
	const struct MsgCopiesOn *ask = &m->body.COPIES_ON;
	struct MsgCopiesAre answer = {.cookie = ask->cookie};
	struct OnMedium on = {.medium = ask->medium};
	size_t used = 0;
	uint64_t torn;
	int r = *ask->medium ? stream_lines(s->store->records, on_line, &on, &torn) : 0;

	for (uint64_t i = ask->from; r >= 0 && i < on.n; i++) {
		size_t n = strlen(on.ids[i]);

		if (used + n + 2 > sizeof(answer.copies)) {
			answer.next = i;
			break;
		}
		memcpy(answer.copies + used, on.ids[i], n);
		answer.copies[used + n] = '\n';
		used += n + 1;
	}
	free(on.ids);
	return r < 0 ? r : server_send(s, MSG_COPIES_ARE, &answer, NULL, 0);
}
