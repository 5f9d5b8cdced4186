/* SPDX-License-Identifier: Apache-2.0 */
/* load from its texts to core's rows, in its own process and inside its own filter. */
#include "../lsan_libconfig.h"
#include "channel.h"
#include "fault.h"
#include "load.h"
#include "policy.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

#define BAD "tests/bad/policy"

static const char accounts[] = "root:x:0:0:root:/root:/bin/sh\n"
                               "daemon:x:1:1::/:/bin/false\n"
                               "supervisor1:x:1001:1001::/home/s:/bin/sh\n"
                               "clerk1:x:1003:1003::/home/c:/bin/sh\n";

struct Heard {
	struct Policy *policy;
	struct MsgLoadEnd end;
	uint32_t n_rows;
	int n_ends, status;
};

static int memory(const char *bytes, size_t n)
{
	int fd = memfd_create("text", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("%s is not there", path);
	return fd;
}

static void hear(int fd, struct Heard *ret)
{
	struct Message m;

	while (!channel_receive(fd, &m)) {
		if (m.type == MSG_LOAD_END) {
			ret->end = m.body.LOAD_END;
			ret->n_ends++;
		} else {
			assert_int_equal(ret->n_ends, 0); /* nothing comes behind the end */
			ret->n_rows++;
			assert_int_equal(policy_add(ret->policy, m.type, &m.body), 0);
		}
		message_done(&m);
	}
}

/* The files of tests/vm/etc, one of them replaced. */
static void load(int replaced, int text, struct Heard *ret)
{
	struct LoadInput in = {.accounts = memory(accounts, sizeof(accounts) - 1)};
	int ends[2], status;
	pid_t child;

	*ret = (struct Heard){};
	assert_int_equal(policy_new(&ret->policy), 0);
	for (int i = 0; i < _CONFIG_FILE_N; i++) {
		char path[128];

		snprintf(path, sizeof(path), "tests/vm/etc/%s", config_name((enum ConfigFile)i));
		in.texts[i] = i == replaced ? text : file(path);
	}
	assert_int_equal(channel_pair(ends), 0);
	in.channel = ends[1];
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int r;

		close(ends[0]);
		r = load_confine();
		if (SANDBOX && (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 || errno != ENOENT))
			_exit(2); /* the filter is not there */
		if (r >= 0)
			r = load_run(&in);
		_exit(r < 0 ? 1 : 0);
	}
	close(ends[1]);
	close(in.accounts);
	for (int i = 0; i < _CONFIG_FILE_N; i++)
		close(in.texts[i]);
	hear(ends[0], ret);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_a_right_configuration_comes_whole(void **state _unused_)
{
	struct Heard h;

	load(-1, -1, &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.n_ends, 1);
	assert_int_equal(h.end.fault, FAULT_OK);
	assert_int_equal(h.end.n_rows, h.n_rows);
	assert_string_equal(h.end.subject, "");
	assert_string_equal(policy_terminal(h.policy)->id, "T001");
	assert_int_equal(policy_settings(h.policy)->checkout_days, 31);
	policy_free(h.policy);
}

static void test_uids_are_those_of_the_accounts(void **state _unused_)
{
	struct Heard h;

	load(-1, -1, &h);
	assert_int_equal(policy_person_by_login(h.policy, "supervisor1")->uid, 1001);
	assert_int_equal(policy_person_by_login(h.policy, "clerk1")->uid, 1003);
	assert_int_equal(policy_person_by_login(h.policy, "root")->uid, 0);
	assert_null(policy_person_by_login(h.policy, "clerk2")); /* no account */
	assert_null(policy_person_by_uid(h.policy, 1));          /* an account, and nobody of the roster */
	policy_free(h.policy);
}

/* A mistake in any of the files: one message, naming it, and not one row. */
static void test_a_mistake_in_any_file_is_all_that_comes(void **state _unused_)
{
	static const struct {
		enum ConfigFile file;
		const char *path, *subject;
	} rows[] = {
	        {CONFIG_TERMINAL, BAD "/an-unknown-zone.terminal.conf",
	                "terminal.conf:5: zone does not know \"hall\"; choose from: managed handling other"},
	        {CONFIG_POLICY, BAD "/no-days-to-lend.policy.conf",
	                "policy.conf:7: checkout_days must be from 1 to 366"},
	        {CONFIG_ROSTER, BAD "/an-administrator-with-another-role.roster.conf",
	                "roster.conf:7: root: an administrator has no other role; use two accounts"},
	        {CONFIG_RECIPIENTS, BAD "/a-certificate-without-a-whole-path.recipients.conf",
	                "recipients.conf:2: certificate must be a whole path, from / on"},
	        {CONFIG_ROSTER, BAD "/an-include.roster.conf",
	                "roster.conf:1: @include is not allowed; write it into this file"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct Heard h;

		load((int)rows[i].file, file(rows[i].path), &h);
		assert_int_equal(h.status, 0);
		assert_int_equal(h.n_ends, 1);
		assert_int_equal(h.n_rows, 0);
		assert_int_equal(h.end.n_rows, 0);
		assert_int_equal(h.end.fault, FAULT_BAD_CONFIG);
		assert_string_equal(h.end.subject, rows[i].subject);
		policy_free(h.policy);
	}
}

static void test_a_text_of_any_size_does_not_break_the_filter(void **state _unused_)
{
	char *text = malloc(LIMIT_CONFIG + 2);
	struct Heard h;

	assert_non_null(text);
	memset(text, '(', LIMIT_CONFIG + 2);
	memcpy(text, "a=", 2);
	load(CONFIG_RECIPIENTS, memory(text, LIMIT_CONFIG), &h);
	assert_int_equal(h.status, 0);
	assert_int_equal(h.end.fault, FAULT_BAD_CONFIG);
	policy_free(h.policy);
	load(CONFIG_RECIPIENTS, memory(text, LIMIT_CONFIG + 2), &h);
	assert_int_equal(h.status, 0);
	assert_string_equal(h.end.subject, "recipients.conf:1: the file is longer than 262144 bytes");
	policy_free(h.policy);
	free(text);
}

static void test_a_text_that_cannot_be_read_ends_without_an_answer(void **state _unused_)
{
	struct Heard h;

	load(CONFIG_POLICY, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), &h);
	assert_int_equal(h.status, 1);
	assert_int_equal(h.n_ends, 0);
	assert_int_equal(h.n_rows, 0);
	policy_free(h.policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_right_configuration_comes_whole),
	        cmocka_unit_test(test_uids_are_those_of_the_accounts),
	        cmocka_unit_test(test_a_mistake_in_any_file_is_all_that_comes),
	        cmocka_unit_test(test_a_text_of_any_size_does_not_break_the_filter),
	        cmocka_unit_test(test_a_text_that_cannot_be_read_ends_without_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
