/* SPDX-License-Identifier: Apache-2.0 */
/* The report route: who is told of an incident, and who when they are not there. A row is never changed: it
 * ends, and another one begins. */
#include "changes.h"
#include "clock.h"
#include "typed.h"

#define STEPS_MOST 20

static int route(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return people_rows(s, ask, PSQL_ROUTE, w);
}

/* Post, name, contact, deputy, the deputy's contact: as they follow each other among the parameters. */
enum { ROUTE_TEXTS = ROUTE_ADD_N_P - ROUTE_ADD_POST_P };

static bool route_typed(const struct Ask *ask, char ret[static ROUTE_TEXTS][WORDS_MOST])
{
	int64_t step = ask->cells[ROUTE_ADD_STEP_P].number;

	for (size_t i = 0; i < ROUTE_TEXTS; i++)
		if (!typed_contact(&ask->cells[ROUTE_ADD_POST_P + i], ret[i]) || !*ret[i])
			return false;
	return step >= 1 && step <= STEPS_MOST;
}

static int route_add(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char texts[ROUTE_TEXTS][WORDS_MOST], subject[ROUTE_TEXTS * WORDS_MOST + 64];
	int64_t step = ask->cells[ROUTE_ADD_STEP_P].number;
	int r;

	(void)w;
	if (!route_typed(ask, texts))
		return QUERY_INVALID;
	snprintf(subject, sizeof(subject), "%jd %s; %s; %s; %s; %s", (intmax_t)step, texts[0], texts[1],
	        texts[2], texts[3], texts[4]);
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_ROUTE_ADD, CELL_OF_NUMBER(step), cell_text(texts[0]), cell_text(texts[1]),
	        cell_text(texts[2]), cell_text(texts[3]), cell_text(texts[4]), CELL_OF_NUMBER(clock_now()),
	        cell_text(session->login));
	return people_finish(s, session, r, "route", subject);
}

static int route_end(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	int64_t id = ask->cells[ROUTE_END_ID_P].number;
	char subject[32];
	int r = people_begin(s);

	(void)w;
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_ROUTE_END, CELL_OF_NUMBER(id), CELL_OF_NUMBER(clock_now()));
	if (r < 0 || !db_changed(s->people)) {
		r = people_end(s, r);
		return r < 0 ? r : QUERY_REFUSED;
	}
	snprintf(subject, sizeof(subject), "%jd", (intmax_t)id);
	return people_finish(s, session, r, "route-end", subject);
}

static const struct QueryHandlerRow handlers[] = {
        {QUERY_ROUTE, route},
        {QUERY_ROUTE_ADD, route_add},
        {QUERY_ROUTE_END, route_end},
};

QueryHandler route_handler(enum Query query)
{
	return handler_in(handlers, ARRAY_SIZE(handlers), query);
}
