/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_state.h"

#include "hex.h"
#include "str.h"

#include <inttypes.h>
#include <stdio.h>

#define HEAD    "mediagate/state/v1"
#define NUMBERS 5

ssize_t state_write(const struct LedgerState *s, char *ret, size_t size)
{
	int r = snprintf(ret, size,
	        HEAD "\n%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n%s\n%s\n%s\n",
	        s->tree.size, s->bytes, s->last_key, s->keys, s->earlier, s->first_time, s->last_time,
	        s->vkey);
	size_t n = (size_t)r;

	if (r >= (int)size)
		return -E2BIG;
	for (int k = 63; k >= 0; k--) {
		if (!(s->tree.size >> k & 1))
			continue;
		if (size - n < 2 * HASH_SIZE + 2)
			return -E2BIG;
		hex_encode(s->tree.roots[k], HASH_SIZE, ret + n);
		n += 2 * HASH_SIZE;
		ret[n++] = '\n';
		ret[n] = '\0';
	}
	return (ssize_t)n;
}

/* The next line without its newline; false at the end. */
static bool next_line(const char **at, const char *end, const char **ret, size_t *ret_size)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));

	if (!newline)
		return false;
	*ret = *at;
	*ret_size = (size_t)(newline - *at);
	*at = newline + 1;
	return true;
}

/* Decimal, without a leading zero, at most 18 digits. */
static bool number_read(const char **at, const char *end, uint64_t *ret)
{
	const char *start = *at;

	*ret = 0;
	for (; *at < end && **at >= '0' && **at <= '9' && *at - start < 18; (*at)++)
		*ret = *ret * 10 + (uint64_t)(**at - '0');
	return *at > start && (*start != '0' || *at == start + 1);
}

static bool numbers_read(const char *at, const char *end, uint64_t ret[static NUMBERS])
{
	for (size_t i = 0; i < NUMBERS; i++) {
		if (i && (at == end || *at++ != ' '))
			return false;
		if (!number_read(&at, end, &ret[i]))
			return false;
	}
	return at == end;
}

static bool text_read(const char **at, const char *end, char *ret, size_t size)
{
	const char *line;
	size_t n;

	return next_line(at, end, &line, &n) && str_is_line(line, n) && str_set_n(ret, size, line, n) == 0;
}

int state_read(const char *text, size_t n, struct LedgerState *ret)
{
	const char *at = text, *end = text + n, *line;
	uint64_t numbers[NUMBERS];
	size_t size;

	*ret = (struct LedgerState){};
	if (!next_line(&at, end, &line, &size) || size != strlen(HEAD) || memcmp(line, HEAD, size))
		return -EBADMSG;
	if (!next_line(&at, end, &line, &size) || !numbers_read(line, line + size, numbers))
		return -EBADMSG;
	ret->tree.size = numbers[0];
	ret->bytes = numbers[1];
	ret->last_key = numbers[2];
	ret->keys = numbers[3];
	ret->earlier = numbers[4];
	if (!text_read(&at, end, ret->first_time, sizeof(ret->first_time)) ||
	        !text_read(&at, end, ret->last_time, sizeof(ret->last_time)) ||
	        !text_read(&at, end, ret->vkey, sizeof(ret->vkey)))
		return -EBADMSG;
	for (int k = 63; k >= 0; k--)
		if (ret->tree.size >> k & 1 &&
		        (!next_line(&at, end, &line, &size) ||
		                hex_decode(line, size, ret->tree.roots[k], HASH_SIZE) < 0))
			return -EBADMSG;
	return at == end ? 0 : -EBADMSG;
}
