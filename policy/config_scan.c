/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libconfig 1.5 opens files (@include), cuts whole numbers to 32 bits without a word, and ends a text at
 * "\x00". None of it may come through. Comments and texts are told from the rest by its own grammar.
 */
#include "config_scan.h"

#include "str.h"

enum State {
	PLAIN,
	LINE_COMMENT,
	BLOCK_COMMENT,
	QUOTED,
};

#define NUMBER_LENGTH 9 /* characters of a number that 31 bits hold in any base */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '*' ||
	       c == '-' || c == '.';
}

/* Any line of that form, in a comment too: whether it is one must not be a matter of opinion. */
static bool is_include(const char *line)
{
	line += strspn(line, " \t");
	return !strncmp(line, "@include", strlen("@include"));
}

static const char *line_wrong(const char *line, size_t n)
{
	if (!str_is_utf8(line, n))
		return "the line is not UTF-8; save the file as UTF-8";
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t' && line[i] != '\r') || line[i] == 0x7f)
			return "the line has a control character; remove it";
	return is_include(line) ? "@include is not allowed; write it into this file" : NULL;
}

/* State after the character at `at`, which may take the next along. */
static enum State state_next(enum State state, const char *text, size_t *at)
{
	const char *p = text + *at;

	switch (state) {
	case PLAIN:
		if (*p == '"')
			return QUOTED;
		if (*p == '#' || (*p == '/' && p[1] == '/'))
			return LINE_COMMENT;
		if (*p != '/' || p[1] != '*')
			return PLAIN;
		++*at;
		return BLOCK_COMMENT;
	case LINE_COMMENT:
		return *p == '\n' ? PLAIN : LINE_COMMENT;
	case BLOCK_COMMENT:
		if (*p != '*' || p[1] != '/')
			return BLOCK_COMMENT;
		++*at;
		return PLAIN;
	case QUOTED:
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
			++*at;
		return *p == '"' ? PLAIN : QUOTED;
	}
	return state;
}

/* A number that libconfig would cut. */
static bool is_large_number(const char *text, size_t at)
{
	const char *p = text + at;
	size_t n = 0;

	if (at > 0 && is_word(p[-1]))
		return false;
	if (!is_digit(p[0]) && !((p[0] == '-' || p[0] == '.') && is_digit(p[1])))
		return false;
	while (is_word(p[n]))
		n++;
	return n > NUMBER_LENGTH;
}

static const char *place_wrong(enum State state, const char *text, size_t at)
{
	if (state == PLAIN && is_large_number(text, at))
		return "the number is too large; mend it";
	if (state == QUOTED && text[at] == '\n')
		return "a text has no closing quote on its line; add it";
	if (state == QUOTED && !strncmp(text + at, "\\x00", 4))
		return "the byte x00 cannot be part of a text; remove it";
	return NULL;
}

static struct ConfigError lines_scan(const char *text, size_t n)
{
	struct ConfigError error = {.line = 1};

	for (const char *line = text; line < text + n; error.line++) {
		const char *end = memchr(line, '\n', (size_t)(text + n - line));

		end = end ? end : text + n;
		error.what = line_wrong(line, (size_t)(end - line));
		if (error.what)
			return error;
		line = end + 1;
	}
	return error;
}

struct ConfigError config_scan(const char *text, size_t n)
{
	struct ConfigError error = lines_scan(text, n);
	enum State state = PLAIN;
	unsigned int begun = 1; /* line of the comment under way */

	if (error.what)
		return error;
	error.line = 1;
	for (size_t i = 0; i < n; i++) {
		enum State before = state;

		error.what = place_wrong(state, text, i);
		if (error.what)
			return error;
		error.line += text[i] == '\n';
		state = state_next(state, text, &i);
		if (state == BLOCK_COMMENT && before != BLOCK_COMMENT)
			begun = error.line;
	}
	if (state == BLOCK_COMMENT)
		return (struct ConfigError){"a comment has no end; close it", begun};
	return error;
}
