/* SPDX-License-Identifier: Apache-2.0 */
/* A real disk that is full, and one that is read-only: a small file system in memory, in a namespace of our
 * own. */
#include "ledger_rig.h"

#include "fault.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct Rig rig;

static void append(enum RecordResult result, uint64_t intent, int expected)
{
	assert_int_equal(rig_append_copy(&rig, result, intent), expected);
}

static void assert_all_covered(void)
{
	struct LedgerReport report;

	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.records, report.covered);
}

/* In a child, which must end well; where no namespace can be had the test is skipped. */
static void on_a_small_disk(void (*act)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) ||
		        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		        mount("tmpfs", "/mnt", "tmpfs", 0, "size=2m,mode=0777"))
			_exit(77);
		rig_make(&rig, "/mnt");
		assert_int_equal(rig_enrol(&rig), 0);
		assert_int_equal(rig_start(&rig), 0);
		append(RESULT_INTENT, 0, FAULT_OK);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* Filled to the last page by somebody else. */
static void full_disk(void)
{
	_cleanup_fd_ int filler = -1;
	static char page[4096];
	uint64_t acts = 0;

	filler = openat(rig.dir, "filler", O_WRONLY | O_CREAT, 0600);
	while (write(filler, page, sizeof(page)) > 0)
		;
	for (;;) {
		struct Record r;
		uint64_t n;
		int fault;

		record_start(&r, RECORD_LIST, RESULT_DONE);
		fault = rig_append(&rig, &r, &n);
		if (fault == FAULT_LEDGER_FULL)
			break;
		assert_int_equal(fault, FAULT_OK);
		assert_true(++acts < 20000);
	}
	for (int i = 0; i < 500; i++)
		append(RESULT_REFUSED, 0, FAULT_OK);
	append(RESULT_DONE, 1, FAULT_OK);
	assert_int_equal(rig_stop(&rig), 0);
	/* a start on the full disk works; acts stay refused, then room comes back */
	assert_int_equal(rig_start(&rig), 0);
	append(RESULT_INTENT, 0, FAULT_LEDGER_FULL);
	append(RESULT_REFUSED, 0, FAULT_OK);
	assert_int_equal(ftruncate(filler, 0), 0);
	append(RESULT_INTENT, 0, FAULT_OK);
	assert_int_equal(rig_stop(&rig), 0);
	assert_all_covered();
}

static void test_a_really_full_disk_refuses_acts_and_still_records_refusals(void **state _unused_)
{
	on_a_small_disk(full_disk);
}

static void disk_mount(unsigned long flags)
{
	assert_int_equal(mount("tmpfs", "/mnt", NULL, MS_REMOUNT | flags, "size=2m"), 0);
}

static void read_only_disk(void)
{
	_cleanup_free_ char *records = NULL, *checkpoint = NULL, *same = NULL, *as_well = NULL;
	size_t n, n_checkpoint, n_same, n_as_well;

	assert_int_equal(rig_stop(&rig), 0);
	records = rig_file(&rig, "records.jsonl", &n);
	checkpoint = rig_file(&rig, "checkpoint", &n_checkpoint);
	disk_mount(MS_RDONLY);
	assert_true(rig_start(&rig) > 0); /* a fault by its name: nothing opens, and the person can be told */
	assert_int_not_equal(rig_stop(&rig), 0);
	same = rig_file(&rig, "records.jsonl", &n_same);
	as_well = rig_file(&rig, "checkpoint", &n_as_well);
	assert_int_equal(n_same, n);
	assert_memory_equal(same, records, n);
	assert_int_equal(n_as_well, n_checkpoint);
	assert_memory_equal(as_well, checkpoint, n_checkpoint);
	assert_all_covered();
	disk_mount(0);
	assert_int_equal(rig_start(&rig), 0);
	append(RESULT_DONE, 2, FAULT_OK);
	assert_int_equal(rig_stop(&rig), 0);
	assert_all_covered();
}

static void test_on_a_read_only_disk_nothing_begins_and_nothing_changes(void **state _unused_)
{
	on_a_small_disk(read_only_disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_really_full_disk_refuses_acts_and_still_records_refusals),
	        cmocka_unit_test(test_on_a_read_only_disk_nothing_begins_and_nothing_changes),
	};

	umask(0022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
