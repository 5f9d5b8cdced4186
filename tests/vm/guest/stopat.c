/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stops a process at one enumerated point of its work: right before the N-th system call that has an effect
 * outside it (it writes, sends, syncs, renames, makes, removes, mounts, becomes somebody, starts something).
 *   stopat LIST ROLE N SIGNAL PID…            follows those processes and all that they start
 *   stopat LIST ROLE N SIGNAL -- COMMAND…     becomes COMMAND and follows it from its first instruction
 * ROLE: the program's name (core, ledger, copy…); a child that has not executed anything yet adds "+" to its
 * parent's. N 0: nobody is stopped; CALL: at its first such call. Every point passed goes into the file LIST as "ROLE N CALL", the one hit
 * with "hit" before it; having hit it lets go of all and ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 256

static const struct {
	long nr;
	const char *name;
} calls[] = {
        {SYS_write, "write"},
        {SYS_pwrite64, "pwrite64"},
        {SYS_writev, "writev"},
        {SYS_sendmsg, "sendmsg"},
        {SYS_sendto, "sendto"},
        {SYS_fsync, "fsync"},
        {SYS_fdatasync, "fdatasync"},
        {SYS_syncfs, "syncfs"},
        {SYS_sync_file_range, "sync_file_range"},
        {SYS_rename, "rename"},
        {SYS_renameat, "renameat"},
        {SYS_renameat2, "renameat2"},
        {SYS_unlink, "unlink"},
        {SYS_unlinkat, "unlinkat"},
        {SYS_mkdir, "mkdir"},
        {SYS_mkdirat, "mkdirat"},
        {SYS_rmdir, "rmdir"},
        {SYS_ftruncate, "ftruncate"},
        {SYS_fallocate, "fallocate"},
        {SYS_mount, "mount"},
        {SYS_umount2, "umount2"},
        {SYS_move_mount, "move_mount"},
        {SYS_fsmount, "fsmount"},
        {SYS_unshare, "unshare"},
        {SYS_mknod, "mknod"},
        {SYS_mknodat, "mknodat"},
        {SYS_setresuid, "setresuid"},
        {SYS_setresgid, "setresgid"},
        {SYS_clone, "clone"},
        {SYS_clone3, "clone3"},
        {SYS_fork, "fork"},
        {SYS_vfork, "vfork"},
        {SYS_execve, "execve"},
        {SYS_accept4, "accept4"},
        {SYS_kill, "kill"},
        {SYS_exit_group, "exit_group"},
};

struct Tracee {
	pid_t tid, group;
	char role[32];
};

static struct Tracee tracees[MOST];
static struct {
	char role[32];
	unsigned int n;
} counts[64];

static struct Tracee *tracee_find(pid_t tid)
{
	for (size_t i = 0; i < MOST; i++)
		if (tracees[i].tid == tid)
			return &tracees[i];
	return NULL;
}

static void tracee_add(pid_t tid, pid_t group, const char *role)
{
	struct Tracee *t = tracee_find(tid);

	if (!t)
		t = tracee_find(0);
	if (!t)
		exit(3);
	t->tid = tid;
	t->group = group;
	if (t->role != role)
		snprintf(t->role, sizeof(t->role), "%.31s", role);
}

static unsigned int count_of(const char *role)
{
	size_t i = 0;

	while (counts[i].role[0] && strcmp(counts[i].role, role) != 0)
		i++;
	if (i + 1 >= sizeof(counts) / sizeof(counts[0]))
		exit(3);
	snprintf(counts[i].role, sizeof(counts[i].role), "%s", role);
	return ++counts[i].n;
}

/* The name of a process' program; the daemon itself is "core". */
static void role_of(pid_t pid, char role[32])
{
	char link[64], path[512] = "";
	const char *base;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		path[0] = '\0';
	base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	snprintf(role, 32, "%.31s", strcmp(base, "mediagated") == 0 ? "core" : base);
}

static pid_t group_of(pid_t tid)
{
	char path[64], line[128];
	pid_t group = tid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	if (f)
		fclose(f);
	return group;
}

/* The name of a call that counts, or NULL. */
static const char *counts_as(const struct __ptrace_syscall_info *s)
{
	int flags = (int)s->entry.args[2];

	if (s->entry.nr == SYS_openat && (flags & O_CREAT))
		return "openat";
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].nr == (long)s->entry.nr)
			/* what goes into the log is nobody's state */
			return calls[i].nr == SYS_write && s->entry.args[0] == 2 ? NULL : calls[i].name;
	return NULL;
}

/* Whether this was the point. */
static bool is_point(const struct Tracee *t, const char *role, const char *point, unsigned int k, const char *name)
{
	unsigned int n = (unsigned int)atoi(point);

	return strcmp(role, t->role) == 0 && (strcmp(point, name) == 0 || (n && k == n));
}

static bool at_call(int list, struct Tracee *t, const char *role, const char *point, int signal)
{
	struct __ptrace_syscall_info s;
	const char *name;
	unsigned int k;
	bool hit;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(s), &s) < 0 || s.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	name = counts_as(&s);
	if (!name)
		return false;
	k = count_of(t->role);
	hit = is_point(t, role, point, k, name);
	dprintf(list, "%s%s %u %s\n", hit ? "hit " : "", t->role, k, name);
	if (hit)
		kill(t->group, signal);
	return hit;
}

static void at_event(struct Tracee *t, int event)
{
	unsigned long value = 0;
	char role[32];

	if (event == PTRACE_EVENT_EXEC) {
		role_of(t->tid, role);
		snprintf(t->role, sizeof(t->role), "%s", role);
		t->group = group_of(t->tid);
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
		ptrace(PTRACE_GETEVENTMSG, t->tid, 0, &value);
		pid_t child = (pid_t)value, group = group_of(child);

		snprintf(role, sizeof(role), "%.30s%s", t->role, group == t->group ? "" : "+");
		tracee_add(child, group, role);
	}
}

static int follow(int list, const char *role, const char *point, int signal)
{
	for (;;) {
		int status, deliver = 0;
		pid_t tid = waitpid(-1, &status, __WALL);
		struct Tracee *t;

		if (tid < 0)
			return errno == ECHILD ? 0 : 4;
		t = tracee_find(tid);
		if (!t) { /* a child that is quicker than its parent's event */
			tracee_add(tid, group_of(tid), "?");
			t = tracee_find(tid);
		}
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			t->tid = 0;
			continue;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (at_call(list, t, role, point, signal))
				return 0;
		} else if (status >> 16 == PTRACE_EVENT_STOP) {
			if (WSTOPSIG(status) != SIGTRAP) { /* a stop of its whole group goes on as one */
				ptrace(PTRACE_LISTEN, tid, 0, 0);
				continue;
			}
		} else if (status >> 16)
			at_event(t, status >> 16);
		else
			deliver = WSTOPSIG(status);
		ptrace(PTRACE_SYSCALL, tid, 0, (void *)(long)deliver);
	}
}

static int seize(pid_t pid)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	               PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	char role[32];

	role_of(pid, role);
	tracee_add(pid, group_of(pid), role);
	if (ptrace(PTRACE_SEIZE, pid, 0, (void *)options) || ptrace(PTRACE_INTERRUPT, pid, 0, 0)) {
		perror("stopat");
		return -1;
	}
	return 0;
}

/* The caller goes on as the command; a process that is nobody's child follows it. */
static int become(int list, char **argv, const char *role, const char *point, int signal)
{
	pid_t self = getpid(), child;
	int ready[2];
	char c;

	if (pipe2(ready, O_CLOEXEC))
		return 2;
	child = fork();
	if (child == 0) {
		if (fork())
			_exit(0);
		setsid();
		if (seize(self))
			_exit(2);
		dprintf(ready[1], "x");
		_exit(follow(list, role, point, signal));
	}
	waitpid(child, NULL, 0);
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		return 2;
	close(ready[0]);
	close(list);
	execv(argv[0], argv);
	return 127;
}

int main(int argc, char **argv)
{
	const char *role = argc > 2 ? argv[2] : "", *point = argc > 3 ? argv[3] : "0";
	int signal = argc > 4 ? atoi(argv[4]) : 0, list;

	if (argc < 6) {
		fprintf(stderr, "stopat LIST ROLE N SIGNAL PID… | -- COMMAND…\n");
		return 2;
	}
	list = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (list < 0)
		return 2;
	if (strcmp(argv[5], "--") == 0)
		return become(list, argv + 6, role, point, signal);
	for (int i = 5; i < argc; i++)
		if (seize((pid_t)atoi(argv[i])))
			return 2;
	dprintf(list, "ready\n");
	return follow(list, role, point, signal);
}
