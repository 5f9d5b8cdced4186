/* SPDX-License-Identifier: Apache-2.0 */
#include "../lsan_libconfig.h"
#include "clock.h"
#include "fault.h"
#include "parse.h"
#include "policy.h"
#include "str.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#define BAD  "tests/bad/policy"
#define SAID 256

/* What was told while a file was read. */
struct Told {
	struct Policy *policy; /* takes the rows */
	char mistakes[8][SAID], notes[8][SAID];
	size_t n_mistakes, n_notes, n_rows, n_recipients;
	struct PersonRow people[8];
	size_t n_people;
	struct SettingsRow settings;
	struct Recipient recipient;
	struct UsbClass classes[4];
	size_t n_classes;
	uid_t next_uid, same_uid; /* same_uid: what everybody gets, 0: uids of their own */
};

static int take_row(void *owner, enum MessageType type, const void *row)
{
	struct Told *t = owner;

	t->n_rows++;
	if (type == MSG_LOAD_PERSON && t->n_people < ARRAY_SIZE(t->people))
		memcpy(&t->people[t->n_people++], row, sizeof(t->people[0]));
	if (type == MSG_LOAD_SETTINGS)
		memcpy(&t->settings, row, sizeof(t->settings));
	if (t->policy)
		assert_int_equal(policy_add(t->policy, type, row), 0);
	return 0;
}

static int give_uid(void *owner, const char *login, uid_t *ret)
{
	struct Told *t = owner;

	if (str_eq(login, "supervisor2"))
		return -ENOENT;
	*ret = t->same_uid ? t->same_uid : ++t->next_uid + 1000;
	return 0;
}

static void take_saying(void *owner, enum ConfigSaying what, const char *text)
{
	struct Told *t = owner;

	if (what == CONFIG_MISTAKE && t->n_mistakes < ARRAY_SIZE(t->mistakes))
		STR_CUT(t->mistakes[t->n_mistakes++], text);
	if (what == CONFIG_NOTE && t->n_notes < ARRAY_SIZE(t->notes))
		STR_CUT(t->notes[t->n_notes++], text);
}

static int take_recipient(void *owner, const struct Recipient *recipient)
{
	struct Told *t = owner;

	t->n_recipients++;
	t->recipient = *recipient;
	return 0;
}

static int take_usb_class(void *owner, const struct UsbClass *class)
{
	struct Told *t = owner;

	assert_true(t->n_classes < ARRAY_SIZE(t->classes));
	t->classes[t->n_classes++] = *class;
	return 0;
}

static int read_bytes(struct ConfigReader *reader, enum ConfigFile file, const char *text, size_t n)
{
	FILE *f = n ? fmemopen((void *)(uintptr_t)text, n, "r") : fopen("/dev/null", "re");
	int r;

	assert_non_null(f);
	r = config_file_read(reader, file, f);
	fclose(f);
	return r;
}

static int read_text(struct ConfigReader *reader, enum ConfigFile file, const char *text)
{
	return read_bytes(reader, file, text, strlen(text));
}

static int read_path(struct ConfigReader *reader, enum ConfigFile file, const char *path)
{
	FILE *f = fopen(path, "re");
	int r;

	if (!f)
		fail_msg("%s is not there", path);
	r = config_file_read(reader, file, f);
	fclose(f);
	return r;
}

/* ------------------------------------------------------------------ what is shipped */

static void read_folder(const char *folder, struct Told *t)
{
	struct ConfigReader reader = {.row = take_row,
	        .uid = give_uid,
	        .owner = t,
	        .recipient = take_recipient,
	        .say = take_saying};

	for (int i = 0; i < _CONFIG_FILE_N; i++) {
		char path[256];
		int r;

		snprintf(path, sizeof(path), "%s/%s", folder, config_name((enum ConfigFile)i));
		r = read_path(&reader, (enum ConfigFile)i, path);
		if (r)
			fail_msg("%s: %d %s", path, r, reader.error);
	}
	assert_int_equal(t->n_mistakes, 0);
}

static void test_the_configuration_of_the_virtual_machine_is_right_and_whole(void **state _unused_)
{
	struct Told t = {};
	char contact[LIMIT_SUBJECT];

	assert_int_equal(policy_new(&t.policy), 0);
	read_folder("tests/vm/etc", &t);
	assert_string_equal(policy_terminal(t.policy)->id, "T001");
	assert_string_equal(policy_terminal(t.policy)->domain, "example.lg.jp");
	assert_non_null(policy_code(t.policy, CODE_PURPOSE, "submission"));
	assert_non_null(policy_code(t.policy, CODE_GROUND, "law"));
	assert_int_equal(policy_settings(t.policy)->checkout_days, 31);
	assert_int_equal(policy_person_by_login(t.policy, "supervisor1")->roles, ROLE_SUPERVISOR);
	assert_int_equal(policy_person_by_login(t.policy, "clerk1")->roles, ROLE_CLERK);
	assert_int_equal(policy_person_by_login(t.policy, "clerk2")->roles, ROLE_CLERK);
	assert_int_equal(policy_person_by_login(t.policy, "auditor1")->roles, ROLE_AUDITOR);
	assert_int_equal(policy_person_by_login(t.policy, "admin1")->roles, ROLE_ADMINISTRATOR);
	assert_int_equal(policy_person_by_login(t.policy, "root")->roles, ROLE_ADMINISTRATOR);
	policy_contact(t.policy, NULL, contact, sizeof(contact));
	assert_string_equal(contact, "佐藤 花子 (supervisor1)");
	policy_free(t.policy);
}

static void test_the_shipped_configuration_is_right_and_whole(void **state _unused_)
{
	struct Told t = {};

	assert_int_equal(policy_new(&t.policy), 0);
	read_folder("packaging/etc", &t);
	assert_non_null(policy_code(t.policy, CODE_PURPOSE, "submission"));
	assert_non_null(policy_code(t.policy, CODE_GROUND, "law"));
	assert_null(policy_code(t.policy, CODE_GROUND, "consent")); /* the law knows no such ground */
	assert_int_equal(t.n_notes, 0); /* nothing in it only seems to be in force */
	policy_free(t.policy);
}

/* ------------------------------------------------------------------ one mistake a file */

static void mistake_check(const char *name, char (*expected)[SAID], size_t n)
{
	struct Told t = {};
	struct ConfigReader all = {.row = take_row, .uid = give_uid, .owner = &t, .say = take_saying},
	                    first = {};
	char path[512], kind[64];
	const char *dot = strchr(name, '.');
	int file;

	snprintf(path, sizeof(path), BAD "/%s", name);
	assert_non_null(dot);
	snprintf(kind, sizeof(kind), "%s", dot + 1);
	file = config_by_name(kind);
	assert_true(file >= 0);
	assert_int_equal(read_path(&all, (enum ConfigFile)file, path), n ? FAULT_BAD_CONFIG : 0);
	for (size_t i = 0; i < n && i < t.n_mistakes; i++)
		if (!str_eq(t.mistakes[i], expected[i]))
			fail_msg("%s: \"%s\", expected \"%s\"", name, t.mistakes[i], expected[i]);
	if (t.n_mistakes != n)
		fail_msg("%s: %zu mistakes, expected %zu: %s", name, t.n_mistakes, n, t.mistakes[n]);
	assert_int_equal(read_path(&first, (enum ConfigFile)file, path), n ? FAULT_BAD_CONFIG : 0);
	assert_string_equal(first.error, n ? expected[0] : "");
	assert_string_equal(all.error, first.error);
}

/* expected.txt: a name, then its mistakes, each behind a tab. */
static void test_every_mistake_is_named_with_its_line_and_what_to_do(void **state _unused_)
{
	char line[2048], name[256] = "", expected[8][SAID];
	FILE *f = fopen(BAD "/expected.txt", "re");
	size_t n = 0, files = 0, listed = 0;
	DIR *d = opendir(BAD);

	assert_non_null(f);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		files += strlen(e->d_name) > 5 && str_eq(e->d_name + strlen(e->d_name) - 5, ".conf");
	closedir(d);
	for (;;) {
		const char *got = fgets(line, sizeof(line), f);

		line[strcspn(line, "\n")] = '\0';
		if (got && line[0] == '\t') {
			assert_true(n < ARRAY_SIZE(expected));
			STR_CUT(expected[n++], line + 1);
			continue;
		}
		if (name[0])
			mistake_check(name, expected, n);
		if (!got)
			break;
		STR_CUT(name, line);
		listed++;
		n = 0;
	}
	fclose(f);
	assert_int_equal(listed, files);
	assert_true(listed > 80);
}

static void test_a_file_beyond_the_limit_is_a_mistake(void **state _unused_)
{
	char *text = malloc(LIMIT_CONFIG + 1);
	struct ConfigReader reader = {};

	assert_non_null(text);
	memset(text, ' ', LIMIT_CONFIG + 1);
	text[0] = '#';
	assert_int_equal(read_bytes(&reader, CONFIG_RECIPIENTS, text, LIMIT_CONFIG), 0);
	assert_int_equal(read_bytes(&reader, CONFIG_RECIPIENTS, text, LIMIT_CONFIG + 1), FAULT_BAD_CONFIG);
	assert_string_equal(reader.error, "recipients.conf:1: the file is longer than 262144 bytes");
	free(text);
}

/* A file cut anywhere is either right or a mistake with a line; never half a roster. */
static void test_a_file_that_is_cut_gives_no_person_that_is_not_whole(void **state _unused_)
{
	static const char text[] = "people = (\n  { login = \"a1\"; name = \"A\"; roles = [ \"clerk\" ]; },\n"
	                           "  { login = \"b2\"; name = \"B\"; roles = [ \"auditor\" ]; }\n);\n";

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct Told t = {};
		struct ConfigReader reader = {.row = take_row, .uid = give_uid, .owner = &t};
		int r = read_bytes(&reader, CONFIG_ROSTER, text, n);

		if (n + 2 >= sizeof(text) - 1) { /* without its last newline, or semicolon */
			assert_int_equal(r, 0);
			assert_int_equal(t.n_people, 2);
			continue;
		}
		assert_int_equal(r, FAULT_BAD_CONFIG);
		assert_non_null(strstr(reader.error, "roster.conf:"));
		assert_int_equal(t.n_people, 0);
	}
}

/* ------------------------------------------------------------------ what comes out */

static void test_the_last_day_of_a_right_counts(void **state _unused_)
{
	struct Told t = {};
	struct ConfigReader reader = {.row = take_row, .uid = give_uid, .owner = &t};
	int64_t midnight;

	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	assert_int_equal(read_text(&reader, CONFIG_ROSTER,
	                         "people = ( { login = \"a\"; name = \"A\"; roles = [ \"clerk\" ];\n"
	                         "valid_until = \"2027-03-31\"; }, { login = \"b\"; name = \"B\"; roles = [ "
	                         "\"clerk\" ]; } );"),
	        0);
	assert_int_equal(clock_parse("2027-04-01T00:00:00.000+09:00", 29, &midnight), 0);
	assert_true(t.people[0].valid_until == midnight);
	assert_true(t.people[1].valid_until == 0);
}

static void test_a_person_without_an_account_is_left_out_and_nothing_else(void **state _unused_)
{
	struct Told t = {};
	struct ConfigReader reader = {.row = take_row, .uid = give_uid, .owner = &t};

	assert_int_equal(read_path(&reader, CONFIG_ROSTER, BAD "/nothing-is-wrong.roster.conf"), 0);
	assert_int_equal(t.n_people, 3);
	assert_string_equal(t.people[0].login, "supervisor1");
	assert_string_equal(t.people[1].login, "clerk1");
	assert_string_equal(t.people[2].login, "root");
}

static void test_two_logins_of_one_uid_are_a_mistake(void **state _unused_)
{
	struct Told t = {.same_uid = 1000};
	struct ConfigReader reader = {.row = take_row, .uid = give_uid, .owner = &t};

	assert_int_equal(
	        read_path(&reader, CONFIG_ROSTER, BAD "/nothing-is-wrong.roster.conf"), FAULT_BAD_CONFIG);
	assert_string_equal(reader.error,
	        "roster.conf:5: clerk1 has the uid of somebody before; give each their own account");
}

static void test_keys_left_out_have_their_documented_values(void **state _unused_)
{
	struct Told t = {};
	struct ConfigReader reader = {.row = take_row, .owner = &t};

	assert_int_equal(read_text(&reader, CONFIG_POLICY,
	                         "purposes = ( { code = \"p\"; name = \"P\"; } );\n"
	                         "grounds = ( { code = \"g\"; name = \"G\"; } );\n"
	                         "file_systems = [ \"vfat\" ];\ncheckout_days = 1;\n"),
	        0);
	assert_int_equal(t.settings.own_password, 1);
	assert_int_equal(t.settings.own_password_length, 20);
	assert_int_equal(t.settings.recipient_files, 1);
	assert_int_equal(t.settings.retention_years, 0); /* for ever: see judge_drop */
	assert_string_equal(config_keys[SETTING_OWN_PASSWORD].preset, "true");
	assert_string_equal(config_keys[SETTING_OWN_PASSWORD_LENGTH].preset, "20");
	assert_string_equal(config_keys[SETTING_RECIPIENT_FILES].preset, "true");
}

static void test_the_retention_is_the_policys(void **state _unused_)
{
	struct Told t = {};
	struct ConfigReader reader = {.row = take_row, .owner = &t};

	assert_int_equal(read_path(&reader, CONFIG_POLICY, BAD "/nothing-is-wrong.policy.conf"), 0);
	assert_int_equal(t.settings.retention_years, 7);
}

static void test_names_of_files_are_recorded_as_the_policy_says(void **state _unused_)
{
	static const char *const words[] = {"clear", "masked", "hash"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct Told t = {};
		struct ConfigReader reader = {.row = take_row, .owner = &t};
		char text[512];

		snprintf(text, sizeof(text),
		        "purposes = ( { code = \"p\"; name = \"P\"; } );\n"
		        "grounds = ( { code = \"g\"; name = \"G\"; } );\n"
		        "file_systems = [ \"vfat\" ];\ncheckout_days = 1;\nnames = \"%s\";\n",
		        words[i]);
		assert_int_equal(read_text(&reader, CONFIG_POLICY, text), 0);
		assert_int_equal(t.settings.names, i);
	}
}

static void test_only_the_word_observe_observes(void **state _unused_)
{
	static const char *const lines[] = {"", "mode = \"enforce\";\n", "mode = \"observe\";\n"};

	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		struct Told t = {};
		struct ConfigReader reader = {.row = take_row, .owner = &t};
		char text[512];

		snprintf(text, sizeof(text),
		        "purposes = ( { code = \"p\"; name = \"P\"; } );\n"
		        "grounds = ( { code = \"g\"; name = \"G\"; } );\n"
		        "file_systems = [ \"vfat\" ];\ncheckout_days = 1;\n%s",
		        lines[i]);
		assert_int_equal(read_text(&reader, CONFIG_POLICY, text), 0);
		assert_int_equal(t.settings.observe, i == 2);
	}
}

static void test_a_key_without_effect_is_noted(void **state _unused_)
{
	struct Told t = {};
	struct ConfigReader reader = {.owner = &t, .say = take_saying};

	assert_int_equal(read_path(&reader, CONFIG_POLICY, BAD "/nothing-is-wrong.policy.conf"), 0);
	assert_int_equal(t.n_notes, 3);
	assert_string_equal(t.notes[0], "policy.conf:12: hours is checked but has no effect in this version");
}

static void test_recipients_go_to_who_asks_and_are_no_rows(void **state _unused_)
{
	struct Told t = {};
	struct ConfigReader reader = {.row = take_row, .owner = &t, .recipient = take_recipient};

	assert_int_equal(read_path(&reader, CONFIG_RECIPIENTS, BAD "/nothing-is-wrong.recipients.conf"), 0);
	assert_int_equal(t.n_recipients, 1);
	assert_int_equal(t.n_rows, 0);
	assert_string_equal(t.recipient.code, "nenkin");
	assert_string_equal(t.recipient.name, "年金事務所");
	assert_string_equal(t.recipient.certificate, "/etc/mediagate/recipients/nenkin.pem");
}

static void test_usb_classes_go_to_who_asks_and_are_no_rows(void **state _unused_)
{
	struct Told with = {}, without = {};
	struct ConfigReader reader = {.row = take_row, .owner = &without};

	assert_int_equal(read_path(&reader, CONFIG_POLICY, BAD "/nothing-is-wrong.policy.conf"), 0);
	reader.owner = &with;
	reader.usb_class = take_usb_class;
	assert_int_equal(read_path(&reader, CONFIG_POLICY, BAD "/nothing-is-wrong.policy.conf"), 0);
	assert_int_equal(with.n_rows, without.n_rows);
	assert_int_equal(with.n_classes, 2);
	assert_int_equal(with.classes[0].class, 0x07);
	assert_false(with.classes[0].by_product);
	assert_int_equal(with.classes[1].class, 0xff);
	assert_true(with.classes[1].by_product);
	assert_int_equal(with.classes[1].vendor, 0x1234);
	assert_int_equal(with.classes[1].product, 0xabcd);
}

static void test_what_editors_do_to_a_text_does_not_matter(void **state _unused_)
{
	static const char *const texts[] = {
	        ("\xef\xbb\xbf"
	         "domain = \"d\"; id = \"T\";"),
	        "domain = \"d\";\r\nid = \"T\";\r\n",
	        "domain: \"d\"\nid: \"T\"\n",
	        "// \"\n# \"\n/* \" // */ domain = \"d\"; /* 12345678901 \" */ id = \"T\"; # 99999999999\n",
	        "domain = \"d\";\n\tid = \"T\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct Told t = {};
		struct ConfigReader reader = {.row = take_row, .owner = &t};

		if (read_text(&reader, CONFIG_TERMINAL, texts[i]))
			fail_msg("%zu: %s", i, reader.error);
		assert_int_equal(t.n_rows, 1);
	}
}

static void test_digits_inside_texts_and_names_are_no_numbers(void **state _unused_)
{
	struct ConfigReader reader = {};

	assert_int_equal(
	        read_text(&reader, CONFIG_TERMINAL, "domain = \"12345678901234.jp\"; id = \"T\\\\\"; #"),
	        FAULT_BAD_CONFIG);
	assert_string_equal(reader.error,
	        "terminal.conf:1: id must be letters, digits and . _ - and begin with a letter or digit");
	assert_int_equal(
	        read_text(&reader, CONFIG_TERMINAL, "domain = \"12345678901234.jp\"; id = \"0123456789\";"),
	        0);
	assert_int_equal(read_text(&reader, CONFIG_TERMINAL, "a12345678901 = 1;"), FAULT_BAD_CONFIG);
	assert_string_equal(reader.error,
	        "terminal.conf:1: unknown key \"a12345678901\"; remove it or correct its spelling");
}

static void test_a_stream_that_fails_is_no_empty_file(void **state _unused_)
{
	struct ConfigReader reader = {};
	FILE *f = fopen("/", "re"); /* reads fail: a folder */
	int r;

	assert_non_null(f);
	r = config_file_read(&reader, CONFIG_RECIPIENTS, f);
	fclose(f);
	assert_int_equal(r, -EIO);
}

static int full(void *owner, enum MessageType type _unused_, const void *row _unused_)
{
	++*(int *)owner;
	return -EPIPE;
}

static void test_reading_ends_where_a_row_cannot_be_taken(void **state _unused_)
{
	int asked = 0;
	struct ConfigReader reader = {.row = full, .owner = &asked};

	assert_int_equal(read_path(&reader, CONFIG_POLICY, BAD "/nothing-is-wrong.policy.conf"), -EPIPE);
	assert_int_equal(asked, 1);
}

static void test_the_table_of_keys_is_whole(void **state _unused_)
{
	for (int i = 0; i < _SETTING_N; i++) {
		const struct KeyRow *key = &config_keys[i];

		assert_non_null(key->name);
		assert_non_null(key->help);
		assert_true(key->type == VALUE_FLAG || key->most > 0);
		assert_int_equal(config_key_find(key->file, key->within, key->name), i);
		if (key->within != SETTING_TOP)
			assert_int_equal(config_keys[key->within].type, VALUE_GROUPS);
		if (key->type == VALUE_GROUPS)
			assert_int_equal(config_keys[config_key_identity((enum Setting)i)].within, i);
	}
	assert_int_equal(config_key_find(CONFIG_POLICY, SETTING_TOP, "login"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_configuration_of_the_virtual_machine_is_right_and_whole),
	        cmocka_unit_test(test_the_shipped_configuration_is_right_and_whole),
	        cmocka_unit_test(test_every_mistake_is_named_with_its_line_and_what_to_do),
	        cmocka_unit_test(test_a_file_beyond_the_limit_is_a_mistake),
	        cmocka_unit_test(test_a_file_that_is_cut_gives_no_person_that_is_not_whole),
	        cmocka_unit_test(test_the_last_day_of_a_right_counts),
	        cmocka_unit_test(test_a_person_without_an_account_is_left_out_and_nothing_else),
	        cmocka_unit_test(test_two_logins_of_one_uid_are_a_mistake),
	        cmocka_unit_test(test_keys_left_out_have_their_documented_values),
	        cmocka_unit_test(test_the_retention_is_the_policys),
	        cmocka_unit_test(test_names_of_files_are_recorded_as_the_policy_says),
	        cmocka_unit_test(test_only_the_word_observe_observes),
	        cmocka_unit_test(test_a_key_without_effect_is_noted),
	        cmocka_unit_test(test_recipients_go_to_who_asks_and_are_no_rows),
	        cmocka_unit_test(test_usb_classes_go_to_who_asks_and_are_no_rows),
	        cmocka_unit_test(test_what_editors_do_to_a_text_does_not_matter),
	        cmocka_unit_test(test_digits_inside_texts_and_names_are_no_numbers),
	        cmocka_unit_test(test_a_stream_that_fails_is_no_empty_file),
	        cmocka_unit_test(test_reading_ends_where_a_row_cannot_be_taken),
	        cmocka_unit_test(test_the_table_of_keys_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
