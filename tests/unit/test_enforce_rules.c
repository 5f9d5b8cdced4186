/* SPDX-License-Identifier: Apache-2.0 */
/* The udev rules that `enforce on` writes, with what a site opens besides. */
#include "enforce_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TEMPLATE "before\n#@storage-drivers@\nbetween\n#@site-interfaces@\n#@site-nodes@\nafter\n"

static struct Aliases *aliases_of(const char *table)
{
	struct Aliases *a;

	assert_int_equal(aliases_new(&a), 0);
	assert_int_equal(aliases_add_text(a, table, strlen(table), false), 0);
	return a;
}

static struct Aliases *two(void)
{
	return aliases_of("alias usb:v0781p0100d0100dc*dsc*dp*ic*isc*ip*in* usb_storage\n"
	                  "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip62in* uas\n");
}

static void test_the_marks_are_filled_in_their_places(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = two();
	_cleanup_free_ char *text = NULL;
	const struct Site site = {.n = 2, .rows = {{.class = 0x07}, {0xff, true, 0x04b8, 0x0202}}};

	(void)state;
	assert_int_equal(rules_fill(TEMPLATE, a, &site, &text), 0);
	assert_string_equal(text,
	        "before\n"
	        "ENV{MODALIAS}==\"usb:v*p*d*dc*dsc*dp*ic08isc06ip62in*|usb:v0781p0100d0100dc*\", "
	        "GOTO=\"mediagate_end\"\n"
	        "between\n"
	        "ATTR{bInterfaceClass}==\"07\", GOTO=\"mediagate_open\"\n"
	        "ATTR{bInterfaceClass}==\"ff\", ATTRS{idVendor}==\"04b8\", ATTRS{idProduct}==\"0202\", "
	        "GOTO=\"mediagate_open\"\n"
	        "ENV{ID_USB_INTERFACES}==\"*:07*\", ENV{ID_USB_INTERFACES}!=\"*:06*|*:08*\", "
	        "GOTO=\"mediagate_nodes_end\"\n"
	        "ENV{ID_USB_INTERFACES}==\"*:ff*\", ATTR{idVendor}==\"04b8\", ATTR{idProduct}==\"0202\", "
	        "ENV{ID_USB_INTERFACES}!=\"*:06*|*:08*\", GOTO=\"mediagate_nodes_end\"\n"
	        "after\n");
}

static void test_card_slots_are_closed_but_where_the_system_lives_on_a_card(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = two();
	_cleanup_free_ char *closed = NULL, *kept = NULL;
	struct Site site = {};

	(void)state;
	assert_int_equal(rules_fill("#@cards@\n", a, &site, &closed), 0);
	assert_non_null(strstr(closed, "SUBSYSTEM==\"mmc\", ACTION==\"add|bind\""));
	site.keep_cards = true;
	assert_int_equal(rules_fill("#@cards@\n", a, &site, &kept), 0);
	assert_string_equal(kept, "");
}

static void test_rules_without_storage_drivers_are_not_made(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_of("alias usb:v* usbhid\n");
	struct Site site = {};
	char *text = NULL;

	(void)state;
	assert_int_equal(rules_fill(TEMPLATE, a, &site, &text), -EBADMSG);
	assert_null(text);
}

/* udev ignores the whole of a line that is longer than 16 KiB: the gate would stand open. */
static void test_no_line_is_too_long_for_udev_and_none_is_lost(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = NULL;
	_cleanup_free_ char *text = NULL;
	struct Site site = {};
	size_t patterns = 0;

	(void)state;
	assert_int_equal(aliases_new(&a), 0);
	for (unsigned int i = 0; i < 5000; i++) {
		char pattern[64];
		int n = snprintf(
		        pattern, sizeof(pattern), "usb:v%04Xp%04Xd*dc*dsc*dp*ic*isc*ip*in*", i, 3 * i);

		assert_int_equal(aliases_add(a, pattern, (size_t)n), 0);
	}
	assert_int_equal(aliases_count(a), 5000);
	assert_int_equal(rules_fill("#@storage-drivers@\n", a, &site, &text), 0);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(strlen(line) < 16000);
		for (const char *p = line; (p = strstr(p, "usb:v")); p++)
			patterns++;
		assert_non_null(strstr(line, "\", GOTO=\"mediagate_end\""));
	}
	assert_int_equal(patterns, 5000);
}

static void test_a_pattern_that_comes_twice_stands_once(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = two();
	static const char again[] = "alias usb:v0781p0100d0100dc*dsc*dp*ic*isc*ip*in* usb_storage\n";

	(void)state;
	assert_int_equal(aliases_add_text(a, again, strlen(again), false), 0);
	assert_int_equal(aliases_count(a), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_marks_are_filled_in_their_places),
	        cmocka_unit_test(test_card_slots_are_closed_but_where_the_system_lives_on_a_card),
	        cmocka_unit_test(test_rules_without_storage_drivers_are_not_made),
	        cmocka_unit_test(test_no_line_is_too_long_for_udev_and_none_is_lost),
	        cmocka_unit_test(test_a_pattern_that_comes_twice_stands_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
