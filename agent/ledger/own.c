/* SPDX-License-Identifier: Apache-2.0 */
#include "own.h"

#include "clock.h"
#include "line.h"
#include "str.h"

#define ZONE 23 /* where it stands in a time: +09:00 */

int own_append(struct Store *s, const char *terminal, const struct Record *r)
{
	struct LineHead head = {.n = s->tree.size, .time = clock_now(), .terminal = terminal};
	char line[LIMIT_LINE + 1];
	size_t n;
	int e;

	if (line_build(r, &head, line, &n))
		return -EINVAL;
	line[n++] = '\n';
	e = store_append(s, line, n, false);
	if (!e)
		e = store_checkpoint(s);
	return e == STORE_FULL ? FAULT_LEDGER_FULL : e;
}

int own_zone(struct Store *s, const char *terminal, const char *last_time)
{
	char now[CLOCK_TEXT];
	struct Record r;

	clock_format(clock_now(), now);
	if (strlen(last_time) <= ZONE || str_eq(now + ZONE, last_time + ZONE))
		return 0;
	record_start(&r, RECORD_CLOCK, RESULT_DONE);
	record_text(&r, KEY_ZONE_BEFORE, last_time + ZONE);
	record_text(&r, KEY_ZONE, now + ZONE);
	return own_append(s, terminal, &r);
}
