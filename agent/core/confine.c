/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include "sandbox.h"

#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

/* Nothing is ever writable and executable; what a program's libraries need is the one or the other. */
#define MEMORY                                                                                                \
	SANDBOX_ALLOW(brk), SANDBOX_BITS(mmap, 2, PROT_WRITE | PROT_EXEC, 0),                                 \
		SANDBOX_BITS(mmap, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE),                                    \
		SANDBOX_BITS(mmap, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC),                                     \
		SANDBOX_BITS(mprotect, 2, PROT_WRITE | PROT_EXEC, 0),                                         \
		SANDBOX_BITS(mprotect, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE),                                \
		SANDBOX_BITS(mprotect, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC), SANDBOX_ALLOW(munmap),          \
		SANDBOX_ALLOW(mremap), SANDBOX_ALLOW(madvise), SANDBOX_ALLOW(futex), SANDBOX_ALLOW(membarrier)

/* What a program is started with, asks about itself, and ends with. */
#define PROGRAM                                                                                                \
	SANDBOX_ALLOW(execve), SANDBOX_ALLOW(arch_prctl), SANDBOX_ALLOW(set_tid_address),                      \
		SANDBOX_ALLOW(set_robust_list), SANDBOX_ALLOW(rseq), SANDBOX_ALLOW(prlimit64),                 \
		SANDBOX_ALLOW(getrlimit), SANDBOX_ALLOW(getrusage), SANDBOX_ALLOW(sysinfo),                    \
		SANDBOX_ALLOW(uname), SANDBOX_ALLOW(getrandom), SANDBOX_ALLOW(getpid), SANDBOX_ALLOW(getppid), \
		SANDBOX_ALLOW(gettid), SANDBOX_ALLOW(getuid), SANDBOX_ALLOW(geteuid), SANDBOX_ALLOW(getgid),   \
		SANDBOX_ALLOW(getegid), SANDBOX_ALLOW(getresuid), SANDBOX_ALLOW(getresgid),                    \
		SANDBOX_ALLOW(getgroups), SANDBOX_ALLOW(getpgrp), SANDBOX_ALLOW(sched_getaffinity),            \
		SANDBOX_ALLOW(sched_yield), SANDBOX_ALLOW(rt_sigaction), SANDBOX_ALLOW(rt_sigprocmask),        \
		SANDBOX_ALLOW(rt_sigreturn), SANDBOX_ALLOW(sigaltstack), SANDBOX_ALLOW(restart_syscall),       \
		SANDBOX_ALLOW(tgkill), SANDBOX_ALLOW(exit), SANDBOX_ALLOW(exit_group)

#define TIME                                                                                               \
	SANDBOX_ALLOW(clock_gettime), SANDBOX_ALLOW(clock_getres), SANDBOX_ALLOW(gettimeofday),            \
		SANDBOX_ALLOW(time), SANDBOX_ALLOW(times), SANDBOX_ALLOW(nanosleep), SANDBOX_ALLOW(clock_nanosleep)

/* Files that are there. */
#define FILES                                                                                                \
	SANDBOX_ALLOW(read), SANDBOX_ALLOW(write), SANDBOX_ALLOW(readv), SANDBOX_ALLOW(writev),              \
		SANDBOX_ALLOW(pread64), SANDBOX_ALLOW(pwrite64), SANDBOX_ALLOW(open), SANDBOX_ALLOW(openat), \
		SANDBOX_ALLOW(close), SANDBOX_ALLOW(close_range), SANDBOX_ALLOW(lseek), SANDBOX_ALLOW(stat), \
		SANDBOX_ALLOW(fstat), SANDBOX_ALLOW(lstat), SANDBOX_ALLOW(newfstatat), SANDBOX_ALLOW(statx), \
		SANDBOX_ALLOW(statfs), SANDBOX_ALLOW(fstatfs), SANDBOX_ALLOW(access),                        \
		SANDBOX_ALLOW(faccessat), SANDBOX_ALLOW(faccessat2), SANDBOX_ALLOW(readlink),                \
		SANDBOX_ALLOW(readlinkat), SANDBOX_ALLOW(getdents64), SANDBOX_ALLOW(getcwd),                 \
		SANDBOX_ALLOW(dup), SANDBOX_ALLOW(dup2), SANDBOX_ALLOW(dup3), SANDBOX_ALLOW(fcntl),          \
		SANDBOX_ALLOW(flock), SANDBOX_ALLOW(fsync), SANDBOX_ALLOW(fdatasync), SANDBOX_ALLOW(sync),   \
		SANDBOX_ALLOW(fadvise64), SANDBOX_ALLOW(ioctl), SANDBOX_ALLOW(umask), SANDBOX_ALLOW(poll),   \
		SANDBOX_ALLOW(ppoll)

static const struct SandboxRow tools[] = {MEMORY, PROGRAM, TIME, FILES};

/*
 * Wide, for it holds for all that core starts until each has entered its own. What it takes away for good,
 * from core too: tracing and other processes' memory, modules, kexec, bpf, keys, io_uring, the clock, swap,
 * other namespaces, every mount but a session's, every socket but unix and netlink.
 */
static const struct SandboxRow core[] = {
	MEMORY,
	SANDBOX_ALLOW(mlock),
	SANDBOX_ALLOW(mlock2),
	SANDBOX_ALLOW(munlock),
	PROGRAM,
	TIME,
	FILES,
	/* files that are made: the last good configuration; ledger's and the jobs' */
	SANDBOX_ALLOW(openat2),
	SANDBOX_ALLOW(ftruncate),
	SANDBOX_ALLOW(fallocate),
	SANDBOX_ALLOW(syncfs),
	SANDBOX_ALLOW(sync_file_range),
	SANDBOX_ALLOW(mkdir),
	SANDBOX_ALLOW(mkdirat),
	SANDBOX_ALLOW(renameat),
	SANDBOX_ALLOW(unlink),
	SANDBOX_ALLOW(unlinkat),
	SANDBOX_ALLOW(fchmod),
	SANDBOX_ALLOW(fchown),
	SANDBOX_ALLOW(memfd_create),
	SANDBOX_ALLOW(inotify_init1),
	SANDBOX_ALLOW(inotify_add_watch),
	SANDBOX_ALLOW(inotify_rm_watch),
	/* the loop, and channels */
	SANDBOX_ALLOW(epoll_create1),
	SANDBOX_ALLOW(epoll_ctl),
	SANDBOX_ALLOW(epoll_wait),
	SANDBOX_ALLOW(epoll_pwait),
	SANDBOX_ALLOW(timerfd_create),
	SANDBOX_ALLOW(timerfd_settime),
	SANDBOX_ALLOW(signalfd4),
	SANDBOX_ALLOW(eventfd2),
	SANDBOX_ALLOW(pipe2),
	SANDBOX_WITH(socket, 0, AF_UNIX),
	SANDBOX_WITH(socket, 0, AF_NETLINK),
	SANDBOX_WITH(socketpair, 0, AF_UNIX),
	SANDBOX_ALLOW(connect),
	SANDBOX_ALLOW(bind),
	SANDBOX_ALLOW(accept4),
	SANDBOX_ALLOW(shutdown),
	SANDBOX_ALLOW(getsockname),
	SANDBOX_ALLOW(getpeername),
	SANDBOX_ALLOW(getsockopt),
	SANDBOX_ALLOW(setsockopt),
	SANDBOX_ALLOW(sendmsg),
	SANDBOX_ALLOW(sendmmsg),
	SANDBOX_ALLOW(recvmsg),
	SANDBOX_ALLOW(sendto),
	SANDBOX_ALLOW(recvfrom),
	/* children: no namespace by clone; clone3 would hide its flags from the filter */
	SANDBOX_BITS(clone, 0,
		CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
			CLONE_NEWTIME,
		0),
	SANDBOX_DENY(clone3, ENOSYS),
	SANDBOX_ALLOW(wait4),
	SANDBOX_ALLOW(kill),
	SANDBOX_ALLOW(pidfd_open),
	SANDBOX_ALLOW(getcpu),
	SANDBOX_ALLOW(sched_setaffinity),
	SANDBOX_WITH(sched_setscheduler, 1, SCHED_OTHER),
	/* giving up rights, entering a filter */
	SANDBOX_ALLOW(setresuid),
	SANDBOX_ALLOW(setresgid),
	SANDBOX_ALLOW(setuid),
	SANDBOX_ALLOW(setgroups),
	SANDBOX_ALLOW(capget),
	SANDBOX_ALLOW(capset),
	SANDBOX_ALLOW(prctl),
	SANDBOX_ALLOW(seccomp),
	SANDBOX_ALLOW(setrlimit),
	/* a session's namespaces and its mount, the private /dev of --prepare */
	SANDBOX_WITH(unshare, 0, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC),
	SANDBOX_WITH(mount, 3, MS_REC | MS_PRIVATE),
	SANDBOX_WITH(mount, 3, MS_NOSUID | MS_NOEXEC),
	SANDBOX_BITS(mount, 3, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW | MS_REMOUNT | MS_BIND | MS_MOVE,
		MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW),
	SANDBOX_ALLOW(mknod),
	SANDBOX_ALLOW(mknodat),
	SANDBOX_ALLOW(chmod),
	SANDBOX_ALLOW(chown),
	SANDBOX_ALLOW(fchmodat),
	SANDBOX_ALLOW(fchownat),
};

int core_confine(void)
{
	int r = sandbox_enter(core, ARRAY_SIZE(core));

	malloc_trim(0); /* what the library needed to write the filter */
	return r;
}

int tools_confine(void)
{
	return sandbox_enter_tool(tools, ARRAY_SIZE(tools));
}
