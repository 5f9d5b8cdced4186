/* SPDX-License-Identifier: Apache-2.0 */
/* Read-only tokens of programs: made and ended by an administrator, on record. What is kept is the digest. */
#include "changes.h"
#include "clock.h"
#include "secret.h"
#include "typed.h"

#define DAY_MS    (24 * 3600 * 1000LL)
#define DAYS_MOST 366
#define USED_STEP 30000 /* its last use is written no more often */

int token_session(struct Server *s, struct Session *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_TOKEN);
	int64_t now = clock_now(), id;
	int r;

	if (!statement)
		return -EIO;
	bind_text(statement, 1, ret->digest);
	bind_number(statement, 2, now);
	r = statement_step(statement);
	if (r <= 0)
		return r < 0 ? r : QUERY_NO_SESSION;
	id = statement_number(statement, 0);
	cell_into(statement, 1, ret->name, sizeof(ret->name));
	ret->since = statement_number(statement, 2);
	ret->used = statement_number(statement, 3);
	ret->login[0] = ret->csrf[0] = '\0';
	ret->role = QUERY_PROGRAM;
	statement_reset(statement);
	if (now - ret->used < USED_STEP)
		return 0;
	ret->used = now;
	return CHANGE(s, PSQL_TOKEN_USED, CELL_OF_NUMBER(id), CELL_OF_NUMBER(now));
}

static int tokens(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return people_rows(s, ask, PSQL_TOKENS, w);
}

static int token_add(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char token[TOKEN_TEXT], digest[DIGEST_TEXT], name[WORDS_MOST];
	int64_t days = ask->cells[TOKEN_ADD_DAYS_P].number, now = clock_now(), until;
	int r;

	if (!typed_line(&ask->cells[TOKEN_ADD_NAME_P], name) || !*name ||
	        strlen(name) >= sizeof(session->name) || days < 1 || days > DAYS_MOST)
		return QUERY_INVALID;
	until = now + days * DAY_MS;
	r = token_make(token);
	if (r >= 0)
		r = token_digest(token, digest);
	if (r >= 0)
		r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_TOKEN_ADD, cell_text(digest), cell_text(name), cell_text(session->login),
	        CELL_OF_NUMBER(now), CELL_OF_NUMBER(until));
	r = people_finish(s, session, r, "token", name);
	if (r)
		return r;
	SAY(w, cell_text(token), CELL_OF_NUMBER(until));
	return QUERY_DONE;
}

/* 0 and its name; QUERY_REFUSED; -errno. */
static int token_name(struct Server *s, int64_t id, char ret[static WORDS_MOST])
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_TOKEN_NAME);
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, 1, id);
	bind_number(statement, 2, clock_now());
	r = statement_step(statement);
	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	cell_into(statement, 0, ret, WORDS_MOST);
	return 0;
}

static int token_end(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char name[WORDS_MOST];
	int r = token_name(s, ask->cells[TOKEN_END_ID_P].number, name);

	(void)w;
	if (r == 0)
		r = people_begin(s);
	if (r)
		return r;
	r = CHANGE(s, PSQL_TOKEN_END, ask->cells[TOKEN_END_ID_P], CELL_OF_NUMBER(clock_now()),
	        cell_text(session->login));
	return people_finish(s, session, r, "token-end", name);
}

QueryHandler tokens_handler(enum Query query)
{
	static const struct QueryHandlerRow rows[] = {
	        {QUERY_TOKENS, tokens},
	        {QUERY_TOKEN_ADD, token_add},
	        {QUERY_TOKEN_END, token_end},
	};

	return handler_in(rows, ARRAY_SIZE(rows), query);
}
