/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

/* One array for each query's parameters and columns; an empty one has a closing row, too. */
#define FIELD(query, NAME, name, type) {name, type},
#define FIELDS(name, number, who, params, columns)                                         \
	static const struct QueryField name##_params[] = {params(FIELD){NULL, CELL_NONE}}; \
	static const struct QueryField name##_columns[] = {columns(FIELD){NULL, CELL_NONE}};
QUERIES(FIELDS)

#define ROW(name, number, who, params, columns)                                                    \
	{QUERY_##name, #name, (who), name##_params, name##_columns, ARRAY_SIZE(name##_params) - 1, \
	        ARRAY_SIZE(name##_columns) - 1},
static const struct QueryRow rows[] = {QUERIES(ROW)};

#define FITS(name, number, who, params, columns)                                                 \
	static_assert(ARRAY_SIZE(name##_params) - 1 <= QUERY_CELLS_MOST, "too many parameters"); \
	static_assert(ARRAY_SIZE(name##_columns) - 1 <= QUERY_CELLS_MOST, "too many columns");
QUERIES(FITS)

const struct QueryRow *query_row(uint32_t query)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((uint32_t)rows[i].query == query)
			return &rows[i];
	return NULL;
}

const struct QueryRow *query_at(size_t i)
{
	return i < ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

struct VerdictRow {
	const char *word, *sentence;
	bool alarm;
};

#define VERDICT_ROW(name, word, sentence, alarm) {word, sentence, alarm},
static const struct VerdictRow verdicts[] = {VERDICTS(VERDICT_ROW)};

#define INTAKE_ROW(name, word, sentence) {word, sentence, false},
static const struct VerdictRow intakes[] = {INTAKE_OUTCOMES(INTAKE_ROW)};

static const struct VerdictRow nothing = {"", "", true};

static const struct VerdictRow *verdict_row(int64_t i)
{
	return i >= 0 && i < _VERDICT_N ? &verdicts[i] : &nothing;
}

const char *verdict_word(int64_t verdict)
{
	return verdict_row(verdict)->word;
}

const char *verdict_sentence(int64_t verdict)
{
	return verdict_row(verdict)->sentence;
}

bool verdict_is_alarm(int64_t verdict)
{
	return verdict_row(verdict)->alarm;
}

const char *intake_word(int64_t outcome)
{
	return outcome >= 0 && outcome < _INTAKE_N ? intakes[outcome].word : "";
}

const char *intake_sentence(int64_t outcome)
{
	return outcome >= 0 && outcome < _INTAKE_N ? intakes[outcome].sentence : "";
}
