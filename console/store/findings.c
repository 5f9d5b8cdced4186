/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of an audit: an owner, a date, measures, a proof that it is better, and the auditor's
 * confirmation. */
#include "changes.h"
#include "clock.h"
#include "entries.h"
#include "holiday.h"
#include "str.h"

static int findings(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return people_rows(s, ask, PSQL_FINDINGS, w);
}

static int list(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return entries_say(s, ask, ENTRIES_OF_FINDING, w);
}

struct Finding {
	int64_t state;
	char owner[65], proved_by[65];
};

/* 1, 0, -errno. */
static int finding_find(struct Server *s, int64_t id, struct Finding *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_FINDINGS);
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, FINDINGS_ID_P + 1, id);
	bind_number(statement, FINDINGS_N_P + 1, day_now());
	bind_number(statement, FINDINGS_N_P + 2, 1);
	r = statement_step(statement);
	if (r != 1)
		return r;
	ret->state = statement_number(statement, FINDINGS_STATE_C);
	cell_into(statement, FINDINGS_OWNER_C, ret->owner, sizeof(ret->owner));
	cell_into(statement, FINDINGS_PROVED_BY_C, ret->proved_by, sizeof(ret->proved_by));
	return 1;
}

/* ------------------------------------------------------------------ opening */

struct Opened {
	char audit[WORDS_MOST], what[TEXT_MOST];
	const char *owner;
	int64_t due;
};

/* 0, an outcome, -errno. */
static int opened_typed(struct Server *s, const struct Ask *ask, struct Opened *ret)
{
	uint32_t role;
	int r;

	ret->owner = ask->cells[FINDING_OPEN_OWNER_P].text;
	ret->due = ask->cells[FINDING_OPEN_DUE_DAY_P].number;
	if (!typed_line(&ask->cells[FINDING_OPEN_AUDIT_P], ret->audit) || !*ret->audit ||
	        !typed_text(&ask->cells[FINDING_OPEN_WHAT_P], ret->what) || !*ret->what || ret->due <= 0 ||
	        ret->due > 100000)
		return QUERY_INVALID;
	r = people_role(s, ret->owner, &role);
	if (r < 0)
		return r;
	return r && role & WHO_REVIEWS ? 0 : QUERY_INVALID;
}

static int finding_open(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char subject[TEXT_MOST + WORDS_MOST + 160];
	struct Opened o;
	struct Day due;
	int64_t id;
	int r = opened_typed(s, ask, &o);

	if (r)
		return r;
	r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_FINDING_ADD, cell_text(o.audit), cell_text(o.what), cell_text(o.owner),
	        CELL_OF_NUMBER(o.due), CELL_OF_NUMBER(clock_now()), cell_text(session->login));
	id = db_last_id(s->people);
	due = day_from_number(o.due);
	snprintf(subject, sizeof(subject), "%jd %s; %.64s; %04d-%02d-%02d; %s", (intmax_t)id, o.audit,
	        o.owner, due.year, due.month, due.day, o.what);
	r = people_finish(s, session, r, "finding", subject);
	if (r >= 0)
		SAY(w, CELL_OF_NUMBER(id));
	return r;
}

/* ------------------------------------------------------------------ what becomes of it */

static int entry_write(
        struct Server *s, const struct Session *session, const struct Entry *e, const char *verb)
{
#define KIND_WORD(name, number, word, sentence) [number] = word,
	static const char *const words[] = {FINDING_ENTRIES_OF(KIND_WORD)};
	char subject[TEXT_MOST + 64];
	int r = people_begin(s);

	if (r < 0)
		return r;
	snprintf(subject, sizeof(subject), "%jd %s; %s", (intmax_t)e->id, words[e->kind], e->words);
	return people_finish(s, session, entry_add(s, session, e), verb, subject);
}

static int finding_add(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	struct Entry e = {.of = ENTRIES_OF_FINDING,
	        .id = ask->cells[FINDING_ADD_FINDING_P].number,
	        .kind = ask->cells[FINDING_ADD_KIND_P].number,
	        .at = clock_now()};
	struct Finding f;
	int r = finding_find(s, e.id, &f);

	(void)w;
	if (r <= 0 || f.state == FINDING_STATE_CONFIRMED)
		return r < 0 ? r : QUERY_REFUSED;
	if ((e.kind != FINDING_MEASURES && e.kind != FINDING_PROOF && e.kind != FINDING_NOTE) ||
	        !typed_text(&ask->cells[FINDING_ADD_WORDS_P], e.words) || !*e.words)
		return QUERY_INVALID;
	if (e.kind != FINDING_NOTE && !str_eq(f.owner, session->login) && !(session->role & ROLE_CHIEF))
		return QUERY_FORBIDDEN;
	return entry_write(s, session, &e, "finding-entry");
}

static int finding_confirm(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	bool good = ask->cells[FINDING_CONFIRM_GOOD_P].number == 1;
	struct Entry e = {.of = ENTRIES_OF_FINDING,
	        .id = ask->cells[FINDING_CONFIRM_FINDING_P].number,
	        .kind = good ? FINDING_CONFIRMED : FINDING_BACK,
	        .at = clock_now()};
	struct Finding f;
	int r = finding_find(s, e.id, &f);

	(void)w;
	if (r <= 0 || f.state != FINDING_STATE_PROVED)
		return r < 0 ? r : QUERY_REFUSED;
	if (!typed_text(&ask->cells[FINDING_CONFIRM_WORDS_P], e.words) || !*e.words)
		return QUERY_INVALID;
	if (str_eq(f.owner, session->login) || str_eq(f.proved_by, session->login))
		return QUERY_FORBIDDEN;
	return entry_write(s, session, &e, good ? "finding-confirmed" : "finding-back");
}

static const struct QueryHandlerRow handlers[] = {
        {QUERY_FINDINGS, findings},
        {QUERY_FINDING_LIST, list},
        {QUERY_FINDING_OPEN, finding_open},
        {QUERY_FINDING_ADD, finding_add},
        {QUERY_FINDING_CONFIRM, finding_confirm},
};

QueryHandler findings_handler(enum Query query)
{
	return handler_in(handlers, ARRAY_SIZE(handlers), query);
}
