/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include "clock.h"
#include "hex.h"
#include "mask.h"
#include "settings.h"
#include "str.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define TIME_MOST  INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define ITEMS_MOST 32                       /* readers take 64 members; each may need its mark */
#define CUT_MARKER 64                       /* room for ,"<key>_cut":true */

struct RoleRow {
	uint32_t role;
	const char *word;
};
static const struct RoleRow roles[] = {
        {ROLE_CHIEF, "chief"},
        {ROLE_SUPERVISOR, "supervisor"},
        {ROLE_AUDITOR, "auditor"},
        {ROLE_CLERK, "clerk"},
        {ROLE_ADMINISTRATOR, "administrator"},
};

/* Counts on past its end, so that one pass tells by how much a line is too long. */
struct Out {
	char *bytes;
	size_t n;
	size_t text_limit;   /* most bytes of one text's value */
	size_t text_longest; /* seen in this pass */
};

static void put_n(struct Out *o, const char *bytes, size_t n)
{
	if (o->n < LIMIT_LINE)
		memcpy(o->bytes + o->n, bytes, MIN(n, LIMIT_LINE - o->n));
	o->n += n;
}

static void put(struct Out *o, const char *text)
{
	put_n(o, text, strlen(text));
}

_format_(2, 3) static void put_format(struct Out *o, const char *format, ...)
{
	char text[128];
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	put_n(o, text, n < 0 ? 0 : MIN((size_t)n, sizeof(text) - 1));
}

static void put_time(struct Out *o, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_format(ms, text);
	put_format(o, "\"%s\"", text);
}

static void put_hex(struct Out *o, const uint8_t *bytes, size_t n)
{
	put(o, "\"");
	for (size_t i = 0; i < n; i++) {
		char digits[3];

		hex_encode(bytes + i, 1, digits);
		put_n(o, digits, 2);
	}
	put(o, "\"");
}

/* Printable ASCII that JSON takes as it is. */
static bool is_code(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e || text[i] == '"' || text[i] == '\\')
			return false;
	return true;
}

/* One character of a text as it stands in the line: how many bytes it takes from `bytes`. */
static size_t unit_at(const uint8_t *bytes, size_t n, bool utf8, char ret[static 8])
{
	uint8_t c = bytes[0];
	size_t size;

	if (!utf8) {
		hex_encode(&c, 1, ret);
		return 1;
	}
	if (c == '"' || c == '\\') {
		snprintf(ret, 8, "\\%c", c);
		return 1;
	}
	if (c < 0x20 || c == 0x7f) {
		snprintf(ret, 8, "\\u%04x", c);
		return 1;
	}
	if (c == 0xc2 && n > 1 && bytes[1] < 0xa0) { /* C1 drives terminals */
		snprintf(ret, 8, "\\u%04x", bytes[1]);
		return 2;
	}
	size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	memcpy(ret, bytes, size);
	ret[size] = '\0';
	return size;
}

/* A text's key and value, masked; as <key>_hex when the line could not hold the bytes themselves. */
static void put_text(struct Out *o, const char *key, const struct RecordItem *item)
{
	uint8_t bytes[LIMIT_DETAIL];
	size_t used = 0, at = 0;
	bool utf8;

	memcpy(bytes, item->bytes, item->size);
	mask_numbers(bytes, item->size);
	utf8 = str_is_utf8((const char *)bytes, item->size) && !memchr(bytes, '\0', item->size);
	put_format(o, "\"%s%s\":\"", key, utf8 ? "" : "_hex");
	while (at < item->size) {
		char unit[8];
		size_t taken = unit_at(bytes + at, item->size - at, utf8, unit);

		if (used + strlen(unit) > o->text_limit)
			break;
		put(o, unit);
		used += strlen(unit);
		at += taken;
	}
	put(o, "\"");
	if (at < item->size)
		put_format(o, ",\"%s_cut\":true", key);
	o->text_longest = MAX(o->text_longest, used);
}

/* The name of the item's key: the word, with a number from its second time on. */
static void item_key(const struct Record *r, const struct RecordItem *item, char *ret, size_t size)
{
	const char *word = record_key_word(item->key);
	struct RecordItem other;
	unsigned int times = 1;
	size_t at = 0;

	while (record_next(r, &at, &other) > 0 && other.bytes < item->bytes)
		times += other.key == item->key;
	if (times == 1)
		snprintf(ret, size, "%s", word);
	else
		snprintf(ret, size, "%s_%u", word, times);
}

static int put_item(struct Out *o, const struct Record *r, const struct RecordItem *item)
{
	uint64_t number = 0;
	int64_t time;
	char key[48];

	item_key(r, item, key, sizeof(key));
	if (record_key_type(item->key) == TYPE_TEXT) {
		put_text(o, key, item);
		return 0;
	}
	put_format(o, "\"%s\":", key);
	switch (record_key_type(item->key)) {
	case TYPE_CODE:
		if (!is_code((const char *)item->bytes, item->size))
			return LINE_MALFORMED;
		put(o, "\"");
		put_n(o, (const char *)item->bytes, item->size);
		put(o, "\"");
		return 0;
	case TYPE_HEX:
		put_hex(o, item->bytes, item->size);
		return 0;
	case TYPE_NUMBER:
		memcpy(&number, item->bytes, sizeof(number));
		put_format(o, "%" PRIu64, number);
		return 0;
	case TYPE_TIME:
		memcpy(&time, item->bytes, sizeof(time));
		if (time < 0 || time > TIME_MOST)
			return LINE_MALFORMED;
		put_time(o, time);
		return 0;
	case TYPE_FLAG:
		if (item->bytes[0] > 1)
			return LINE_MALFORMED;
		put(o, item->bytes[0] ? "true" : "false");
		return 0;
	case TYPE_TEXT:
		break;
	}
	return LINE_MALFORMED;
}

static int put_detail(struct Out *o, const struct Record *r)
{
	struct RecordItem item;
	size_t at = 0;
	int more;

	for (size_t n = 0; (more = record_next(r, &at, &item)) > 0; n++) {
		int result;

		if (n == ITEMS_MOST)
			return LINE_MALFORMED;
		put(o, n ? "," : ",\"detail\":{");
		result = put_item(o, r, &item);
		if (result)
			return result;
	}
	if (more < 0)
		return LINE_MALFORMED;
	if (r->detail_size)
		put(o, "}");
	return 0;
}

/* An id of the head: left out when empty. */
static int put_code(struct Out *o, const char *key, const char *text, size_t size)
{
	size_t n = strnlen(text, size);

	if (n == size || !is_code(text, n))
		return LINE_MALFORMED;
	if (n) {
		put_format(o, ",\"%s\":\"", key);
		put_n(o, text, n);
		put(o, "\"");
	}
	return 0;
}

static int put_role(struct Out *o, uint32_t role)
{
	if (!role)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].role == role) {
			put_format(o, ",\"role\":\"%s\"", roles[i].word);
			return 0;
		}
	return LINE_MALFORMED;
}

#define PUT_CODE(o, key, array) put_code((o), (key), (array), sizeof(array))

static int put_people(struct Out *o, const struct Record *r)
{
	int result = PUT_CODE(o, "actor", r->actor);

	if (!result)
		result = put_role(o, r->roles);
	if (!result)
		result = PUT_CODE(o, "for", r->deputy_for);
	if (!result)
		result = PUT_CODE(o, "medium", r->medium);
	if (!result)
		result = PUT_CODE(o, "checkout", r->checkout);
	return result;
}

static int put_record(struct Out *o, const struct Record *r, const struct LineHead *head)
{
	int result;

	put_format(o, "{\"n\":%" PRIu64 ",\"t\":", head->n);
	put_time(o, head->time);
	put_format(o, ",\"kind\":\"%s\"", record_kind_word(r->kind));
	result = put_code(o, "terminal", head->terminal, LIMIT_CODE);
	if (!result)
		result = put_people(o, r);
	if (result)
		return result;
	if (r->result != RESULT_NONE)
		put_format(o, ",\"result\":\"%s\"", record_result_word(r->result));
	if (r->reason != FAULT_OK)
		put_format(o, ",\"reason\":\"%s\"", fault_row(r->reason)->code);
	if (r->numbers >= 0)
		put_format(o, ",\"numbers\":%" PRId64, r->numbers);
	result = put_detail(o, r);
	put(o, "}");
	return result;
}

int line_build(
        const struct Record *r, const struct LineHead *head, char ret[static LIMIT_LINE], size_t *ret_size)
{
	struct Out o = {.bytes = ret, .text_limit = SIZE_MAX};

	if (r->kind >= _RECORD_KIND_N || r->result >= _RESULT_N || r->reason >= _FAULT_N || head->time < 0 ||
	        head->time > TIME_MOST)
		return LINE_MALFORMED;
	for (;;) {
		size_t less;
		int result;

		o.n = 0;
		o.text_longest = 0;
		result = put_record(&o, r, head);
		if (result)
			return result;
		if (o.n <= LIMIT_LINE) {
			*ret_size = o.n;
			return 0;
		}
		less = o.n - LIMIT_LINE + CUT_MARKER;
		if (o.text_longest == 0)
			return LINE_TOO_LONG;
		o.text_limit = o.text_longest > less ? o.text_longest - less : o.text_longest / 2;
	}
}
