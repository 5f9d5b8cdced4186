/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include "fault.h"
#include "str.h"

#include <stdio.h>

#define BIT(member) (1u << REQUEST_##member)

/* What each verb must and may carry beside its word. */
struct FieldsRow {
	uint32_t needs, may;
};
static const struct FieldsRow verb_fields[] = {
        [VERB_STATUS] = {0, 0},
        [VERB_DEVICES] = {0, 0},
        [VERB_EXPLAIN] = {BIT(device), 0},
        [VERB_REGISTER] = {BIT(device) | BIT(number), BIT(supervisor) | BIT(prepare)},
        [VERB_CHECKOUT] = {BIT(number) | BIT(clerk) | BIT(purpose) | BIT(ground) | BIT(destination) |
                                   BIT(until),
                BIT(terminals) | BIT(carry_out) | BIT(locked_carrier)},
        [VERB_RETURN] = {BIT(number), 0},
        [VERB_COPY] = {BIT(number), BIT(recipient)},
        [VERB_LIST] = {BIT(number), 0},
        [VERB_GET] = {BIT(number) | BIT(name), 0},
        [VERB_RECORDS] = {0, 0},
        [VERB_CLOCK] = {0, 0},
        [VERB_WATCH] = {0, BIT(after)},
        [VERB_RELABEL] = {BIT(number), BIT(prepare)},
        [VERB_RECEIPT] = {BIT(console) | BIT(cosignature) | BIT(covered) | BIT(root),
                BIT(console_covered) | BIT(console_root)},
        [VERB_DROP] = {BIT(year), BIT(confirm)},
};

#define VERB_WORD(name, word, channel) [VERB_##name] = {(word), (channel)},
static const struct {
	const char *word;
	bool channel;
} verbs[] = {REQUEST_VERBS(VERB_WORD)};

static_assert(ARRAY_SIZE(verbs) == _VERB_N, "a row for each verb");
static_assert(ARRAY_SIZE(verb_fields) == _VERB_N, "fields for each verb");
static_assert(_REQUEST_FIELD_N <= 32, "a bit for each field");

struct FieldRow {
	const char *word;
	enum FieldType type;
	size_t offset, size;
};

#define FIELD_ROW(member, word, type, size) \
	[REQUEST_##member] = {(word), (type), offsetof(struct Request, member), (size)},
static const struct FieldRow fields[] = {REQUEST_FIELDS(FIELD_ROW)};

static_assert(ARRAY_SIZE(fields) == _REQUEST_FIELD_N, "a row for each field");

/* 9999-12-31T23:59:59.999Z: what RFC 3339 can still write */
#define TIME_LAST 253402300799999

static bool all_of(const char *value, size_t n, const char *set)
{
	for (size_t i = 0; i < n; i++)
		if (!value[i] || !strchr(set, value[i]))
			return false;
	return n > 0;
}

#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool is_code(const char *value, size_t n)
{
	return all_of(value, n, UPPER LOWER DIGITS "._:-,");
}

static bool is_number(const char *value, size_t n)
{
	return all_of(value, n, UPPER DIGITS "-") && value[0] != '-';
}

static bool is_login(const char *value, size_t n)
{
	return all_of(value, n, UPPER LOWER DIGITS "._-@$") && value[0] != '-';
}

static bool is_text(const char *value, size_t n)
{
	return n > 0 && str_is_line(value, n);
}

static bool is_flag(const char *value, size_t n)
{
	return n == 1 && value[0] == '1';
}

static bool is_time(const char *value, size_t n)
{
	return all_of(value, n, DIGITS) && n <= 15 && value[0] != '0';
}

typedef bool (*Validator)(const char *value, size_t n);
static const Validator validators[] = {
        [FIELD_CODE] = is_code,
        [FIELD_NUMBER] = is_number,
        [FIELD_LOGIN] = is_login,
        [FIELD_TEXT] = is_text,
        [FIELD_TIME] = is_time,
        [FIELD_FLAG] = is_flag,
        [FIELD_COUNT] = is_time,
};

static int field_store(const struct FieldRow *row, const char *value, size_t n, struct Request *r)
{
	char *member = (char *)r + row->offset;
	int64_t time = 0;

	if (!validators[row->type](value, n))
		return -EINVAL;
	if (row->type == FIELD_FLAG) {
		*member = 1;
		return 0;
	}
	if (row->type != FIELD_TIME && row->type != FIELD_COUNT)
		return str_set_n(member, row->size, value, n);
	for (size_t i = 0; i < n; i++)
		time = time * 10 + (value[i] - '0');
	if (time > TIME_LAST)
		return -EINVAL;
	memcpy(member, &time, sizeof(time));
	return 0;
}

static int refuse(char *ret, const char *what, const char *word, size_t n)
{
	char safe[PARSE_SUBJECT / 2];

	str_escape(safe, sizeof(safe), (const uint8_t *)word, n);
	snprintf(ret, PARSE_SUBJECT, "%s%s", what, safe);
	return FAULT_BAD_REQUEST;
}

static int field_parse(const char *line, size_t n, struct Request *r, char *ret_subject)
{
	const char *equals = memchr(line, '=', n);
	size_t name = equals ? (size_t)(equals - line) : n;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strlen(fields[i].word) != name || memcmp(fields[i].word, line, name) != 0)
			continue;
		if (!equals)
			return refuse(ret_subject, "", line, name);
		if (r->present & 1u << i)
			return refuse(ret_subject, "twice ", line, name);
		if (field_store(&fields[i], equals + 1, n - name - 1, r))
			return refuse(ret_subject, "", line, name);
		r->present |= 1u << i;
		return 0;
	}
	return refuse(ret_subject, "no field ", line, name);
}

static int verb_parse(const char *line, size_t n, uint32_t *ret)
{
	static const char version[] = "mediagate/1 ";
	size_t k = sizeof(version) - 1;

	if (n < k || memcmp(line, version, k) != 0)
		return -EINVAL;
	for (uint32_t i = 0; i < _VERB_N; i++)
		if (strlen(verbs[i].word) == n - k && !memcmp(verbs[i].word, line + k, n - k)) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

/* That the fields are those of the verb, and the channel is there when it must be. */
static int request_whole(const struct Request *r, size_t channels, char *ret_subject)
{
	const struct FieldsRow *row = &verb_fields[r->verb];
	uint32_t missing = row->needs & ~r->present;
	uint32_t extra = r->present & ~(row->needs | row->may);

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (missing & 1u << i)
			return refuse(ret_subject, "missing ", fields[i].word, strlen(fields[i].word));
		if (extra & 1u << i)
			return refuse(
			        ret_subject, "not of this verb ", fields[i].word, strlen(fields[i].word));
	}
	if (channels != verbs[r->verb].channel)
		return refuse(ret_subject, channels ? "one channel too many" : "missing channel", "", 0);
	return 0;
}

bool parse_verb_channel(uint32_t verb)
{
	return verb < _VERB_N && verbs[verb].channel;
}

void parse_verb_fields(uint32_t verb, uint32_t *ret_needs, uint32_t *ret_may)
{
	*ret_needs = verb < _VERB_N ? verb_fields[verb].needs : 0;
	*ret_may = verb < _VERB_N ? verb_fields[verb].may : 0;
}

int parse_request(const char *text, size_t n, size_t channels, struct Request *ret,
        char ret_subject[static PARSE_SUBJECT])
{
	struct Request r = {};
	bool first = true;
	int fault;

	if (!n || n > LIMIT_REQUEST || text[n - 1] != '\n')
		return refuse(ret_subject, "no closing newline", "", 0);
	for (size_t at = 0; at < n;) {
		const char *line = text + at, *end = memchr(line, '\n', n - at);
		size_t size = (size_t)(end - line);

		at += size + 1;
		if (first && verb_parse(line, size, &r.verb))
			return refuse(ret_subject, "no verb ", line, size);
		fault = first ? 0 : field_parse(line, size, &r, ret_subject);
		if (fault)
			return fault;
		first = false;
	}
	fault = request_whole(&r, channels, ret_subject);
	if (fault)
		return fault;
	*ret = r;
	return 0;
}
