/* SPDX-License-Identifier: Apache-2.0 */
#include "push.h"

#include "file.h"
#include "limits.h"
#include "str.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#define STACK 65536

struct Push {
	pthread_t thread;
	atomic_bool left; /* by the first of the two, the thread and who waits for it: the other clears up */
	int dir, done;
	int r;
	char name[LIMIT_PORT], text[LIMIT_PORT];
};

static void push_free(struct Push *p)
{
	fd_close(p->dir);
	fd_close(p->done);
	free(p);
}

static void *push_run(void *owner)
{
	struct Push *p = owner;

	p->r = file_write_at(p->dir, p->name, p->text);
	eventfd_write(p->done, 1);
	if (atomic_exchange(&p->left, true)) {
		pthread_detach(p->thread);
		push_free(p);
	}
	return NULL;
}

static int thread_start(struct Push *p)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r)
		return -r;
	r = pthread_attr_setstacksize(&attributes, STACK);
	if (!r)
		r = pthread_create(&p->thread, &attributes, push_run, p);
	pthread_attr_destroy(&attributes);
	return -r;
}

static struct Push *push_new(int dir, const char *name, const char *text)
{
	struct Push *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	atomic_init(&p->left, false);
	STR_CUT(p->name, name);
	STR_CUT(p->text, text);
	p->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	p->done = eventfd(0, EFD_CLOEXEC);
	if (p->dir >= 0 && p->done >= 0)
		return p;
	push_free(p);
	return NULL;
}

int push_at(int dir, const char *name, const char *text, int milliseconds)
{
	struct Push *p = push_new(dir, name, text);
	struct pollfd done = {.events = POLLIN};
	int r;

	/* waiting is better than leaving it open */
	if (!p)
		return file_write_at(dir, name, text);
	if (thread_start(p) < 0) {
		push_free(p);
		return file_write_at(dir, name, text);
	}
	done.fd = p->done;
	if (poll(&done, 1, milliseconds) <= 0 && !atomic_exchange(&p->left, true))
		return -ETIMEDOUT;
	pthread_join(p->thread, NULL);
	r = p->r;
	push_free(p);
	return r;
}
