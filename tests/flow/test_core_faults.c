/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of core to sysfs, sockets, children, files and memory fails once, in the middle of a whole
 * day's work. The rig watches throughout that nothing opens without an intent on record and that no success
 * is told that is not covered; what is asked here besides: who may make core itself end, and that the failure
 * leaves nothing behind.
 */
#include "core_case.h"
#include "core_wrap.h"

#include "str.h"

#include <stdio.h>

/* Without these core cannot go on: it ends, and what is left of it closes every port. */
static const bool may_end[_WRAP_N] = {
	[WRAP_SOCKETPAIR] = true, /* a helper's channel */
	[WRAP_SENDMSG] = true,
	[WRAP_EPOLL_CTL] = true,
	[WRAP_FORK] = true, /* a helper; not a job */
	[WRAP_FCNTL] = true,
	[WRAP_MALLOC] = true,
	[WRAP_CALLOC] = true,
	[WRAP_REALLOCARRAY] = true,
};

static __attribute__((noinline)) int ask_register(struct Rig *r, const char *port, const char *number, const char *prepare)
{
	struct Request q = rig_register(port, number);

	STR_CUT(q.prepare, prepare);
	return r->ended ? -1 : rig_ask(r, RIG_SUPERVISOR, &q);
}

static __attribute__((noinline)) int ask_checkout(struct Rig *r, const char *number, const char *clerk)
{
	struct Request q = rig_checkout(number, clerk, r->now + DAY);

	return r->ended ? -1 : rig_ask(r, RIG_SUPERVISOR, &q);
}

static __attribute__((noinline)) int ask(struct Rig *r, uid_t uid, enum Verb verb, const char *number)
{
	struct Request q = rig_verb(verb, number);

	return r->ended ? -1 : rig_ask(r, uid, &q);
}

/* Half a relabelling is none: of a medium that is lent nobody could say what the next day finds. */
static void ask_relabel(struct Rig *r, const char *number)
{
	struct Request q = rig_verb(VERB_RELABEL, number);

	STR_CUT(q.prepare, "exfat");
	if (!r->ended && !loans_checkout(&r->state, number))
		rig_ask(r, RIG_SUPERVISOR, &q);
}

/* A session at another terminal, one that the policy names. */
static void used_elsewhere(struct Rig *r, size_t i, const char *number)
{
	const struct MediumRow *m = loans_medium(&r->state, number);
	struct MediumRow row;

	if (!m || r->devices[i].plugged)
		return;
	row = *m;
	row.counter++;
	script_label_by("T2", &row, r->devices[i].slots);
}

static void later(struct Rig *r, int64_t milliseconds)
{
	if (!r->ended)
		rig_later(r, milliseconds);
}

static void plug(struct Rig *r, const char *port, const char *serial)
{
	rig_plug(r, port, serial);
	if (!r->ended)
		rig_run(r);
}

static void expect(struct Rig *r, const char *port, const char *serial)
{
	rig_expect(r, port, serial);
	if (!r->ended)
		rig_run(r);
}

static void unplug(struct Rig *r, size_t i)
{
	if (!r->devices[i].plugged)
		return;
	rig_unplug(r, &r->devices[i]);
	if (!r->ended)
		rig_run(r);
}

static bool says_unclean(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	struct MsgJobUnclean body = {.file_system = "vfat"};
	int person = STDIN_FILENO;

	if (!r->core->jobs || r->core->jobs->mend)
		return false;
	if (m->type == MSG_JOB) {
		rig_say(r, end, MSG_JOB_UNCLEAN, &body, &person, 1);
		rig_die(r, end);
	}
	return true;
}

static void tool_ends(struct Rig *r)
{
	struct RigEnd *end = r->ended ? NULL : rig_end(r, RIG_PREPARE);

	if (!end)
		return;
	rig_die(r, end);
	rig_run(r);
}

/* Everything that core does, as far as it goes on. */
static void day(struct Rig *r)
{
	struct RigEnd *end;

	r->issuers[0] = "T2";
	rig_boot(r);
	plug(r, "2-1", "LENT0001");
	ask_register(r, "2-1", "USB-1", "");
	ask_checkout(r, "USB-1", "clerk1");
	ask(r, RIG_CLERK, VERB_COPY, "USB-1");
	ask(r, RIG_CLERK, VERB_GET, "USB-1");
	ask(r, RIG_CLERK, VERB_STATUS, "");
	ask(r, RIG_AUDITOR, VERB_RECORDS, "");
	ask(r, RIG_STRANGER, VERB_DEVICES, "");
	r->script[RIG_JOB] = job_waits;
	ask(r, RIG_CLERK, VERB_COPY, "USB-1");
	unplug(r, 0);
	r->script[RIG_JOB] = NULL;
	expect(r, "2-1", "LENT0001");
	unplug(r, 0);
	used_elsewhere(r, 0, "USB-1");
	expect(r, "2-1", "LENT0001");
	plug(r, "2-1", NULL);
	ask(r, RIG_CLERK, VERB_RETURN, "USB-1");
	ask_relabel(r, "USB-1");
	tool_ends(r);
	plug(r, "2-2", "MADE0002");
	ask_register(r, "2-2", "USB-2", "vfat");
	tool_ends(r);
	ask_checkout(r, "USB-2", "clerk2");
	r->script[RIG_JOB] = says_unclean;
	ask(r, RIG_CLERK2, VERB_LIST, "USB-2");
	tool_ends(r);
	r->script[RIG_JOB] = NULL;
	plug(r, "2-3", "MADE0002");
	unplug(r, 2);
	later(r, DAY + 1);
	if (!r->ended && r->core->stage == STAGE_RUN && r->core->ledger_up)
		(void)rig_reload(r);
	later(r, 1);
	end = r->ended ? NULL : rig_end(r, RIG_LEDGER);
	if (end)
		rig_die(r, end);
	later(r, 10000);
	rig_stop(r);
}

static void well(const struct Rig *r, int fault)
{
	if (fault)
		fprintf(stderr, "%s: %s\n", r->note, fault < 0 ? "no reply" : fault_row(fault)->code);
	RIG_MUST(!fault);
}

/* The calls work again: so does everything else, after a restart at the latest. */
static void next_day(struct Rig *r)
{
	struct RigDevice *d;

	r->now += DAY;
	rig_boot(r);
	while (r->state.n_checkouts) { /* what the day before did not come to */
		char number[LIMIT_NUMBER];

		STR_CUT(number, r->state.checkouts[0].medium);
		unplug(r, 0);
		unplug(r, 1);
		unplug(r, 2);
		if (str_eq(number, "USB-1"))
			plug(r, "2-1", "LENT0001");
		else
			plug(r, "2-2", "MADE0002");
		well(r, ask(r, RIG_SUPERVISOR, VERB_RETURN, number));
	}
	unplug(r, 0);
	unplug(r, 1);
	unplug(r, 2);
	plug(r, "2-4", "FRESH004");
	well(r, ask_register(r, "2-4", "USB-4", ""));
	well(r, ask_checkout(r, "USB-4", "clerk1"));
	d = rig_plug(r, "2-4", NULL);
	rig_run(r);
	RIG_MUST(rig_is_open(r, d));
	well(r, ask(r, RIG_CLERK, VERB_COPY, "USB-4"));
	rig_stop(r);
	RIG_MUST(r->ended && r->result == 0);
}

/* A descriptor that was not closed pushes this up. */
static int lowest_free(void)
{
	int fd = dup(STDERR_FILENO);

	RIG_MUST(fd >= 0);
	close(fd);
	return fd;
}

struct Sweep {
	struct Rig *rig;
	unsigned int seen[_WRAP_N];
	size_t runs, ends;
	int lowest;
};

static void one(struct Sweep *s, enum WrapCall call, unsigned int at, int error)
{
	struct WrapPlan plan = {.call = call, .at = at, .error = error};
	struct Rig *r = s->rig;

	rig_reset(r);
	snprintf(r->note, sizeof(r->note), "%s, call %u, %s", wrap_word(call), at, strerror(error));
	r->quiet = true;
	wrap_plan(&plan);
	day(r);
	wrap_plan(NULL);
	RIG_MUST(r->ended && plan.happened);
	RIG_MUST(r->result == 0 || may_end[call]);
	s->runs++;
	s->ends += r->result != 0;
	next_day(r);
	RIG_MUST(lowest_free() == s->lowest);
}

static int setup(void **state)
{
	static struct Rig rig;
	static struct Sweep sweep = {.rig = &rig};
	struct WrapPlan count = {};

	rig_start(&rig);
	rig.quiet = true;
	wrap_plan(&count);
	day(&rig);
	wrap_plan(NULL);
	RIG_MUST(rig.ended && rig.result == 0);
	/* the day does what it is meant to */
	RIG_MUST(rig_lines(&rig, RECORD_COPY, RESULT_DONE, -1) == 1);
	RIG_MUST(rig_lines(&rig, RECORD_RETURN, RESULT_DONE, -1) == 1);
	RIG_MUST(rig_lines(&rig, RECORD_REGISTER, RESULT_DONE, -1) == 2);
	RIG_MUST(rig_lines(&rig, RECORD_LABEL, RESULT_DONE, FAULT_LABEL_ISSUED) == 1);
	RIG_MUST(rig_lines(&rig, RECORD_REQUEST, RESULT_DONE, -1) == 1);
	RIG_MUST(rig_lines(&rig, RECORD_OVERDUE, RESULT_DONE, -1) == 1);
	RIG_MUST(rig_lines(&rig, RECORD_POLICY, RESULT_DONE, -1) == 2);
	memcpy(sweep.seen, count.seen, sizeof(sweep.seen));
	sweep.lowest = lowest_free();
	*state = &sweep;
	return 0;
}

static int teardown(void **state)
{
	struct Sweep *s = *state;

	printf("%zu calls failed, core ended at %zu of them\n", s->runs, s->ends);
	rig_done(s->rig);
	return 0;
}

static void sweep(struct Sweep *s, enum WrapCall from, enum WrapCall to)
{
	for (enum WrapCall call = from; call <= to; call++)
		for (unsigned int e = 0; wrap_error(call, e); e++)
			for (unsigned int at = 1; at <= s->seen[call]; at++)
				one(s, call, at, wrap_error(call, e));
}

static void test_every_call_that_core_makes_is_in_the_day(void **state)
{
	const struct Sweep *s = *state;

	/* those behind it are the mounts' and the block layer's: test_core_backstop.c */
	for (enum WrapCall i = 0; i <= WRAP_REALLOCARRAY; i++) {
		printf("%s %u ", wrap_word(i), s->seen[i]);
		assert_int_not_equal(s->seen[i], 0);
	}
	printf("\n");
}

static void test_sockets_fail_closed(void **state)
{
	sweep(*state, WRAP_SOCKETPAIR, WRAP_EPOLL_WAIT);
}

static void test_children_and_descriptors_fail_closed(void **state)
{
	sweep(*state, WRAP_FORK, WRAP_FCNTL);
}

static void test_sysfs_fails_closed_and_core_goes_on(void **state)
{
	sweep(*state, WRAP_OPENAT, WRAP_FSTAT);
}

static void test_files_fail_closed_and_core_goes_on(void **state)
{
	sweep(*state, WRAP_PREAD, WRAP_GETRANDOM);
}

static void test_memory_fails_closed(void **state)
{
	sweep(*state, WRAP_MALLOC, WRAP_REALLOCARRAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_call_that_core_makes_is_in_the_day),
		cmocka_unit_test(test_sockets_fail_closed),
		cmocka_unit_test(test_children_and_descriptors_fail_closed),
		cmocka_unit_test(test_sysfs_fails_closed_and_core_goes_on),
		cmocka_unit_test(test_files_fail_closed_and_core_goes_on),
		cmocka_unit_test(test_memory_fails_closed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
