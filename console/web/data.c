/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same rows for programs and spreadsheets: /api/v1/history as JSON, /csv/history as CSV. Names of
 * parameters and columns are those of console/lib/query.h; only queries of the table below are open.
 */
#include "json.h"
#include "pages.h"
#include "str.h"

static const struct {
	const char *name;
	enum Query query;
} open_queries[] = {
        {"accounts", QUERY_ACCOUNTS},
        {"sign-ins", QUERY_SIGN_INS},
        {"counts", QUERY_COUNTS},
        {"ledgers", QUERY_LEDGERS},
        {"intakes", QUERY_INTAKES},
        {"history", QUERY_HISTORY},
        {"record", QUERY_RECORD},
        {"proof", QUERY_PROOF},
        {"choices", QUERY_CHOICES},
        {"media", QUERY_MEDIA},
        {"media-states", QUERY_MEDIA_STATES},
        {"checkouts", QUERY_CHECKOUTS},
        {"handlings", QUERY_HANDLINGS},
        {"evidence", QUERY_EVIDENCE},
        {"heat", QUERY_HEAT},
        {"days", QUERY_DAYS},
        {"hits", QUERY_HITS},
        {"hit-records", QUERY_HIT_RECORDS},
        {"plans", QUERY_PLANS},
        {"reviews", QUERY_REVIEWS},
        {"duties", QUERY_DUTIES},
        {"calendar", QUERY_CALENDAR},
        {"route", QUERY_ROUTE},
        {"incidents", QUERY_INCIDENTS},
        {"incident-list", QUERY_INCIDENT_LIST},
        {"findings", QUERY_FINDINGS},
        {"finding-list", QUERY_FINDING_LIST},
};

static const struct QueryRow *data_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(open_queries); i++)
		if (str_eq(open_queries[i].name, name))
			return query_row(open_queries[i].query);
	return NULL;
}

static int parameters_read(const struct RequestFields *query, const struct QueryRow *row, struct Ask *ask)
{
	for (size_t i = 0; i < query->n; i++) {
		const struct RequestField *f = &query->rows[i];
		size_t k = 0;
		int64_t n;

		if (str_eq(f->name, "limit") || str_eq(f->name, "lang"))
			continue;
		while (k < row->n_params && !str_eq(row->params[k].name, f->name))
			k++;
		if (k == row->n_params)
			return QUERY_INVALID;
		if (row->params[k].type == CELL_TEXT)
			ask->cells[k] = CELL_OF_TEXT(f->value);
		else if (fields_number(query, f->name, &n) == 0)
			ask->cells[k] = CELL_OF_NUMBER(n);
		else
			return QUERY_INVALID;
	}
	return 0;
}

/* What the address asks for, or why it may not. */
static int data_rows(struct Page *p, const struct QueryRow **ret_row, struct Rows *ret)
{
	const struct QueryRow *row = data_row(p->request->path + strlen(p->route->path));

	if (!row)
		return QUERY_REFUSED;
	if (!p->visitor.known)
		return QUERY_NO_SESSION;
	if (!(row->who & p->visitor.role))
		return QUERY_FORBIDDEN;
	*ret_row = row;
	*ret = page_rows(p, row->query);
	return parameters_read(&p->request->query, row, &ret->ask);
}

/* How many rows the address wants, at most a page of the store; 0: it does not say. */
static uint32_t limit_read(const struct Page *p)
{
	int64_t limit;

	if (fields_number(&p->request->query, "limit", &limit) < 0)
		return 0;
	return (uint32_t)MAX(1, MIN(limit, QUERY_ROWS_MOST));
}

static void write_json_row(struct Json *j, const struct QueryRow *query, const struct Cell *row)
{
	json_object(j, NULL);
	for (size_t i = 0; i < query->n_columns; i++) {
		const char *name = query->columns[i].name;

		if (row[i].type == CELL_NONE)
			json_null(j, name);
		else if (row[i].type == CELL_TEXT)
			json_text(j, name, row[i].text);
		else if (str_eq(name, "verdict"))
			json_text(j, name, verdict_word(row[i].number));
		else
			json_integer(j, name, row[i].number);
	}
	json_end_object(j);
}

/* An outcome for programs: its word and the status of a page. */
static int fail_json(struct Page *p, int outcome)
{
	static const struct {
		int outcome;
		unsigned int status;
		const char *body;
	} rows[] = {
	        {QUERY_REFUSED, 404, "{\"error\":\"not-found\"}\n"},
	        {QUERY_INVALID, 400, "{\"error\":\"invalid\"}\n"},
	        {QUERY_NO_SESSION, 401, "{\"error\":\"no-session\"}\n"},
	        {QUERY_FORBIDDEN, 403, "{\"error\":\"forbidden\"}\n"},
	        {QUERY_LATER, 503, "{\"error\":\"later\"}\n"},
	        {QUERY_FAILED, 500, "{\"error\":\"failed\"}\n"},
	};
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(rows) && rows[i].outcome != outcome)
		i++;
	p->answer->status = rows[i].status;
	p->answer->type = "application/json";
	p->answer->fixed = rows[i].body;
	p->answer->size = strlen(rows[i].body);
	return 0;
}

/* Ends what was written into memory: 0, or -ENOMEM when not all of it is there. */
static int memory_close(FILE *out)
{
	bool failed = ferror(out);

	return fclose(out) || failed ? -ENOMEM : 0;
}

int api_show(struct Page *p)
{
	const struct QueryRow *query = NULL;
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	struct Json j = {};
	struct Rows rows = {};
	int r = data_rows(p, &query, &rows);

	rows.ask.limit = limit_read(p);
	if (!r)
		r = page_ask(p, &rows.ask, &answer);
	if (r)
		return fail_json(p, r);
	j.out = open_memstream(&p->answer->body, &p->answer->size);
	if (!j.out)
		return fail_json(p, QUERY_FAILED);
	json_object(&j, NULL);
	json_flag(&j, "more", answer.more);
	json_array(&j, "rows");
	while (answer_next(&answer, row))
		write_json_row(&j, query, row);
	json_end_array(&j);
	json_end_object(&j);
	if (memory_close(j.out) < 0)
		return fail_json(p, QUERY_FAILED);
	p->answer->type = "application/json";
	p->bare = true;
	return 0;
}

/* Spreadsheets take a text that begins so for a formula, Japanese ones the wide forms, too. */
static bool text_is_formula(const char *text)
{
	static const char *const wide[] = {"＝", "＋", "－", "＠"};

	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return *text && strchr("=+-@\t\r\n", *text);
}

/* RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it. */
static void write_csv_text(FILE *out, const char *text)
{
	fputc('"', out);
	if (text_is_formula(text))
		fputc('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void write_csv_row(FILE *out, const struct QueryRow *query, const struct Cell *row)
{
	for (size_t i = 0; i < query->n_columns; i++) {
		if (i)
			fputc(',', out);
		if (row[i].type == CELL_TEXT)
			write_csv_text(out, row[i].text);
		else if (row[i].type == CELL_NUMBER && str_eq(query->columns[i].name, "verdict"))
			fputs(verdict_word(row[i].number), out);
		else if (row[i].type == CELL_NUMBER)
			fprintf(out, "%jd", (intmax_t)row[i].number);
	}
	fputs("\r\n", out);
}

static void write_csv_head(FILE *out, const struct QueryRow *query)
{
	fputs("\xef\xbb\xbf", out); /* spreadsheets take it for UTF-8 then */
	for (size_t i = 0; i < query->n_columns; i++)
		fprintf(out, "%s%s", i ? "," : "", query->columns[i].name);
	fputs("\r\n", out);
}

/* All rows of a question: the request has long ended when the last ones go. */
struct Csv {
	struct HttpStream stream; /* first: the door knows no more */
	const struct QueryRow *query;
	struct Rows rows;
	bool begun, one_page;
	char session[SESSION_MOST];
	char *texts[QUERY_CELLS_MOST]; /* of the question */
};

static void csv_write(struct Csv *csv, FILE *out)
{
	struct Cell row[QUERY_CELLS_MOST];

	if (!csv->begun)
		write_csv_head(out, csv->query);
	csv->begun = true;
	while (rows_next(&csv->rows, row)) {
		write_csv_row(out, csv->query, row);
		if (csv->rows.answer.left)
			continue;
		csv->rows.answer.more &= !csv->one_page;
		return; /* a page of the store is a piece: others ask before the next one */
	}
}

static int csv_next(struct HttpStream *stream)
{
	struct Csv *csv = (struct Csv *)stream;
	_cleanup_free_ char *piece = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&piece, &size);

	if (!out)
		return -ENOMEM;
	csv_write(csv, out);
	if (memory_close(out) < 0)
		return -ENOMEM;
	if (csv->rows.outcome)
		return -EIO;
	free(stream->piece);
	stream->piece = ptr_steal(&piece);
	stream->size = size;
	stream->at = 0;
	return size > 0;
}

static void csv_done(struct HttpStream *stream)
{
	struct Csv *csv = (struct Csv *)stream;

	for (size_t i = 0; i < QUERY_CELLS_MOST; i++)
		free(csv->texts[i]);
	free(stream->piece);
	free(csv);
}

/* What the question says, as long as it is asked. False: no memory. */
static bool csv_own(struct Csv *csv)
{
	struct Ask *ask = &csv->rows.ask;

	STR_CUT(csv->session, ask->session);
	ask->session = csv->session;
	for (size_t i = 0; i < ask->n; i++) {
		if (ask->cells[i].type != CELL_TEXT)
			continue;
		csv->texts[i] = strdup(ask->cells[i].text);
		if (!csv->texts[i])
			return false;
		ask->cells[i].text = csv->texts[i];
	}
	return true;
}

int csv_show(struct Page *p)
{
	struct Csv *csv = calloc(1, sizeof(*csv));
	int r;

	if (!csv)
		return QUERY_FAILED;
	csv->stream = (struct HttpStream){.next = csv_next, .done = csv_done};
	p->answer->stream = &csv->stream;
	r = data_rows(p, &csv->query, &csv->rows);
	if (!r) {
		csv->rows.ask.limit = limit_read(p);
		csv->one_page = csv->rows.ask.limit;
		r = csv_own(csv) && csv_next(&csv->stream) > 0 ? 0 : QUERY_FAILED;
		r = csv->rows.outcome ? csv->rows.outcome : r;
	}
	if (r) {
		csv_done(&csv->stream);
		p->answer->stream = NULL;
		return r;
	}
	p->answer->type = "text/csv; charset=utf-8";
	p->bare = true;
	snprintf(p->answer->file_name, sizeof(p->answer->file_name), "%s.csv",
	        p->request->path + strlen(p->route->path));
	return 0;
}
