/* SPDX-License-Identifier: Apache-2.0 */
#include "changes.h"

#include "str.h"

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
