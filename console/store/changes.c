/* SPDX-License-Identifier: Apache-2.0 */
#include "changes.h"

#include "clock.h"
#include "str.h"

#include <time.h>

int people_change(struct Server *s, enum PeopleStatement which, const struct Cell *cells, size_t n)
{
	struct Statement *statement = db_statement(s->people, which);

	if (!statement)
		return -EIO;
	for (size_t i = 0; i < n; i++)
		bind_cell(statement, (int)i + 1, &cells[i]);
	return MIN(statement_run(statement), 0);
}

int people_begin(struct Server *s)
{
	return db_run(s->people, "BEGIN IMMEDIATE");
}

int people_end(struct Server *s, int r)
{
	if (r >= 0 && r != QUERY_LATER && db_run(s->people, "COMMIT") >= 0)
		return r;
	db_run(s->people, "ROLLBACK");
	return r >= 0 && r != QUERY_LATER ? -EIO : r;
}

int people_finish(
        struct Server *s, const struct Session *session, int r, const char *verb, const char *subject)
{
	if (r >= 0)
		r = acts_record(&s->acts, session->login, verb, subject, false);
	return people_end(s, r);
}

int people_rows(struct Server *s, const struct Ask *ask, enum PeopleStatement which, struct AnswerWriter *w)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, which);
	const struct QueryRow *query = query_row(ask->query);
	struct Cell c;
	uint32_t rows = 0;
	int r, at = (int)query->n_params;

	if (!statement)
		return -EIO;
	for (int i = 0; i < at; i++)
		bind_cell(statement, i + 1, &ask->cells[i]);
	bind_number(statement, at + 1, day_now());
	bind_number(statement, at + 2, ask->limit + 1);
	while ((r = statement_step(statement)) == 1) {
		if (rows++ == ask->limit) {
			w->full = true;
			break;
		}
		for (size_t i = 0; i < query->n_columns; i++) {
			statement_cell(statement, (int)i, &c);
			answer_cell(w, &c);
		}
		if (!answer_row(w))
			break;
	}
	return r < 0 ? r : QUERY_DONE;
}

int64_t day_of(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm local;

	localtime_r(&seconds, &local);
	return (ms / 1000 + local.tm_gmtoff) / 86400;
}

int64_t day_now(void)
{
	return day_of(clock_now());
}

void cell_into(struct Statement *s, int i, char *ret, size_t size)
{
	struct Cell c;

	statement_cell(s, i, &c);
	str_cut(ret, size, c.text);
}

void say(struct AnswerWriter *w, const struct Cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		answer_cell(w, &cells[i]);
	answer_row(w);
}
