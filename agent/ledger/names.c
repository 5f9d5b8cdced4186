/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "mask.h"
#include "str.h"

#define KIND_MOST 8 /* characters of what follows the last dot */

/* Reasons whose subject is a file. */
static const enum Fault of_files[] = {FAULT_FILE_CHANGED, FAULT_FILE_UNREADABLE, FAULT_NOT_A_FILE,
        FAULT_FILE_STALLED, FAULT_NAME_TWICE, FAULT_NAME_TOO_LONG, FAULT_DEST_EXISTS, FAULT_DEST_FAILED,
        FAULT_NO_SUCH_COPY, FAULT_IS_LINK, FAULT_DAMAGED, FAULT_INCOMPLETE};

static bool is_of_file(uint16_t reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_files); i++)
		if (reason == of_files[i])
			return true;
	return false;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Where the kind of file begins, its dot: few letters and digits, one letter at least; n: nowhere. */
static size_t kind_find(const uint8_t *name, size_t n)
{
	bool letter = false;
	size_t at = n;

	while (at > 0 && (is_letter(name[at - 1]) || (name[at - 1] >= '0' && name[at - 1] <= '9')))
		letter |= is_letter(name[--at]);
	return letter && n - at <= KIND_MOST && at > 1 && name[at - 1] == '.' && name[at - 2] != '/' ? at - 1
	                                                                                             : n;
}

/* Of UTF-8 a star stands for a character, otherwise for a byte. */
static size_t stars(const uint8_t *name, size_t n, uint8_t *ret)
{
	bool utf8 = str_is_utf8((const char *)name, n);
	size_t kind = kind_find(name, n), k = 0;

	for (size_t i = 0; i < kind; i++)
		if (!utf8 || (name[i] & 0xc0) != 0x80)
			ret[k++] = name[i] == '/' ? '/' : '*';
	memcpy(ret + k, name + kind, n - kind);
	return k + n - kind;
}

static int hash_add(struct Crypto *c, const uint8_t *name, size_t n, struct Record *ret)
{
	uint8_t salt[NAMES_SALT], masked[LIMIT_DETAIL], digest[HASH_SIZE];
	const struct Bytes pieces[] = {{salt, sizeof(salt)}, {masked, n}};
	int r = crypto_random(salt, sizeof(salt));

	memcpy(masked, name, n);
	mask_numbers(masked, n);
	if (r >= 0)
		r = crypto_hash(c, pieces, ARRAY_SIZE(pieces), digest);
	if (r < 0)
		return r;
	record_bytes(ret, KEY_NAME_HASH, digest, sizeof(digest));
	record_bytes(ret, KEY_NAME_SALT, salt, sizeof(salt));
	return 0;
}

static int item_apply(
        struct Crypto *c, const struct Record *r, const struct RecordItem *item, struct Record *ret)
{
	bool name = item->key == KEY_NAME, subject = item->key == KEY_SUBJECT && is_of_file(r->reason);
	uint8_t masked[LIMIT_DETAIL];

	if (name && r->names == NAMES_HASH)
		return hash_add(c, item->bytes, item->size, ret);
	if (name || subject)
		record_bytes(ret, item->key, masked, stars(item->bytes, item->size, masked));
	else
		record_bytes(ret, item->key, item->bytes, item->size);
	return 0;
}

int names_apply(struct Crypto *c, const struct Record *r, struct Record *ret)
{
	struct RecordItem item;
	size_t at = 0;
	int more, e = 0;

	*ret = *r;
	if (r->names == NAMES_CLEAR)
		return 0;
	if (r->names >= _NAMES_N)
		return -EBADMSG;
	ret->detail_size = 0;
	while (!e && (more = record_next(r, &at, &item)) != 0)
		e = more < 0 ? -EBADMSG : item_apply(c, r, &item, ret);
	return e;
}
