/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include "clock.h"
#include "hex.h"
#include "record_detail.h"

static void take(struct LedgerSlice from, char *ret, size_t size)
{
	if (!from.text || ledger_unescape(from, ret, size) < 0)
		ret[0] = '\0';
}

static int result_from(struct LedgerSlice word)
{
	for (int i = 0; i < _RESULT_N && word.size; i++) {
		const char *known = record_result_word((enum RecordResult)i);

		if (known[0] == word.text[0] && strlen(known) == word.size &&
		        !memcmp(known, word.text, word.size))
			return i;
	}
	return RESULT_NONE;
}

void view_make(const struct LedgerEntry *e, struct View *ret)
{
	int kind = record_kind_from_word(e->kind.text, e->kind.size);

	ret->entry = e;
	if (clock_parse(e->t.text, e->t.size, &ret->time) < 0)
		ret->time = 0;
	ret->kind = kind < 0 ? -1 : kind;
	ret->result = result_from(e->result);
	take(e->actor, ret->actor, sizeof(ret->actor));
	take(e->medium, ret->medium, sizeof(ret->medium));
	take(e->checkout, ret->checkout, sizeof(ret->checkout));
}

static bool find(const struct View *v, enum RecordKey key, struct LedgerSlice *ret)
{
	return ledger_detail(v->entry, record_key_word(key), ret) == 0;
}

bool view_text(const struct View *v, enum RecordKey key, char *ret, size_t size)
{
	struct LedgerSlice s;

	return find(v, key, &s) && ledger_unescape(s, ret, size) == 0;
}

bool view_number(const struct View *v, enum RecordKey key, uint64_t *ret)
{
	struct LedgerSlice s;

	return find(v, key, &s) && ledger_number(s, ret) == 0;
}

bool view_time(const struct View *v, enum RecordKey key, int64_t *ret)
{
	struct LedgerSlice s;

	return find(v, key, &s) && clock_parse(s.text, s.size, ret) == 0;
}

bool view_flag(const struct View *v, enum RecordKey key, uint8_t *ret)
{
	struct LedgerSlice s;

	if (!find(v, key, &s))
		return false;
	*ret = s.size == 4 && !memcmp(s.text, "true", 4);
	return true;
}

bool view_bytes(const struct View *v, enum RecordKey key, uint8_t *ret, size_t size, size_t *ret_n)
{
	struct LedgerSlice s;

	if (!find(v, key, &s) || s.size % 2 || s.size / 2 > size)
		return false;
	*ret_n = s.size / 2;
	return hex_decode(s.text, s.size, ret, s.size / 2) == 0;
}
