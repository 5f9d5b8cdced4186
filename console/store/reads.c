/* SPDX-License-Identifier: Apache-2.0 */
/* The queries that read the ledgers' tables: a statement each, or the one among several whose index fits what
 * was asked. */
#include "clock.h"
#include "mediagate/ledger.h"
#include "proofs.h"
#include "schema.h"
#include "server.h"
#include "statements.h"
#include "str.h"

#include <time.h>

#define ALWAYS (-1)

/* The first row of a query whose parameter is given decides. */
static const struct {
	enum Query query;
	int param;
	enum LedgerStatement statement;
} read_rows[] = {
        {QUERY_HISTORY, HISTORY_CHECKOUT_P, SQL_HISTORY_CHECKOUT},
        {QUERY_HISTORY, HISTORY_MEDIUM_P, SQL_HISTORY_MEDIUM},
        {QUERY_HISTORY, HISTORY_ACTOR_P, SQL_HISTORY_ACTOR},
        {QUERY_HISTORY, HISTORY_TERMINAL_P, SQL_HISTORY_TERMINAL},
        {QUERY_HISTORY, HISTORY_NUMBERS_P, SQL_HISTORY_NUMBERS},
        {QUERY_HISTORY, HISTORY_KIND_P, SQL_HISTORY_KIND},
        {QUERY_HISTORY, ALWAYS, SQL_HISTORY},
        {QUERY_LEDGERS, LEDGERS_ID_P, SQL_LEDGERS_ID},
        {QUERY_LEDGERS, LEDGERS_ALARM_P, SQL_LEDGERS_ALARM},
        {QUERY_LEDGERS, LEDGERS_CLOCK_P, SQL_LEDGERS_CLOCK},
        {QUERY_LEDGERS, ALWAYS, SQL_LEDGERS},
        {QUERY_INTAKES, ALWAYS, SQL_INTAKES},
        {QUERY_CHOICES, ALWAYS, SQL_CHOICES},
        {QUERY_MEDIA, ALWAYS, SQL_MEDIA},
        {QUERY_MEDIA_STATES, ALWAYS, SQL_MEDIA_STATES},
        {QUERY_CHECKOUTS, CHECKOUTS_MEDIUM_P, SQL_CHECKOUTS_MEDIUM},
        {QUERY_CHECKOUTS, CHECKOUTS_CLERK_P, SQL_CHECKOUTS_CLERK},
        {QUERY_CHECKOUTS, ALWAYS, SQL_CHECKOUTS},
        {QUERY_HANDLINGS, HANDLINGS_MEDIUM_P, SQL_HANDLINGS_MEDIUM},
        {QUERY_HANDLINGS, ALWAYS, SQL_HANDLINGS},
        {QUERY_EVIDENCE, ALWAYS, SQL_EVIDENCE},
        {QUERY_HEAT, ALWAYS, SQL_HEAT},
        {QUERY_DAYS, DAYS_LEDGER_P, SQL_DAYS_LEDGER},
        {QUERY_DAYS, ALWAYS, SQL_DAYS},
        {QUERY_COUNTS, ALWAYS, SQL_COUNTS},
        {QUERY_HIT_RECORDS, ALWAYS, SQL_HIT_RECORDS},
};

/* What few records come to; most are done, or say what is about to be. */
static bool result_is_rare(const struct Cell *result)
{
	return result->type == CELL_TEXT && !str_eq(result->text, "done") && !str_eq(result->text, "intent");
}

static int statement_for(const struct Ask *ask)
{
	const struct Cell *state = &ask->cells[CHECKOUTS_STATE_P];

	/* what is not back stands in a table of its own */
	if (ask->query == QUERY_CHECKOUTS && state->type == CELL_NUMBER &&
	        state->number < CHECKOUT_STATE_RETURNED)
		return SQL_CHECKOUTS_OPEN;
	if (ask->query == QUERY_HISTORY && ask->cells[HISTORY_CHECKOUT_P].type == CELL_NONE &&
	        ask->cells[HISTORY_MEDIUM_P].type == CELL_NONE &&
	        ask->cells[HISTORY_ACTOR_P].type == CELL_NONE &&
	        result_is_rare(&ask->cells[HISTORY_RESULT_P]))
		return SQL_HISTORY_RESULT;
	for (size_t i = 0; i < ARRAY_SIZE(read_rows); i++)
		if (read_rows[i].query == ask->query &&
		        (read_rows[i].param == ALWAYS || ask->cells[read_rows[i].param].type != CELL_NONE))
			return (int)read_rows[i].statement;
	return -ENOSYS;
}

/* What CHOICES may be asked for. */
static const struct {
	const char *word;
	enum WordOf what;
} choices[] = {
        {"actor", WORD_ACTOR},
        {"medium", WORD_MEDIUM},
        {"terminal", WORD_TERMINAL},
        {"kind", WORD_KIND},
        {"reason", WORD_REASON},
        {"result", WORD_RESULT},
};

static int choice(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
		if (str_eq(choices[i].word, word))
			return (int)choices[i].what;
	return -EINVAL;
}

static void bind_all(const struct Server *s, const struct Ask *ask, struct Statement *statement)
{
	int64_t now = clock_now(), end;
	time_t seconds = (time_t)(now / 1000);
	struct tm local;
	int at = (int)ask->n;

	localtime_r(&seconds, &local);
	end = now - ((local.tm_hour * 60LL + local.tm_min) * 60 + local.tm_sec - 86400) * 1000;
	for (int i = 0; i < at; i++)
		bind_cell(statement, i + 1, &ask->cells[i]);
	bind_number(statement, ++at, now);
	bind_number(statement, ++at, ask->limit + 1);
	bind_number(statement, ++at, now - s->silent_ms);
	bind_number(statement, ++at, clock_fiscal_year(now));
	bind_number(statement, ++at, (now / 1000 + local.tm_gmtoff) / 86400);
	bind_number(statement, ++at, end);
}

/* What may stand in a frame: a ledger's line may hold the character 127, and a file that was altered
 * anything. */
static bool line_travels(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)line[i] < 0x20)
			return false;
	return str_is_utf8(line, n);
}

/* A record's line, as the console's copy has it; "" when it no longer does, or when it cannot be sent. It
   stays until the next one in the same place. */
static const char *line_of(struct Server *s, int64_t id, uint64_t place, size_t size, char *ret)
{
	int r = proofs_line(s->proofs, RECORD_LEDGER(id), place, size, ret, LIMIT_LINE + 1);

	return r < 0 || !line_travels(ret, size) ? "" : ret;
}

/* In the places of the lines stand their records' ids, and behind the row where these are. */
static struct Cell handling_line(struct Server *s, struct Statement *statement, int column)
{
	static char lines[2][LIMIT_LINE + 1];
	int which = column - HANDLINGS_LINE_C, at = HANDLINGS_N_C + 2 * which;
	int64_t id = statement_number(statement, column), size = statement_number(statement, at + 1);

	if (!size)
		return cell_text("");
	return cell_text(
	        line_of(s, id, (uint64_t)statement_number(statement, at), (size_t)size, lines[which]));
}

static struct Cell cell_of(struct Server *s, const struct Ask *ask, struct Statement *statement, int column)
{
	struct Cell c;

	if (ask->query == QUERY_HANDLINGS && column >= HANDLINGS_LINE_C)
		return handling_line(s, statement, column);
	statement_cell(statement, column, &c);
	return c;
}

static int rows_of(struct Server *s, struct Statement *statement, const struct Ask *ask,
        struct AnswerWriter *w, bool *ret_more)
{
	const size_t columns = query_row(ask->query)->n_columns;
	uint32_t rows = 0;
	int r;

	while ((r = statement_step(statement)) == 1) {
		if (rows++ == ask->limit) {
			*ret_more = true;
			break;
		}
		for (size_t i = 0; i < columns; i++) {
			struct Cell c = cell_of(s, ask, statement, (int)i);

			answer_cell(w, &c);
		}
		if (!answer_row(w))
			break;
	}
	return r < 0 ? r : QUERY_DONE;
}

static int record(struct Server *s, const struct Ask *ask, struct AnswerWriter *w)
{
	static char bytes[LIMIT_LINE + 1];
	_cleanup_statement_ struct Statement *statement = db_statement(s->ledgers, SQL_RECORD);
	int64_t id = ask->cells[RECORD_ID_P].number;
	const char *line;
	struct Cell c;
	int r;

	if (!statement)
		return -EIO;
	bind_number(statement, 1, id);
	r = statement_step(statement);
	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	line = line_of(s, id, (uint64_t)statement_number(statement, RECORD_N_C),
	        (size_t)statement_number(statement, RECORD_N_C + 1), bytes);
	for (int i = 0; i < RECORD_N_C; i++) {
		statement_cell(statement, i, &c);
		if (i == RECORD_LINE_C)
			c = cell_text(line);
		if (i == RECORD_HELD_C)
			c = CELL_OF_NUMBER(*line != '\0');
		answer_cell(w, &c);
	}
	answer_row(w);
	return QUERY_DONE;
}

static int proof(struct Server *s, const struct Ask *ask, struct AnswerWriter *w)
{
	static char text[LEDGER_PROOF_MOST];
	int64_t id = ask->cells[PROOF_ID_P].number;
	struct Cell c;
	int r = id < 0 ? -ENOENT
	               : proofs_make(s->proofs, RECORD_LEDGER(id), (uint64_t)RECORD_NUMBER(id), text,
	                         sizeof(text));

	if (r < 0)
		return r == -ENOENT ? QUERY_REFUSED : r;
	c = cell_text(text);
	answer_cell(w, &c);
	answer_row(w);
	return QUERY_DONE;
}

static bool numbers_are_same(const struct Cell *a, const struct Cell *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].type != b[i].type || a[i].type == CELL_TEXT ||
		        (a[i].type == CELL_NUMBER && a[i].number != b[i].number))
			return false;
	return true;
}

/* Says what is kept. False: it is of another question, or of another state of the tables. */
static bool kept_say(const struct Server *s, const struct Ask *ask, int64_t version, struct AnswerWriter *w)
{
	const struct Kept *k = &s->kept;
	uint8_t *frame = w->frame;

	if (!k->w.size || k->version != version || !numbers_are_same(k->cells, ask->cells, ask->n))
		return false;
	memcpy(frame, k->frame, k->w.size);
	*w = k->w;
	w->frame = frame;
	return true;
}

/* Only a whole answer: a page of one would be another's. */
static void kept_set(struct Server *s, const struct Ask *ask, int64_t version, const struct AnswerWriter *w)
{
	struct Kept *k = &s->kept;

	k->w.size = 0;
	if (w->full || w->size > sizeof(k->frame) || !numbers_are_same(ask->cells, ask->cells, ask->n))
		return;
	k->version = version;
	memcpy(k->cells, ask->cells, sizeof(k->cells));
	memcpy(k->frame, w->frame, w->size);
	k->w = *w;
}

static int ask_tables(struct Server *s, const struct Ask *ask, struct AnswerWriter *w, bool *ret_more)
{
	_cleanup_statement_ struct Statement *statement = NULL;
	int r = statement_for(ask), what = 0;

	if (r < 0)
		return r;
	if (ask->query == QUERY_CHOICES) {
		what = choice(ask->cells[CHOICES_WHAT_P].text);
		if (what < 0)
			return QUERY_INVALID;
	}
	statement = db_statement(s->ledgers, (size_t)r);
	if (!statement)
		return -EIO;
	bind_all(s, ask, statement);
	if (what)
		bind_number(statement, 1, what);
	return rows_of(s, statement, ask, w, ret_more);
}

static int ask_kept(struct Server *s, const struct Ask *ask, struct AnswerWriter *w, bool *ret_more)
{
	int64_t version;
	int r;

	if (ask->limit != QUERY_ROWS_MOST || db_version(s->ledgers, &version) < 0)
		return ask_tables(s, ask, w, ret_more);
	if (kept_say(s, ask, version, w))
		return QUERY_DONE;
	r = ask_tables(s, ask, w, ret_more);
	if (r == QUERY_DONE && !*ret_more)
		kept_set(s, ask, version, w);
	return r;
}

int reads_ask(struct Server *s, const struct Ask *ask, struct AnswerWriter *w, bool *ret_more)
{
	if (ask->query == QUERY_RECORD)
		return record(s, ask, w);
	if (ask->query == QUERY_PROOF)
		return proof(s, ask, w);
	return ask->query == QUERY_EVIDENCE ? ask_kept(s, ask, w, ret_more) : ask_tables(s, ask, w, ret_more);
}
