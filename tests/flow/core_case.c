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

int verb(struct Rig *r, uid_t uid, enum Verb verb, const char *number)
{
	return asked(r, uid, rig_verb(verb, number));
}

int copied(struct Rig *r)
{
	return verb(r, RIG_CLERK, VERB_COPY, "USB-1");
}

uint32_t sent(struct Rig *r, uid_t uid, struct Request q)
{
	uint32_t client = rig_send(r, uid, &q);

	rig_run(r);
	return client;
}

uint32_t copying(struct Rig *r, RigScript job)
{
	r->script[RIG_JOB] = job;
	return sent(r, RIG_CLERK, rig_verb(VERB_COPY, "USB-1"));
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

struct RigDevice *lent_anew(struct Rig *r)
{
	rig_reset(r);
	rig_boot(r);
	return lent(r);
}

void replug(struct Rig *r, struct RigDevice *d, const void *slots)
{
	if (d->plugged)
		rig_unplug(r, d);
	rig_run(r);
	if (slots)
		memcpy(d->slots, slots, sizeof(d->slots));
	rig_plug(r, "2-1", "LENT0001");
	rig_run(r);
}

const struct MediumRow *medium_row(struct Rig *r)
{
	const struct MediumRow *m = loans_medium(&r->state, "USB-1");

	assert_non_null(m);
	return m;
}

bool label_of(const struct RigDevice *d, uint64_t counter, struct Label *ret)
{
	return label_decode(d->slots[counter % 2], ret) == 0 && ret->counter == counter;
}

void in_step(struct Rig *r, const struct RigDevice *d)
{
	struct Label l;

	assert_int_equal(medium_row(r)->intent, 0);
	assert_true(label_of(d, medium_row(r)->counter, &l));
	assert_string_equal(l.registration, medium_row(r)->registration);
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
