/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps the ports shut while nobody judges is changed past the agent. */
#include "core_case.h"
#include "core_wrap.h"
#include "guard.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>

#define RULES	 "machine/etc/udev/rules.d/"
#define USBCORE	 "machine/sys/module/usbcore/parameters/authorized_default"
#define HUB	 "bus/devices/usb1/"
#define A_MINUTE 60000

static const char *const files[] = {"59-mediagate.rules", "60-mediagate.rules", "72-mediagate.rules"};
static const char *const texts[] = {"terminal.conf", "policy.conf", "roster.conf", "recipients.conf"};

static void put_named(struct Rig *r, const char *folder, const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "%s%s", folder, name);
	rig_put(r, path, text);
}

static bool says(struct Rig *r, const char *path, const char *text)
{
	char now[64] = "";
	FILE *f = fdopen(openat(r->at, path, O_RDONLY | O_CLOEXEC), "re");

	assert_non_null(f);
	(void)!fread(now, 1, sizeof(now) - 1, f);
	fclose(f);
	return str_eq(now, text);
}

static void as_installed(struct Rig *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put_named(r, RULES, files[i], "rule");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char ours[64];

		snprintf(ours, sizeof(ours), "etc/%s", texts[i]);
		put_named(r, "machine/etc/mediagate/", texts[i], ours);
	}
	rig_put(r, USBCORE, "0");
	rig_put(r, HUB "authorized_default", "0");
	rig_put(r, HUB "interface_authorized_default", "0");
	rig_put(r, "machine/proc/1/comm", "systemd");
}

/* A machine as it was installed, and who looks at it. */
static void guarded(struct Rig *r)
{
	r->machine = true;
	as_installed(r);
	r->in_core = true;
	RIG_MUST(guard_open(r->core) == 0);
	r->in_core = false;
	rig_later(r, A_MINUTE);
}

static size_t told(struct Rig *r, enum RecordResult result, int reason)
{
	return rig_lines(r, RECORD_TAMPER, result, reason);
}

/* Undone or not; reason -1: whatever it is. */
static size_t ever(struct Rig *r, int reason)
{
	return told(r, RESULT_DONE, reason) + told(r, RESULT_FAILED, reason);
}

/* More than a minute: as often as it looks. */
static void minutes(struct Rig *r, int n)
{
	for (int i = 0; i < 3 * n; i++)
		rig_later(r, A_MINUTE / 2);
}

static void test_a_machine_that_nobody_changes_is_told_of_never(void **state)
{
	struct Rig *r = *state;

	guarded(r);
	minutes(r, 10);
	assert_int_equal(ever(r, -1), 0);
}

static void test_a_rule_that_is_changed_or_removed_is_on_record_within_a_minute_and_once(void **state)
{
	struct Rig *r = *state;

	guarded(r);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		put_named(r, RULES, files[i], "rule, changed");
		rig_later(r, A_MINUTE);
		assert_int_equal(told(r, RESULT_FAILED, FAULT_RULES_CHANGED), i + 1);
	}
	minutes(r, 3);
	assert_int_equal(told(r, RESULT_FAILED, FAULT_RULES_CHANGED), 3);
	assert_int_equal(unlinkat(r->at, RULES "60-mediagate.rules", 0), 0);
	minutes(r, 3);
	assert_int_equal(told(r, RESULT_FAILED, FAULT_RULES_CHANGED), 4);
}

static void test_a_hub_that_is_opened_is_shut_again_within_a_minute_and_on_record(void **state)
{
	static const char *const switches[] = {HUB "authorized_default", HUB "interface_authorized_default", USBCORE};
	struct Rig *r = *state;

	guarded(r);
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		rig_put(r, switches[i], i == 2 ? "2" : "1");
		rig_later(r, A_MINUTE);
		assert_true(says(r, switches[i], "0"));
		assert_int_equal(told(r, RESULT_DONE, FAULT_GATE_OPENED), i + 1);
	}
	minutes(r, 3);
	assert_int_equal(ever(r, FAULT_GATE_OPENED), 3);
}

static void test_where_the_rules_were_taken_away_the_hubs_are_the_sites(void **state)
{
	struct Rig *r = *state;

	guarded(r);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[100];

		snprintf(path, sizeof(path), RULES "%s", files[i]);
		assert_int_equal(unlinkat(r->at, path, 0), 0);
	}
	rig_put(r, HUB "authorized_default", "1");
	minutes(r, 3);
	assert_true(says(r, HUB "authorized_default", "1"));
	assert_int_equal(ever(r, FAULT_GATE_OPENED), 0);
	assert_int_equal(ever(r, FAULT_RULES_CHANGED), 3);
}

static void test_a_configuration_that_is_changed_and_not_taken_over_is_on_record_once(void **state)
{
	struct Rig *r = *state;

	guarded(r);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put_named(r, "machine/etc/mediagate/", texts[i], "another");
		minutes(r, 1);
		assert_int_equal(told(r, RESULT_FAILED, FAULT_CONFIG_CHANGED), i + 1);
	}
	minutes(r, 3);
	assert_int_equal(ever(r, FAULT_CONFIG_CHANGED), 4);
	/* put back, it is as it was; and the same again is told again */
	put_named(r, "machine/etc/mediagate/", texts[1], "etc/policy.conf");
	minutes(r, 1);
	put_named(r, "machine/etc/mediagate/", texts[1], "another");
	minutes(r, 1);
	assert_int_equal(ever(r, FAULT_CONFIG_CHANGED), 5);
}

static void test_a_configuration_that_is_taken_over_at_once_is_not_told(void **state)
{
	struct Rig *r = *state;

	guarded(r);
	put_named(r, "machine/etc/mediagate/", texts[1], "another");
	rig_later(r, 26000);
	rig_text(r, "etc/policy.conf", "another");
	assert_int_equal(rig_reload(r), 0);
	minutes(r, 3);
	assert_int_equal(ever(r, FAULT_CONFIG_CHANGED), 0);
}

static void test_another_program_that_decides_is_on_record_each_time_it_comes(void **state)
{
	struct Rig *r = *state;

	guarded(r);
	for (size_t i = 1; i <= 2; i++) {
		rig_put(r, "machine/proc/4711/comm", "usbguard-daemon");
		minutes(r, 2);
		assert_int_equal(told(r, RESULT_FAILED, FAULT_OTHER_AGENT), i);
		rig_put(r, "machine/proc/4711/comm", "usbguard-dbus");
		minutes(r, 1);
	}
}

/* All at once, while calls fail; each is told when they work again, and nothing is told twice. */
static void change_all(struct Rig *r)
{
	put_named(r, RULES, files[1], "rule, changed");
	rig_put(r, HUB "authorized_default", "1");
	put_named(r, "machine/etc/mediagate/", texts[1], "another");
	rig_put(r, "machine/proc/4711/comm", "usbguard-daemon");
}

static void again(struct Rig *r)
{
	rig_reset(r);
	rig_boot(r);
	(void)unlinkat(r->at, "machine/proc/4711/comm", 0);
	guarded(r);
	change_all(r);
}

static void test_whatever_call_fails_each_change_is_on_record_once(void **state)
{
	static const enum WrapCall calls[] = {WRAP_OPENAT, WRAP_FSTAT, WRAP_PREAD, WRAP_READ, WRAP_WRITE};
	struct Rig *r = *state;
	size_t runs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct WrapPlan count = {};

		again(r);
		wrap_plan(&count);
		minutes(r, 1);
		wrap_plan(NULL);
		for (unsigned int e = 0; wrap_error(calls[i], e); e++)
			for (unsigned int at = 1; at <= count.seen[calls[i]]; at++, runs++) {
				struct WrapPlan plan = {.call = calls[i], .at = at, .error = wrap_error(calls[i], e)};

				again(r);
				r->quiet = true;
				wrap_plan(&plan);
				minutes(r, 1);
				wrap_plan(NULL);
				minutes(r, 2);
				snprintf(r->note, sizeof(r->note), "%s, call %u", wrap_word(calls[i]), at);
				RIG_MUST(!r->ended && plan.happened);
				RIG_MUST(says(r, HUB "authorized_default", "0"));
				RIG_MUST(told(r, RESULT_FAILED, FAULT_RULES_CHANGED) == 1);
				RIG_MUST(told(r, RESULT_DONE, FAULT_GATE_OPENED) == 1);
				RIG_MUST(told(r, RESULT_FAILED, FAULT_CONFIG_CHANGED) == 1);
				RIG_MUST(told(r, RESULT_FAILED, FAULT_OTHER_AGENT) == 1);
			}
	}
	assert_true(runs > 20);
	printf("%zu calls failed\n", runs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, case_setup, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_machine_that_nobody_changes_is_told_of_never),
		TEST(a_rule_that_is_changed_or_removed_is_on_record_within_a_minute_and_once),
		TEST(a_hub_that_is_opened_is_shut_again_within_a_minute_and_on_record),
		TEST(where_the_rules_were_taken_away_the_hubs_are_the_sites),
		TEST(a_configuration_that_is_changed_and_not_taken_over_is_on_record_once),
		TEST(a_configuration_that_is_taken_over_at_once_is_not_told),
		TEST(another_program_that_decides_is_on_record_each_time_it_comes),
		TEST(whatever_call_fails_each_change_is_on_record_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
