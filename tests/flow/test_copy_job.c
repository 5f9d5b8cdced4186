/* SPDX-License-Identifier: Apache-2.0 */
/* The job from order to last word: what people would expect of copy, ls, get and return. */
#include "copy_rig.h"
#include "ring.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>

#define COPY "medium/MEDIAGATE-7KQ2M0ZBXW93"

/* A rig with three files: ordinary, empty, and longer than two parts. */
static void start_copy(struct Rig *r)
{
	rig_start(r, JOB_COPY);
	rig_write_marked(r, "in/a", 5000);
	rig_write(r, "in/empty", "", 0);
	rig_write_marked(r, "in/long", (5 << 19) + 17);
	rig_add(r, "in/a", "list.csv");
	rig_add(r, "in/empty", "folder/empty");
	rig_add(r, "in/long", "folder/\xe7\xb5\xa6\xe4\xb8\x8e.xlsx");
}

static void assert_nothing_left(struct Rig *r)
{
	assert_int_equal(rig_count(r, ""), 0);
}

static void assert_failed(struct Rig *r, int fault, const char *subject)
{
	assert_true(r->has_done);
	assert_int_equal(r->done.fault, fault);
	assert_string_equal(r->done.subject, subject);
	assert_string_equal(r->password, "");
	assert_nothing_left(r);
}

static void get_back(struct Rig *r, const char *password)
{
	r->order.kind = JOB_GET;
	STR_CUT(r->order.name, r->order.copy);
	memset(r->secrets, 0, sizeof(r->secrets));
	STR_CUT(r->secrets[0].password, password);
	rig_run(r);
}

static void test_a_copy_is_whole_and_opens_again(void **state)
{
	struct Rig r;
	char password[256];

	(void)state;
	start_copy(&r);
	rig_run(&r);
	assert_true(r.has_done);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.done.files, 3);
	assert_int_equal(r.done.bytes, 5000 + (5 << 19) + 17);
	assert_int_equal(r.done.parts, 3);
	assert_int_equal(r.n_lines, 4);
	assert_string_equal(r.lines[3].name, "OPEN.txt");
	assert_int_equal(r.n_out_files, 3);
	assert_string_equal(r.out_files[1].name, "folder/empty");
	assert_int_equal(r.report.n_lines, 4);
	assert_int_equal(r.report.by_password, 1);
	assert_int_equal(strlen(r.password), 29);
	assert_int_equal(rig_count(&r, ""), 1);
	assert_true(rig_medium_whole(&r));
	assert_true(rig_medium_hides(&r));
	STR_CUT(password, r.password);
	get_back(&r, password);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_true(r.published);
	assert_int_equal(r.n_out_files, 3);
	assert_true(rig_same(&r, "in/a", "out/list.csv"));
	assert_true(rig_same(&r, "in/empty", "out/folder/empty"));
	assert_true(rig_same(&r, "in/long", "out/folder/\xe7\xb5\xa6\xe4\xb8\x8e.xlsx"));
	rig_done(&r);
}

static void test_stock_openssl_and_tar_open_a_copy(void **state)
{
	struct Rig r;
	char command[2048];

	(void)state;
	start_copy(&r);
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	snprintf(command, sizeof(command),
	        "for f in " COPY
	        "/*.p7m; do openssl cms -decrypt -binary -inform DER -in $f -pwri_password '%s' "
	        "-out $f.tar || exit 1; done; cat " COPY "/*.tar | tar -xf - -C out && cd out && "
	        "sha256sum -c --quiet SHA256SUMS",
	        r.password);
	assert_int_equal(rig_shell(&r, command), 0);
	assert_true(rig_same(&r, "in/long", "out/folder/\xe7\xb5\xa6\xe4\xb8\x8e.xlsx"));
	rig_done(&r);
}

static void slurp(struct Rig *r, const char *path, char *ret, size_t size)
{
	char full[256];
	FILE *f;
	size_t n;

	snprintf(full, sizeof(full), "%s/%s", r->folder, path);
	f = fopen(full, "re");
	assert_non_null(f);
	n = fread(ret, 1, size - 1, f);
	assert_true(n > 0);
	ret[n] = '\0';
	fclose(f);
}

static void test_a_certificate_serves_instead_of_a_password(void **state)
{
	struct Rig r;
	char pem[2048], key[2048];

	(void)state;
	start_copy(&r);
	assert_int_equal(rig_shell(&r, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
	                               "-keyout in/key -out in/crt -subj /CN=r -days 30 2>in/log"),
	        0);
	slurp(&r, "in/crt", pem, sizeof(pem));
	slurp(&r, "in/key", key, sizeof(key));
	r.pem[0] = pem;
	STR_CUT(r.secrets[0].recipient, "nenkin");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.report.by_certificate, 1);
	assert_int_equal(r.report.by_password, 0);
	assert_string_equal(r.report.recipient, "nenkin");
	assert_string_equal(r.password, "");
	r.pem[0] = key;
	get_back(&r, "");
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_true(rig_same(&r, "in/a", "out/list.csv"));
	rig_done(&r);
}

static void test_a_certificate_of_no_name_is_refused_where_the_policy_says_so(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	r.order.settings.recipient_files = 0;
	r.pem[0] = "x";
	rig_run(&r);
	assert_failed(&r, FAULT_RECIPIENT_FILE, "USB-0007");
	rig_done(&r);
}

static void test_what_is_no_certificate_is_refused(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	r.pem[0] = "-----BEGIN CERTIFICATE-----\nx\n";
	STR_CUT(r.secrets[0].recipient, "nenkin");
	rig_run(&r);
	assert_failed(&r, FAULT_BAD_CERTIFICATE, "nenkin");
	rig_done(&r);
}

static void test_an_own_password_is_taken_as_the_policy_says(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	STR_CUT(r.secrets[0].password, "correct horse battery staple");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_string_equal(r.password, "correct horse battery staple");
	get_back(&r, "correct horse battery staple");
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(rig_shell(&r, "rm -r medium/* out/*"), 0);
	r.order.kind = JOB_COPY;
	STR_CUT(r.secrets[0].password, "short");
	rig_run(&r);
	assert_failed(&r, FAULT_SHORT_PASSWORD, "20");
	STR_CUT(r.secrets[0].password, "aaaaaaaaaaaaaaaaaaaa");
	rig_run(&r);
	assert_failed(&r, FAULT_PASSWORD_KINDS, "28");
	r.order.settings.own_password_length = 24;
	STR_CUT(r.secrets[0].password, "Password of 23 or so on");
	rig_run(&r);
	assert_failed(&r, FAULT_SHORT_PASSWORD, "24");
	STR_CUT(r.secrets[0].password, "correct horse battery staple");
	r.order.settings.own_password = 0;
	rig_run(&r);
	assert_failed(&r, FAULT_OWN_PASSWORD, "USB-0007");
	rig_done(&r);
}

/* ------------------------------------------------------------------ files that cannot be copied */

static void test_a_descriptor_that_is_no_plain_file_is_refused_by_name(void **state)
{
	struct Rig r;

	(void)state;
	rig_start(&r, JOB_COPY);
	assert_int_equal(rig_shell(&r, "mkfifo in/fifo; mkdir in/dir; echo x > in/x"), 0);
	rig_add(&r, "in/fifo", "fifo");
	rig_run(&r);
	assert_failed(&r, FAULT_NOT_A_FILE, "fifo");
	r.files[0] = (struct RigFile){.path = "in/dir", .name = "dir"};
	rig_run(&r);
	assert_failed(&r, FAULT_NOT_A_FILE, "dir");
	r.files[0] = (struct RigFile){.path = "../../dev/null", .name = "device"};
	rig_run(&r);
	assert_failed(&r, FAULT_NOT_A_FILE, "device");
	r.files[0] = (struct RigFile){.path = "in/x", .name = "path", .flags = O_PATH};
	rig_run(&r);
	assert_failed(&r, FAULT_BAD_REQUEST, "path");
	r.files[0] = (struct RigFile){.path = "in/x", .name = "writable", .flags = O_RDWR};
	rig_run(&r);
	assert_failed(&r, FAULT_BAD_REQUEST, "writable");
	rig_done(&r);
}

static void test_a_file_that_could_not_be_opened_is_named(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	r.files[1] = (struct RigFile){.name = "secret", .fault = FAULT_FILE_UNREADABLE};
	rig_run(&r);
	assert_failed(&r, FAULT_FILE_UNREADABLE, "secret");
	rig_done(&r);
}

static void test_names_that_are_not_names_are_refused(void **state)
{
	static const char *const names[] = {"/etc/x", "../x", "a/../b", "a//b", "", "a/", "."};
	struct Rig r;

	(void)state;
	start_copy(&r);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		r.files[0].name = names[i];
		rig_run(&r);
		assert_failed(&r, FAULT_BAD_REQUEST, *names[i] ? names[i] : "USB-0007");
	}
	r.files[0].name = "SHA256SUMS";
	rig_run(&r);
	assert_failed(&r, FAULT_NAME_TWICE, "SHA256SUMS");
	r.files[0].name = "folder/empty";
	rig_run(&r);
	assert_failed(&r, FAULT_NAME_TWICE, "folder/empty");
	r.n_files = 0;
	rig_run(&r);
	assert_failed(&r, FAULT_BAD_REQUEST, "no file");
	rig_done(&r);
}

static void grow(struct Rig *r)
{
	assert_int_equal(rig_shell(r, "echo more >> in/long"), 0);
}

static void shrink(struct Rig *r)
{
	assert_int_equal(rig_shell(r, "truncate -s 100 in/long"), 0);
}

static void touch(struct Rig *r)
{
	assert_int_equal(rig_shell(r, "touch -d 2001-01-01 in/long"), 0);
}

static void replace(struct Rig *r)
{
	assert_int_equal(rig_shell(r, "cp -p in/long in/new && mv in/new in/long"), 0);
}

static void test_a_file_that_changes_between_the_passes_fails_the_copy(void **state)
{
	static const RigHook changes[] = {grow, shrink, touch, replace};
	struct Rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		start_copy(&r);
		r.second_pass = changes[i];
		rig_run(&r);
		assert_failed(&r, FAULT_FILE_CHANGED, "folder/\xe7\xb5\xa6\xe4\xb8\x8e.xlsx");
		rig_done(&r);
	}
}

/* ------------------------------------------------------------------ many, and strange names */

static const char *many_name(uint64_t i, char *name)
{
	snprintf(name, LIMIT_FILE_NAME, "folder %llu/\xe6\x97\xa5\xe6\x9c\xac\n%llu",
	        (unsigned long long)(i % 7), (unsigned long long)i);
	return "in/a";
}

static void test_ten_thousand_files_with_newlines_and_japanese_names(void **state)
{
	struct Rig r;
	char password[256];

	(void)state;
	rig_start(&r, JOB_COPY);
	rig_write(&r, "in/a", "12345", 5);
	r.many = many_name;
	r.n_many = 10000;
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.done.files, 10000);
	assert_int_equal(r.n_out_files, 10000);
	assert_true(rig_medium_whole(&r));
	STR_CUT(password, r.password);
	/* the stock tools agree; getting 10,000 files back through the script would only test the script */
	assert_int_equal(rig_shell(&r, "rm -f pw"), 0);
	rig_write(&r, "in/pw", password, strlen(password));
	assert_int_equal(rig_shell(&r, "for f in " COPY "/*.p7m; do openssl cms -decrypt -binary -inform DER "
	                               "-in $f -pwri_password \"$(cat in/pw)\" -out $f.tar || exit 1; done; "
	                               "cat " COPY "/*.tar | tar -xf - -C out && cd out && "
	                               "sha256sum -c --quiet SHA256SUMS && test $(find . -type f -print0 | "
	                               "tr -dc '\\0' | wc -c) = 10001"),
	        0);
	rig_done(&r);
}

/* ------------------------------------------------------------------ leftovers, ls, return */

static void test_leftovers_are_removed_first_and_told(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	assert_int_equal(rig_shell(&r, "mkdir medium/.MEDIAGATE-OLD1.tmp medium/.MEDIAGATE-OLD2.tmp && "
	                               "echo xx > medium/.MEDIAGATE-OLD1.tmp/OLD1-001of002.p7m && "
	                               "echo mine > medium/.MEDIAGATE-OLD2.tmp/thesis.txt"),
	        0);
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.n_found, 1);
	assert_int_equal(r.found[0].found, FOUND_LEFTOVER);
	assert_string_equal(r.found[0].copy, "OLD1");
	assert_int_equal(r.found[0].size, 3);
	assert_false(rig_exists(&r, "medium/.MEDIAGATE-OLD1.tmp"));
	/* what is not ours is not removed, whatever the folder is called */
	assert_true(rig_exists(&r, "medium/.MEDIAGATE-OLD2.tmp/thesis.txt"));
	rig_done(&r);
}

static void test_a_leftover_beside_its_own_final_folder_is_left_alone(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	assert_int_equal(rig_shell(&r, "mkdir medium/.MEDIAGATE-OLD1.tmp medium/MEDIAGATE-OLD1 && "
	                               "echo xx > medium/.MEDIAGATE-OLD1.tmp/OLD1-001of001.p7m"),
	        0);
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.n_found, 0);
	assert_true(rig_exists(&r, "medium/.MEDIAGATE-OLD1.tmp/OLD1-001of001.p7m"));
	rig_done(&r);
}

static const struct MsgListed *listed(struct Rig *r, const char *name)
{
	for (size_t i = 0; i < r->n_listed; i++)
		if (str_eq(r->listed[i].name, name))
			return &r->listed[i];
	return NULL;
}

static const struct MsgJobFound *found(struct Rig *r, const char *name)
{
	for (size_t i = 0; i < r->n_found; i++)
		if (str_eq(r->found[i].name, name))
			return &r->found[i];
	return NULL;
}

static void test_ls_and_return_tell_copies_from_the_rest(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(
	        rig_shell(&r, "mkdir -p medium/photos/deep medium/void medium/.MEDIAGATE-OLD1.tmp && "
	                      "echo x > medium/photos/deep/p.jpg; echo yy > medium/note.txt; "
	                      "echo z > " COPY "/plain.txt; cp -r " COPY " medium/MEDIAGATE-CUT1; "
	                      "mkdir medium/MEDIAGATE-CUT2; echo x > medium/MEDIAGATE-file"),
	        0);
	r.order.kind = JOB_LIST;
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(listed(&r, "7KQ2M0ZBXW93")->found, FOUND_COPY);
	assert_int_equal(listed(&r, "7KQ2M0ZBXW93")->files, 3);
	assert_true(listed(&r, "7KQ2M0ZBXW93")->size > (5 << 19));
	assert_true(listed(&r, "7KQ2M0ZBXW93")->time > 0);
	assert_int_equal(listed(&r, "CUT2")->found, FOUND_DAMAGED);
	assert_int_equal(listed(&r, ".MEDIAGATE-OLD1.tmp")->found, FOUND_LEFTOVER);
	assert_int_equal(listed(&r, "photos/deep/p.jpg")->found, FOUND_FOREIGN);
	assert_int_equal(listed(&r, "note.txt")->size, 3);
	assert_int_equal(listed(&r, "MEDIAGATE-file")->found, FOUND_FOREIGN);
	assert_non_null(listed(&r, "void"));
	r.order.kind = JOB_INSPECT;
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(found(&r, "MEDIAGATE-7KQ2M0ZBXW93")->found, FOUND_COPY);
	assert_string_equal(found(&r, "MEDIAGATE-7KQ2M0ZBXW93")->copy, "7KQ2M0ZBXW93");
	assert_int_equal(found(&r, "MEDIAGATE-7KQ2M0ZBXW93/plain.txt")->found, FOUND_FOREIGN);
	assert_int_equal(found(&r, "MEDIAGATE-CUT1")->found, FOUND_DAMAGED);
	assert_int_equal(found(&r, "photos/deep/p.jpg")->found, FOUND_FOREIGN);
	assert_non_null(found(&r, "void/"));
	assert_int_equal(found(&r, ".MEDIAGATE-OLD1.tmp")->found, FOUND_LEFTOVER);
	rig_done(&r);
}

static void test_a_copy_with_one_bit_changed_is_damaged_at_return_and_does_not_open(void **state)
{
	struct Rig r;
	char password[256];

	(void)state;
	start_copy(&r);
	rig_run(&r);
	STR_CUT(password, r.password);
	assert_int_equal(rig_shell(&r, "printf X | dd of=" COPY "/7KQ2M0ZBXW93-003of003.p7m bs=1 seek=5000 "
	                               "conv=notrunc status=none"),
	        0);
	r.order.kind = JOB_INSPECT;
	rig_run(&r);
	assert_int_equal(found(&r, "MEDIAGATE-7KQ2M0ZBXW93")->found, FOUND_DAMAGED);
	get_back(&r, password);
	assert_int_equal(r.done.fault, FAULT_DAMAGED);
	assert_string_equal(r.done.subject, "7KQ2M0ZBXW93-003of003.p7m");
	assert_false(r.published);
	assert_int_equal(r.n_out_files, 0);
	rig_done(&r);
}

static void test_more_than_a_thousand_strangers_are_counted(void **state)
{
	struct Rig r;

	(void)state;
	rig_start(&r, JOB_INSPECT);
	assert_int_equal(rig_shell(&r, "mkdir medium/d && cd medium/d && seq 1 1500 | xargs touch"), 0);
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.done.files, 1500);
	assert_int_equal(r.n_found, 1001);
	assert_string_equal(r.found[1000].name, "+500");
	r.order.kind = JOB_LIST;
	rig_run(&r);
	assert_int_equal(r.n_listed, 1001);
	assert_string_equal(r.listed[1000].name, "");
	assert_int_equal(r.listed[1000].files, 500);
	rig_done(&r);
}

/* ------------------------------------------------------------------ get */

static void test_a_wrong_password_may_be_tried_three_times(void **state)
{
	struct Rig r;
	char password[256];

	(void)state;
	start_copy(&r);
	rig_run(&r);
	STR_CUT(password, r.password);
	get_back(&r, "wrong");
	assert_int_equal(r.done.fault, FAULT_WRONG_PASSWORD);
	assert_int_equal(r.n_asked, 3);
	assert_false(r.published);
	STR_CUT(r.secrets[2].password, password);
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(r.n_asked, 3);
	assert_true(rig_same(&r, "in/a", "out/list.csv"));
	rig_done(&r);
}

static void test_a_copy_of_another_issuer_is_not_even_asked_for_its_password(void **state)
{
	struct Rig r;
	char password[256];

	(void)state;
	start_copy(&r);
	rig_run(&r);
	STR_CUT(password, r.password);
	/* the key of the signed note's specification */
	STR_CUT(r.issuer.vkey, "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
	get_back(&r, password);
	assert_int_equal(r.done.fault, FAULT_DAMAGED);
	assert_string_equal(r.done.subject, "MEDIAGATE-7KQ2M0ZBXW93");
	assert_int_equal(r.n_asked, 0);
	rig_done(&r);
}

static void test_where_no_issuer_is_named_a_copy_opens_unverified(void **state)
{
	struct Rig r;
	char password[256];

	(void)state;
	start_copy(&r);
	rig_run(&r);
	STR_CUT(password, r.password);
	get_back(&r, password);
	assert_true(r.published && r.verified);
	assert_int_equal(rig_shell(&r, "rm -r out/*"), 0);
	r.order.n_issuers = 0;
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_true(r.published && !r.verified);
	rig_done(&r);
}

static void test_plain_files_and_folders_come_as_they_are(void **state)
{
	struct Rig r;

	(void)state;
	rig_start(&r, JOB_GET);
	assert_int_equal(
	        rig_shell(&r, "mkdir -p medium/d/e && echo one > medium/d/1 && seq 100000 > medium/d/e/2 "
	                      "&& : > medium/d/e/0; ln -s /etc/passwd medium/link"),
	        0);
	STR_CUT(r.order.name, "d/1");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_true(rig_same(&r, "medium/d/1", "out/it"));
	assert_int_equal(r.n_out_files, 1);
	assert_string_equal(r.out_files[0].name, "d/1");
	STR_CUT(r.order.name, "d/");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_OK);
	assert_int_equal(rig_shell(&r, "rm out/it && diff -r medium/d out"), 0);
	STR_CUT(r.order.name, "link");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_NO_SUCH_COPY);
	STR_CUT(r.order.name, "../in");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_NO_SUCH_COPY);
	STR_CUT(r.order.name, "nothing");
	rig_run(&r);
	assert_int_equal(r.done.fault, FAULT_NO_SUCH_COPY);
	assert_string_equal(r.done.subject, "nothing");
	rig_done(&r);
}

/* ------------------------------------------------------------------ core says no */

static void test_without_a_signed_note_there_is_no_copy(void **state)
{
	struct Rig r;

	(void)state;
	start_copy(&r);
	r.proceed_fault = FAULT_NO_LEDGER;
	rig_run(&r);
	assert_failed(&r, FAULT_NO_LEDGER, "USB-0007");
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_copy_is_whole_and_opens_again),
	        cmocka_unit_test(test_stock_openssl_and_tar_open_a_copy),
	        cmocka_unit_test(test_a_certificate_serves_instead_of_a_password),
	        cmocka_unit_test(test_a_certificate_of_no_name_is_refused_where_the_policy_says_so),
	        cmocka_unit_test(test_what_is_no_certificate_is_refused),
	        cmocka_unit_test(test_an_own_password_is_taken_as_the_policy_says),
	        cmocka_unit_test(test_a_descriptor_that_is_no_plain_file_is_refused_by_name),
	        cmocka_unit_test(test_a_file_that_could_not_be_opened_is_named),
	        cmocka_unit_test(test_names_that_are_not_names_are_refused),
	        cmocka_unit_test(test_a_file_that_changes_between_the_passes_fails_the_copy),
	        cmocka_unit_test(test_ten_thousand_files_with_newlines_and_japanese_names),
	        cmocka_unit_test(test_leftovers_are_removed_first_and_told),
	        cmocka_unit_test(test_a_leftover_beside_its_own_final_folder_is_left_alone),
	        cmocka_unit_test(test_ls_and_return_tell_copies_from_the_rest),
	        cmocka_unit_test(test_a_copy_with_one_bit_changed_is_damaged_at_return_and_does_not_open),
	        cmocka_unit_test(test_more_than_a_thousand_strangers_are_counted),
	        cmocka_unit_test(test_a_wrong_password_may_be_tried_three_times),
	        cmocka_unit_test(test_a_copy_of_another_issuer_is_not_even_asked_for_its_password),
	        cmocka_unit_test(test_where_no_issuer_is_named_a_copy_opens_unverified),
	        cmocka_unit_test(test_plain_files_and_folders_come_as_they_are),
	        cmocka_unit_test(test_without_a_signed_note_there_is_no_copy),
	};

	return cmocka_run_group_tests_name("copy_job", tests, NULL, NULL);
}
