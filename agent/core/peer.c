/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include "log.h"
#include "privs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

struct PeerItem {
	struct PeerItem *next;
	enum MessageType type;
	size_t n_fds;
	int fds[LIMIT_FDS];
	union MessageBody body;
};

static void item_free(struct PeerItem *item)
{
	for (size_t i = 0; i < item->n_fds; i++)
		fd_close(item->fds[i]);
	free(item);
}

static void queue_drop(struct PeerQueue *q)
{
	while (q->first) {
		struct PeerItem *item = q->first;

		q->first = item->next;
		item_free(item);
	}
	q->last = NULL;
	q->n = 0;
}

static uint32_t wanted(const struct Peer *p)
{
	return (p->paused ? 0 : EPOLLIN) | (p->queue.n ? EPOLLOUT : 0);
}

static int peer_ended(struct Peer *p)
{
	peer_stop(p, true);
	return p->end(p->owner, p);
}

static int peer_flush(struct Peer *p)
{
	while (p->queue.first) {
		struct PeerItem *item = p->queue.first;
		int r = channel_send(p->fd, item->type, &item->body, item->fds, item->n_fds);

		if (r == CHANNEL_AGAIN)
			break;
		if (r)
			return r;
		p->queue.first = item->next;
		p->queue.n--;
		if (!p->queue.first)
			p->queue.last = NULL;
		item_free(item);
	}
	return dispatch_change(p->dispatch, p->fd, wanted(p));
}

static int peer_ready(void *owner, int fd, uint32_t events)
{
	struct Peer *p = owner;
	int r;

	if (events & EPOLLOUT) {
		r = peer_flush(p);
		if (r)
			return peer_ended(p);
	}
	/* what a dead peer has sent is still heard: its last words come before its end */
	for (int i = 0; i < 64 && p->fd == fd && !p->paused && events & (EPOLLIN | EPOLLHUP | EPOLLERR); i++) {
		struct Message m;

		r = channel_receive(fd, &m);
		if (r == CHANNEL_AGAIN)
			return 0;
		if (r) {
			if (r == CHANNEL_BROKEN)
				log_error("%s: broken message; stopped", p->name);
			return peer_ended(p);
		}
		r = p->message(p->owner, p, &m);
		message_done(&m);
		if (r < 0)
			return r;
		if (r == CHANNEL_BROKEN && p->fd == fd) {
			log_error("%s: message out of place; stopped", p->name);
			return peer_ended(p);
		}
	}
	/* a paused peer that is gone would wake us for ever; its last words still wait to be read */
	if (p->fd == fd && p->paused && events & (EPOLLHUP | EPOLLERR)) {
		dispatch_remove(p->dispatch, fd);
		queue_drop(&p->queue);
		p->asleep = true;
	}
	return 0;
}

int peer_adopt(struct Peer *p, int fd, pid_t pid)
{
	int r;

	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return -errno;
	p->fd = fd;
	p->pid = pid;
	p->paused = p->asleep = false;
	r = dispatch_add(p->dispatch, fd, EPOLLIN, peer_ready, p);
	if (r < 0) {
		p->fd = -1;
		p->pid = -1;
	}
	return r;
}

/* In the child: the ends at their numbers, everything else closed. */
_noreturn_ static void child_exec(
	const struct Peer *p, const char *program, int end, const int *extra, size_t n_extra)
{
	int at[1 + LIMIT_FDS];
	sigset_t none;

	if (!p->prompt && privs_no_haste() < 0)
		_exit(127);
	/* first out of the way, then to their places: a number may be somebody else's place */
	for (size_t i = 0; i <= n_extra; i++) {
		at[i] = fcntl(i ? extra[i - 1] : end, F_DUPFD, 64);
		if (at[i] < 0)
			_exit(127);
	}
	for (size_t i = 0; i <= n_extra; i++)
		if (dup2(at[i], WIRE_CHANNEL + (int)i) < 0)
			_exit(127);
	if (close_range(WIRE_EXTRA + (unsigned int)n_extra, ~0u, 0))
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl(program, program, (char *)NULL);
	_exit(127);
}

int peer_spawn(struct Peer *p, const char *program, const int *extra, size_t n_extra)
{
	_cleanup_fd_ int ours = -1, theirs = -1;
	int pair[2], r;
	pid_t pid;

	if (n_extra > LIMIT_FDS)
		return -EINVAL;
	r = channel_pair(pair);
	if (r < 0)
		return r;
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_exec(p, program, theirs, extra, n_extra);
	r = peer_adopt(p, ours, pid);
	if (r < 0) {
		kill(pid, SIGKILL);
		return r;
	}
	ours = -1;
	return 0;
}

int peer_send(struct Peer *p, enum MessageType type, const void *body, const int *fds, size_t n_fds)
{
	struct PeerItem *item;
	int r = CHANNEL_AGAIN;

	if (p->fd < 0)
		return CHANNEL_CLOSED;
	if (!p->queue.n)
		r = channel_send(p->fd, type, body, fds, n_fds);
	if (r != CHANNEL_AGAIN)
		return r;
	item = calloc(1, sizeof(*item));
	if (!item)
		return -ENOMEM;
	item->type = type;
	memcpy(&item->body, body, channel_size(type));
	for (; item->n_fds < n_fds; item->n_fds++) {
		item->fds[item->n_fds] = fcntl(fds[item->n_fds], F_DUPFD_CLOEXEC, 0);
		if (item->fds[item->n_fds] < 0) {
			r = -errno;
			item_free(item);
			return r;
		}
	}
	if (p->queue.last)
		*p->queue.last = item;
	else
		p->queue.first = item;
	p->queue.last = &item->next;
	p->queue.n++;
	return dispatch_change(p->dispatch, p->fd, wanted(p));
}

int peer_pause(struct Peer *p)
{
	p->paused = true;
	return p->fd < 0 || p->asleep ? 0 : dispatch_change(p->dispatch, p->fd, wanted(p));
}

int peer_resume(struct Peer *p)
{
	p->paused = false;
	if (p->asleep) {
		p->asleep = false;
		return dispatch_add(p->dispatch, p->fd, EPOLLIN, peer_ready, p);
	}
	return p->fd < 0 ? 0 : dispatch_change(p->dispatch, p->fd, wanted(p));
}

void peer_stop(struct Peer *p, bool kill_it)
{
	if (p->fd >= 0) {
		dispatch_remove(p->dispatch, p->fd);
		p->fd = fd_close(p->fd);
	}
	queue_drop(&p->queue);
	p->paused = p->asleep = false;
	if (kill_it && p->pid > 0)
		kill(p->pid, SIGKILL);
	p->pid = -1;
}
