/* SPDX-License-Identifier: Apache-2.0 */
#include "take.h"

#include "clock.h"
#include "schema.h"
#include "statements.h"
#include "str.h"

#define STATEMENT_TEXT(name, sql) sql,
static const char *const statements[] = {LEDGER_STATEMENTS(STATEMENT_TEXT)};

int take_open(struct Take *t, const char *path)
{
	int r = db_open(path, &form_ledgers, statements, ARRAY_SIZE(statements), &t->db);

	return r < 0 ? r : words_new(&t->words);
}

void take_done(struct Take *t)
{
	take_lost(t);
	db_freep(&t->db);
	words_freep(&t->words);
}

void take_lost(struct Take *t)
{
	if (t->changing) {
		db_run(t->db, "ROLLBACK");
		words_forget(t->words);
	}
	t->changing = false;
	t->ledger = 0;
	memset(t->days, 0, sizeof(t->days));
}

/* ------------------------------------------------------------------ OPEN */

static int begin(struct Take *t)
{
	int r = t->changing ? 0 : db_run(t->db, "BEGIN IMMEDIATE");

	t->changing = r >= 0;
	return r;
}

static void held_text(struct Statement *s, int column, char *ret, size_t size)
{
	struct Cell c;

	statement_cell(s, column, &c);
	str_cut(ret, size, c.text);
}

static int find_held(struct Take *t, const struct FeedOpen *open, struct FeedHeld *ret)
{
	_cleanup_statement_ struct Statement *s = db_statement(t->db, SQL_HELD);
	int r;

	if (!s)
		return -EIO;
	bind_text(s, 1, open->origin);
	r = statement_step(s);
	if (r != 1)
		return r;
	ret->ledger = statement_number(s, 0);
	ret->size = (uint64_t)statement_number(s, 1);
	held_text(s, 2, ret->root, sizeof(ret->root));
	ret->bytes = (uint64_t)statement_number(s, 3);
	ret->verdict = (uint32_t)statement_number(s, 4);
	held_text(s, 5, ret->vkey, sizeof(ret->vkey));
	held_text(s, 6, ret->state, sizeof(ret->state));
	return 1;
}

static int add_ledger(struct Take *t, const struct FeedOpen *open, struct FeedHeld *ret)
{
	struct Statement *s = db_statement(t->db, SQL_LEDGER_ADD);
	int r;

	if (!s)
		return -EIO;
	bind_text(s, 1, open->origin);
	bind_text(s, 2, open->terminal);
	bind_number(s, 3, open->year);
	bind_text(s, 4, open->vkey);
	bind_number(s, 5, clock_now());
	r = statement_run(s);
	if (r < 0)
		return r;
	ret->ledger = db_last_id(t->db);
	return 0;
}

static int take_ledger(struct Take *t, const void *packet, struct FeedHeld *ret)
{
	static struct FeedOpen open;
	int r;

	take_lost(t);
	memcpy(&open, packet, sizeof(open));
	*ret = (struct FeedHeld){.type = FEED_HELD};
	r = begin(t);
	if (r >= 0)
		r = find_held(t, &open, ret);
	if (r == 0)
		r = add_ledger(t, &open, ret);
	if (r >= 0)
		r = words_number(t->words, t->db, WORD_TERMINAL, open.terminal, &t->terminal);
	if (r < 0) {
		take_lost(t);
		return r;
	}
	t->ledger = ret->ledger;
	/* a key is taken for the terminal's with the first records that verify under it */
	if (!*ret->root)
		STR_SET(ret->vkey, open.vkey);
	STR_SET(t->vkey, *ret->root ? "" : open.vkey);
	t->size = ret->size;
	t->added = 0;
	t->first_day = INT64_MAX;
	STR_SET(t->terminal_text, open.terminal);
	return 1;
}

/* ------------------------------------------------------------------ ROWS */

static int flush_sum(
        struct Take *t, enum LedgerStatement statement, int64_t first, int64_t second, const struct Sum *sum)
{
	struct Statement *s = db_statement(t->db, statement);
	int r;

	if (!s)
		return -EIO;
	bind_number(s, 1, first);
	bind_number(s, 2, second);
	bind_number(s, 3, sum->records);
	bind_number(s, 4, sum->copies);
	bind_number(s, 5, sum->refused);
	bind_number(s, 6, sum->numbers);
	r = statement_run(s);
	return MIN(r, 0);
}

static int flush(struct Take *t, struct Sum *sum)
{
	int r = sum->used ? flush_sum(t, SQL_DAY_ADD, t->ledger, sum->day, sum) : 0;

	if (r >= 0 && sum->used)
		r = flush_sum(t, SQL_HOUR_ADD, sum->day, sum->hour, sum);
	*sum = (struct Sum){};
	return r;
}

static int count(struct Take *t, const struct FeedRow *row)
{
	struct Sum *sum = &t->days[((uint32_t)row->day * 24 + row->hour) % DAYS_HELD];
	int r = sum->day != row->day || sum->hour != row->hour ? flush(t, sum) : 0;

	if (r < 0)
		return r;
	sum->used = true;
	sum->day = row->day;
	sum->hour = row->hour;
	sum->records++;
	sum->copies += !!(row->counts & FEED_COPY);
	sum->refused += !!(row->counts & FEED_REFUSED);
	if (row->counts & FEED_COPY && row->numbers > 0)
		sum->numbers += row->numbers;
	return 0;
}

/* Which words a row's texts are, and the parameters they go to. */
static const struct {
	enum FeedTexts text;
	enum WordOf what;
	int param;
} word_rows[] = {
        {FEED_KIND, WORD_KIND, 4},
        {FEED_ACTOR, WORD_ACTOR, 5},
        {FEED_ROLE, WORD_ROLE, 6},
        {FEED_MEDIUM, WORD_MEDIUM, 7},
        {FEED_RESULT, WORD_RESULT, 9},
        {FEED_REASON, WORD_REASON, 10},
};

static int take_row(struct Take *t, const struct FeedRecord *record)
{
	_cleanup_statement_ struct Statement *s = db_statement(t->db, SQL_RECORD_ADD);
	int r = s ? count(t, &record->row) : -EIO;

	if (r < 0)
		return r;
	bind_number(s, 1, RECORD_ID(t->ledger, record->row.n));
	bind_number(s, 2, record->row.t);
	bind_number(s, 3, t->terminal);
	for (size_t i = 0; i < ARRAY_SIZE(word_rows); i++) {
		const char *text = record->texts[word_rows[i].text];
		int64_t number;

		if (!*text)
			continue;
		r = words_number(t->words, t->db, (int)word_rows[i].what, text, &number);
		if (r < 0)
			return r;
		bind_number(s, word_rows[i].param, number);
	}
	if (*record->texts[FEED_CHECKOUT])
		bind_text(s, 8, record->texts[FEED_CHECKOUT]);
	if (record->row.numbers >= 0)
		bind_number(s, 11, record->row.numbers);
	bind_number(s, 12, (int64_t)record->row.place);
	bind_number(s, 13, record->row.size);
	bind_number(s, 14, (record->row.day * 24LL + record->row.hour) * 60 + record->row.minute);
	if (record->row.data)
		bind_number(s, 15, (int64_t)record->row.data);
	r = statement_step(s);
	return r == -EEXIST ? -EBADMSG : r; /* each record once */
}

static int take_rows(struct Take *t, const void *packet, size_t size)
{
	struct FeedRecord record;
	size_t at = 0;
	int r;

	while ((r = feed_row(packet, size, &at, &record)) == 1) {
		/* in their order, behind what is held, none left out */
		if (record.row.n != t->size + t->added)
			return -EBADMSG;
		r = take_row(t, &record);
		if (r < 0)
			return r;
		t->added++;
		t->first_day = MIN(t->first_day, (int64_t)record.row.day);
	}
	return r;
}

/* ------------------------------------------------------------------ EVENT */

static int event_register(struct Take *t, const struct FeedEvent *e, enum LedgerStatement statement)
{
	struct Statement *s = db_statement(t->db, statement);

	if (!s)
		return -EIO;
	bind_text(s, 1, e->medium);
	bind_text(s, 2, e->series);
	if (e->slot >= 0)
		bind_number(s, 3, e->slot);
	bind_text(s, 4, e->supervisor);
	bind_number(s, 5, e->t);
	bind_text(s, 6, t->terminal_text);
	bind_text(s, 7, e->vendor);
	bind_text(s, 8, e->product);
	bind_number(s, 9, (int64_t)e->size);
	bind_number(s, 10, RECORD_ID(t->ledger, e->n));
	return statement_run(s);
}

/* Among the checkouts that are out, or no longer. */
static int open_set(struct Take *t, enum LedgerStatement statement, const char *checkout)
{
	struct Statement *s = db_statement(t->db, statement);

	if (!s)
		return -EIO;
	bind_text(s, 1, checkout);
	return statement_run(s);
}

static int event_lend(struct Take *t, const struct FeedEvent *e)
{
	struct Statement *s = db_statement(t->db, SQL_CHECKOUT_ADD);
	const char *const texts[] = {e->checkout, e->medium, e->clerk, e->supervisor, e->purpose, e->ground,
	        e->destination, e->terminals};
	int r;

	if (!s)
		return -EIO;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		bind_text(s, (int)i + 1, texts[i]);
	bind_number(s, 9, e->carry_out);
	bind_number(s, 10, e->from);
	bind_number(s, 11, e->until);
	bind_text(s, 12, t->terminal_text);
	bind_number(s, 13, RECORD_ID(t->ledger, e->n));
	r = statement_run(s);
	return r < 0 ? r : open_set(t, SQL_OPEN_ADD, e->checkout);
}

static int event_return(struct Take *t, const struct FeedEvent *e)
{
	struct Statement *s = db_statement(t->db, SQL_RETURN_ADD);
	int r;

	if (!s)
		return -EIO;
	bind_text(s, 1, e->checkout);
	bind_number(s, 2, e->t);
	bind_number(s, 3, RECORD_ID(t->ledger, e->n));
	r = statement_run(s);
	return r < 0 ? r : open_set(t, SQL_OPEN_END, e->checkout);
}

static int take_event(struct Take *t, const void *packet)
{
	static struct FeedEvent e;

	memcpy(&e, packet, sizeof(e));
	switch (e.event) {
	case FEED_REGISTER:
		return event_register(t, &e, SQL_MEDIUM_ADD);
	case FEED_CARRIED:
		return event_register(t, &e, SQL_MEDIUM_CARRY);
	case FEED_LEND:
		return event_lend(t, &e);
	default:
		return event_return(t, &e);
	}
}

/* ------------------------------------------------------------------ CLOSE */

/* The rules of the review look at these days again. */
static int close_days(struct Take *t)
{
	struct Statement *s = t->first_day == INT64_MAX ? NULL : db_statement(t->db, SQL_REVIEWED_BACK);

	if (!s)
		return t->first_day == INT64_MAX ? 0 : -EIO;
	bind_number(s, 1, t->first_day);
	return statement_run(s);
}

static int close_size(struct Take *t, const struct FeedClose *c)
{
	struct Statement *s = db_statement(t->db, SQL_LEDGER_SET);

	if (!s)
		return -EIO;
	bind_number(s, 1, t->ledger);
	bind_number(s, 2, (int64_t)c->size);
	bind_text(s, 3, c->root);
	bind_number(s, 4, (int64_t)c->bytes);
	bind_number(s, 5, (int64_t)c->uncovered);
	bind_number(s, 6, (int64_t)c->earlier);
	bind_number(s, 7, (int64_t)c->keys);
	bind_number(s, 8, c->first_t);
	bind_number(s, 9, c->last_t);
	bind_text(s, 10, *t->vkey ? t->vkey : NULL);
	/* records of the future say it at once; that a clock is behind, a receipt */
	if (c->last_t > clock_now() + CLOCK_OFF_MS)
		bind_number(s, 11, c->last_t - clock_now());
	else if (c->behind >= 0)
		bind_number(s, 11, -c->behind);
	return statement_run(s);
}

/* A folder may lie about for long: that it is looked at again is no word of its terminal's. */
static int64_t heard(const struct FeedClose *c)
{
	if (c->live)
		return clock_now();
	return c->keep ? MIN(c->last_t, clock_now()) : 0;
}

static int close_verdict(struct Take *t, const struct FeedClose *c)
{
	struct Statement *s = db_statement(t->db, SQL_LEDGER_VERDICT);
	int r;

	if (!s)
		return -EIO;
	bind_number(s, 1, t->ledger);
	bind_number(s, 2, c->verdict);
	bind_number(s, 3, clock_now());
	bind_text(s, 4, c->error);
	bind_number(s, 5, c->bad);
	bind_number(s, 6, (int64_t)c->from);
	bind_number(s, 7, (int64_t)c->to);
	r = statement_run(s);
	if (r >= 0 && c->unheard)
		return r;
	s = r < 0 ? NULL : db_statement(t->db, SQL_LEDGER_HEARD);
	if (!s)
		return r < 0 ? r : -EIO;
	bind_number(s, 1, t->ledger);
	bind_number(s, 2, heard(c));
	bind_text(s, 3, c->state);
	return statement_run(s);
}

static int close_intake(struct Take *t, const struct FeedClose *c, uint64_t added)
{
	struct Statement *s = db_statement(t->db, SQL_INTAKE_ADD);

	if (!s)
		return -EIO;
	bind_number(s, 1, clock_now());
	bind_number(s, 2, t->ledger);
	bind_number(s, 3, c->outcome);
	bind_number(s, 4, (int64_t)c->size);
	bind_number(s, 5, (int64_t)added);
	bind_number(s, 6, c->verdict);
	bind_text(s, 7, c->source);
	return statement_run(s);
}

/* Rows that are not to stay are taken back; that this was tried, and how the ledger stands, is kept. */
static int drop_rows(struct Take *t)
{
	int r = db_run(t->db, "ROLLBACK TO rows");

	words_forget(t->words);
	memset(t->days, 0, sizeof(t->days));
	t->added = 0;
	return r;
}

static int take_close(struct Take *t, const void *packet, struct FeedClosed *ret)
{
	static struct FeedClose c;
	int r;

	memcpy(&c, packet, sizeof(c));
	/* the size is what the rows say */
	if (c.keep && c.size != t->size + t->added)
		return -EBADMSG;
	r = c.keep ? 0 : drop_rows(t);
	for (size_t i = 0; i < DAYS_HELD && r >= 0; i++)
		r = flush(t, &t->days[i]);
	if (r >= 0 && c.keep)
		r = close_size(t, &c);
	if (r >= 0 && c.keep)
		r = close_days(t);
	if (r >= 0)
		r = close_verdict(t, &c);
	if (r >= 0)
		r = close_intake(t, &c, t->added);
	if (r >= 0)
		r = db_run(t->db, "COMMIT");
	if (r >= 0)
		t->changing = false;
	take_lost(t);
	*ret = (struct FeedClosed){.type = FEED_CLOSED, .error = MIN(r, 0)};
	return 1;
}

/* ------------------------------------------------------------------ packets */

int take_packet(struct Take *t, const void *packet, size_t size, void *ret, size_t *ret_size)
{
	uint32_t type;
	int r = feed_check(packet, size);

	if (r < 0)
		return r;
	memcpy(&type, packet, sizeof(type));
	if (type != FEED_OPEN && !t->ledger)
		return -EBADMSG;
	switch (type) {
	case FEED_OPEN:
		*ret_size = sizeof(struct FeedHeld);
		r = take_ledger(t, packet, ret);
		return r >= 0 && db_run(t->db, "SAVEPOINT rows") < 0 ? -EIO : r;
	case FEED_ROWS:
		return take_rows(t, packet, size);
	case FEED_EVENT:
		r = take_event(t, packet);
		return MIN(r, 0);
	case FEED_CLOSE:
		*ret_size = sizeof(struct FeedClosed);
		return take_close(t, packet, ret);
	case FEED_RELEASE:
		take_lost(t);
		return 0;
	default:
		return -EBADMSG;
	}
}
