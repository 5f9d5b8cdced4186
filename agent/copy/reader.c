/* SPDX-License-Identifier: Apache-2.0 */
/* The job's half of the reader; the child's is reader_child.c. */
#include "reader.h"

#include "clock.h"
#include "reader_child.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define READER_DEATH 1000 /* milliseconds a killed child is waited for */

static _noreturn_ void child(struct Reader *r, pid_t parent, const int fds[3])
{
	int k = prctl(PR_SET_PDEATHSIG, SIGKILL) ? -errno : 0;

	if (!k && getppid() != parent)
		k = -ESRCH;
	fd_close(fds[1]);
	fd_close(fds[2]);
	if (!k)
		k = reader_child(&r->ring, fds[0]);
	_exit(k < 0 ? 1 : 0);
}

int reader_start(struct Reader *r, int person, int core, int root)
{
	pid_t parent = getpid();
	int k = ring_new(&r->ring);

	if (k < 0)
		return k;
	r->cpu = -1;
	r->pid = fork();
	if (r->pid < 0)
		return -errno;
	if (r->pid == 0)
		child(r, parent, (int[]){person, core, root});
	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	return r->pidfd < 0 ? -errno : 0;
}

void reader_stop(struct Reader *r)
{
	if (r->pid > 0) {
		struct pollfd gone = {.fd = r->pidfd, .events = POLLIN};

		kill(r->pid, SIGKILL);
		if (poll(&gone, 1, READER_DEATH) > 0)
			waitpid(r->pid, NULL, WNOHANG);
	}
	r->pid = 0;
	r->pidfd = fd_close(r->pidfd);
	ring_free(&r->ring);
}

void reader_pass(struct Reader *r, enum RingPass pass)
{
	ring_ask(&r->ring, pass);
}

void reader_release(struct Reader *r)
{
	ring_release(&r->ring);
}

/* Moments at which to look again: when the file it is in now would have stalled. */
static int64_t look_again(const struct Reader *r, const struct Job *j)
{
	char name[LIMIT_FILE_NAME];
	int64_t since = ring_busy_since(&r->ring, name);

	return (since ? since : clock_boot()) + j->limits->stall;
}

static int stalled(struct Reader *r, struct Job *j)
{
	char name[LIMIT_FILE_NAME];
	int64_t since = ring_busy_since(&r->ring, name);

	if (!since || clock_boot() - since < j->limits->stall)
		return 0;
	return job_fail(j, FAULT_FILE_STALLED, name);
}

static void follow(struct Reader *r)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	if (cpu < 0 || cpu == r->cpu || cpu >= CPU_SETSIZE)
		return;
	r->cpu = cpu;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	/* where it may not be pinned it runs anywhere: slower, not wrong */
	if (sched_setaffinity(r->pid, sizeof(set), &set))
		return;
}

int reader_next(struct Reader *r, struct Job *j, struct Slot *ret, const uint8_t **ret_bytes)
{
	follow(r);
	for (;;) {
		struct pollfd p[2] = {
		        {.fd = r->ring.ready, .events = POLLIN}, {.fd = r->pidfd, .events = POLLIN}};
		int k = ring_peek(&r->ring, ret, ret_bytes);

		if (k < 0)
			return k;
		if (k > 0)
			break;
		k = stalled(r, j);
		if (!k)
			k = job_wait(j, p, ARRAY_SIZE(p), look_again(r, j));
		if (k)
			return k;
		if (p[1].revents && ring_peek(&r->ring, ret, ret_bytes) == 0)
			return -ECHILD;
	}
	switch ((enum SlotKind)ret->kind) {
	case SLOT_ENTRY:
	case SLOT_END:
		return 0;
	case SLOT_FAULT:
		return job_fail(j,
		        ret->fault > FAULT_OK && ret->fault < _FAULT_N ? ret->fault : FAULT_BAD_REQUEST,
		        ret->name);
	case SLOT_CLOSED:
		return FAULT_CANCELLED;
	default:
		return job_fail(j, FAULT_BAD_REQUEST, "entry");
	}
}
