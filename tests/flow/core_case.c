/* SPDX-License-Identifier: Apache-2.0 */
#include "core_case.h"

int case_setup(void **state)
{
	static struct Rig rig;

	rig_start(&rig);
	rig_boot(&rig);
	*state = &rig;
	return 0;
}

int case_teardown(void **state)
{
	struct Rig *r = *state;

	assert_int_equal(r->lost, 0);
	rig_done(r);
	return 0;
}

int asked(struct Rig *r, uid_t uid, struct Request q)
{
	return rig_ask(r, uid, &q);
}

uint32_t sent(struct Rig *r, uid_t uid, struct Request q)
{
	uint32_t client = rig_send(r, uid, &q);

	rig_run(r);
	return client;
}

struct RigDevice *lent(struct Rig *r)
{
	struct RigDevice *d = rig_plug(r, "2-1", "LENT0001");

	rig_run(r);
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_register("2-1", "USB-1")), FAULT_OK);
	assert_false(rig_is_open(r, d));
	assert_int_equal(asked(r, RIG_SUPERVISOR, rig_checkout("USB-1", "clerk1", r->now + DAY)), FAULT_OK);
	assert_true(rig_is_open(r, d));
	return d;
}

struct RigDevice *lent_away(struct Rig *r)
{
	struct RigDevice *d = lent(r);

	rig_unplug(r, d);
	rig_run(r);
	return d;
}

void sleeps(struct Rig *r, int64_t milliseconds)
{
	r->boot += milliseconds;
	r->now += milliseconds;
	r->slept += milliseconds;
	assert_int_equal(clock_was_set(r->core), 0);
}

bool job_waits(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	(void)r;
	if (m->type == MSG_JOB)
		end->order = m->body.JOB;
	return m->type != MSG_JOB_STOP;
}
