/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, and what goes wrong. */
#include "acts.h"
#include "office.h"
#include "str.h"

#include <stdio.h>

void stranger_make(struct Draw *d, struct Stranger *ret)
{
	static const char *const makes[][2] = {{"090c", "1000"}, {"0781", "5567"}, {"13fe", "4300"},
	        {"0930", "6545"}, {"18d1", "4ee1"}, {"8564", "1000"}, {"1f75", "0917"}};
	size_t make = draw_below(d, ARRAY_SIZE(makes));

	STR_SET(ret->vendor, makes[make][0]);
	STR_SET(ret->product, makes[make][1]);
	snprintf(ret->serial, sizeof(ret->serial), "%03uM%02uJ%02uO%01u", draw_below(d, 1000),
	        draw_below(d, 100), draw_below(d, 100), draw_below(d, 10));
	snprintf(ret->port, sizeof(ret->port), "%d-%d", draw_between(d, 1, 2), draw_between(d, 1, 6));
}

static void stranger_describe(struct Record *r, const struct Stranger *s)
{
	record_text(r, KEY_DEVICE, s->port);
	record_text(r, KEY_VENDOR, s->vendor);
	record_text(r, KEY_PRODUCT, s->product);
	record_bytes(r, KEY_SERIAL, s->serial, strlen(s->serial));
}

void act_stranger(struct Desk *d, const struct Stranger *s, enum Fault reason, unsigned int count)
{
	struct Record r;

	record_start(&r, RECORD_DEVICE, RESULT_REFUSED);
	r.reason = (uint16_t)reason;
	stranger_describe(&r, s);
	if (count > 1)
		record_number(&r, KEY_COUNT, count);
	desk_add(d, &r);
}

void act_refused(struct Desk *d, const struct RefusedWork *w)
{
	struct Record r;

	record_start(&r, w->kind, RESULT_REFUSED);
	r.reason = (uint16_t)w->reason;
	STR_SET(r.actor, w->actor);
	r.roles = w->role;
	if (w->stick)
		stick_record(&r, w->stick);
	/* a checkout that is refused has no id yet */
	if (w->kind == RECORD_CHECKOUT || w->kind == RECORD_REGISTER)
		r.checkout[0] = '\0';
	if (w->kind == RECORD_REQUEST)
		record_text(&r, KEY_VERB, w->verb);
	if (w->subject)
		record_text(&r, KEY_SUBJECT, w->subject);
	desk_add(d, &r);
}

void act_flood(struct Desk *d, const char *actor, unsigned int count)
{
	struct Record r;

	record_start(&r, RECORD_FLOOD, RESULT_REFUSED);
	STR_SET(r.actor, actor);
	record_number(&r, KEY_COUNT, count);
	desk_add(d, &r);
}

void act_helper(struct Desk *d, const char *process)
{
	struct Record r;

	record_start(&r, RECORD_HELPER, RESULT_FAILED);
	r.reason = FAULT_HELPER_LOST;
	record_text(&r, KEY_PROCESS, process);
	desk_add(d, &r);
}

void act_gap(struct Desk *d, unsigned int count)
{
	struct Record r;

	record_start(&r, RECORD_GAP, RESULT_DONE);
	record_number(&r, KEY_COUNT, count);
	desk_add(d, &r);
}

void act_tamper(struct Desk *d, const struct Stranger *s)
{
	char interface[LIMIT_PORT + 8];
	struct Record r;

	snprintf(interface, sizeof(interface), "%s:1.0", s->port);
	record_start(&r, RECORD_TAMPER, RESULT_DONE);
	record_text(&r, KEY_DEVICE, s->port);
	record_text(&r, KEY_INTERFACE, interface);
	record_text(&r, KEY_DRIVER, "usb-storage");
	desk_add(d, &r);
}

/* Somebody, or the network, set the clock; `by` may be negative, but not by so much that lending stops. */
void act_clock_set(struct Desk *d, int64_t by)
{
	struct Record r;
	int64_t was = d->now;

	d->now += by;
	record_start(&r, RECORD_CLOCK, RESULT_DONE);
	record_time(&r, KEY_FROM, was);
	desk_add(d, &r);
}

/* Back behind the records: a supervisor confirms it. */
void act_clock_back(struct Desk *d, int64_t by, const struct Person *supervisor)
{
	struct Record r;
	int64_t was = d->now;

	d->now -= by;
	record_start(&r, RECORD_CLOCK, RESULT_DONE);
	record_time(&r, KEY_BEFORE, was);
	record_time(&r, KEY_FROM, was);
	desk_add(d, &r);
	desk_pass(d, 2, 30);
	person_record(&r, RECORD_CLOCK, RESULT_DONE, supervisor);
	desk_add(d, &r);
}
