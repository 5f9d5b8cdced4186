/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include "confine.h"
#include "privs.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

int tool_dev(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC))
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") ? -errno : 0;
}

int tool_node(const struct MountOrder *o, const char *name, uint32_t major, uint32_t minor)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", name);
	/* the tools own it; root, without leave to override modes, gets at it by its group */
	if (mknod(path, S_IFBLK | 0600, makedev(major, minor)) || chmod(path, 0660) || chown(path, o->uid, 0))
		return -errno;
	return 0;
}

_noreturn_ static void become(const struct MountOrder *o, const struct Tool *t, int in, pid_t parent)
{
	char *const environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin"}, (char[]){"LC_ALL=C"}, NULL};
	const struct rlimit most = {t->memory, t->memory};
	char *copy[TOOL_WORDS + 1] = {};

	memcpy(copy, t->words, sizeof(t->words));
	if (dup2(in, 0) < 0 || (t->output && (dup2(t->output, 1) < 0 || dup2(t->output, 2) < 0)))
		_exit(126);
	if (close_range(3, ~0u, 0) || privs_drop(o->uid, o->gid, 64) < 0)
		_exit(126);
	/* who started it may be killed, and takes it along; asked last, for a change of user forgets it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent)
		_exit(126);
	if ((t->memory && setrlimit(RLIMIT_AS, &most)) || tools_confine() < 0)
		_exit(126);
	execve(copy[0], copy, environment);
	_exit(127);
}

int tool_run(const struct MountOrder *o, const struct Tool *t)
{
	const char *input = t->input ? t->input : "";
	size_t n = strlen(input);
	pid_t self = getpid(), pid;
	int in[2], status;

	if (pipe2(in, O_CLOEXEC))
		return -errno;
	if (write(in[1], input, n) != (ssize_t)n)
		return -EIO;
	close(in[1]);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(o, t, in[0], self);
	close(in[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}
