/* SPDX-License-Identifier: Apache-2.0 */
/* The texts that ledger signs and digests, and the enrolment file. */
#include "copies.h"
#include "enrolment.h"
#include "identity_text.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct Identity stick(void)
{
	struct Identity id = {.vendor = 0x0781, .product = 0x5581, .revision = 0x0100, .serial_size = 4};

	memcpy(id.serial, "A1\xff\x00", 4);
	id.n_interfaces = 2;
	id.interfaces[0] = (struct InterfaceSetting){1, 0, 1, 0x08, 0x06, 0x62};
	id.interfaces[1] = (struct InterfaceSetting){1, 0, 0, 0x08, 0x06, 0x50};
	return id;
}

static void test_identity_text_has_the_documented_bytes(void **state)
{
	struct Identity id = stick();
	char text[IDENTITY_TEXT];
	size_t n = identity_text(&id, text);

	(void)state;
	text[n] = '\0';
	assert_string_equal(text, "mediagate/identity/v1\n0781:5581:0100\n4131ff00\n08:06:50\n");
}

static void test_identity_text_is_the_same_on_usb2_and_usb3(void **state)
{
	static char x[IDENTITY_TEXT], y[IDENTITY_TEXT];
	struct Identity a = stick(), b = stick();
	size_t n, m;

	(void)state;
	b.n_interfaces = 1;
	b.interfaces[0] = (struct InterfaceSetting){1, 0, 0, 0x08, 0x06, 0x50};
	STR_SET(a.port, "2-1");
	STR_SET(b.port, "3-1");
	n = identity_text(&a, x);
	m = identity_text(&b, y);
	assert_int_equal(n, m);
	assert_memory_equal(x, y, n);
	b.interfaces[0].protocol = 0x51;
	m = identity_text(&b, y);
	assert_true(n != m || memcmp(x, y, n));
}

static void test_identity_text_sorts_and_survives_the_largest_counts(void **state)
{
	struct Identity id = stick();
	char text[IDENTITY_TEXT];
	size_t n;

	(void)state;
	id.n_interfaces = 3;
	id.interfaces[0] = (struct InterfaceSetting){1, 0, 0, 0xff, 0, 1};
	id.interfaces[1] = (struct InterfaceSetting){1, 1, 0, 0x03, 1, 2};
	id.interfaces[2] = (struct InterfaceSetting){1, 2, 0, 0x03, 1, 1};
	n = identity_text(&id, text);
	text[n] = '\0';
	assert_non_null(strstr(text, "\n03:01:01\n03:01:02\nff:00:01\n"));
	id.n_interfaces = UINT16_MAX;
	id.serial_size = UINT16_MAX;
	for (size_t i = 0; i < LIMIT_INTERFACES; i++)
		id.interfaces[i].protocol = (uint8_t)i;
	assert_true(identity_text(&id, text) < IDENTITY_TEXT);
}

static void part_name(char ret[64], const char *id, unsigned int i, unsigned int of)
{
	char number[16];
	int width = snprintf(number, sizeof(number), "%03u", of);

	snprintf(ret, 64, "%.40s-%0*uof%s.p7m", id, width, i, number);
}

static void test_a_note_lists_the_parts_and_open_text_in_order(void **state)
{
	_cleanup_(copies_done) struct Copies copies = COPIES_NULL;
	uint8_t digest[DIGEST_SIZE] = {0xab};
	struct Copy *copy;

	(void)state;
	assert_int_equal(copies_begin(&copies, "T-01-1"), 0);
	assert_int_equal(copies_begin(&copies, "T-01-1"), 0);
	assert_int_equal(copies.n, 1);
	copy = copies_find(&copies, "T-01-1");
	assert_int_equal(copy_add_line(copy, "T-01-1-001of002.p7m", digest), 0);
	assert_int_equal(copy_add_line(copy, "T-01-1-002of002.p7m", digest), 0);
	assert_false(copy_is_whole(copy, 2));
	assert_int_equal(copy_add_line(copy, "OPEN.txt", digest), 0);
	assert_false(copy_is_whole(copy, 2));
	assert_true(copy_is_whole(copy, 3));
	assert_int_equal(copy->n, strlen(copy->text));
#define HEX "ab00000000000000000000000000000000000000000000000000000000000000"
	assert_string_equal(copy->text, "mediagate/copy/v1\nT-01-1\n" HEX "  T-01-1-001of002.p7m\n" HEX
	                                "  T-01-1-002of002.p7m\n" HEX "  OPEN.txt\n");
	copy->signed_once = true;
	assert_false(copy_is_whole(copy, 3));
	copies_end(&copies, "T-01-1");
	assert_null(copies_find(&copies, "T-01-1"));
	copies_end(&copies, "T-01-1");
}

static void test_a_wrong_name_spoils_the_note(void **state)
{
	static const char *const bad[] = {"OPEN.txt", "T-1-002of002.p7m", "T-1-01of02.p7m", "T-1-001of2.p7m",
	        "T-1-0001of0002.p7m", "T-2-001of002.p7m", "T-1-001of002.p7m\n", "T-1-001of000.p7m",
	        "T-1-001of-02.p7m", "T-1-001of99999999999.p7m", "../T-1-001of002.p7m", "", "T-1-", "T-1-of"};
	uint8_t digest[DIGEST_SIZE] = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(copies_done) struct Copies copies = COPIES_NULL;
		struct Copy *copy;

		assert_int_equal(copies_begin(&copies, "T-1"), 0);
		copy = copies_find(&copies, "T-1");
		assert_int_equal(copy_add_line(copy, bad[i], digest), 0);
		assert_int_equal(copy_add_line(copy, "T-1-001of001.p7m", digest), 0);
		assert_int_equal(copy_add_line(copy, "OPEN.txt", digest), 0);
		assert_false(copy_is_whole(copy, 2));
		assert_false(copy_is_whole(copy, 3));
	}
}

static void test_a_note_of_ten_thousand_parts_has_wider_numbers(void **state)
{
	_cleanup_(copies_done) struct Copies copies = COPIES_NULL;
	uint8_t digest[DIGEST_SIZE] = {};
	struct Copy *copy;
	char name[64];

	(void)state;
	assert_int_equal(copies_begin(&copies, "T-1"), 0);
	copy = copies_find(&copies, "T-1");
	for (unsigned int i = 1; i <= 10000; i++) {
		part_name(name, "T-1", i, 10000);
		assert_int_equal(copy_add_line(copy, name, digest), 0);
	}
	assert_int_equal(copy_add_line(copy, "OPEN.txt", digest), 0);
	assert_true(copy_is_whole(copy, 10001));
	assert_non_null(strstr(copy->text, "  T-1-00001of10000.p7m\n"));
}

static void test_a_copy_id_that_is_no_folder_name_gets_no_note(void **state)
{
	static const char *const bad[] = {"", "a/b", "..", "a b", "-a", "a\n", "あ"};
	_cleanup_(copies_done) struct Copies copies = COPIES_NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(copies_begin(&copies, bad[i]), -EINVAL);
	assert_int_equal(copies.n, 0);
}

static void test_enrolment_is_read_as_it_was_written(void **state)
{
	struct Enrolment e = {.terminal = "T-01", .domain = "city.example", .year = 2026, .n_disks = 2}, f;
	char text[ENROLMENT_TEXT];
	size_t n;

	(void)state;
	STR_SET(e.label_vkey, "city.example/mediagate/T-01/label+00000000+AAAA");
	STR_SET(e.disks[0], "/devices/pci0/block/sda naa.5000");
	STR_SET(e.disks[1], "x");
	n = enrolment_write(&e, text);
	assert_int_equal(enrolment_read(text, n, &f), 0);
	assert_memory_equal(&e, &f, sizeof(e));
	for (size_t cut = 0; cut < n - strlen("disk=x\n") - strlen("disk=/devices/pci0/block/sda naa.5000\n");
	        cut++)
		assert_int_equal(enrolment_read(text, cut, &f), -EINVAL);
}

static void test_an_enrolment_with_a_path_for_a_name_is_refused(void **state)
{
	static const char *const bad[] = {"", "..", ".x", "a/b", "a b", "-x"};
	struct Enrolment e = {.terminal = "T-01", .domain = "city.example", .year = 2026, .n_disks = 0}, f;
	char text[ENROLMENT_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		STR_SET(e.terminal, bad[i]);
		assert_int_equal(enrolment_read(text, enrolment_write(&e, text), &f), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_identity_text_has_the_documented_bytes),
	        cmocka_unit_test(test_identity_text_is_the_same_on_usb2_and_usb3),
	        cmocka_unit_test(test_identity_text_sorts_and_survives_the_largest_counts),
	        cmocka_unit_test(test_a_note_lists_the_parts_and_open_text_in_order),
	        cmocka_unit_test(test_a_wrong_name_spoils_the_note),
	        cmocka_unit_test(test_a_note_of_ten_thousand_parts_has_wider_numbers),
	        cmocka_unit_test(test_a_copy_id_that_is_no_folder_name_gets_no_note),
	        cmocka_unit_test(test_enrolment_is_read_as_it_was_written),
	        cmocka_unit_test(test_an_enrolment_with_a_path_for_a_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
