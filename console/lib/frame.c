/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include "str.h"

/* ------------------------------------------------------------------ bytes */

struct Out {
	uint8_t *at, *end;
	bool full;
};

struct In {
	const uint8_t *at, *end;
	bool broken;
};

static void put(struct Out *o, const void *bytes, size_t n)
{
	if ((size_t)(o->end - o->at) < n || o->full) {
		o->full = true;
		return;
	}
	memcpy(o->at, bytes, n);
	o->at += n;
}

static void put_u32(struct Out *o, uint32_t v)
{
	put(o, &v, sizeof(v));
}

static void put_cell(struct Out *o, const struct Cell *c)
{
	uint8_t type = (uint8_t)c->type;

	put(o, &type, 1);
	if (c->type == CELL_NUMBER)
		put(o, &c->number, sizeof(c->number));
	if (c->type != CELL_TEXT)
		return;
	put_u32(o, (uint32_t)MIN(c->size, FRAME_MOST));
	put(o, c->text, c->size);
	put(o, "", 1);
}

static const void *take(struct In *in, size_t n)
{
	const void *at = in->at;

	if (in->broken || (size_t)(in->end - in->at) < n) {
		in->broken = true;
		return NULL;
	}
	in->at += n;
	return at;
}

static uint32_t take_u32(struct In *in)
{
	const void *at = take(in, sizeof(uint32_t));
	uint32_t v = 0;

	if (at)
		memcpy(&v, at, sizeof(v));
	return v;
}

/* A record's line may hold what JSON lets stand as it is, DEL and C1 among it: pages make them visible. */
static bool is_text(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t')
			return false;
	return str_is_utf8(text, n);
}

static void take_text(struct In *in, struct Cell *ret)
{
	uint32_t size = take_u32(in);
	const char *text = in->broken || size >= FRAME_MOST ? NULL : take(in, (size_t)size + 1);

	if (!text || text[size] || !is_text(text, size)) {
		in->broken = true;
		return;
	}
	ret->text = text;
	ret->size = size;
}

static void take_cell(struct In *in, struct Cell *ret)
{
	const uint8_t *type = take(in, 1);
	const void *number;

	*ret = (struct Cell){.text = ""};
	if (!type)
		return;
	ret->type = (enum CellType) * type;
	switch (*type) {
	case CELL_NONE:
		return;
	case CELL_NUMBER:
		number = take(in, sizeof(ret->number));
		if (number)
			memcpy(&ret->number, number, sizeof(ret->number));
		return;
	case CELL_TEXT:
		take_text(in, ret);
		return;
	default:
		in->broken = true;
	}
}

/* ------------------------------------------------------------------ asks */

ssize_t ask_write(const struct Ask *a, void *ret)
{
	struct Out o = {ret, (uint8_t *)ret + FRAME_MOST, false};
	struct Cell session = cell_text(a->session ? a->session : "");

	put_cell(&o, &session);
	put_u32(&o, (uint32_t)a->query);
	put_u32(&o, a->limit);
	put_u32(&o, (uint32_t)a->n);
	for (size_t i = 0; i < a->n && i < QUERY_CELLS_MOST; i++)
		put_cell(&o, &a->cells[i]);
	return o.full ? -E2BIG : o.at - (uint8_t *)ret;
}

int ask_read(const void *frame, size_t size, struct Ask *ret)
{
	struct In in = {frame, (const uint8_t *)frame + size, false};
	const struct QueryRow *row;
	struct Cell session;
	uint32_t n, query;

	*ret = (struct Ask){};
	take_cell(&in, &session);
	query = take_u32(&in);
	ret->limit = take_u32(&in);
	n = take_u32(&in);
	row = query_row(query);
	if (in.broken || session.type != CELL_TEXT || session.size >= SESSION_MOST || !row ||
	        n > row->n_params)
		return -EBADMSG;
	ret->query = row->query;
	ret->session = session.text;
	ret->limit = ret->limit ? MIN(ret->limit, (uint32_t)QUERY_ROWS_MOST) : QUERY_ROWS_MOST;
	ret->n = row->n_params;
	for (size_t i = 0; i < QUERY_CELLS_MOST; i++)
		ret->cells[i] = (struct Cell){.text = ""};
	for (size_t i = 0; i < n; i++) {
		take_cell(&in, &ret->cells[i]);
		if (ret->cells[i].type != CELL_NONE && ret->cells[i].type != row->params[i].type)
			return -EBADMSG;
	}
	return in.broken || in.at != in.end ? -EBADMSG : 0;
}

/* ------------------------------------------------------------------ answers */

struct AnswerHead {
	uint32_t query;
	int32_t outcome;
	uint32_t more, columns, rows;
};

void answer_start(struct AnswerWriter *w, uint8_t *frame, enum Query query)
{
	const struct QueryRow *row = query_row(query);
	struct AnswerHead head = {.query = query, .columns = row ? (uint32_t)row->n_columns : 0};

	*w = (struct AnswerWriter){.frame = frame, .columns = head.columns};
	memcpy(frame, &head, sizeof(head));
	w->size = w->row = sizeof(head);
}

void answer_cell(struct AnswerWriter *w, const struct Cell *c)
{
	struct Out o = {w->frame + w->size, w->frame + FRAME_MOST, w->full};

	put_cell(&o, c);
	w->full = o.full;
	w->size = (size_t)(o.at - w->frame);
	w->cells++;
}

bool answer_row(struct AnswerWriter *w)
{
	/* a row with too few or too many cells is a mistake of ours: nothing of it is said */
	if (w->cells != w->columns)
		w->full = true;
	w->cells = 0;
	if (w->full) {
		w->size = w->row;
		return false;
	}
	w->row = w->size;
	w->rows++;
	return true;
}

size_t answer_end(struct AnswerWriter *w, enum QueryOutcome outcome, bool more)
{
	struct AnswerHead head;

	memcpy(&head, w->frame, sizeof(head));
	head.outcome = (int32_t)outcome;
	head.more = more || w->full;
	head.rows = w->rows;
	memcpy(w->frame, &head, sizeof(head));
	return w->row;
}

int answer_read(const void *frame, size_t size, struct Answer *ret)
{
	struct In in = {frame, (const uint8_t *)frame + size, false};
	const struct QueryRow *row;
	struct AnswerHead head = {};
	const void *at = take(&in, sizeof(head));

	if (at)
		memcpy(&head, at, sizeof(head));
	row = at ? query_row(head.query) : NULL;
	if (!row || head.columns != row->n_columns || head.outcome < 0 || head.outcome >= _QUERY_OUTCOME_N ||
	        head.more > 1 || head.rows > QUERY_ROWS_MOST || (head.rows && !head.columns))
		return -EBADMSG;
	*ret = (struct Answer){.query = row->query,
	        .outcome = (enum QueryOutcome)head.outcome,
	        .more = head.more,
	        .rows = head.rows,
	        .columns = head.columns,
	        .at = in.at,
	        .end = in.end,
	        .left = head.rows};
	for (uint32_t i = 0; i < head.rows * head.columns; i++) {
		struct Cell c;

		take_cell(&in, &c);
		if (in.broken || (c.type != CELL_NONE && c.type != row->columns[i % head.columns].type))
			return -EBADMSG;
	}
	return in.at != in.end ? -EBADMSG : 0;
}

bool answer_next(struct Answer *a, struct Cell *ret)
{
	struct In in = {a->at, a->end, false};

	if (!a->left)
		return false;
	for (uint32_t i = 0; i < a->columns; i++)
		take_cell(&in, &ret[i]);
	a->at = in.at;
	a->left--;
	return !in.broken;
}
