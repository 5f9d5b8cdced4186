/* SPDX-License-Identifier: Apache-2.0 */
#include "typed.h"

#include "mask.h"
#include "str.h"

#define COST_MOST 2400 /* bytes of a text in a record's line, beside what else stands there */

static const char *const blanks[] = {" ", "\n", "\t", "　"};

/* How many bytes of blank the text begins with, or ends in. */
static size_t blank_at(const char *text, size_t n, bool end)
{
	for (size_t i = 0; i < ARRAY_SIZE(blanks); i++) {
		size_t size = strlen(blanks[i]);

		if (size <= n && memcmp(end ? text + n - size : text, blanks[i], size) == 0)
			return size;
	}
	return 0;
}

static size_t trim(const char **text, size_t n)
{
	size_t k;

	while ((k = blank_at(*text, n, false))) {
		*text += k;
		n -= k;
	}
	while ((k = blank_at(*text, n, true)))
		n -= k;
	return n;
}

/* How many Individual Numbers were starred, or -EINVAL. */
static ssize_t take(const struct Cell *c, char *ret, size_t size)
{
	const char *text = c->text;
	size_t n = trim(&text, strlen(text));

	if (str_set_n(ret, size, text, n) < 0)
		return -EINVAL;
	return (ssize_t)mask_numbers((uint8_t *)ret, n);
}

bool typed_line(const struct Cell *c, char ret[static WORDS_MOST])
{
	return take(c, ret, WORDS_MOST) >= 0 && str_is_line(ret, strlen(ret));
}

bool typed_contact(const struct Cell *c, char ret[static WORDS_MOST])
{
	return take(c, ret, WORDS_MOST) == 0 && str_is_line(ret, strlen(ret));
}

/* A line's end is \u000a in a record, a quote \". */
static size_t cost(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n' ? 6 : *text == '"' || *text == '\\' ? 2 : 1;
	return n;
}

bool typed_text(const struct Cell *c, char ret[static TEXT_MOST])
{
	if (take(c, ret, TEXT_MOST) < 0 || cost(ret) > COST_MOST)
		return false;
	for (const char *line = ret; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!str_is_line(line, strcspn(line, "\n")))
			return false;
	}
	return true;
}
