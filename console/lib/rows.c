/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "log.h"
#include "str.h"

int store_ask(struct Client *c, const struct Ask *ask, struct Answer *ret)
{
	int r = client_ask(c, ask, ret);

	if (r < 0) {
		log_error("store is gone: %s", strerror(-r));
		return QUERY_FAILED;
	}
	return (int)ret->outcome;
}

struct Rows rows_of(struct Client *c, const char *session, enum Query query)
{
	const struct QueryRow *row = query_row((uint32_t)query);

	return (struct Rows){
	        .client = c, .ask = {.query = query, .session = session, .n = row ? row->n_params : 0}};
}

/* The column that the parameter before_X or after_X goes by: X. -ENOENT: it is no key. */
static int key_column(const struct QueryRow *query, const char *param)
{
	static const char *const prefixes[] = {"before_", "after_"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		for (size_t k = 0; strncmp(param, prefixes[i], n) == 0 && k < query->n_columns; k++)
			if (str_eq(query->columns[k].name, param + n))
				return (int)k;
	}
	return -ENOENT;
}

static bool cell_is_same(const struct Cell *a, const struct Cell *b)
{
	if (a->type != b->type)
		return false;
	return a->type == CELL_NUMBER ? a->number == b->number : str_eq(a->text, b->text);
}

/* Points the question behind the page's last row. False: it has no keys, or they do not lead on. */
static bool rows_follow(struct Rows *r, const struct Cell *last)
{
	const struct QueryRow *query = query_row((uint32_t)r->ask.query);
	size_t texts = 0;
	bool moved = false;

	for (size_t i = 0; i < query->n_params; i++) {
		int column = key_column(query, query->params[i].name);
		struct Cell key;

		if (column < 0)
			continue;
		key = last[column];
		moved |= r->ask.cells[i].type == CELL_NONE || !cell_is_same(&key, &r->ask.cells[i]);
		if (key.type == CELL_NONE)
			return false;
		if (key.type == CELL_TEXT) {
			if (texts == ROWS_KEYS || STR_SET(r->keys[texts], key.text) < 0)
				return false;
			key.text = r->keys[texts++];
		}
		r->ask.cells[i] = key;
	}
	return moved;
}

bool rows_next(struct Rows *r, struct Cell *ret)
{
	while (!r->outcome && !answer_next(&r->answer, ret)) {
		if (r->asked && !r->answer.more)
			return false;
		if (r->asked && !r->follows) {
			log_error("query %s has more rows and no way to them",
			        query_row((uint32_t)r->ask.query)->name);
			r->outcome = QUERY_FAILED;
			return false;
		}
		r->outcome = store_ask(r->client, &r->ask, &r->answer);
		r->asked = true;
		r->follows = false;
	}
	if (r->outcome)
		return false;
	if (!r->answer.left && r->answer.more)
		r->follows = rows_follow(r, ret);
	return true;
}
