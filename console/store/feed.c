/* SPDX-License-Identifier: Apache-2.0 */
#include "feed.h"

#include "str.h"

struct FeedText {
	uint32_t type;
	size_t offset, size;
};

#define TEXT(type, form, member)                                                           \
	{                                                                                  \
		type, offsetof(struct form, member), sizeof(((struct form *)NULL)->member) \
	}
static const struct FeedText texts[] = {
        TEXT(FEED_OPEN, FeedOpen, origin),
        TEXT(FEED_OPEN, FeedOpen, terminal),
        TEXT(FEED_OPEN, FeedOpen, vkey),
        TEXT(FEED_HELD, FeedHeld, root),
        TEXT(FEED_HELD, FeedHeld, vkey),
        TEXT(FEED_HELD, FeedHeld, state),
        TEXT(FEED_EVENT, FeedEvent, medium),
        TEXT(FEED_EVENT, FeedEvent, checkout),
        TEXT(FEED_EVENT, FeedEvent, supervisor),
        TEXT(FEED_EVENT, FeedEvent, clerk),
        TEXT(FEED_EVENT, FeedEvent, purpose),
        TEXT(FEED_EVENT, FeedEvent, ground),
        TEXT(FEED_EVENT, FeedEvent, destination),
        TEXT(FEED_EVENT, FeedEvent, terminals),
        TEXT(FEED_EVENT, FeedEvent, vendor),
        TEXT(FEED_EVENT, FeedEvent, product),
        TEXT(FEED_EVENT, FeedEvent, series),
        TEXT(FEED_CLOSE, FeedClose, root),
        TEXT(FEED_CLOSE, FeedClose, error),
        TEXT(FEED_CLOSE, FeedClose, source),
        TEXT(FEED_CLOSE, FeedClose, state),
};

static const size_t sizes[] = {
        [FEED_OPEN] = sizeof(struct FeedOpen),
        [FEED_HELD] = sizeof(struct FeedHeld),
        [FEED_EVENT] = sizeof(struct FeedEvent),
        [FEED_CLOSE] = sizeof(struct FeedClose),
        [FEED_CLOSED] = sizeof(struct FeedClosed),
        [FEED_RELEASE] = sizeof(struct FeedRelease),
};

static bool texts_good(const char *packet, uint32_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = packet + texts[i].offset;
		size_t n;

		if (texts[i].type != type)
			continue;
		n = strnlen(text, texts[i].size);
		if (n == texts[i].size || !str_is_line(text, n))
			return false;
	}
	return true;
}

static bool numbers_good(const void *packet, uint32_t type)
{
	const struct FeedEvent *e = packet;
	const struct FeedClose *c = packet;

	if (type == FEED_EVENT)
		return e->event >= FEED_REGISTER && e->event <= FEED_RETURN && e->n < (uint64_t)1 << 36 &&
		       e->size <= INT64_MAX && e->carry_out <= 1 && e->slot >= -1 && e->slot <= INT32_MAX;
	if (type == FEED_CLOSE)
		return c->outcome < _INTAKE_N && c->verdict < _VERDICT_N && c->keep <= 1 && c->unheard <= 1 &&
		       c->live <= 1 && c->behind >= -1 && c->bad >= -1 && c->size <= (uint64_t)1 << 36 &&
		       c->bytes <= INT64_MAX && c->uncovered <= INT64_MAX && c->earlier <= INT64_MAX &&
		       c->keys <= INT64_MAX && c->from <= INT64_MAX && c->to <= INT64_MAX;
	return true;
}

int feed_check(const void *packet, size_t size)
{
	_Alignas(8) uint8_t copy[sizeof(struct FeedEvent)];
	uint32_t type;

	if (size < sizeof(struct FeedClosed) || size > FEED_MOST)
		return -EBADMSG;
	memcpy(&type, packet, sizeof(type));
	if (type == FEED_ROWS)
		return size >= sizeof(struct FeedRows) ? 0 : -EBADMSG;
	if (type == 0 || type >= ARRAY_SIZE(sizes) || size != sizes[type])
		return -EBADMSG;
	memcpy(copy, packet, size);
	return numbers_good(copy, type) && texts_good((const char *)copy, type) ? 0 : -EBADMSG;
}

static_assert(sizeof(struct FeedEvent) >= sizeof(struct FeedOpen) &&
                      sizeof(struct FeedEvent) >= sizeof(struct FeedClose) &&
                      sizeof(struct FeedEvent) >= sizeof(struct FeedHeld),
        "the largest packet that is copied to be checked");

int feed_row(const void *packet, size_t size, size_t *at, struct FeedRecord *ret)
{
	const char *bytes = packet;
	size_t place = *at ? *at : sizeof(struct FeedRows);

	if (place == size)
		return 0;
	if (size - place < sizeof(ret->row))
		return -EBADMSG;
	memcpy(&ret->row, bytes + place, sizeof(ret->row));
	place += sizeof(ret->row);
	if (ret->row.n >= (uint64_t)1 << 36 || ret->row.place > INT64_MAX || ret->row.hour > 23 ||
	        ret->row.minute > 59 || ret->row.data >> 60 || ret->row.numbers < -1 ||
	        ret->row.numbers > INT32_MAX || ret->row.day < -1000000 || ret->row.day > 10000000)
		return -EBADMSG;
	for (size_t i = 0; i < _FEED_TEXT_N; i++) {
		size_t n = ret->row.texts[i];

		if (size - place < n + 1 || bytes[place + n] || !str_is_line(bytes + place, n))
			return -EBADMSG;
		ret->texts[i] = bytes + place;
		place += n + 1;
	}
	*at = place;
	return 1;
}
