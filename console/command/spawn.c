/* SPDX-License-Identifier: Apache-2.0 */
#include "spawn.h"

#include "frame.h"
#include "log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define ARGS 64

/* Moves a descriptor to its place; both are then without close-on-exec. */
static int place(int fd, int to)
{
	if (fd == to)
		return fcntl(fd, F_SETFD, 0);
	return dup2(fd, to);
}

_noreturn_ static void child(const struct Spawn *s, pid_t parent)
{
	int fds[] = {s->fds[0], s->fds[1], s->third ? s->third : -1}, out = s->out;
	char path[4096], *argv[ARGS] = {path};
	sigset_t none;

	/* out of the way first, so that no place is taken twice */
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			fds[i] = fcntl(fds[i], F_DUPFD, 10);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0 && place(fds[i], 3 + (int)i) < 0)
			_exit(127);
	if (out >= 0 && place(out, STDOUT_FILENO) < 0)
		_exit(127);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] < 0)
			close(3 + (int)i);
	close_range(6, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(127);
	snprintf(path, sizeof(path), "%s/%s", s->folder, s->program);
	for (size_t i = 0; s->argv[i] && i + 2 < ARGS; i++)
		memcpy(&argv[i + 1], &s->argv[i], sizeof(argv[0]));
	execv(path, argv);
	log_error("%s: %s", path, strerrordesc_np(errno));
	_exit(127);
}

int spawn(const struct Spawn *s, pid_t *ret)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		child(s, parent);
	*ret = pid;
	return 0;
}

int spawn_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn_pair(int ret[2])
{
	const int room = 4 * FRAME_MOST;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret))
		return -errno;
	for (int i = 0; i < 2; i++)
		if (setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)))
			return -errno;
	return 0;
}
