/* SPDX-License-Identifier: Apache-2.0 */
#include "survey.h"

#include "handling.h"
#include "mediagate/ledger.h"
#include "str.h"

#define SURVEY_WORD(name, word) word,
static const char *const words[] = {SURVEY_KINDS(SURVEY_WORD)};

static struct SurveyCount *kind_find(struct Survey *s, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i], word))
			return &s->kinds[i];
	return NULL;
}

static void count_add(struct SurveyCount *sum, const struct Cell *row)
{
	sum->records += row[EVIDENCE_RECORDS_C].number;
	sum->done += row[EVIDENCE_DONE_C].number;
	sum->refused += row[EVIDENCE_REFUSED_C].number;
	sum->failed += row[EVIDENCE_FAILED_C].number;
	sum->observed += row[EVIDENCE_OBSERVED_C].number;
	sum->unnamed += row[EVIDENCE_UNNAMED_C].number;
	sum->no_right += row[EVIDENCE_NO_RIGHT_C].number;
	sum->numbers += row[EVIDENCE_NUMBERS_C].number;
}

static int counts_read(struct Page *p, const struct DocumentYear *year, struct Survey *s)
{
	struct Rows rows = page_rows(p, QUERY_EVIDENCE);
	struct Cell row[QUERY_CELLS_MOST];

	rows.ask.cells[EVIDENCE_FROM_P] = CELL_OF_NUMBER(year->from);
	rows.ask.cells[EVIDENCE_UNTIL_P] = CELL_OF_NUMBER(year->until);
	while (rows_next(&rows, row)) {
		struct SurveyCount *kind = kind_find(s, row[EVIDENCE_KIND_C].text);

		count_add(&s->all, row);
		if (kind)
			count_add(kind, row);
	}
	return rows.outcome;
}

static int ledgers_read(struct Page *p, const struct DocumentYear *year, struct Survey *s)
{
	struct Rows rows = page_rows(p, QUERY_LEDGERS);
	struct Cell row[QUERY_CELLS_MOST];

	while (rows_next(&rows, row)) {
		if (row[LEDGERS_YEAR_C].number != year->year)
			continue;
		s->ledgers++;
		s->verified += row[LEDGERS_VERDICT_C].number == VERDICT_VERIFIED;
		s->signed_records += row[LEDGERS_SIZE_C].number;
	}
	return rows.outcome;
}

static int media_read(struct Page *p, struct Survey *s)
{
	struct Rows rows = page_rows(p, QUERY_MEDIA_STATES);
	struct Cell row[QUERY_CELLS_MOST];

	while (rows_next(&rows, row)) {
		int64_t n = row[MEDIA_STATES_COUNT_C].number, state = row[MEDIA_STATES_STATE_C].number;

		s->media += n;
		s->in += state == MEDIUM_IN ? n : 0;
		s->out += state == MEDIUM_OUT ? n : 0;
		s->overdue += state == MEDIUM_OVERDUE ? n : 0;
	}
	return rows.outcome;
}

static int carried_read(struct Page *p, const struct DocumentYear *year, struct Survey *s)
{
	struct Rows rows = handlings_before(p, year->until);
	struct Cell row[QUERY_CELLS_MOST];

	while (rows_next(&rows, row) && row[HANDLINGS_FROM_C].number >= year->from) {
		const struct Cell *line = &row[HANDLINGS_LINE_C];
		struct LedgerEntry e;

		if (!row[HANDLINGS_CARRY_OUT_C].number)
			continue;
		s->carried++;
		/* a line that is not held vouches for no safeguard */
		if (ledger_entry_read(line->text, line->size, &e))
			continue;
		s->encrypted += detail_is(&e, "demands_encryption") || detail_is(&e, "encryption");
		s->secret += detail_is(&e, "demands_password_or_key") || detail_is(&e, "password");
		s->locked += detail_is(&e, "locked_carrier");
	}
	return rows.outcome;
}

static int reviews_read(struct Page *p, const struct DocumentYear *year, struct Survey *s)
{
	struct Rows plans = page_rows(p, QUERY_PLANS), reviews;
	struct Cell row[QUERY_CELLS_MOST];

	while (rows_next(&plans, row))
		s->plans++;
	if (plans.outcome)
		return plans.outcome;
	reviews = page_rows(p, QUERY_REVIEWS);
	while (rows_next(&reviews, row)) {
		int64_t state = row[REVIEWS_STATE_C].number;

		if (row[REVIEWS_FROM_DAY_C].number < year->first ||
		        row[REVIEWS_FROM_DAY_C].number >= year->end)
			continue;
		s->reviews++;
		s->reviewed += state == REVIEW_STATE_CONFIRMED;
		s->reviews_overdue += state == REVIEW_STATE_OVERDUE;
	}
	return reviews.outcome;
}

int survey_read(struct Page *p, const struct DocumentYear *year, struct Survey *ret)
{
	int r;

	*ret = (struct Survey){};
	r = counts_read(p, year, ret);
	if (r == 0)
		r = ledgers_read(p, year, ret);
	if (r == 0)
		r = media_read(p, ret);
	if (r == 0)
		r = carried_read(p, year, ret);
	return r ? r : reviews_read(p, year, ret);
}
