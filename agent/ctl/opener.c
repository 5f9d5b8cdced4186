/* SPDX-License-Identifier: Apache-2.0 */
#include "opener.h"

#include "clock.h"
#include "fault.h"
#include "opener_files.h"
#include "str.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* To the child. */
struct OpenerOrder {
	uint64_t first;
	uint32_t n;
};

/* ------------------------------------------------------------------ the child */

static int talk_send(int fd, const void *bytes, size_t n)
{
	return send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n ? 0 : -EPIPE;
}

static int entry_send(struct OpenerFiles *f, int channel, uint64_t i)
{
	struct MsgEntry entry = {.index = i};
	uint64_t size;
	int fd, r;

	STR_CUT(entry.name, f->rows[i].name);
	STR_CUT(f->shared->name, f->rows[i].name);
	atomic_store(&f->shared->index, i);
	fd = opener_file_open(f->shared, f->rows[i].path, &size);
	opener_idle(f->shared);
	if (fd < 0) /* the walk has opened it before: one that is not there any more went since */
		entry.fault = (uint16_t)(fd == -FAULT_UNREADABLE ? FAULT_FILE_CHANGED : -fd);
	r = channel_send(channel, MSG_ENTRY, &entry, &fd, fd >= 0 ? 1 : 0);
	/* close may hang too, and then this entry is with the job already */
	atomic_store(&f->shared->index, i + 1);
	opener_busy(f->shared, f->rows[i].path);
	fd_close(fd);
	opener_idle(f->shared);
	return r;
}

static int order_serve(struct OpenerFiles *f, int channel, const struct OpenerOrder *o, bool *ret_end)
{
	struct MsgEntriesEnd end = {f->n};
	uint64_t i = o->first;
	int r = 0;

	for (; !r && i < f->n && i < o->first + o->n; i++)
		r = entry_send(f, channel, i);
	*ret_end = i >= f->n && i < o->first + o->n;
	if (!r && *ret_end)
		r = channel_send(channel, MSG_ENTRIES_END, &end, NULL, 0);
	return r;
}

/* Not the job's end above all: while we held it, nobody would see the job go. */
static void close_others(int talk, int channel)
{
	unsigned int low = (unsigned int)MIN(talk, channel < 0 ? talk : channel),
	             high = (unsigned int)MAX(talk, channel);

	if (low > 3)
		close_range(3, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0u, 0);
}

static _noreturn_ void child(struct OpenerShared *shared, int talk, int channel, const struct OpenerWords *w)
{
	struct OpenerFiles f = {.shared = shared};
	struct OpenerSays says = {};
	struct OpenerOrder order;
	int r = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_others(talk, channel);
	for (int i = 0; !r && i < w->n; i++)
		r = opener_files_add(&f, w->words[i]);
	says = (struct OpenerSays){.fault = (uint16_t)r, .files = f.n, .bytes = f.bytes};
	STR_CUT(says.subject, f.problem ? f.problem : "");
	r = talk_send(talk, &says, sizeof(says));
	while (!r && recv(talk, &order, sizeof(order), 0) == sizeof(order)) {
		r = order_serve(&f, channel, &order, &says.end);
		if (!r)
			r = talk_send(talk, &says, sizeof(says));
	}
	_exit(0);
}

/* ------------------------------------------------------------------ the command */

int opener_start(struct Opener *o, int channel, const struct OpenerWords *words)
{
	int pair[2];

	*o = OPENER_NULL;
	o->shared = mmap(NULL, sizeof(*o->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (o->shared == MAP_FAILED) {
		o->shared = NULL;
		return FAULT_INTERNAL;
	}
	if (channel_pair(pair) < 0)
		return FAULT_INTERNAL;
	o->pid = fork();
	if (o->pid == 0) {
		fd_close(pair[0]);
		child(o->shared, pair[1], channel, words);
	}
	fd_close(pair[1]);
	o->talk = pair[0];
	return o->pid < 0 ? FAULT_INTERNAL : 0;
}

int64_t opener_deadline(const struct Opener *o)
{
	int64_t since = atomic_load(&o->shared->busy_since);

	return o->pid > 0 ? (since ? since : clock_boot()) + OPENER_STALL : INT64_MAX;
}

bool opener_hangs(const struct Opener *o)
{
	int64_t since = atomic_load(&o->shared->busy_since);

	return since && clock_boot() - since >= OPENER_STALL;
}

static int hear(struct Opener *o, struct OpenerSays *ret)
{
	if (recv(o->talk, ret, sizeof(*ret), 0) != sizeof(*ret))
		return FAULT_INTERNAL;
	ret->subject[sizeof(ret->subject) - 1] = '\0';
	return ret->fault;
}

int opener_walked(struct Opener *o, int signals, char **ret_subject)
{
	struct OpenerSays says = {};
	int r;

	for (;;) {
		struct pollfd p[2] = {{.fd = o->talk, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
		int64_t left = opener_deadline(o) - clock_boot();

		if (poll(p, 2, (int)MAX(left, 0)) < 0 && errno != EINTR)
			return FAULT_INTERNAL;
		if (p[1].revents)
			return FAULT_CANCELLED;
		if (p[0].revents)
			break;
		if (opener_hangs(o)) {
			*ret_subject = strdup(o->shared->path);
			return FAULT_FILE_STALLED;
		}
	}
	r = hear(o, &says);
	if (r)
		*ret_subject = strdup(says.subject);
	o->files = says.files;
	o->bytes = says.bytes;
	return r;
}

void opener_send(struct Opener *o, uint64_t first, uint32_t n)
{
	struct OpenerOrder order = {first, n};

	if (talk_send(o->talk, &order, sizeof(order)))
		return; /* it died: seen where its answer is awaited */
}

int opener_sent(struct Opener *o, bool *ret_end)
{
	struct OpenerSays says = {};
	int r = hear(o, &says);

	*ret_end = says.end;
	return r;
}

void opener_done(struct Opener *o)
{
	if (o->pid > 0) {
		kill(o->pid, SIGKILL);
		/* one that hangs in the kernel dies when it is let go; nobody waits for that */
		waitpid(o->pid, NULL, WNOHANG);
	}
	o->pid = 0;
	o->talk = fd_close(o->talk);
	if (o->shared)
		munmap(o->shared, sizeof(*o->shared));
	o->shared = NULL;
}
