/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_files.h"

#include "by_index.h"
#include "clock.h"
#include "fault.h"
#include "file.h"
#include "say.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define CHECKPOINT_MOST 65536

void ledger_files_done(struct LedgerFiles *f)
{
	f->records = fd_close(f->records);
	f->index = fd_close(f->index);
	free(f->checkpoint);
	free(f->vkey);
	f->checkpoint = f->vkey = NULL;
}

/* A whole small file, closed by NUL; NULL when it cannot be read or is too long. */
static char *text_read(int fd, size_t *ret_size)
{
	_cleanup_free_ char *text = malloc(CHECKPOINT_MOST + 1);
	ssize_t n;

	if (fd < 0 || !text || lseek(fd, 0, SEEK_SET) < 0)
		return NULL;
	n = file_read_all(fd, text, CHECKPOINT_MOST + 1);
	if (n < 0 || n > CHECKPOINT_MOST)
		return NULL;
	text[n] = '\0';
	if (ret_size)
		*ret_size = (size_t)n;
	return ptr_steal(&text);
}

/* The verifier key's file; NULL as well when a NUL would hide what follows it. */
static char *vkey_read(int fd)
{
	size_t n;
	_cleanup_free_ char *text = text_read(fd, &n);

	return text && strlen(text) == n ? ptr_steal(&text) : NULL;
}

/* 0 with -1 when it is not there: that is for the verification to refuse. */
static int small_open(int dir, const char *name, int *ret)
{
	*ret = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return *ret < 0 && errno != ENOENT ? FAULT_UNREADABLE : 0;
}

int ledger_files_open(const char *folder, struct LedgerFiles *ret)
{
	_cleanup_fd_ int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), checkpoint = -1, vkey = -1;
	_cleanup_ledger_files_ struct LedgerFiles f = LEDGER_FILES_NULL;

	if (dir < 0)
		return FAULT_UNREADABLE;
	/* before the checkpoint: it must not be ahead of that */
	f.index = openat(dir, "index", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (small_open(dir, "checkpoint", &checkpoint) || small_open(dir, "vkey", &vkey))
		return FAULT_UNREADABLE;
	f.checkpoint = text_read(checkpoint, &f.checkpoint_size);
	f.vkey = vkey_read(vkey);
	f.records = openat(dir, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f.records < 0)
		return FAULT_UNREADABLE;
	*ret = f;
	f = (struct LedgerFiles)LEDGER_FILES_NULL;
	return 0;
}

int ledger_files_take(int *fds, size_t n, struct LedgerFiles *ret)
{
	struct LedgerFiles f = LEDGER_FILES_NULL;

	if (n > 1)
		f.checkpoint = text_read(fds[1], &f.checkpoint_size);
	if (n > 2)
		f.vkey = vkey_read(fds[2]);
	if (n > 3)
		f.index = fd_steal(&fds[3]);
	f.records = fd_steal(&fds[0]);
	if (lseek(f.records, 0, SEEK_SET) < 0) {
		ledger_files_done(&f);
		return FAULT_UNREADABLE;
	}
	*ret = f;
	return 0;
}

/* Verifying a year can take seconds: at a terminal the person sees that it goes on. */
struct Progress {
	int64_t start, shown; /* clock_boot; shown 0: nothing is on the screen */
};

static int progress_each(void *owner, const struct LedgerEntry *e)
{
	struct Progress *p = owner;
	int64_t now;

	if (e->n % 8192)
		return 0;
	now = clock_boot();
	if (now - p->start < 1000 || now - p->shown < 200)
		return 0;
	p->shown = now;
	fprintf(stderr, _("verifying: %ju records"), (uintmax_t)e->n);
	fputc('\r', stderr);
	return 0;
}

static struct LedgerInput input_of(const struct LedgerFiles *f, const char *key)
{
	return (struct LedgerInput){
	        .records = f->records,
	        .checkpoint = f->checkpoint ? f->checkpoint : "",
	        .checkpoint_size = f->checkpoint ? f->checkpoint_size : 0,
	        .vkey = key       ? key
	                : f->vkey ? f->vkey
	                          : "",
	};
}

int ledger_files_verify(
        const struct LedgerFiles *f, const struct LedgerCheck *check, struct LedgerReport *ret)
{
	struct Progress progress = {.start = clock_boot()};
	struct LedgerInput in = input_of(f, check->key);
	int r;

	in.seen = check->seen;
	in.n_seen = check->n_seen;
	if (isatty(STDERR_FILENO)) {
		in.each = progress_each;
		in.owner = &progress;
	}
	r = ledger_verify(&in, ret);
	if (progress.shown)
		fputs("\033[K", stderr);
	return r < 0 ? FAULT_UNREADABLE : 0;
}

int ledger_files_quick(
        const struct LedgerFiles *f, struct LedgerReport *ret, struct LedgerReader **ret_reader)
{
	const struct LedgerInput in = input_of(f, NULL);

	*ret_reader = NULL;
	if (f->index < 0)
		return 0;
	if (ledger_reader_new(&in, ret_reader) < 0)
		return FAULT_UNREADABLE;
	if (!reader_begin(*ret_reader, f->index, ret))
		*ret_reader = ledger_reader_free(*ret_reader);
	return 0;
}

int ledger_files_reader(const struct LedgerFiles *f, const char *key, struct LedgerReport *ret,
        struct LedgerReader **ret_reader)
{
	struct Progress progress = {.start = clock_boot()};
	const struct LedgerInput in = input_of(f, key);
	int r = key ? 0 : ledger_files_quick(f, ret, ret_reader);

	if (r || (!key && *ret_reader))
		return r;
	r = ledger_reader_new(&in, ret_reader);
	if (r >= 0)
		r = ledger_reader_verify(
		        *ret_reader, isatty(STDERR_FILENO) ? progress_each : NULL, &progress, ret);
	if (progress.shown)
		fputs("\033[K", stderr);
	return r < 0 ? FAULT_UNREADABLE : 0;
}

void folders_done(struct Folders *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->paths[i]);
	free(f->paths);
	*f = (struct Folders)FOLDERS_NULL;
}

static int folders_add(struct Folders *f, char **path)
{
	char **more = reallocarray(f->paths, f->n + 1, sizeof(*more));

	if (!more)
		return FAULT_INTERNAL;
	f->paths = more;
	f->paths[f->n++] = ptr_steal(path);
	return 0;
}

static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* `depth`: how many levels of folders may still come. */
static int folders_walk(const char *path, unsigned int depth, struct Folders *f)
{
	_cleanup_free_ char *records = NULL, *copy = NULL;
	struct dirent **entries;
	struct stat st;
	int r = 0, n;

	if (asprintf(&records, "%s/records.jsonl", path) < 0)
		abort();
	if (stat(records, &st) == 0) {
		copy = strdup(path);
		return copy ? folders_add(f, &copy) : FAULT_INTERNAL;
	}
	if (errno != ENOENT)
		return FAULT_UNREADABLE;
	n = depth ? scandir(path, &entries, is_visible, alphasort) : 0;
	if (n < 0)
		return errno == ENOTDIR ? 0 : FAULT_UNREADABLE;
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *below = NULL;

		if (asprintf(&below, "%s/%s", path, entries[i]->d_name) < 0)
			abort();
		if (!r && stat(below, &st) == 0 && S_ISDIR(st.st_mode))
			r = folders_walk(below, depth - 1, f);
		free(entries[i]);
	}
	if (depth)
		free(entries);
	return r;
}

int folders_find(const char *path, struct Folders *ret)
{
	_cleanup_folders_ struct Folders f = FOLDERS_NULL;
	struct stat st;
	int r;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return FAULT_UNREADABLE;
	r = folders_walk(path, 2, &f);
	if (r)
		return r;
	*ret = f;
	f = (struct Folders)FOLDERS_NULL;
	return 0;
}
