/* SPDX-License-Identifier: Apache-2.0 */
/* A year that is to be dropped. */
#include "drop.h"
#include "reply.h"

int reply_year_look(struct Server *s, const struct Message *m)
{
	const struct DropPlace place = {s->store, s->terminal_dir};
	struct MsgYearSeen answer = {.cookie = m->body.YEAR_LOOK.cookie};
	int r = drop_look(&place, m->body.YEAR_LOOK.year, &answer);

	return r < 0 ? r : server_send(s, MSG_YEAR_SEEN, &answer, NULL, 0);
}

int reply_year_drop(struct Server *s, const struct Message *m)
{
	const struct DropPlace place = {s->store, s->terminal_dir};
	struct MsgYearDropped answer = {.cookie = m->body.YEAR_DROP.cookie};
	int r = drop_year(&place, &m->body.YEAR_DROP);

	answer.fault = (uint16_t)(r > 0 ? r : 0);
	return r < 0 ? r : server_send(s, MSG_YEAR_DROPPED, &answer, NULL, 0);
}
