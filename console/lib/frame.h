/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A question and its answer as bytes, one packet of an AF_UNIX SOCK_SEQPACKET socket each; native byte order,
 *for both ends run on one machine.
 *
 *	ask	uint32 query, limit, n; n cells (those missing at the end are CELL_NONE); before them the
 *		session's token as a cell
 *	answer	uint32 query; int32 outcome; uint32 more, columns, rows; rows x columns cells
 *	cell	uint8 type; CELL_NUMBER: int64; CELL_TEXT: uint32 size, bytes, NUL (not counted, none within)
 *
 * A text is UTF-8 without control characters but tab and newline.
 */
#include "query.h"

#define FRAME_MOST   (128 << 10)
#define SESSION_MOST 64 /* a token with its NUL */
#define TOKEN_MOST   SESSION_MOST

struct Cell {
	enum CellType type;
	int64_t number;
	const char *text; /* closed by NUL; of CELL_NONE "" */
	size_t size;
};

#define CELL_OF_NUMBER(value) ((struct Cell){.type = CELL_NUMBER, .number = (int64_t)(value), .text = ""})
#define CELL_OF_TEXT(value)   cell_text(value)
static inline struct Cell cell_text(const char *text)
{
	return (struct Cell){.type = text ? CELL_TEXT : CELL_NONE,
	        .text = text ? text : "",
	        .size = text ? strlen(text) : 0};
}

enum QueryOutcome {
	QUERY_DONE,
	QUERY_REFUSED,    /* what that means stands beside the query */
	QUERY_INVALID,    /* a parameter is of the wrong type or form */
	QUERY_NO_SESSION, /* none, or it ended: sign in */
	QUERY_FORBIDDEN,  /* not in this role */
	QUERY_LATER,      /* too many at once, or another writes */
	QUERY_FAILED,     /* the store's fault: it has said so in its log */
	_QUERY_OUTCOME_N,
};

struct Ask {
	enum Query query;
	uint32_t limit;      /* rows; 0: QUERY_ROWS_MOST */
	const char *session; /* token; "" */
	size_t n;
	struct Cell cells[QUERY_CELLS_MOST];
};

/* Into a buffer of FRAME_MOST: size, or -E2BIG. */
ssize_t ask_write(const struct Ask *a, void *ret);
/* 0 or -EBADMSG. Checks the types against the table; texts point into `frame`. Parameters not sent are
 * CELL_NONE. */
int ask_read(const void *frame, size_t size, struct Ask *ret);

struct AnswerWriter {
	uint8_t *frame;   /* of FRAME_MOST */
	size_t size, row; /* row: where the one under way begins */
	uint32_t rows, columns, cells;
	bool full; /* the row under way did not fit: it was taken back, `more` is said */
};

void answer_start(struct AnswerWriter *w, uint8_t *frame, enum Query query);
void answer_cell(struct AnswerWriter *w, const struct Cell *c);
/* After each row's cells. False: it did not fit and nothing may follow. */
bool answer_row(struct AnswerWriter *w);
/* Outcome and `more` are written at the end: the frame's size. */
size_t answer_end(struct AnswerWriter *w, enum QueryOutcome outcome, bool more);

struct Answer {
	enum Query query;
	enum QueryOutcome outcome;
	bool more;
	uint32_t rows, columns;
	const uint8_t *at, *end;
	uint32_t left; /* rows not yet read */
};

/* 0 or -EBADMSG: all of it is checked here. */
int answer_read(const void *frame, size_t size, struct Answer *ret);
/* The next row: ret[QUERY_CELLS_MOST], of which `columns` are set. False at the end. */
bool answer_next(struct Answer *a, struct Cell *ret);
