/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock on the wall can be set, the boot clock cannot. A clock that was set back would stretch what is lent: until it
 * has caught up with what it had been, or a supervisor confirms it, nothing is lent and what is lent stays closed.
 *
 * The kernel tells of a sleep in the same way. Nobody saw the ports meanwhile: whatever was open is closed and decided anew,
 * and what comes back has a new disk, whose size is compared again.
 */
#include "clock.h"
#include "core.h"

#include <sys/timerfd.h>

/* Steps smaller than this are a time server's daily work. */
#define CLOCK_SLACK 1000
#define DAY	    86400000ll
/* the two clocks are not read at the same moment */
#define SLEEP_LEAST 100

static int clock_caught_up(void *owner)
{
	struct Core *core = owner;
	int r = clock_settle(core);

	if (r >= 0)
		r = overdue_arm(core);
	return r < 0 ? r : device_flow_judge_all(core);
}

int clock_settle(struct Core *core)
{
	int64_t now = clock_now(), boot = clock_boot(), was = core->time_offset + boot;

	if (core->time_offset && now < was - CLOCK_SLACK)
		core->time_least = MAX(core->time_least, was);
	core->time_least = MAX(core->time_least, core->state.last_time);
	core->time_offset = now - boot;
	core->time_unsure = now < core->time_least;
	return dispatch_at(core->dispatch, core->time_unsure ? boot + MIN(core->time_least - now, DAY) : INT64_MAX,
		clock_caught_up, core);
}

static int slept(struct Core *core)
{
	int64_t now = clock_slept();
	bool has = now > core->slept + SLEEP_LEAST;
	int r;

	core->slept = now;
	if (!has)
		return 0;
	r = device_flow_close_all(core, FAULT_SLEPT);
	/* that it has woken need nobody say */
	return r < 0 ? r : sleep_set(core, false);
}

int clock_was_set(struct Core *core)
{
	int64_t was = core->time_offset ? core->time_offset + clock_boot() : clock_now();
	bool jumped = llabs(clock_now() - was) > CLOCK_SLACK;
	int r = slept(core);

	if (r >= 0)
		r = clock_settle(core);
	if (r >= 0 && (core->time_unsure || jumped)) {
		struct Record record;

		record_start(&record, RECORD_CLOCK, RESULT_DONE);
		if (core->time_unsure)
			record_time(&record, KEY_BEFORE, core->time_least);
		if (jumped)
			record_time(&record, KEY_FROM, was);
		r = ledger_append(core, &record, WANT_DURABLE, NULL, 0);
	}
	if (r >= 0)
		r = overdue_arm(core);
	return r < 0 ? r : device_flow_judge_all(core);
}

static int clock_confirmed(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	int r = 0;

	if (!a->fault) {
		core->time_least = core->state.last_time = clock_now();
		core->time_offset = 0; /* nothing before counts */
		r = clock_caught_up(core);
	}
	if (r < 0 || !ask)
		return r;
	ask->reply.n = a->fault ? UINT64_MAX : a->n;
	return ask_reply(core, ask, a->fault, NULL);
}

/* A supervisor says that the clock is right, though it was later before: a clock that once was years ahead must not
   keep everything closed for years. */
int request_clock(struct Core *core, struct Ask *ask)
{
	struct Record r;

	if (!core->time_unsure)
		return ask_reply(core, ask, FAULT_OK, NULL);
	if (ask_is_second(core, ask))
		return ask_reply(core, ask, FAULT_BUSY, "clock");
	ask_record(ask, &r, RESULT_DONE);
	r.kind = RECORD_CLOCK;
	record_time(&r, KEY_BEFORE, core->time_least);
	return ledger_append(core, &r, WANT_COVERED, clock_confirmed, ask->id);
}

static int clock_arm(struct Core *core)
{
	/* never due: it only tells that somebody set the clock */
	struct itimerspec far = {.it_value.tv_sec = INT32_MAX};

	return timerfd_settime(core->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) ? -errno : 0;
}

static int clock_told(void *owner, int fd, uint32_t events)
{
	struct Core *core = owner;
	uint64_t n;
	int r;

	(void)events;
	if (read(fd, &n, sizeof(n)) >= 0 || errno != ECANCELED)
		return 0;
	r = clock_arm(core);
	return r < 0 ? r : clock_was_set(core);
}

int clock_open(struct Core *core)
{
	int r;

	core->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (core->clock_fd < 0)
		return -errno;
	core->slept = clock_slept();
	r = clock_settle(core);
	if (r >= 0)
		r = clock_arm(core);
	return r < 0 ? r : dispatch_add(core->dispatch, core->clock_fd, EPOLLIN, clock_told, core);
}
