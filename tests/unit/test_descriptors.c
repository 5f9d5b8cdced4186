/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a device → settings → what the judge reads. */
#include "alias.h"
#include "descriptors.h"
#include "grade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DEVICE(vendor, product, configurations)                                                             \
	18, 1, 0, 2, 0, 0, 0, 64, (vendor)&0xff, (vendor) >> 8, (product)&0xff, (product) >> 8, 0, 1, 1, 2, \
	        3, configurations
#define CONFIGURATION(total, interfaces, value) \
	9, 2, (total)&0xff, (total) >> 8, interfaces, value, 0, 0x80, 50
#define INTERFACE(number, alternate, class, subclass, protocol) \
	9, 4, number, alternate, 2, class, subclass, protocol, 0
#define ENDPOINT(address) 7, 5, address, 2, 0, 2, 0

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static const uint8_t stick[] = {DEVICE(0x0951, 0x1666, 1), CONFIGURATION(32, 1, 1),
        INTERFACE(0, 0, 8, 6, 0x50), ENDPOINT(0x81), ENDPOINT(0x02)};

static void test_a_plain_stick_is_read(void **state)
{
	struct Descriptors d;

	(void)state;
	assert_int_equal(descriptors_read(stick, sizeof(stick), &d), 0);
	assert_int_equal(d.vendor, 0x0951);
	assert_int_equal(d.product, 0x1666);
	assert_int_equal(d.revision, 0x0100);
	assert_int_equal(d.n_settings, 1);
	assert_int_equal(d.settings[0].configuration, 1);
	assert_int_equal(d.settings[0].class, 8);
	assert_int_equal(d.settings[0].subclass, 6);
	assert_int_equal(d.settings[0].protocol, 0x50);
}

static void test_every_configuration_and_alternate_is_read(void **state)
{
	struct Descriptors d;

	(void)state;
	assert_int_equal(descriptors_read(BYTES(DEVICE(1, 2, 2), CONFIGURATION(27, 1, 1),
	                                          INTERFACE(0, 0, 8, 6, 0x50), INTERFACE(0, 1, 8, 6, 0x62),
	                                          CONFIGURATION(18, 1, 2), INTERFACE(0, 0, 3, 1, 1)),
	                         &d),
	        0);
	assert_int_equal(d.n_settings, 3);
	assert_int_equal(d.settings[1].alternate, 1);
	assert_int_equal(d.settings[1].protocol, 0x62);
	assert_int_equal(d.settings[2].configuration, 2);
	assert_int_equal(d.settings[2].class, 3);
}

static void test_every_cut_of_a_stick_is_malformed(void **state)
{
	struct Descriptors d;

	(void)state;
	for (size_t n = 0; n < sizeof(stick); n++)
		assert_int_equal(descriptors_read(stick, n, &d), DESCRIPTORS_MALFORMED);
}

static void test_bytes_after_the_end_are_malformed(void **state)
{
	uint8_t longer[sizeof(stick) + 1] = {};
	struct Descriptors d;

	(void)state;
	memcpy(longer, stick, sizeof(stick));
	assert_int_equal(descriptors_read(longer, sizeof(longer), &d), DESCRIPTORS_MALFORMED);
}

static void test_contradictions_are_malformed(void **state)
{
	static const struct {
		const char *what;
		uint8_t at, value;
	} cases[] = {
	        {"device of another length", 0, 17},
	        {"device of another type", 1, 2},
	        {"two configurations announced", 17, 2},
	        {"no configuration announced", 17, 0},
	        {"configuration too short", 18, 8},
	        {"configuration of another type", 19, 4},
	        {"total below what is there", 20, 31},
	        {"total beyond what is there", 20, 33},
	        {"total below the header", 20, 8},
	        {"two interfaces announced", 22, 2},
	        {"no interface announced", 22, 0},
	        {"interface too short", 27, 8},
	        {"interface of length 0", 27, 0},
	        {"interface that runs over", 27, 200},
	        {"a device among the endpoints", 37, 1},
	        {"a configuration among the endpoints", 37, 2},
	        {"endpoint of length 1", 36, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[sizeof(stick)];
		struct Descriptors d;

		memcpy(bytes, stick, sizeof(stick));
		assert_int_not_equal(bytes[cases[i].at], cases[i].value);
		bytes[cases[i].at] = cases[i].value;
		if (descriptors_read(bytes, sizeof(bytes), &d) != DESCRIPTORS_MALFORMED)
			fail_msg("%s was accepted", cases[i].what);
	}
}

static void test_a_doubled_setting_is_malformed_but_looked_at(void **state)
{
	struct Descriptors d;

	(void)state;
	assert_int_equal(descriptors_read(BYTES(DEVICE(1, 2, 1), CONFIGURATION(27, 1, 1),
	                                          INTERFACE(0, 0, 3, 1, 1), INTERFACE(0, 0, 8, 6, 0x50)),
	                         &d),
	        DESCRIPTORS_MALFORMED);
	assert_int_equal(d.n_settings, 2);
	assert_int_equal(d.settings[1].class, 8);
}

static void test_too_many_settings_are_malformed(void **state)
{
	uint8_t bytes[18 + 9 + 9 * (LIMIT_INTERFACES + 1)] = {
	        DEVICE(1, 2, 1), CONFIGURATION(9 + 9 * (LIMIT_INTERFACES + 1), LIMIT_INTERFACES + 1, 1)};
	struct Descriptors d;

	(void)state;
	for (uint8_t i = 0; i <= LIMIT_INTERFACES; i++)
		memcpy(bytes + 27 + 9 * i, (uint8_t[]){INTERFACE(i, 0, 3, 1, 1)}, 9);
	assert_int_equal(descriptors_read(bytes, sizeof(bytes), &d), DESCRIPTORS_MALFORMED);
	assert_int_equal(d.n_settings, LIMIT_INTERFACES);
}

/* ------------------------------------------------------------------ serial numbers */

static enum IdentityStrength grade(const char *serial)
{
	return grade_serial((const uint8_t *)serial, strlen(serial));
}

static void test_serials_of_their_own_are_strong(void **state)
{
	static const char *const strong[] = {"AA04012700009271", "0019E06B9C85F9A0F7550C20", "STICK-0001",
	        "4C530001", "070867948D560839", "E5B2", "201509A7", "0000000000123456"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strong); i++)
		if (grade(strong[i]) != IDENTITY_STRONG)
			fail_msg("\"%s\" was not taken for a serial number", strong[i]);
}

static void test_placeholders_are_told(void **state)
{
	static const char *const weak[] = {"0123456789ABCDEF", "0123456789abcdef", "0123456789", "1234567890",
	        "12345678", "123456789012", "9876543210", "FEDCBA98", "000000000000", "ffffffff", "        ",
	        "1", "123", "S-1", "  ABC  ", "ABABABAB", "1212121212", "AAAABBBBCCCC", "000000000033",
	        "000000001206", "none", "N/A", "058F0O1111B1", "default", "USBV1.00", "abcd"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(weak); i++)
		if (grade(weak[i]) != IDENTITY_PLACEHOLDER)
			fail_msg("\"%s\" was taken for a serial number", weak[i]);
	assert_int_equal(grade(""), IDENTITY_NO_SERIAL);
}

/* ------------------------------------------------------------------ devices */

static struct Aliases *aliases_made(void)
{
	static const char table[] = "alias usb:v0781p0100d0100dc*dsc*dp*ic*isc*ip*in* usb_storage\n"
	                            "alias usb:v4971p8024d*dc*dsc*dp*ic*isc*ip*in* usb_storage\n"
	                            "alias usb:v0781p55E8d*dc*dsc*dp*icFFisc*ip*in* ums_karma\n"
	                            "alias usb:v046Dp*d*dc*dsc*dp*ic03isc*ip*in* usbhid\n"
	                            "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage";
	struct Aliases *a;

	assert_int_equal(aliases_new(&a), 0);
	assert_int_equal(aliases_add_text(a, table, sizeof(table) - 1, false), 0);
	return a;
}

static struct Identity identity(
        const struct Aliases *a, const uint8_t *bytes, size_t size, const char *serial)
{
	const struct GradeInput in = {.port = "2-1",
	        .descriptors = bytes,
	        .descriptors_size = size,
	        .serial = (const uint8_t *)serial,
	        .serial_size = strlen(serial)};
	struct Identity id;

	grade_device(a, &in, &id);
	return id;
}

static void test_a_stick_is_storage_and_nothing_else(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	struct Identity id = identity(a, stick, sizeof(stick), "STICK-0001");

	(void)state;
	assert_int_equal(id.strength, IDENTITY_STRONG);
	assert_int_equal(id.storage_like, 1);
	assert_int_equal(id.composite, 0);
	assert_int_equal(id.by_alias, 0);
	assert_string_equal(id.port, "2-1");
	assert_int_equal(id.descriptors_size, sizeof(stick));
	assert_memory_equal(id.descriptors, stick, sizeof(stick));
	assert_int_equal(id.serial_size, 10);
}

static void test_half_a_stick_is_composite(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	struct Identity id = identity(a,
	        BYTES(DEVICE(0x951, 0x1666, 1), CONFIGURATION(27, 2, 1), INTERFACE(0, 0, 8, 6, 0x50),
	                INTERFACE(1, 0, 3, 1, 1)),
	        "COMPOSITE-1");

	(void)state;
	assert_int_equal(id.storage_like, 1);
	assert_int_equal(id.composite, 1);
	assert_true(grade_is_storage(a, &id, 0));
	assert_false(grade_is_storage(a, &id, 1));
}

static void test_storage_in_another_configuration_counts(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	struct Identity id = identity(a,
	        BYTES(DEVICE(1, 2, 2), CONFIGURATION(18, 1, 1), INTERFACE(0, 0, 3, 1, 1),
	                CONFIGURATION(18, 1, 2), INTERFACE(0, 0, 8, 6, 0x50)),
	        "TWO-FACED");

	(void)state;
	assert_int_equal(id.storage_like, 1);
	assert_true(grade_is_storage(a, &id, 0));
}

static void test_a_driver_that_binds_by_vendor_and_product_makes_storage_of_any_class(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	struct Identity liar = identity(a,
	        BYTES(DEVICE(0x4971, 0x8024, 1), CONFIGURATION(18, 1, 1), INTERFACE(0, 0, 3, 1, 1)),
	        "LIAR-0001");
	struct Identity other = identity(a,
	        BYTES(DEVICE(0x4971, 0x8025, 1), CONFIGURATION(18, 1, 1), INTERFACE(0, 0, 3, 1, 1)),
	        "HONEST-01");
	struct Identity one_class = identity(a,
	        BYTES(DEVICE(0x781, 0x55e8, 1), CONFIGURATION(18, 1, 1), INTERFACE(0, 0, 3, 1, 1)),
	        "OTHER-CLASS");

	(void)state;
	assert_int_equal(liar.storage_like, 1);
	assert_int_equal(liar.by_alias, 1);
	assert_int_equal(other.storage_like, 0);
	assert_int_equal(one_class.storage_like, 0);
}

static void test_the_revision_of_an_alias_is_compared(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	uint8_t bytes[] = {DEVICE(0x781, 0x100, 1), CONFIGURATION(18, 1, 1), INTERFACE(0, 0, 0xff, 0, 0)};

	(void)state;
	assert_int_equal(identity(a, bytes, sizeof(bytes), "ABCDEFG1").by_alias, 1);
	bytes[12] = 1; /* bcdDevice 01.01 */
	assert_int_equal(identity(a, bytes, sizeof(bytes), "ABCDEFG1").by_alias, 0);
}

static void test_a_keyboard_is_none_of_ours(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	struct Identity id = identity(a,
	        BYTES(DEVICE(0x46d, 0xc31c, 1), CONFIGURATION(27, 2, 1), INTERFACE(0, 0, 3, 1, 1),
	                INTERFACE(1, 0, 3, 0, 0)),
	        "");

	(void)state;
	assert_int_equal(id.storage_like, 0);
	assert_int_equal(id.composite, 0);
}

static void test_a_device_that_lies_about_a_length_is_still_storage(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	uint8_t bytes[sizeof(stick)];
	struct Identity id;

	(void)state;
	memcpy(bytes, stick, sizeof(stick));
	bytes[20] = 200; /* more than there is */
	id = identity(a, bytes, sizeof(bytes), "LYING-001");
	assert_int_equal(id.strength, IDENTITY_MALFORMED);
	assert_int_equal(id.storage_like, 1);
}

static void test_what_was_cut_is_malformed(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();
	struct GradeInput in = {.port = "2-1",
	        .descriptors = stick,
	        .descriptors_size = sizeof(stick),
	        .serial = (const uint8_t *)"STICK-0001",
	        .serial_size = 10,
	        .serial_cut = true};
	struct Identity id;

	(void)state;
	grade_device(a, &in, &id);
	assert_int_equal(id.strength, IDENTITY_MALFORMED);
	in.serial_cut = false;
	in.descriptors_cut = true;
	grade_device(a, &in, &id);
	assert_int_equal(id.strength, IDENTITY_MALFORMED);
}

/* ------------------------------------------------------------------ module tables */

static void test_only_storage_drivers_aliases_are_kept(void **state)
{
	_cleanup_(aliases_freep) struct Aliases *a = aliases_made();

	(void)state;
	assert_int_equal(aliases_count(a), 4);
	/* sorted, the stars at the end left out */
	assert_string_equal(aliases_at(a, 0), "usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*");
	assert_string_equal(aliases_at(a, 1), "usb:v0781p0100d0100dc*");
	assert_null(aliases_at(a, 4));
}

static void test_drivers_that_are_part_of_the_kernel_are_read_too(void **state)
{
	static const char entries[] =
	        "uas.alias=usb:v*p*d*dc*dsc*dp*ic08isc06ip62in*\0usbhid.alias=usb:v*\0"
	        "usb_storage.license=GPL\0ums_datafab.alias=usb:v07C4pA001d*dc*dsc*dp*ic*isc*ip*in*";
	_cleanup_(aliases_freep) struct Aliases *a = NULL;

	(void)state;
	assert_int_equal(aliases_new(&a), 0);
	assert_int_equal(aliases_add_text(a, entries, sizeof(entries), true), 0);
	assert_int_equal(aliases_count(a), 2);
}

static void test_a_pattern_that_could_leave_its_quotes_is_refused(void **state)
{
	static const char table[] = "alias usb:v0781\",RUN+=\"p* usb_storage\n";
	_cleanup_(aliases_freep) struct Aliases *a = NULL;

	(void)state;
	assert_int_equal(aliases_new(&a), 0);
	assert_int_equal(aliases_add_text(a, table, sizeof(table) - 1, false), -EBADMSG);
}

static void test_storage_drivers_are_known_by_name(void **state)
{
	static const char *const yes[] = {"usb-storage", "usb_storage", "uas", "ums-karma", "ums_realtek"};
	static const char *const no[] = {"usb", "usbhid", "uasx", "usb-storage2", "ums", "", "hub"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(alias_is_storage_driver(yes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(alias_is_storage_driver(no[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_plain_stick_is_read),
	        cmocka_unit_test(test_every_configuration_and_alternate_is_read),
	        cmocka_unit_test(test_every_cut_of_a_stick_is_malformed),
	        cmocka_unit_test(test_bytes_after_the_end_are_malformed),
	        cmocka_unit_test(test_contradictions_are_malformed),
	        cmocka_unit_test(test_a_doubled_setting_is_malformed_but_looked_at),
	        cmocka_unit_test(test_too_many_settings_are_malformed),
	        cmocka_unit_test(test_serials_of_their_own_are_strong),
	        cmocka_unit_test(test_placeholders_are_told),
	        cmocka_unit_test(test_a_stick_is_storage_and_nothing_else),
	        cmocka_unit_test(test_half_a_stick_is_composite),
	        cmocka_unit_test(test_storage_in_another_configuration_counts),
	        cmocka_unit_test(test_a_driver_that_binds_by_vendor_and_product_makes_storage_of_any_class),
	        cmocka_unit_test(test_the_revision_of_an_alias_is_compared),
	        cmocka_unit_test(test_a_keyboard_is_none_of_ours),
	        cmocka_unit_test(test_a_device_that_lies_about_a_length_is_still_storage),
	        cmocka_unit_test(test_what_was_cut_is_malformed),
	        cmocka_unit_test(test_only_storage_drivers_aliases_are_kept),
	        cmocka_unit_test(test_drivers_that_are_part_of_the_kernel_are_read_too),
	        cmocka_unit_test(test_a_pattern_that_could_leave_its_quotes_is_refused),
	        cmocka_unit_test(test_storage_drivers_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
