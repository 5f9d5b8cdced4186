/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole of the pages between a browser that sends anything and a store whose rows hold anything: whatever
 * comes, the answer is one of ours, its markup is closed, and nothing but the tags and attributes of our own
 * stands in it. Input: uri NUL cookie NUL body NUL, then bytes that the store's cells are made of.
 */
#include "pages.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The store of this test; one input at a time. */
struct Source {
	const uint8_t *at, *end;
};
static struct Source source;

static uint8_t draw(void)
{
	return source.at < source.end ? *source.at++ : 0;
}

/* A text as a frame may hold it. */
static void draw_text(char *ret, size_t size)
{
	size_t n = draw() % size;

	n = MIN(n, (size_t)(source.end - source.at));
	memcpy(ret, source.at, n);
	source.at += n;
	ret[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)ret[i] < 0x20 || ret[i] == 0x7f)
			ret[i] = '<';
	if (!str_is_utf8(ret, n))
		strcpy(ret, "\"'><&");
}

static void cell_fill(struct AnswerWriter *w, const struct QueryRow *query, size_t i)
{
	struct Cell cell = CELL_OF_NUMBER(ROLE_AUDITOR | ROLE_ADMINISTRATOR);
	char text[256];

	if (query->query == QUERY_WHO && i == WHO_CSRF_C) {
		cell = CELL_OF_TEXT("c");
	} else if (query->columns[i].type == CELL_TEXT) {
		draw_text(text, sizeof(text));
		cell = CELL_OF_TEXT(text);
	} else if (query->query != QUERY_WHO || i != WHO_ROLE_C) {
		uint8_t kind = draw();
		int64_t number = kind < 200 ? kind % 9 : (int64_t)draw() << 40 | draw();

		cell = CELL_OF_NUMBER(kind == 255 ? -number : number);
	}
	answer_cell(w, &cell);
}

/* In the place of the real one: the linker takes this. */
int client_ask(struct Client *c, const struct Ask *ask, struct Answer *ret)
{
	const struct QueryRow *query = query_row((uint32_t)ask->query);
	static uint8_t packet[FRAME_MOST];
	struct AnswerWriter w;
	ssize_t n = ask_write(ask, packet);
	struct Ask again;
	uint8_t how = draw();
	size_t rows = query->query == QUERY_WHO ? 1 : how % 4;

	if (n < 0 || ask_read(packet, (size_t)n, &again) < 0)
		abort(); /* the store would take it for treason */
	answer_start(&w, c->frame, ask->query);
	for (size_t row = 0; row < rows && query->n_columns; row++) {
		for (size_t i = 0; i < query->n_columns; i++)
			cell_fill(&w, query, i);
		if (!answer_row(&w))
			break;
	}
	n = (ssize_t)answer_end(&w,
	        how < 240 || query->query == QUERY_WHO ? QUERY_DONE : (enum QueryOutcome)(how % 7),
	        how & 8 && source.at < source.end);
	if (answer_read(c->frame, (size_t)n, ret) < 0)
		abort();
	return 0;
}

static bool name_is_ours(const char *text, size_t n)
{
	static const char *const bad[] = {"script", "iframe", "object", "embed", "img", "base", "style"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (strlen(bad[i]) == n && !memcmp(bad[i], text, n))
			return false;
	return n > 0;
}

/* One tag from its "<": where it ends. Attributes are name="…", and none begins with "on". */
static const char *tag_check(const char *at, int *depth)
{
	bool closing = at[1] == '/';
	const char *name = at + 1 + closing;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");

	static const char *const alone[] = {"meta", "link", "input", "br", "wbr"};
	bool is_alone = false;

	if (!strncmp(at, "<!DOCTYPE html>", 15))
		return at + 15;
	if (!name_is_ours(name, n))
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(alone); i++)
		is_alone = is_alone || (strlen(alone[i]) == n && !memcmp(alone[i], name, n));
	for (at = name + n; *at != '>'; at++) {
		if (!*at || *at == '<' || !strncmp(at, " on", 3) || !strncmp(at, " style", 6))
			abort();
		if (*at == '/' && at[1] == '>')
			is_alone = true;
		if (*at == '"') {
			at = strchr(at + 1, '"');
			if (!at)
				abort();
		}
	}
	*depth += is_alone ? 0 : closing ? -1 : 1;
	return at + 1;
}

static void page_check(const char *page)
{
	int depth = 0;

	for (const char *at = page; *at;) {
		if (*at == '<')
			at = tag_check(at, &depth);
		else if (*at++ == '>')
			abort();
		if (depth < 0)
			abort();
	}
	if (depth)
		abort();
}

/* As the door reads it: whole rows, until the store has no more of them or they break off. */
static void drain(struct HttpStream *s)
{
	char bytes[512], last = '\n';
	ssize_t n;

	while ((n = http_stream_read(s, bytes, sizeof(bytes))) > 0)
		last = bytes[n - 1];
	if (last != '\n')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct Site site = {.settings = {.office = "<office>", .language = LANGUAGE_JAPANESE}};
	_cleanup_http_answer_ struct HttpAnswer answer = {};
	_cleanup_free_ char *text = calloc(1, size + 4);
	char *part[4];
	size_t at = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	for (int i = 0; i < 4; i++) {
		part[i] = text + at;
		at = MIN(at + strlen(part[i]) + 1, size);
	}
	source = (struct Source){(const uint8_t *)part[3], (const uint8_t *)text + size};
	site_serve(&site,
	        &(struct RequestRaw){.method = *part[2] ? "POST" : "GET",
	                .uri = part[0],
	                .cookie = part[1],
	                .host = "localhost",
	                .address = "127.0.0.1",
	                .accept_language = "en",
	                .content_type = "application/x-www-form-urlencoded",
	                .body = part[2],
	                .body_size = strlen(part[2])},
	        &answer);
	if (answer.status < 200 || answer.status > 599 || strpbrk(answer.location, "\r\n"))
		abort();
	if (answer.stream)
		drain(answer.stream);
	if (answer.body && !strncmp(answer.type, "text/html", 9))
		page_check(answer.body);
	return 0;
}
