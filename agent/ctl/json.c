/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "clock.h"
#include "str.h"

#include <inttypes.h>

/* The longest valid UTF-8 character at text, or 0. */
static size_t utf8_length(const char *text, size_t n)
{
	for (size_t k = 1; k <= 4 && k <= n; k++)
		if (str_is_utf8(text, k))
			return k;
	return 0;
}

static void string_write(FILE *out, const char *text, size_t n)
{
	fputc('"', out);
	for (size_t i = 0, k; i < n; i += k) {
		unsigned char c = (unsigned char)text[i];

		k = utf8_length(text + i, n - i);
		if (!k) {
			fputs("\\ufffd", out);
			k = 1;
		} else if (c == '"' || c == '\\') {
			fprintf(out, "\\%c", c);
		} else if (k == 1 && (c < 0x20 || c == 0x7f)) {
			fprintf(out, "\\u%04x", c);
		} else if (k == 2 && c == 0xc2 && (unsigned char)text[i + 1] < 0xa0) {
			fprintf(out, "\\u%04x", (unsigned char)text[i + 1]); /* C1 drives terminals too */
		} else {
			fwrite(text + i, 1, k, out);
		}
	}
	fputc('"', out);
}

static void item_start(struct Json *j, const char *key)
{
	if (j->comma)
		fputc(',', j->out);
	j->comma = true;
	if (key) {
		string_write(j->out, key, strlen(key));
		fputc(':', j->out);
	}
}

static void level_open(struct Json *j, const char *key, char bracket)
{
	item_start(j, key);
	fputc(bracket, j->out);
	j->comma = false;
	j->depth++;
}

static void level_close(struct Json *j, char bracket)
{
	assert(j->depth);
	fputc(bracket, j->out);
	j->comma = true;
	if (!--j->depth) {
		fputc('\n', j->out);
		j->comma = false;
	}
}

void json_object(struct Json *j, const char *key)
{
	level_open(j, key, '{');
}

void json_array(struct Json *j, const char *key)
{
	level_open(j, key, '[');
}

void json_end_object(struct Json *j)
{
	level_close(j, '}');
}

void json_end_array(struct Json *j)
{
	level_close(j, ']');
}

void json_text_n(struct Json *j, const char *key, const void *bytes, size_t n)
{
	item_start(j, key);
	string_write(j->out, bytes, n);
}

void json_text(struct Json *j, const char *key, const char *text)
{
	json_text_n(j, key, text, strlen(text));
}

void json_number(struct Json *j, const char *key, uint64_t value)
{
	item_start(j, key);
	fprintf(j->out, "%" PRIu64, value);
}

void json_integer(struct Json *j, const char *key, int64_t value)
{
	item_start(j, key);
	fprintf(j->out, "%" PRIi64, value);
}

void json_flag(struct Json *j, const char *key, bool value)
{
	item_start(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_null(struct Json *j, const char *key)
{
	item_start(j, key);
	fputs("null", j->out);
}

void json_time(struct Json *j, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT];

	if (!ms) {
		json_null(j, key);
		return;
	}
	clock_format(ms, text);
	json_text(j, key, text);
}
