/* SPDX-License-Identifier: Apache-2.0 */
/* Core's filter and that of the tools that make and mend file systems, each entered in a child. */
#include "confine.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

/* What the child comes to: its status, or the signal that ended it, negative. */
static int in_child(int (*confine)(void), int (*act)(const void *), const void *owner)
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || confine() < 0)
			_exit(120);
		_exit(act(owner));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int call(const void *owner)
{
	const long *a = owner;

	return syscall(a[0], a[1], a[2], a[3], a[4], a[5], 0) < 0 && errno == EPERM ? 1 : 0;
}

static void test_what_core_never_does_ends_it(void **state)
{
	static const long calls[][6] = {
		{__NR_ptrace, PTRACE_TRACEME},
		{__NR_process_vm_readv, 1},
		{__NR_init_module},
		{__NR_finit_module, -1},
		{__NR_kexec_load},
		{__NR_bpf},
		{__NR_perf_event_open},
		{__NR_io_uring_setup, 1},
		{__NR_add_key},
		{__NR_settimeofday},
		{__NR_clock_settime},
		{__NR_swapon},
		{__NR_setns, -1},
		{__NR_pivot_root},
		{__NR_chroot},
		{__NR_umount2},
		{__NR_open_by_handle_at},
		{__NR_socket, AF_INET, SOCK_STREAM},
		{__NR_socket, AF_PACKET, SOCK_RAW},
		{__NR_unshare, CLONE_NEWUSER},
		{__NR_unshare, CLONE_NEWNS},
		{__NR_clone, CLONE_NEWUSER | SIGCHLD},
		{__NR_mount, 0, 0, 0, 0},
		{__NR_mount, 0, 0, 0, MS_BIND},
		{__NR_mount, 0, 0, 0, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC | 256},
		{__NR_mount, 0, 0, 0, MS_NOSUID | MS_NODEV | MS_NOEXEC},
		{__NR_mmap, 0, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1},
		{__NR_mprotect, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		int r = in_child(core_confine, call, calls[i]);

		if (r != -SIGSYS)
			print_error("call %ld, row %zu: %d\n", calls[i][0], i, r);
		assert_int_equal(r, -SIGSYS);
	}
}

static int run(const void *owner)
{
	const char *const *words = owner;
	char *copy[8] = {};

	memcpy(copy, words, sizeof(copy));
	execv(copy[0], copy);
	return 121;
}

static void test_core_starts_programs(void **state)
{
	static const char *const words[8] = {"/bin/sh", "-c", "echo a | grep -q a && exec /bin/true"};

	(void)state;
	assert_int_equal(in_child(core_confine, run, words), 0);
}

static int both(void)
{
	int r = core_confine();

	return r < 0 ? r : tools_confine();
}

/* The real ones, on a file, in both filters as in core. */
static void test_the_tools_that_make_and_mend_work_in_their_filter(void **state)
{
	static const char image[] = "/tmp/mediagate-confine.img";
	static const char *const tools[][8] = {
		{"/usr/sbin/sfdisk", "--quiet", "--wipe", "always", "--no-reread", "--no-tell-kernel", image},
		{"/usr/sbin/mkfs.vfat", "-F", "32", "-n", "MEDIAGATE", image},
		{"/usr/sbin/fsck.vfat", "-a", image},
		{"/usr/sbin/mkfs.exfat", "-L", "MEDIAGATE", image},
		{"/usr/sbin/fsck.exfat", "-a", image},
	};
	int input = open("/tmp/mediagate-confine.table", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int fd = open(image, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	static const char table[] = "label: dos\nstart=2048, type=c\n";
	size_t ran = 0;

	(void)state;
	assert_int_equal(write(input, table, sizeof(table) - 1), sizeof(table) - 1);
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		if (access(tools[i][0], X_OK))
			continue;
		lseek(input, 0, SEEK_SET);
		assert_true(dup2(input, STDIN_FILENO) >= 0);
		assert_int_equal(in_child(both, run, tools[i]), 0);
		ran++;
	}
	close(input);
	close(fd);
	unlink(image);
	unlink("/tmp/mediagate-confine.table");
	if (!ran)
		skip();
}

static void test_what_the_tools_do_not_need_is_answered_with_eperm(void **state)
{
	static const long calls[][6] = {
		{__NR_ptrace, PTRACE_TRACEME}, {__NR_socket, AF_INET, SOCK_STREAM}, {__NR_socket, AF_UNIX, SOCK_STREAM},
		{__NR_mount}, {__NR_unshare, CLONE_NEWUSER}, {__NR_clone, SIGCHLD}, {__NR_kill, 1},
		{__NR_setresuid, 0}, {__NR_mknod}, {__NR_bpf}, {__NR_prctl, PR_SET_DUMPABLE, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_int_equal(in_child(tools_confine, call, calls[i]), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_core_never_does_ends_it),
		cmocka_unit_test(test_core_starts_programs),
		cmocka_unit_test(test_the_tools_that_make_and_mend_work_in_their_filter),
		cmocka_unit_test(test_what_the_tools_do_not_need_is_answered_with_eperm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
