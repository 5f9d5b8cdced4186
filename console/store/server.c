/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "log.h"
#include "proofs.h"
#include "schema.h"
#include "statements.h"

#include <fcntl.h>

#define STATEMENT_TEXT(name, sql) sql,
static const char *const ledger_statements[] = {LEDGER_STATEMENTS(STATEMENT_TEXT)};
static const char *const people_statements[] = {PEOPLE_STATEMENTS(STATEMENT_TEXT)};

int server_open(struct Server *s, const char *path)
{
	char ledgers[4096], people[4096];
	int r;

	s->acts = (struct Acts){.fd = -1};
	review_default(&s->review);
	s->silent_ms = 7 * 24 * 3600 * 1000LL;
	if (snprintf(ledgers, sizeof(ledgers), "%s/ledgers.db", path) >= (int)sizeof(ledgers) ||
	        snprintf(people, sizeof(people), "%s/people.db", path) >= (int)sizeof(people))
		return -ENAMETOOLONG;
	s->data = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->data < 0)
		return -errno;
	r = take_open(&s->take, ledgers);
	if (r >= 0)
		r = db_open(ledgers, NULL, ledger_statements, ARRAY_SIZE(ledger_statements), &s->ledgers);
	if (r >= 0)
		r = db_open(
		        people, &form_people, people_statements, ARRAY_SIZE(people_statements), &s->people);
	return r < 0 ? r : proofs_new(s->data, &s->proofs);
}

void server_done(struct Server *s)
{
	acts_done(&s->acts);
	take_done(&s->take);
	db_freep(&s->ledgers);
	db_freep(&s->people);
	proofs_freep(&s->proofs);
	s->data = fd_close(s->data);
}

QueryHandler handler_in(const struct QueryHandlerRow *rows, size_t n, enum Query query)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].query == query)
			return rows[i].handler;
	return NULL;
}

static int allowed(struct Server *s, const struct Ask *ask, struct Session *ret)
{
	uint32_t who = query_row(ask->query)->who;
	int r;

	if (who == QUERY_OPEN || s->trusted)
		return 0;
	r = people_session(s, ask->session, ret);
	if (r)
		return r;
	return who & ret->role ? 0 : QUERY_FORBIDDEN;
}

/* What the command may ask, beside the statements of reads.c: who may read the files may read this. Acts are
   somebody's, and it has no session that they could be of. */
static bool command_may(enum Query query)
{
	static const enum Query reads[] = {QUERY_HITS, QUERY_PLANS, QUERY_REVIEWS, QUERY_DUTIES,
	        QUERY_CALENDAR, QUERY_ROUTE, QUERY_INCIDENTS, QUERY_INCIDENT_LIST, QUERY_FINDINGS,
	        QUERY_FINDING_LIST};

	for (size_t i = 0; i < ARRAY_SIZE(reads); i++)
		if (reads[i] == query)
			return true;
	return false;
}

static int answer(struct Server *s, const struct Ask *ask, struct AnswerWriter *w, bool *ret_more)
{
	static QueryHandler (*const finders[])(enum Query query) = {people_handler, tokens_handler,
	        reviews_handler, duties_handler, route_handler, incidents_handler, findings_handler};
	QueryHandler handler = NULL;
	struct Session session = {};
	int r = allowed(s, ask, &session);

	if (r)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(finders) && !handler; i++)
		handler = finders[i](ask->query);
	if (handler && s->trusted && !command_may(ask->query))
		return QUERY_FORBIDDEN;
	return handler ? handler(s, ask, &session, w) : reads_ask(s, ask, w, ret_more);
}

int server_ask(struct Server *s, const void *packet, size_t size, uint8_t *ret, size_t *ret_size)
{
	struct AnswerWriter w;
	struct Ask ask;
	bool more = false;
	int r = ask_read(packet, size, &ask);

	if (r < 0)
		return r;
	answer_start(&w, ret, ask.query);
	r = answer(s, &ask, &w, &more);
	if (r < 0 && r != -EAGAIN)
		log_error("query %s: %s", query_row(ask.query)->name, strerrordesc_np(-r));
	if (r) {
		answer_start(&w, ret, ask.query);
		more = false;
	}
	*ret_size = answer_end(&w,
	        r == -EAGAIN ? QUERY_LATER
	        : r < 0      ? QUERY_FAILED
	                     : (enum QueryOutcome)r,
	        more);
	return 0;
}
