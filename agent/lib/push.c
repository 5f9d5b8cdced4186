/* SPDX-License-Identifier: Apache-2.0 */
#include "push.h"

#include "file.h"
#include "limits.h"
#include "str.h"
#include "thread.h"

#include <fcntl.h>
#include <time.h>

#define STACK 65536

struct Pusher {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake, over;
	struct PushWork *work; /* given, and not through */
	int r;
	bool left; /* by who waited: the thread clears up */
	bool end;
};

static void pusher_clear(struct Pusher *p)
{
	pthread_cond_destroy(&p->wake);
	pthread_cond_destroy(&p->over);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* True: somebody waited for it. */
static bool work_do(struct Pusher *p)
{
	struct PushWork *w = p->work;
	int r;

	pthread_mutex_unlock(&p->lock);
	r = w->run(w);
	pthread_mutex_lock(&p->lock);
	if (!p->left) {
		p->r = r;
		p->work = NULL;
		pthread_cond_signal(&p->over);
		return true;
	}
	pthread_mutex_unlock(&p->lock);
	if (w->late)
		w->late(w);
	w->done(w);
	return false;
}

static void *pusher_thread(void *owner)
{
	struct Pusher *p = owner;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->work && !p->end)
			pthread_cond_wait(&p->wake, &p->lock);
		if (!p->work)
			break;
		if (!work_do(p)) {
			pthread_detach(p->thread);
			pusher_clear(p);
			return NULL;
		}
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int pusher_new(struct Pusher **ret)
{
	struct Pusher *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	pthread_mutex_init(&p->lock, NULL); /* with no attributes these three cannot fail */
	pthread_cond_init(&p->wake, NULL);
	pthread_cond_init(&p->over, NULL);
	r = thread_start(&p->thread, STACK, pusher_thread, p);
	if (r < 0) {
		pusher_clear(p);
		return r;
	}
	*ret = p;
	return 0;
}

struct Pusher *pusher_free(struct Pusher *p)
{
	if (!p)
		return NULL;
	pthread_mutex_lock(&p->lock);
	p->end = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	pusher_clear(p);
	return NULL;
}

static struct timespec time_after(int milliseconds)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += milliseconds / 1000;
	t.tv_nsec += milliseconds % 1000 * 1000000l;
	if (t.tv_nsec >= 1000000000l) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000l;
	}
	return t;
}

int pusher_run(struct Pusher **p, struct PushWork *w, int milliseconds)
{
	struct timespec end = time_after(milliseconds);
	int r = *p ? 0 : pusher_new(p);

	if (r < 0) {
		r = w->run(w);
		w->done(w);
		return r;
	}
	pthread_mutex_lock(&(*p)->lock);
	(*p)->work = w;
	pthread_cond_signal(&(*p)->wake);
	while ((*p)->work && !r)
		r = pthread_cond_clockwait(&(*p)->over, &(*p)->lock, CLOCK_MONOTONIC, &end);
	if ((*p)->work) {
		(*p)->left = true;
		atomic_store(&w->left, true);
		pthread_mutex_unlock(&(*p)->lock);
		*p = NULL;
		return -ETIMEDOUT;
	}
	r = (*p)->r;
	pthread_mutex_unlock(&(*p)->lock);
	w->done(w);
	return r;
}

/* ------------------------------------------------------------------ one write */

struct Write {
	struct PushWork work;
	int dir;
	char name[LIMIT_PORT], text[LIMIT_PORT];
};

static int write_run(struct PushWork *work)
{
	const struct Write *w = (const struct Write *)work;

	return file_write_at(w->dir, w->name, w->text);
}

static void write_done(struct PushWork *work)
{
	struct Write *w = (struct Write *)work;

	fd_close(w->dir);
	free(w);
}

int push_at(int dir, const char *name, const char *text, int milliseconds)
{
	struct Write *w = calloc(1, sizeof(*w));
	struct Pusher *p = NULL;
	int r;

	/* waiting is better than leaving it open */
	if (!w)
		return file_write_at(dir, name, text);
	w->work = (struct PushWork){.run = write_run, .done = write_done};
	STR_CUT(w->name, name);
	STR_CUT(w->text, text);
	w->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (w->dir < 0) {
		write_done(&w->work);
		return file_write_at(dir, name, text);
	}
	r = pusher_run(&p, &w->work, milliseconds);
	pusher_free(p);
	return r;
}
