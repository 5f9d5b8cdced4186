/* SPDX-License-Identifier: Apache-2.0 */
#include "ahead.h"

#include "limits.h"
#include "stream.h"
#include "thread.h"

#include <sys/mman.h>

#define STACK   65536
#define BATCHES 2 /* one is read while the other is filled */
#define CHUNK   (256 << 10)
#define FRONT   16
#define BACK    32
#define SHORT   64 /* no record is shorter: from such a line on nothing is hashed ahead */
#define LINES   (CHUNK / SHORT)
#define BLOCKS  (LINES / TREE_BLOCK_SIZE + 1)

/* A chunk of the file: what was left of the one before, and as much as fits behind it. */
struct Batch {
	int r;                /* of stream_step */
	size_t have;          /* bytes */
	size_t left;          /* of them behind the last newline */
	size_t n;             /* lines that are hashed */
	uint32_t ends[LINES]; /* of each: its newline's place */
	uint8_t puts[LINES][HASH_SIZE], blocks[BLOCKS][HASH_SIZE];
	uint64_t first; /* the tree's size before them */
	char bytes[FRONT + CHUNK + BACK];
};

struct Ahead {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work, filled;
	struct Batch *batches; /* NULL: nothing was begun */
	unsigned int n_filled, n_taken;
	bool running; /* it is there */
	bool busy;    /* it has something to read; … */
	bool stop;    /* … which nobody wants any more */
	bool end;
	/* the thread's own while it is busy */
	int fd;
	off_t at;
	struct Tree tree;
	struct Crypto *crypto;
	bool hashing;
};

/* ------------------------------------------------------------------ the thread */

static int line_hash(struct Ahead *a, struct Batch *b, const char *line, size_t size)
{
	const struct Bytes leaf = {line - 1, size + 1};
	uint8_t hash[HASH_SIZE];
	int r;

	r = crypto_hash(a->crypto, &leaf, 1, hash);
	if (r >= 0)
		r = tree_add(&a->tree, a->crypto, hash);
	if (r < 0)
		return r;
	/* the one root that a leaf changes */
	memcpy(b->puts[b->n], a->tree.roots[__builtin_ctzll(a->tree.size)], HASH_SIZE);
	if (a->tree.size % TREE_BLOCK_SIZE == 0)
		memcpy(b->blocks[a->tree.size / TREE_BLOCK_SIZE - b->first / TREE_BLOCK_SIZE - 1],
		        a->tree.block, HASH_SIZE);
	return 0;
}

/* All that are worth it; what is behind them the other thread hashes, if it comes to that. */
static void lines_hash(struct Ahead *a, struct Batch *b)
{
	char *start = b->bytes + FRONT, *at = start, *end = start + b->have;

	b->first = a->tree.size;
	start[-1] = 0; /* RFC 6962's, before each line */
	while (a->hashing) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		if (!newline)
			break;
		a->hashing = newline - at >= SHORT && line_hash(a, b, at, (size_t)(newline - at)) == 0;
		if (!a->hashing)
			break;
		b->ends[b->n++] = (uint32_t)(newline - start);
		/* long before the hash reads it, which would wait for it */
		*newline = 0;
		at = newline + 1;
	}
}

static void batch_fill(struct Ahead *a, struct Batch *b, const struct Batch *before)
{
	char *bytes = b->bytes + FRONT;
	const char *newline;
	ssize_t n;

	b->n = 0;
	b->have = before->left;
	memcpy(bytes, before->bytes + FRONT + before->have - before->left, before->left);
	b->left = b->have;
	do
		n = pread(a->fd, bytes + b->have, CHUNK - b->have, a->at);
	while (n < 0 && errno == EINTR);
	b->r = n > 0 ? STREAM_MORE : n < 0 ? -errno : 0;
	if (n <= 0)
		return;
	a->at += n;
	b->have += (size_t)n;
	memset(bytes + b->have, 0, BACK);
	newline = memrchr(bytes, '\n', b->have);
	b->left = newline ? (size_t)(bytes + b->have - newline) - 1 : b->have;
	lines_hash(a, b);
	if (b->left > LIMIT_LINE)
		b->r = STREAM_TOO_LONG;
}

static struct Batch *batch_at(struct Ahead *a, unsigned int i)
{
	return &a->batches[i % BATCHES];
}

/* Until nothing is left to read, or nobody wants it. */
static void batches_fill(struct Ahead *a)
{
	int r = STREAM_MORE;

	while (!a->stop && r == STREAM_MORE) {
		struct Batch *next;

		if (a->n_filled - a->n_taken == BATCHES) {
			pthread_cond_wait(&a->work, &a->lock);
			continue;
		}
		next = batch_at(a, a->n_filled);
		pthread_mutex_unlock(&a->lock);
		batch_fill(a, next, batch_at(a, a->n_filled + BATCHES - 1));
		r = next->r;
		pthread_mutex_lock(&a->lock);
		a->n_filled++;
		pthread_cond_signal(&a->filled);
	}
}

static void *ahead_thread(void *owner)
{
	struct Ahead *a = owner;

	pthread_mutex_lock(&a->lock);
	a->running = true;
	pthread_cond_signal(&a->filled);
	for (;;) {
		while (!a->busy && !a->end)
			pthread_cond_wait(&a->work, &a->lock);
		if (a->end)
			break;
		batches_fill(a);
		a->busy = false;
		pthread_cond_signal(&a->filled);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ------------------------------------------------------------------ the other one */

static void clear(struct Ahead *a)
{
	pthread_cond_destroy(&a->work);
	pthread_cond_destroy(&a->filled);
	pthread_mutex_destroy(&a->lock);
	crypto_freep(&a->crypto);
	free(a);
}

int ahead_new(struct Ahead **ret)
{
	struct Ahead *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	pthread_mutex_init(&a->lock, NULL); /* with no attributes these three cannot fail */
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->filled, NULL);
	r = crypto_new(&a->crypto);
	if (r >= 0)
		r = thread_start(&a->thread, STACK, ahead_thread, a);
	if (r < 0) {
		clear(a);
		return r;
	}
	/* a thread begins with calls of its own, for which a filter has no row */
	pthread_mutex_lock(&a->lock);
	while (!a->running)
		pthread_cond_wait(&a->filled, &a->lock);
	pthread_mutex_unlock(&a->lock);
	*ret = a;
	return 0;
}

void ahead_end(struct Ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->work);
	while (a->busy)
		pthread_cond_wait(&a->filled, &a->lock);
	pthread_mutex_unlock(&a->lock);
	if (a->batches)
		munmap(a->batches, BATCHES * sizeof(*a->batches));
	a->batches = NULL;
}

struct Ahead *ahead_free(struct Ahead *a)
{
	if (!a)
		return NULL;
	ahead_end(a);
	pthread_mutex_lock(&a->lock);
	a->end = true;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	clear(a);
	return NULL;
}

int ahead_begin(struct Ahead *a, int fd, uint64_t from, const struct Tree *tree)
{
	/* not from the heap, which would keep it */
	void *batches = mmap(NULL, BATCHES * sizeof(*a->batches), PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ahead_end(a);
	if (batches == MAP_FAILED)
		return -ENOMEM;
	pthread_mutex_lock(&a->lock);
	a->batches = batches;
	a->n_filled = a->n_taken = 0;
	a->fd = fd;
	a->at = (off_t)from;
	a->tree = *tree;
	a->hashing = true;
	a->stop = false;
	a->busy = true;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	return 0;
}

/* All lines of one batch. */
static int batch_read(struct Batch *b, AheadEach each, void *owner)
{
	char *start = b->bytes + FRONT, *at = start, *end = start + b->have - b->left;

	for (size_t i = 0; at < end; i++) {
		bool hashed = i < b->n;
		const char *newline = hashed ? start + b->ends[i] : memchr(at, '\n', (size_t)(end - at));
		uint64_t size = b->first + i + 1;
		struct AheadLine line = {
		        .line = at, .size = (size_t)(newline - at), .readable = start + b->have + BACK};
		int r;

		if (hashed)
			line.put = b->puts[i];
		if (hashed && size % TREE_BLOCK_SIZE == 0)
			line.block = b->blocks[size / TREE_BLOCK_SIZE - b->first / TREE_BLOCK_SIZE - 1];
		r = each(owner, &line);
		if (r)
			return r;
		at += line.size + 1;
	}
	return b->r;
}

int ahead_step(struct Ahead *a, AheadEach each, void *owner, size_t *ret_left)
{
	struct Batch *b;
	int r;

	pthread_mutex_lock(&a->lock);
	while (a->n_filled == a->n_taken)
		pthread_cond_wait(&a->filled, &a->lock);
	pthread_mutex_unlock(&a->lock);
	b = batch_at(a, a->n_taken);
	r = batch_read(b, each, owner);
	*ret_left = b->left;
	pthread_mutex_lock(&a->lock);
	a->n_taken++;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
	return r;
}
