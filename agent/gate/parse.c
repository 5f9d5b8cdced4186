/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include "fault.h"
#include "str.h"

#include <stdarg.h>
#include <stdio.h>

#define GREETING "mediagate/1 "

struct VerbRow {
	const char *word;
	bool channel;
	uint32_t required; /* bits of enum RequestField */
};

#define NEEDS(field) (1u << REQUEST_##field)

static const uint32_t required[_VERB_N] = {
	[VERB_EXPLAIN] = NEEDS(device),
	[VERB_REGISTER] = NEEDS(device) | NEEDS(number),
	[VERB_CHECKOUT] = NEEDS(number) | NEEDS(clerk) | NEEDS(purpose) | NEEDS(ground) | NEEDS(destination) | NEEDS(until),
	[VERB_RETURN] = NEEDS(number),
	[VERB_COPY] = NEEDS(number),
	[VERB_LIST] = NEEDS(number),
	[VERB_GET] = NEEDS(number) | NEEDS(name),
};

#define VERB_ROW(name, word, channel) [VERB_##name] = {word, channel, 0},
static const struct VerbRow verbs[] = {REQUEST_VERBS(VERB_ROW)};

struct FieldRow {
	const char *word;
	enum FieldType type;
	size_t offset, size;
};

#define FIELD_ROW(member, word, type, size) \
	[REQUEST_##member] = {word, type, offsetof(struct Request, member), size},
static const struct FieldRow fields[] = {REQUEST_FIELDS(FIELD_ROW)};

static_assert(ARRAY_SIZE(verbs) == _VERB_N && ARRAY_SIZE(fields) == _REQUEST_FIELD_N, "a row for each");
static_assert(_REQUEST_FIELD_N <= 32, "present has 32 bits");

/* Characters a code may have, per type; NULL: any line of text. */
static const char *const alphabets[] = {
	[FIELD_CODE] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:,-",
	[FIELD_NUMBER] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-",
	[FIELD_LOGIN] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
	[FIELD_TEXT] = NULL,
	[FIELD_TIME] = "0123456789",
	[FIELD_FLAG] = "1",
};

bool request_has_channel(uint32_t verb)
{
	return verb < _VERB_N && verbs[verb].channel;
}

/* At most 15 digits: no overflow, and later than anybody's lifetime. */
static int read_time(const char *text, size_t n, int64_t *ret)
{
	int64_t value = 0;

	if (n > 15)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (text[i] - '0');
	*ret = value;
	return 0;
}

static int set_field(struct Request *q, const struct FieldRow *row, const char *text, size_t n)
{
	void *member = (char *)q + row->offset;
	const char *alphabet = alphabets[row->type];

	if (!n)
		return -EINVAL;
	for (size_t i = 0; alphabet && i < n; i++)
		if (!text[i] || !strchr(alphabet, text[i]))
			return -EINVAL;
	switch (row->type) {
	case FIELD_TIME:
		return read_time(text, n, member);
	case FIELD_FLAG:
		if (n != 1)
			return -EINVAL;
		*(uint8_t *)member = 1;
		return 0;
	case FIELD_TEXT:
		if (!str_is_line(text, n))
			return -EINVAL;
		return str_set_n(member, row->size, text, n);
	case FIELD_CODE:
	case FIELD_NUMBER:
	case FIELD_LOGIN:
		return str_set_n(member, row->size, text, n);
	}
	return -EINVAL;
}

static int find_field(const char *word, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (strlen(fields[i].word) == n && !memcmp(fields[i].word, word, n))
			return (int)i;
	return -ENOENT;
}

_format_(3, 4) static int bad(char *ret, size_t size, const char *format, ...)
{
	va_list args;
	char text[LIMIT_SUBJECT];
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_escape(ret, size, (const uint8_t *)text, MIN((size_t)MAX(n, 0), sizeof(text) - 1));
	return FAULT_BAD_REQUEST;
}

static int read_line(struct Request *q, const char *line, size_t n, char *subject, size_t subject_size)
{
	const char *equals = memchr(line, '=', n);
	size_t word = equals ? (size_t)(equals - line) : n;
	int field = find_field(line, word);

	if (!equals || field < 0)
		return bad(subject, subject_size, "unknown field \"%.*s\"", (int)MIN(word, 64u), line);
	if (q->present & 1u << field)
		return bad(subject, subject_size, "%s is given twice", fields[field].word);
	if (set_field(q, &fields[field], equals + 1, n - word - 1) < 0)
		return bad(subject, subject_size, "%s is malformed or too long", fields[field].word);
	q->present |= 1u << field;
	return 0;
}

static int read_verb(const char *line, size_t n, uint32_t *ret)
{
	const size_t greeting = sizeof(GREETING) - 1;

	if (n <= greeting || memcmp(line, GREETING, greeting))
		return -EINVAL;
	for (uint32_t i = 0; i < _VERB_N; i++)
		if (strlen(verbs[i].word) == n - greeting && !memcmp(verbs[i].word, line + greeting, n - greeting)) {
			*ret = i;
			return 0;
		}
	return -ENOENT;
}

int request_parse(const char *bytes, size_t size, struct Request *ret, char *ret_subject, size_t subject_size)
{
	struct Request q = {};
	size_t at = 0;

	if (!size || size > LIMIT_REQUEST || bytes[size - 1] != '\n')
		return bad(ret_subject, subject_size, "its form is wrong");
	for (unsigned int line = 0; at < size; line++) {
		const char *end = memchr(bytes + at, '\n', size - at);
		size_t n = (size_t)(end - bytes) - at;
		int r;

		if (line == 0) {
			if (read_verb(bytes, n, &q.verb) < 0)
				return bad(ret_subject, subject_size, "unknown verb or version");
		} else {
			r = read_line(&q, bytes + at, n, ret_subject, subject_size);
			if (r)
				return r;
		}
		at += n + 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (required[q.verb] & ~q.present & 1u << i)
			return bad(ret_subject, subject_size, "%s is missing", fields[i].word);
	*ret = q;
	return 0;
}
