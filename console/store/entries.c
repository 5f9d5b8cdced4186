/* SPDX-License-Identifier: Apache-2.0 */
#include "entries.h"

#include "changes.h"
#include "clock.h"
#include "str.h"

int entry_add(struct Server *s, const struct Session *session, const struct Entry *e)
{
	return CHANGE(s, PSQL_ENTRY_ADD, CELL_OF_NUMBER(e->of), CELL_OF_NUMBER(e->id),
	        CELL_OF_NUMBER(e->kind), CELL_OF_NUMBER(e->at), e->code, cell_text(e->thing),
	        cell_text(e->words), cell_text(session->login), CELL_OF_NUMBER(clock_now()));
}

/* The id of the record `origin#number`, as the tables have it now; CELL_NONE: it is not held. */
static struct Cell record_id(struct Server *s, const char *thing)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->ledgers, SQL_HELD);
	const char *mark = strrchr(thing, '#');
	char origin[WORDS_MOST];

	if (!statement || !mark || str_set_n(origin, sizeof(origin), thing, (size_t)(mark - thing)) < 0)
		return (struct Cell){.text = ""};
	bind_text(statement, 1, origin);
	if (statement_step(statement) != 1)
		return (struct Cell){.text = ""};
	return CELL_OF_NUMBER(RECORD_ID(statement_number(statement, 0), strtoll(mark + 1, NULL, 10)));
}

static bool say_entry(
        struct Server *s, struct Statement *statement, enum EntriesOf of, struct AnswerWriter *w)
{
	struct Cell cells[INCIDENT_LIST_N_C] = {};
	bool record;

	for (int i = 0; i < INCIDENT_LIST_RECORD_C; i++)
		statement_cell(statement, i, &cells[i]);
	record = of == ENTRIES_OF_INCIDENT && cells[INCIDENT_LIST_KIND_C].number == INCIDENT_RECORD;
	cells[INCIDENT_LIST_RECORD_C] =
	        record ? record_id(s, cells[INCIDENT_LIST_ABOUT_C].text) : (struct Cell){.text = ""};
	for (int i = 0; i < INCIDENT_LIST_N_C; i++)
		answer_cell(w, &cells[i]);
	return answer_row(w);
}

int entries_say(struct Server *s, const struct Ask *ask, enum EntriesOf of, struct AnswerWriter *w)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_ENTRIES);
	uint32_t rows = 0;
	int r;

	static_assert((int)INCIDENT_LIST_INCIDENT_P == (int)FINDING_LIST_FINDING_P &&
	                      (int)INCIDENT_LIST_AFTER_ID_P == (int)FINDING_LIST_AFTER_ID_P &&
	                      (int)INCIDENT_LIST_N_C == (int)FINDING_LIST_N_C,
	        "both are asked for alike");
	if (!statement)
		return -EIO;
	bind_number(statement, 1, of);
	bind_cell(statement, 2, &ask->cells[INCIDENT_LIST_INCIDENT_P]);
	bind_cell(statement, 3, &ask->cells[INCIDENT_LIST_AFTER_ID_P]);
	bind_number(statement, 4, ask->limit + 1);
	while ((r = statement_step(statement)) == 1) {
		if (rows++ == ask->limit)
			w->full = true;
		if (w->full || !say_entry(s, statement, of, w))
			break;
	}
	return r < 0 ? r : QUERY_DONE;
}
