/* SPDX-License-Identifier: Apache-2.0 */
/* The udev rules that `enforce on` writes, and the site's own list. */
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
	struct Site site;

	(void)state;
	assert_int_equal(site_read("07\n04b8:0202\n", 13, &site), 0);
	assert_int_equal(rules_fill(TEMPLATE, a, &site, &text), 0);
	assert_string_equal(text,
	        "before\n"
	        "ENV{MODALIAS}==\"usb:v*p*d*dc*dsc*dp*ic08isc06ip62in*|usb:v0781p0100d0100dc*\", "
	        "GOTO=\"mediagate_end\"\n"
	        "between\n"
	        "ATTR{bInterfaceClass}==\"07\", GOTO=\"mediagate_open\"\n"
	        "ATTRS{idVendor}==\"04b8\", ATTRS{idProduct}==\"0202\", GOTO=\"mediagate_open\"\n"
	        "ENV{ID_USB_INTERFACES}==\"*:07*\", ENV{ID_USB_INTERFACES}!=\"*:06*|*:08*\", "
	        "GOTO=\"mediagate_nodes_end\"\n"
	        "ATTR{idVendor}==\"04b8\", ATTR{idProduct}==\"0202\", "
	        "ENV{ID_USB_INTERFACES}!=\"*:06*|*:08*\", GOTO=\"mediagate_nodes_end\"\n"
	        "after\n");
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

static void test_the_sites_list_is_read(void **state)
{
	static const char text[] = "# printers\n  07   # all of them\n\n04B8:0202\r\ne0";
	struct Site site;

	(void)state;
	assert_int_equal(site_read(text, strlen(text), &site), 0);
	assert_int_equal(site.n, 3);
	assert_true(site.rows[0].by_class);
	assert_int_equal(site.rows[0].class, 0x07);
	assert_false(site.rows[1].by_class);
	assert_int_equal(site.rows[1].vendor, 0x04b8);
	assert_int_equal(site.rows[1].product, 0x0202);
	assert_int_equal(site.rows[2].class, 0xe0);
}

static void test_what_the_site_may_not_open_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
	} cases[] = {
	        {"08", 1},
	        {"07\n06\n", 2},
	        {"7", 1},
	        {"07x", 1},
	        {"07 08", 1},
	        {"04b8:02", 1},
	        {"04b8:0202:1", 1},
	        {":0202", 1},
	        {"\"\n", 1},
	        {"# ok\n\nff\", RUN+=\"x", 3},
	};
	struct Site site;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (site_read(cases[i].text, strlen(cases[i].text), &site) != cases[i].line)
			fail_msg("\"%s\" was accepted, or another line blamed", cases[i].text);
	assert_int_equal(site_read("07\0", 3, &site), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_marks_are_filled_in_their_places),
	        cmocka_unit_test(test_rules_without_storage_drivers_are_not_made),
	        cmocka_unit_test(test_no_line_is_too_long_for_udev_and_none_is_lost),
	        cmocka_unit_test(test_a_pattern_that_comes_twice_stands_once),
	        cmocka_unit_test(test_the_sites_list_is_read),
	        cmocka_unit_test(test_what_the_site_may_not_open_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
