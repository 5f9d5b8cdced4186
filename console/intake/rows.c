/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "clock.h"
#include "limits.h"
#include "str.h"

/* ------------------------------------------------------------------ texts */

static bool is_plain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)text[i] < 0x20 || (uint8_t)text[i] > 0x7e || text[i] == '\\')
			return false;
	return true;
}

void text_read(struct LedgerSlice slice, char *ret, size_t size)
{
	char text[LIMIT_LINE + 1];

	*ret = '\0';
	if (!slice.text || !slice.size)
		return;
	/* most are ids and codes */
	if (slice.size < size && is_plain(slice.text, slice.size)) {
		memcpy(ret, slice.text, slice.size);
		ret[slice.size] = '\0';
		return;
	}
	if (ledger_unescape(slice, text, sizeof(text)) < 0)
		return;
	if (str_is_line(text, strlen(text)))
		str_cut(ret, size, text);
	else
		str_escape(ret, size, (const uint8_t *)text, strlen(text));
}

static struct LedgerSlice detail(const struct LedgerEntry *e, const char *key)
{
	struct LedgerSlice s = {NULL, 0};

	return ledger_detail(e, key, &s) < 0 ? (struct LedgerSlice){NULL, 0} : s;
}

#define TEXT_READ(array, slice) text_read((slice), (array), sizeof(array))

/* ------------------------------------------------------------------ rows */

void rows_start(struct Rows *r)
{
	r->head = (struct FeedRows){.type = FEED_ROWS};
	r->size = sizeof(r->head);
}

bool rows_room(const struct Rows *r)
{
	return sizeof(r->bytes) - r->size >= ROW_MOST;
}

/* The day and hour that the terminal's own clock showed. */
static void local_time(struct LedgerSlice t, struct FeedRow *row)
{
	int64_t minutes = (t.text[24] - '0') * 600 + (t.text[25] - '0') * 60 + (t.text[27] - '0') * 10 +
	                  (t.text[28] - '0');
	int64_t local;

	if (clock_parse(t.text, t.size, &row->t) < 0)
		return;
	local = row->t + (t.text[23] == '-' ? -minutes : minutes) * 60000;
	row->day = (int32_t)(local / 86400000 - (local % 86400000 < 0));
	row->hour = (uint8_t)((t.text[11] - '0') * 10 + (t.text[12] - '0'));
	row->minute = (uint8_t)((t.text[14] - '0') * 10 + (t.text[15] - '0'));
}

/* Fifteen digits of a file's digest, of the policy's among those of a configuration: enough to tell the same
 * again, and a number. */
static uint64_t data_of(const struct LedgerEntry *e)
{
	bool policy = ledger_slice_is(e->kind, "policy"), file = ledger_slice_is(e->kind, "file");
	struct LedgerSlice digest = detail(e, file ? "sha256" : "config");
	size_t at = policy ? 64 : 0; /* the second of four */
	char digits[16] = "";

	if ((!file && !policy) || !digest.text || digest.size < at + sizeof(digits))
		return 0;
	memcpy(digits, digest.text + at, sizeof(digits) - 1);
	return strspn(digits, "0123456789abcdef") == sizeof(digits) - 1 ? strtoull(digits, NULL, 16) : 0;
}

/* A refusal that was a verdict alone, in observe mode, must not be taken for one that held. */
static struct LedgerSlice result_of(const struct LedgerEntry *e)
{
	static const char observed[] = "observed";
	struct LedgerSlice flag = detail(e, observed);

	if (ledger_slice_is(e->result, "refused") && ledger_slice_is(flag, "true"))
		return (struct LedgerSlice){observed, sizeof(observed) - 1};
	return e->result;
}

void rows_add(struct Rows *r, const struct LedgerEntry *e, uint64_t place)
{
	const struct LedgerSlice slices[_FEED_TEXT_N] = {[FEED_KIND] = e->kind,
	        [FEED_ACTOR] = e->actor,
	        [FEED_ROLE] = e->role,
	        [FEED_MEDIUM] = e->medium,
	        [FEED_CHECKOUT] = e->checkout,
	        [FEED_RESULT] = result_of(e),
	        [FEED_REASON] = e->reason};
	struct FeedRow row = {.n = e->n, .place = place, .size = (uint32_t)e->line.size, .numbers = -1};
	uint8_t *at = r->bytes + r->size, *texts = at + sizeof(row);
	uint64_t numbers;

	local_time(e->t, &row);
	row.data = data_of(e);
	if (e->numbers.text && ledger_number(e->numbers, &numbers) == 0)
		row.numbers = (int64_t)MIN(numbers, (uint64_t)INT32_MAX);
	if (ledger_slice_is(e->kind, "copy") && ledger_slice_is(e->result, "done"))
		row.counts |= FEED_COPY;
	if (ledger_slice_is(slices[FEED_RESULT], "refused"))
		row.counts |= FEED_REFUSED;
	for (size_t i = 0; i < _FEED_TEXT_N; i++) {
		text_read(slices[i], (char *)texts, FEED_TEXT);
		row.texts[i] = (uint8_t)strlen((char *)texts);
		texts += row.texts[i] + 1;
	}
	memcpy(at, &row, sizeof(row));
	r->size = (size_t)(texts - r->bytes);
	r->head.n++;
}

/* ------------------------------------------------------------------ clocks */

#define KEY_ID_DIGITS 8
#define TIME_DIGITS   16

/* It is written after the console has signed, and the signature says when that was (seconds;
 * docs/forward.md). */
int64_t receipt_behind(const struct LedgerEntry *e)
{
	struct LedgerSlice signature = detail(e, "cosignature");
	char digits[TIME_DIGITS + 1] = "";
	int64_t signed_at, written;

	if (!ledger_slice_is(e->kind, "receipt") || !signature.text ||
	        signature.size < KEY_ID_DIGITS + TIME_DIGITS ||
	        clock_parse(e->t.text, e->t.size, &written) < 0)
		return -1;
	memcpy(digits, signature.text + KEY_ID_DIGITS, TIME_DIGITS);
	if (strspn(digits, "0123456789abcdef") != TIME_DIGITS)
		return -1;
	signed_at = (int64_t)(MIN(strtoull(digits, NULL, 16), 1ULL << 40) * 1000);
	return MAX(0, signed_at - written);
}

/* ------------------------------------------------------------------ events */

/* USB-0007: slot 7 of the series USB-. */
static void slot_read(struct FeedEvent *e)
{
	size_t n = strlen(e->medium), digits = 0;

	while (digits < n && digits < 9 && e->medium[n - digits - 1] >= '0' &&
	        e->medium[n - digits - 1] <= '9')
		digits++;
	e->slot = digits ? strtol(e->medium + n - digits, NULL, 10) : -1;
	str_set_n(e->series, sizeof(e->series), e->medium, n - digits);
}

static int64_t time_of(const struct LedgerEntry *e, const char *key, int64_t otherwise)
{
	struct LedgerSlice s = detail(e, key);
	int64_t t;

	return s.text && clock_parse(s.text, s.size, &t) == 0 ? t : otherwise;
}

static void read_register(const struct LedgerEntry *e, struct FeedEvent *ret)
{
	struct LedgerSlice size = detail(e, "size");
	uint64_t bytes;

	TEXT_READ(ret->supervisor, detail(e, "supervisor"));
	TEXT_READ(ret->vendor, detail(e, "vendor"));
	TEXT_READ(ret->product, detail(e, "product"));
	if (size.text && ledger_number(size, &bytes) == 0)
		ret->size = MIN(bytes, (uint64_t)INT64_MAX);
	slot_read(ret);
}

static void read_lend(const struct LedgerEntry *e, struct FeedEvent *ret)
{
	TEXT_READ(ret->supervisor, detail(e, "supervisor"));
	TEXT_READ(ret->clerk, detail(e, "clerk"));
	TEXT_READ(ret->purpose, detail(e, "purpose"));
	TEXT_READ(ret->ground, detail(e, "ground"));
	TEXT_READ(ret->destination, detail(e, "destination"));
	TEXT_READ(ret->terminals, detail(e, "terminals"));
	ret->carry_out = ledger_slice_is(detail(e, "carry_out"), "true");
	ret->from = time_of(e, "from", ret->t);
	ret->until = time_of(e, "until", ret->t);
	if (!*ret->supervisor)
		TEXT_READ(ret->supervisor, e->actor);
}

static const struct {
	const char *kind, *carried;
	enum FeedEventType event;
} event_rows[] = {
        {"register", NULL, FEED_REGISTER},
        {"checkout", NULL, FEED_LEND},
        {"return", NULL, FEED_RETURN},
        {"carry", "register", FEED_CARRIED},
        {"carry", "checkout", FEED_LEND},
};

static uint32_t event_type(const struct LedgerEntry *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(event_rows); i++)
		if (ledger_slice_is(e->kind, event_rows[i].kind) &&
		        (!event_rows[i].carried ||
		                ledger_slice_is(detail(e, "carried"), event_rows[i].carried)))
			return event_rows[i].event;
	return 0;
}

bool event_read(const struct LedgerEntry *e, struct FeedEvent *ret)
{
	uint32_t event = ledger_slice_is(e->result, "done") ? event_type(e) : 0;

	if (!event)
		return false;
	*ret = (struct FeedEvent){.type = FEED_EVENT, .event = event, .n = e->n, .slot = -1};
	if (clock_parse(e->t.text, e->t.size, &ret->t) < 0)
		return false;
	TEXT_READ(ret->medium, e->medium);
	TEXT_READ(ret->checkout, e->checkout);
	if (event == FEED_REGISTER || event == FEED_CARRIED)
		read_register(e, ret);
	if (event == FEED_LEND)
		read_lend(e, ret);
	/* what has no name can be no row */
	return event == FEED_LEND || event == FEED_RETURN ? *ret->checkout : *ret->medium;
}
