/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include "clock.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

int ring_new(struct Ring *ret)
{
	struct Ring r = RING_NULL;

	r.shared = mmap(NULL, sizeof(*r.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.shared == MAP_FAILED)
		return -errno;
	r.ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r.room = eventfd(0, EFD_CLOEXEC); /* the child has nothing else to wait for */
	if (r.ready < 0 || r.room < 0) {
		int saved = -errno;

		ring_free(&r);
		return saved;
	}
	*ret = r;
	return 0;
}

void ring_free(struct Ring *r)
{
	if (r->shared)
		munmap(r->shared, sizeof(*r->shared));
	r->ready = fd_close(r->ready);
	r->room = fd_close(r->room);
	r->shared = NULL;
}

static void wake(int fd)
{
	uint64_t one = 1;

	/* the counter cannot be full: it is read whenever its owner slept */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

/* What was counted is dropped: the shared numbers say what is there. */
static void drain(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

static int sleep_on(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) < 0 && errno != EINTR ? -errno : 0;
}

static uint32_t ring_used(const struct Ring *r)
{
	return atomic_load(&r->shared->filled) - atomic_load(&r->shared->taken);
}

int ring_claim(struct Ring *r, struct Slot **ret, uint8_t **ret_bytes)
{
	uint32_t at = atomic_load(&r->shared->filled) % RING_SLOTS;

	while (ring_used(r) >= RING_SLOTS) {
		int k;

		atomic_store(&r->shared->child_sleeps, 1);
		k = ring_used(r) >= RING_SLOTS ? sleep_on(r->room) : 0;
		atomic_store(&r->shared->child_sleeps, 0);
		if (k < 0)
			return k;
	}
	*ret = &r->shared->slots[at];
	*ret_bytes = r->shared->bytes[at];
	return 0;
}

void ring_fill(struct Ring *r)
{
	atomic_fetch_add(&r->shared->filled, 1);
	if (atomic_load(&r->shared->job_sleeps))
		wake(r->ready);
}

int ring_await_pass(struct Ring *r)
{
	for (;;) {
		uint32_t pass;
		int k;

		atomic_store(&r->shared->child_sleeps, 1);
		pass = atomic_exchange(&r->shared->pass, PASS_NONE);
		k = pass == PASS_NONE ? sleep_on(r->room) : 0;
		atomic_store(&r->shared->child_sleeps, 0);
		if (k < 0)
			return k;
		if (pass != PASS_NONE)
			return (int)pass;
	}
}

void ring_busy(struct Ring *r, const char *name)
{
	if (name)
		memcpy(r->shared->busy_name, name, strlen(name) + 1);
	atomic_store(&r->shared->busy_since, clock_boot());
}

void ring_idle(struct Ring *r)
{
	atomic_store(&r->shared->busy_since, 0);
}

static bool slot_checked(const struct Slot *s)
{
	return s->kind < _SLOT_KIND_N && s->size <= RING_CHUNK && memchr(s->name, '\0', sizeof(s->name));
}

int ring_peek(struct Ring *r, struct Slot *ret, const uint8_t **ret_bytes)
{
	uint32_t at = atomic_load(&r->shared->taken) % RING_SLOTS;
	uint32_t used = ring_used(r);

	if (!used) {
		/* said first, looked again after: a slot filled in between is seen or wakes us */
		atomic_store(&r->shared->job_sleeps, 1);
		used = ring_used(r);
		if (!used)
			return 0;
	}
	if (atomic_exchange(&r->shared->job_sleeps, 0))
		drain(r->ready);
	if (used > RING_SLOTS)
		return -EBADMSG;
	*ret = r->shared->slots[at];
	*ret_bytes = r->shared->bytes[at];
	return slot_checked(ret) ? 1 : -EBADMSG;
}

void ring_release(struct Ring *r)
{
	atomic_fetch_add(&r->shared->taken, 1);
	/* woken when half is free: one wake-up then fills several slots */
	if (ring_used(r) <= RING_SLOTS / 2 && atomic_load(&r->shared->child_sleeps))
		wake(r->room);
}

void ring_ask(struct Ring *r, enum RingPass pass)
{
	atomic_store(&r->shared->pass, pass);
	wake(r->room);
}

int64_t ring_busy_since(const struct Ring *r, char ret_name[static LIMIT_FILE_NAME])
{
	int64_t since = atomic_load(&r->shared->busy_since);

	memcpy(ret_name, r->shared->busy_name, LIMIT_FILE_NAME);
	ret_name[LIMIT_FILE_NAME - 1] = '\0';
	return since;
}
