/* SPDX-License-Identifier: Apache-2.0 */
#include "record_detail.h"

struct KindRow {
	const char *word, *people;
};
#define KIND_ROW(name, word, people) [RECORD_##name] = {word, people},
static const struct KindRow kinds[] = {RECORD_KINDS(KIND_ROW)};

#define RESULT_ROW(name, word) [RESULT_##name] = (word),
static const char *const results[] = {RECORD_RESULTS(RESULT_ROW)};

struct KeyRow {
	const char *word;
	enum RecordType type;
};
#define KEY_ROW(name, word, type) [KEY_##name] = {word, type},
static const struct KeyRow keys[] = {RECORD_KEYS(KEY_ROW)};

static_assert(ARRAY_SIZE(kinds) == _RECORD_KIND_N, "a row for each kind");
static_assert(ARRAY_SIZE(results) == _RESULT_N, "a row for each result");
static_assert(ARRAY_SIZE(keys) == _KEY_N && _KEY_N <= UINT8_MAX, "a row for each key");

void record_start(struct Record *r, enum RecordKind kind, enum RecordResult result)
{
	memset(r, 0, sizeof(*r));
	r->kind = (uint8_t)kind;
	r->result = (uint8_t)result;
	r->numbers = -1;
}

void record_bytes(struct Record *r, enum RecordKey key, const void *bytes, size_t n)
{
	uint8_t *p = r->detail + r->detail_size;
	uint16_t size = (uint16_t)n;

	if (r->detail_size == RECORD_OVERFULL)
		return;
	if (n > UINT16_MAX || r->detail_size + 3 + n > sizeof(r->detail)) {
		r->detail_size = RECORD_OVERFULL;
		return;
	}
	p[0] = (uint8_t)key;
	memcpy(p + 1, &size, sizeof(size));
	memcpy(p + 3, bytes, n);
	r->detail_size = (uint16_t)(r->detail_size + 3 + n);
}

void record_text(struct Record *r, enum RecordKey key, const char *text)
{
	record_bytes(r, key, text, strlen(text));
}

void record_number(struct Record *r, enum RecordKey key, uint64_t value)
{
	record_bytes(r, key, &value, sizeof(value));
}

void record_time(struct Record *r, enum RecordKey key, int64_t ms)
{
	record_bytes(r, key, &ms, sizeof(ms));
}

void record_flag(struct Record *r, enum RecordKey key, bool value)
{
	uint8_t byte = value;

	record_bytes(r, key, &byte, sizeof(byte));
}

static bool width_fits(enum RecordType type, size_t size)
{
	switch (type) {
	case TYPE_NUMBER:
	case TYPE_TIME:
		return size == sizeof(uint64_t);
	case TYPE_FLAG:
		return size == 1;
	case TYPE_CODE:
	case TYPE_TEXT:
	case TYPE_HEX:
		return true;
	}
	return false;
}

int record_next(const struct Record *r, size_t *at, struct RecordItem *ret)
{
	const uint8_t *p = r->detail + *at;
	uint16_t size;

	if (r->detail_size > sizeof(r->detail))
		return -EBADMSG;
	if (*at == r->detail_size)
		return 0;
	if (*at + 3 > r->detail_size)
		return -EBADMSG;
	memcpy(&size, p + 1, sizeof(size));
	if (*at + 3 + size > r->detail_size || p[0] >= _KEY_N || !width_fits(keys[p[0]].type, size))
		return -EBADMSG;
	*ret = (struct RecordItem){p[0], size, p + 3};
	*at += 3u + size;
	return 1;
}

const char *record_kind_word(enum RecordKind kind)
{
	return kinds[kind].word;
}

const char *record_kind_people(enum RecordKind kind)
{
	return kinds[kind].people;
}

const char *record_result_word(enum RecordResult result)
{
	return results[result];
}

const char *record_key_word(enum RecordKey key)
{
	return keys[key].word;
}

enum RecordType record_key_type(enum RecordKey key)
{
	return keys[key].type;
}

int record_kind_from_word(const char *word, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (n && kinds[i].word[0] == word[0] && strlen(kinds[i].word) == n && !memcmp(kinds[i].word, word, n))
			return (int)i;
	return -ENOENT;
}

bool record_find(const struct Record *r, enum RecordKey key, struct RecordItem *ret)
{
	size_t at = 0;

	while (record_next(r, &at, ret) == 1)
		if (ret->key == key)
			return true;
	return false;
}
