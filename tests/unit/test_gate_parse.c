/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"
#include "parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static int parse(const char *text, size_t channels, struct Request *ret, char *subject)
{
	return parse_request(text, strlen(text), channels, ret, subject);
}

static void assert_refused(const char *text, size_t channels, const char *expected)
{
	char subject[PARSE_SUBJECT] = "";
	struct Request r;

	assert_int_equal(parse(text, channels, &r, subject), FAULT_BAD_REQUEST);
	assert_string_equal(subject, expected);
}

static void test_a_checkout_with_all_its_fields_is_understood(void **state _unused_)
{
	char subject[PARSE_SUBJECT];
	struct Request r;

	assert_int_equal(
	        parse("mediagate/1 checkout\nnumber=USB-0007\nto=clerk1\npurpose=submission\n"
	              "ground=law\ndestination=税務署 南支所\nuntil=1795680000000\nterminals=T-1,T-2\n"
	              "carry-out=1\nlocked-carrier=1\n",
	                0, &r, subject),
	        0);
	assert_int_equal(r.verb, VERB_CHECKOUT);
	assert_string_equal(r.number, "USB-0007");
	assert_string_equal(r.clerk, "clerk1");
	assert_string_equal(r.destination, "税務署 南支所");
	assert_string_equal(r.terminals, "T-1,T-2");
	assert_true(r.until == 1795680000000);
	assert_int_equal(r.carry_out, 1);
	assert_int_equal(r.locked_carrier, 1);
	assert_int_equal(r.present & 1u << REQUEST_device, 0);
	assert_int_not_equal(r.present & 1u << REQUEST_until, 0);
}

static void test_every_verb_of_the_table_is_known(void **state _unused_)
{
	static const char *const fields[] = {"", "", "device=2-1\n", "device=2-1\nnumber=A-1\nsupervisor=s\n",
	        "number=A-1\nto=c\npurpose=p\nground=g\ndestination=d\nuntil=1\n", "number=A-1\n",
	        "number=A-1\n", "number=A-1\n", "number=A-1\nname=x\n", "", "", "after=1\n", "number=A-1\n",
	        "year=2020\nconfirm=1\n",
	        "console=c\ncosignature=aa\ncovered=3\nroot=bb\nconsole-covered=1\nconsole-root=cc\n"};
#define VERB_WORD(name, word, channel) {(word), (channel)},
	static const struct {
		const char *word;
		size_t channel;
	} verbs[] = {REQUEST_VERBS(VERB_WORD)};

	assert_int_equal(ARRAY_SIZE(fields), ARRAY_SIZE(verbs));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		char text[256], subject[PARSE_SUBJECT];
		struct Request r;

		snprintf(text, sizeof(text), "mediagate/1 %s\n%s", verbs[i].word, fields[i]);
		assert_int_equal(parse(text, verbs[i].channel, &r, subject), 0);
		assert_int_equal(r.verb, i);
		assert_int_equal(parse_verb_channel(r.verb), verbs[i].channel);
	}
}

static void test_what_is_wrong_is_named(void **state _unused_)
{
	static const struct {
		const char *text;
		size_t channels;
		const char *subject;
	} rows[] = {
	        {"mediagate/1 status", 0, "no closing newline"},
	        {"mediagate/2 status\n", 0, "no verb mediagate/2 status"},
	        {"mediagate/1 format\n", 0, "no verb mediagate/1 format"},
	        {"mediagate/1 status\ncolour=red\n", 0, "no field colour"},
	        {"mediagate/1 status\n\n", 0, "no field "},
	        {"mediagate/1 return\nnumber=A-1\nnumber=A-1\n", 0, "twice number"},
	        {"mediagate/1 return\nnumber=usb\n", 0, "number"},
	        {"mediagate/1 return\nnumber=\n", 0, "number"},
	        {"mediagate/1 return\nnumber=-A\n", 0, "number"},
	        {"mediagate/1 return\nnumber\n", 0, "number"},
	        {"mediagate/1 return\nnumber=ABCDEFGHIJKLMNOPQ\n", 0, "number"},
	        {"mediagate/1 return\n", 0, "missing number"},
	        {"mediagate/1 return\nnumber=A\nto=clerk1\n", 0, "not of this verb to"},
	        {"mediagate/1 explain\ndevice=a\tb\n", 0, "device"},
	        {"mediagate/1 explain\ndevice=\xff\n", 0, "device"},
	        {"mediagate/1 explain\ndevice=\xc2\x9b\n", 0, "device"},
	        {"mediagate/1 ls\nnumber=A\n", 0, "missing channel"},
	        {"mediagate/1 status\n", 1, "one channel too many"},
	        {"mediagate/1 ls\nnumber=A\n", 2, "one channel too many"},
	        {"mediagate/1 \x1b[31m\n", 0, "no verb mediagate/1 \\x1b[31m"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refused(rows[i].text, rows[i].channels, rows[i].subject);
}

static void test_times_and_flags_have_one_form(void **state _unused_)
{
	static const char *const bad[] = {"until=0", "until=01", "until=-1", "until=1e3", "until= 1",
	        "until=9999999999999999999", "until=253402300800000", "until=", "carry-out=0",
	        "carry-out=yes", "carry-out="};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256], field[32] = "";

		memcpy(field, bad[i], (size_t)(strchr(bad[i], '=') - bad[i]));
		snprintf(text, sizeof(text),
		        "mediagate/1 checkout\n%s\nnumber=A\nto=c\npurpose=p\nground=g\ndestination=d\n",
		        bad[i]);
		assert_refused(text, 0, field);
	}
}

static void test_a_nul_inside_is_refused(void **state _unused_)
{
	static const char text[] = "mediagate/1 explain\ndevice=a\0b\n";
	char subject[PARSE_SUBJECT];
	struct Request r;

	assert_int_equal(parse_request(text, sizeof(text) - 1, 0, &r, subject), FAULT_BAD_REQUEST);
	assert_string_equal(subject, "device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_checkout_with_all_its_fields_is_understood),
	        cmocka_unit_test(test_every_verb_of_the_table_is_known),
	        cmocka_unit_test(test_what_is_wrong_is_named),
	        cmocka_unit_test(test_times_and_flags_have_one_form),
	        cmocka_unit_test(test_a_nul_inside_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
