/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents: what happened, to whom it was reported, what was done about it. Entries are added, none is
 * changed; where an incident stands is what they add up to. */
#include "changes.h"
#include "clock.h"
#include "entries.h"
#include "str.h"

#define CLOCK_SLACK (5 * 60 * 1000LL) /* a time that was typed may be ahead of this clock by so much */

static int incidents(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return people_rows(s, ask, PSQL_INCIDENTS, w);
}

static int list(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return entries_say(s, ask, ENTRIES_OF_INCIDENT, w);
}

struct Incident {
	int64_t state, missing;
	char by[65];
};

/* 1, 0, -errno. */
static int incident_find(struct Server *s, int64_t id, struct Incident *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_INCIDENTS);
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, INCIDENTS_ID_P + 1, id);
	bind_number(statement, INCIDENTS_N_P + 1, 0);
	bind_number(statement, INCIDENTS_N_P + 2, 1);
	r = statement_step(statement);
	if (r != 1)
		return r;
	ret->state = statement_number(statement, INCIDENTS_STATE_C);
	ret->missing = statement_number(statement, INCIDENTS_MISSING_C);
	cell_into(statement, INCIDENTS_BY_C, ret->by, sizeof(ret->by));
	return 1;
}

static const char *kind_word(int64_t kind)
{
#define KIND_WORD(name, number, word, sentence) [number] = word,
	static const char *const words[] = {INCIDENT_ENTRIES_OF(KIND_WORD)};

	return kind > 0 && kind < _INCIDENT_END ? words[kind] : NULL;
}

static const char *to_word(int64_t to)
{
	static const char *const words[] = {REPORTS_TO(KIND_WORD)};

	return to > 0 && to < _REPORT_TO_END ? words[to] : NULL;
}

/* An entry as it stands in the ledger: 7 report first 2026-11-21T10:00:00.000+09:00; whom; words */
static void subject_write(char *ret, size_t size, const struct Entry *e)
{
	const char *to = e->code.type == CELL_NUMBER ? to_word(e->code.number) : NULL;
	char at[CLOCK_TEXT];

	clock_format(e->at, at);
	snprintf(ret, size, "%jd %s%s%s %s; %s; %s", (intmax_t)e->id, kind_word(e->kind), to ? " " : "",
	        to ? to : "", at, e->thing, e->words);
}

enum { SUBJECT_MOST = TEXT_MOST + WORDS_MOST + 128 };

/* ------------------------------------------------------------------ opening */

static int open_within(
        struct Server *s, const struct Session *session, const struct Cell *cells, struct Entry *e)
{
	int64_t noticed = cells[INCIDENT_OPEN_NOTICED_P].number;
	int r = CHANGE(s, PSQL_INCIDENT_ADD, cells[INCIDENT_OPEN_WHAT_P], CELL_OF_NUMBER(noticed),
	        CELL_OF_NUMBER(day_of(noticed)), cells[INCIDENT_OPEN_NOTICER_P], CELL_OF_NUMBER(clock_now()),
	        cell_text(session->login));

	e->id = db_last_id(s->people);
	return r < 0 || !*e->words ? r : entry_add(s, session, e);
}

static int incident_open(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char what[WORDS_MOST], noticer[WORDS_MOST], at[CLOCK_TEXT], subject[TEXT_MOST + 2 * WORDS_MOST + 128];
	struct Entry facts = {.of = ENTRIES_OF_INCIDENT, .kind = INCIDENT_FACTS};
	int64_t noticed = ask->cells[INCIDENT_OPEN_NOTICED_P].number;
	int r;

	if (!typed_line(&ask->cells[INCIDENT_OPEN_WHAT_P], what) || !*what ||
	        !typed_line(&ask->cells[INCIDENT_OPEN_NOTICER_P], noticer) ||
	        !typed_text(&ask->cells[INCIDENT_OPEN_FACTS_P], facts.words) || noticed <= 0 ||
	        noticed > clock_now() + CLOCK_SLACK)
		return QUERY_INVALID;
	facts.at = noticed;
	r = people_begin(s);
	if (r < 0)
		return r;
	r = open_within(s, session,
	        (const struct Cell[]){cell_text(what), CELL_OF_NUMBER(noticed), cell_text(noticer)}, &facts);
	clock_format(noticed, at);
	snprintf(subject, sizeof(subject), "%jd %s %s; %s; %s", (intmax_t)facts.id, what, at, noticer,
	        facts.words);
	r = people_finish(s, session, r, "incident", subject);
	if (r >= 0)
		SAY(w, CELL_OF_NUMBER(facts.id));
	return r;
}

/* ------------------------------------------------------------------ one more entry */

/* A record as `origin#number`: its place in the tables may be another one tomorrow. 1, 0, -errno. */
static int record_thing(struct Server *s, int64_t id, char *ret, size_t size)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->ledgers, SQL_RECORD);
	char origin[WORDS_MOST];
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, 1, id);
	r = statement_step(statement);
	if (r != 1)
		return r;
	cell_into(statement, RECORD_ORIGIN_C, origin, sizeof(origin));
	return snprintf(ret, size, "%s#%jd", origin, (intmax_t)RECORD_NUMBER(id)) < (int)size;
}

/* What each kind must have. */
static bool entry_whole(const struct Entry *e)
{
	bool report = e->kind == INCIDENT_REPORT,
	     thing = e->kind == INCIDENT_MEDIUM || e->kind == INCIDENT_CHECKOUT || e->kind == INCIDENT_RECORD;

	if (!kind_word(e->kind) || e->kind == INCIDENT_CLOSED || e->kind == INCIDENT_REOPENED)
		return false;
	if (report != (e->code.type == CELL_NUMBER) || (report && !to_word(e->code.number)))
		return false;
	/* that nothing need be told is a judgement, and says why */
	if (report && e->code.number == REPORT_TO_NONE)
		return *e->words;
	return report || thing ? *e->thing : *e->words;
}

/* 0, an outcome, -errno. */
static int entry_typed(struct Server *s, const struct Ask *ask, struct Entry *ret)
{
	const struct Cell *cells = ask->cells, *at = &cells[INCIDENT_ADD_AT_P];
	int r = 1;

	*ret = (struct Entry){.of = ENTRIES_OF_INCIDENT,
	        .id = cells[INCIDENT_ADD_INCIDENT_P].number,
	        .kind = cells[INCIDENT_ADD_KIND_P].number,
	        .at = at->type == CELL_NONE ? clock_now() : at->number,
	        .code = cells[INCIDENT_ADD_TO_P]};
	if (!typed_line(&cells[INCIDENT_ADD_ABOUT_P], ret->thing) ||
	        !typed_text(&cells[INCIDENT_ADD_WORDS_P], ret->words) || ret->at <= 0 ||
	        ret->at > clock_now() + CLOCK_SLACK)
		return QUERY_INVALID;
	if (ret->kind == INCIDENT_RECORD)
		r = record_thing(s, cells[INCIDENT_ADD_RECORD_P].number, ret->thing, sizeof(ret->thing));
	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	return entry_whole(ret) ? 0 : QUERY_INVALID;
}

static int entry_write(
        struct Server *s, const struct Session *session, const struct Entry *e, const char *verb)
{
	char subject[SUBJECT_MOST];
	int r;

	subject_write(subject, sizeof(subject), e);
	r = people_begin(s);
	if (r < 0)
		return r;
	return people_finish(s, session, entry_add(s, session, e), verb, subject);
}

static int incident_add(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	struct Incident incident;
	struct Entry e;
	int r = incident_find(s, ask->cells[INCIDENT_ADD_INCIDENT_P].number, &incident);

	(void)w;
	if (r <= 0 || incident.state == INCIDENT_STATE_CLOSED)
		return r < 0 ? r : QUERY_REFUSED;
	r = entry_typed(s, ask, &e);
	return r ? r : entry_write(s, session, &e, "incident-entry");
}

/* ------------------------------------------------------------------ closing */

static int incident_close(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	bool closed = ask->cells[INCIDENT_CLOSE_CLOSED_P].number == 1;
	struct Entry e = {.of = ENTRIES_OF_INCIDENT,
	        .id = ask->cells[INCIDENT_CLOSE_INCIDENT_P].number,
	        .kind = closed ? INCIDENT_CLOSED : INCIDENT_REOPENED,
	        .at = clock_now()};
	struct Incident incident;
	int r = incident_find(s, e.id, &incident);

	(void)w;
	if (r <= 0 || (incident.state == INCIDENT_STATE_CLOSED) == closed)
		return r < 0 ? r : QUERY_REFUSED;
	if (!typed_text(&ask->cells[INCIDENT_CLOSE_WORDS_P], e.words) || !*e.words)
		return QUERY_INVALID;
	if (closed && str_eq(incident.by, session->login))
		return QUERY_FORBIDDEN;
	if (closed && incident.missing)
		return QUERY_REFUSED;
	return entry_write(s, session, &e, closed ? "incident-closed" : "incident-reopened");
}

static const struct QueryHandlerRow handlers[] = {
        {QUERY_INCIDENTS, incidents},
        {QUERY_INCIDENT_LIST, list},
        {QUERY_INCIDENT_OPEN, incident_open},
        {QUERY_INCIDENT_ADD, incident_add},
        {QUERY_INCIDENT_CLOSE, incident_close},
};

QueryHandler incidents_handler(enum Query query)
{
	return handler_in(handlers, ARRAY_SIZE(handlers), query);
}
