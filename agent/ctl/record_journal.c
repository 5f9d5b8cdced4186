/* SPDX-License-Identifier: Apache-2.0 */
#include "record_journal.h"

#include "clock.h"
#include "fault.h"
#include "journal_id.h"
#include "limits.h"
#include "record_text.h"
#include "str.h"

#include <inttypes.h>

/* Syslog's levels. */
enum {
	LEVEL_ALERT = 1,
	LEVEL_ERROR = 3,
	LEVEL_WARNING = 4,
	LEVEL_INFO = 6,
};

struct LevelRow {
	const char *kind, *result; /* NULL: any */
	int level;
};
/* The first that fits. */
static const struct LevelRow levels[] = {
        {"tamper", NULL, LEVEL_ALERT},
        {"flood", NULL, LEVEL_WARNING},
        {"gap", NULL, LEVEL_WARNING},
        {"clock", NULL, LEVEL_WARNING},
        {"recovered", NULL, LEVEL_WARNING},
        {NULL, "failed", LEVEL_ERROR},
        {NULL, "refused", LEVEL_WARNING},
        {NULL, NULL, LEVEL_INFO},
};

static int level_of(const struct LedgerEntry *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if ((!levels[i].kind || ledger_slice_is(e->kind, levels[i].kind)) &&
		        (!levels[i].result || ledger_slice_is(e->result, levels[i].result)))
			return levels[i].level;
	return LEVEL_INFO;
}

/* NAME=value LF; a value with a control character has its size, in eight bytes, in front. */
static void field(FILE *out, const char *name, const char *value, size_t n)
{
	bool plain = true;
	uint8_t size[8];

	for (size_t i = 0; i < n; i++)
		plain &= (uint8_t)value[i] >= 0x20 || value[i] == '\t';
	for (size_t i = 0; i < sizeof(size); i++)
		size[i] = (uint8_t)((uint64_t)n >> 8 * i);
	fprintf(out, plain ? "%s=" : "%s\n", name);
	if (!plain)
		fwrite(size, 1, sizeof(size), out);
	fwrite(value, 1, n, out);
	fputc('\n', out);
}

static void text_field(FILE *out, const char *name, struct LedgerSlice s)
{
	char text[LIMIT_LINE + 1];

	if (s.text && ledger_unescape(s, text, sizeof(text)) >= 0)
		field(out, name, text, strlen(text));
}

static void message(FILE *out, const struct LedgerEntry *e)
{
	const struct Names none = NAMES_NULL; /* for programs */
	_cleanup_free_ char *act = record_text_act(e, &none), *result = record_text_result(e, &none),
	                    *text = NULL;

	if (asprintf(&text, *result ? "%s (%s)" : "%s", act, result) < 0)
		abort();
	field(out, "MESSAGE", text, strlen(text));
}

int record_journal_write(FILE *out, const char *origin, const struct LedgerEntry *e)
{
	const struct {
		const char *name;
		struct LedgerSlice value;
	} rows[] = {
	        {"MEDIAGATE_TIME", e->t},
	        {"MEDIAGATE_KIND", e->kind},
	        {"MEDIAGATE_TERMINAL", e->terminal},
	        {"MEDIAGATE_ACTOR", e->actor},
	        {"MEDIAGATE_ROLE", e->role},
	        {"MEDIAGATE_FOR", e->deputy_for},
	        {"MEDIAGATE_MEDIUM", e->medium},
	        {"MEDIAGATE_CHECKOUT", e->checkout},
	        {"MEDIAGATE_RESULT", e->result},
	        {"MEDIAGATE_REASON", e->reason},
	        {"MEDIAGATE_NUMBERS", e->numbers},
	};
	char id[JOURNAL_ID];
	int64_t ms = 0;
	int r = journal_id(e->kind, id);

	if (r < 0 || clock_parse(e->t.text, e->t.size, &ms) < 0)
		return r < 0 ? r : -EINVAL;
	/* the machine's own clock is not on record: the place in the ledger keeps the order */
	fprintf(out, "__REALTIME_TIMESTAMP=%" PRId64 "\n__MONOTONIC_TIMESTAMP=%" PRIu64 "\n", ms * 1000,
	        e->n + 1);
	message(out, e);
	fprintf(out, "MESSAGE_ID=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=mediagate\n", id, level_of(e));
	fprintf(out, "MEDIAGATE_N=%" PRIu64 "\n", e->n);
	if (*origin)
		field(out, "MEDIAGATE_ORIGIN", origin, strlen(origin));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		text_field(out, rows[i].name, rows[i].value);
	/* as it stands: JSON */
	if (e->detail.text)
		field(out, "MEDIAGATE_DETAIL", e->detail.text, e->detail.size);
	fputc('\n', out);
	return ferror(out) ? -EIO : 0;
}
