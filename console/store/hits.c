/* SPDX-License-Identifier: Apache-2.0 */
#include "hits.h"

#include "clock.h"
#include "fault.h"
#include "holiday.h"
#include "record_detail.h"
#include "rules.h"
#include "secret.h"
#include "statements.h"
#include "str.h"

#define DAY_MS    (24 * 3600 * 1000LL)
#define DAY       (24 * 60) /* minutes */
#define HIT_ID    17
#define TEXT_MOST 257

static int64_t first_day(void)
{
	return day_number((struct Day){HOLIDAY_FIRST_YEAR, 1, 1});
}

/* ------------------------------------------------------------------ hits become rows */

static int word_text(struct Db *db, int64_t id, char *ret, size_t size)
{
	_cleanup_statement_ struct Statement *s = id ? db_statement(db, SQL_WORD_TEXT) : NULL;
	struct Cell c;
	int r;

	*ret = '\0';
	if (!id)
		return 0;
	if (!s)
		return -EIO;
	bind_number(s, 1, id);
	r = statement_step(s);
	if (r != 1)
		return r < 0 ? r : -EIO;
	statement_cell(s, 0, &c);
	str_cut(ret, size, c.text);
	return 0;
}

/* Terminals whose ids are alike up to their last hyphen stand in one place. */
static int group_size(const char *terminal)
{
	const char *hyphen = strrchr(terminal, '-');

	return (int)(hyphen ? hyphen - terminal : (ptrdiff_t)strlen(terminal));
}

/* FNV-1a. */
static int64_t group_of(const char *terminal)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (int i = 0, n = group_size(terminal); i < n; i++)
		h = (h ^ (uint8_t)terminal[i]) * UINT64_C(1099511628211);
	return (int64_t)(h >> 2);
}

static void thing_text(const struct ReviewHit *hit, const char *terminal, char *ret, size_t size)
{
	const char *numbers = hit->thing & REVIEW_WITH_NUMBERS ? "+numbers" : "";

	*ret = '\0';
	if (hit->rule == RULE_TERMINAL)
		snprintf(ret, size, "%.*s", group_size(terminal), terminal);
	if (hit->rule == RULE_UNUSUAL)
		snprintf(ret, size, "%s%s",
		        record_kind_word((enum RecordKind)(hit->thing & ~(int64_t)REVIEW_WITH_NUMBERS)),
		        numbers);
	if (hit->rule == RULE_AGAIN)
		snprintf(ret, size, "%015jx", (uintmax_t)hit->thing);
	if (hit->rule == RULE_RISE)
		snprintf(ret, size, "%s", review_measure_word(hit->thing));
}

struct Texts {
	char id[HIT_ID], actor[TEXT_MOST], terminal[TEXT_MOST], thing[TEXT_MOST];
};

/* The id says what the hit is of and nothing of what may change when more records come. */
static int texts_of(struct Db *db, const struct ReviewHit *hit, struct Texts *ret)
{
	char key[3 * TEXT_MOST + 100], digest[DIGEST_TEXT];
	bool place = hit->rule == RULE_HOURS || !hit->actor;
	int r = word_text(db, hit->actor, ret->actor, sizeof(ret->actor));

	if (r >= 0)
		r = word_text(db, hit->terminal, ret->terminal, sizeof(ret->terminal));
	if (r < 0)
		return r;
	thing_text(hit, ret->terminal, ret->thing, sizeof(ret->thing));
	snprintf(key, sizeof(key), "%s\n%jd\n%s\n%s\n%s", review_rule_word(hit->rule), (intmax_t)hit->day,
	        ret->actor, place ? ret->terminal : "", ret->thing);
	r = token_digest(key, digest);
	str_cut(ret->id, sizeof(ret->id), digest);
	return r;
}

static int add_records(struct Db *db, const struct ReviewHit *hit, const char *id)
{
	int r = 0;

	for (size_t i = 0; i < hit->n && r >= 0; i++) {
		struct Statement *s = db_statement(db, SQL_HIT_RECORD_ADD);

		if (!s)
			return -EIO;
		bind_text(s, 1, id);
		bind_number(s, 2, hit->records[i]);
		r = statement_run(s);
	}
	return MIN(r, 0);
}

/* ReviewFound; owner is the database. */
static int add_hit(void *owner, const struct ReviewHit *hit)
{
	struct Db *db = owner;
	struct Statement *s;
	struct Texts texts;
	int r = texts_of(db, hit, &texts);

	if (r < 0)
		return r;
	s = db_statement(db, SQL_HIT_ADD);
	if (!s)
		return -EIO;
	bind_text(s, 1, texts.id);
	bind_number(s, 2, hit->rule);
	bind_number(s, 3, hit->day);
	bind_number(s, 4, hit->t);
	bind_text(s, 5, texts.actor);
	bind_text(s, 6, texts.terminal);
	bind_text(s, 7, texts.thing);
	bind_number(s, 8, hit->count);
	bind_number(s, 9, hit->usual);
	bind_number(s, 10, hit->records[0]);
	r = statement_run(s);
	return r < 0 ? r : add_records(db, hit, texts.id);
}

/* ------------------------------------------------------------------ rows become acts */

static const char *text(struct Statement *s, int column)
{
	struct Cell c;

	statement_cell(s, column, &c);
	return c.text;
}

/* A verdict that observe mode did not enforce is an attempt all the same. */
static int result_of(const char *word)
{
	for (int i = RESULT_NONE + 1; i < _RESULT_N; i++)
		if (str_eq(record_result_word((enum RecordResult)i), word))
			return i;
	return str_eq(word, "observed") ? RESULT_REFUSED : RESULT_NONE;
}

static void act_read(struct Statement *s, struct ReviewAct *ret)
{
	const char *kind = text(s, 7), *reason = text(s, 10);

	*ret = (struct ReviewAct){.id = statement_number(s, 0),
	        .t = statement_number(s, 1),
	        .local = statement_number(s, 2),
	        .actor = statement_number(s, 3),
	        .terminal = statement_number(s, 4),
	        .data = statement_number(s, 5),
	        .numbers = statement_number(s, 6)};
	ret->group = group_of(text(s, 11));
	ret->kind = record_kind_from_word(kind, strlen(kind));
	ret->role = review_role(text(s, 8));
	ret->result = result_of(text(s, 9));
	ret->fault = *reason ? fault_from_code(reason) : -1;
}

/* From the day that teaches first until `until`. */
static int look(struct Db *db, struct Review *review, int64_t from, int64_t until)
{
	_cleanup_statement_ struct Statement *s = db_statement(db, SQL_REVIEW_ACTS);
	struct ReviewAct act;
	int r;

	if (!s)
		return -EIO;
	/* a terminal's own clock is at most a day from ours */
	bind_number(s, 1, (from - 1) * DAY_MS);
	bind_number(s, 2, (until + 1) * DAY_MS);
	bind_number(s, 3, from * DAY);
	bind_number(s, 4, until * DAY);
	while ((r = statement_step(s)) == 1) {
		act_read(s, &act);
		r = review_add(review, &act);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : review_end(review);
}

/* ------------------------------------------------------------------ which days */

/* The first day that the rules have not seen; `params` is what they go by now. 1: there is one, 0, -errno. */
static int first_unseen(struct Db *db, const char *params, int64_t *ret)
{
	_cleanup_statement_ struct Statement *s = db_statement(db, SQL_REVIEWED);
	int r;

	if (!s)
		return -EIO;
	r = statement_step(s);
	if (r < 0)
		return r;
	*ret = r == 1 && str_eq(text(s, 1), params) ? MAX(statement_number(s, 0), first_day()) : first_day();
	return *ret != INT64_MAX;
}

static int run_with(struct Db *db, enum LedgerStatement which, int64_t number, const char *params)
{
	struct Statement *s = db_statement(db, which);
	int r;

	if (!s)
		return -EIO;
	bind_number(s, 1, number);
	if (params)
		bind_text(s, 2, params);
	r = statement_run(s);
	return MIN(r, 0);
}

/* A clock that is far ahead is no reason to look at all the years until then. */
static int64_t last_day(void)
{
	return clock_now() / DAY_MS + 2;
}

static int refresh(struct Db *db, const struct ReviewParams *params, const char *written, int64_t unseen)
{
	_cleanup_(review_freep) struct Review *review = NULL;
	int64_t month = review_month(unseen), from = review_month_day(month),
	        learn = review_month_day(month - params->learn_months);
	int r = review_new(params, from, add_hit, db, &review);

	if (r >= 0)
		r = run_with(db, SQL_HIT_RECORDS_END, from, NULL);
	if (r >= 0)
		r = run_with(db, SQL_HITS_END, from, NULL);
	if (r >= 0)
		r = look(db, review, learn, last_day());
	/* INT64_MAX: until an intake says otherwise */
	return r < 0 ? r : run_with(db, SQL_REVIEWED_SET, INT64_MAX, written);
}

int hits_refresh(struct Db *db, const struct ReviewParams *params)
{
	char written[REVIEW_TEXT];
	int64_t unseen;
	int r;

	review_write(params, written);
	r = db_run(db, "BEGIN IMMEDIATE");
	if (r < 0)
		return r;
	r = first_unseen(db, written, &unseen);
	if (r == 1)
		r = refresh(db, params, written, unseen);
	if (r >= 0)
		r = db_run(db, "COMMIT");
	if (r < 0)
		db_run(db, "ROLLBACK");
	return r;
}
