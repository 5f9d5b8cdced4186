/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include "clock.h"
#include "enrol.h"
#include "file.h"
#include "line.h"
#include "mediagate/ledger.h"
#include "rotate.h"
#include "str.h"
#include "view.h"
#include "world.h"
#include "year.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define DOMAIN "city.example.lg.jp"
#define ROOM   65536 /* bytes of lines that wait */

void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void flush(struct Writer *w)
{
	if (w->n_lines)
		must(store_append(&w->store, w->lines, w->n_lines, false) == 0, "records.jsonl");
	w->n_lines = 0;
}

static void fold(struct Writer *w, const char *line, size_t n)
{
	struct LedgerEntry entry;
	struct View view;
	const char *wrong = ledger_entry_read(line, n, &entry);

	if (wrong)
		fprintf(stderr, "%.*s\n", (int)n, line);
	errno = EINVAL;
	must(!wrong, wrong ? wrong : "");
	view_make(&entry, &view);
	must(fold_record(&w->fold, &view) == 0, "memory");
}

/* What the file holds, as a start would read it: the tree and the state. */
static void reload(struct Writer *w)
{
	_cleanup_free_ char *bytes = NULL;
	struct stat st;
	char *at, *newline;

	fold_done(&w->fold);
	w->fold =
	        (struct Fold){.terminal = w->enrolment.terminal, .fiscal_year = w->year, .next_checkout = 1};
	must(fstat(w->store.records, &st) == 0, "records.jsonl");
	bytes = malloc((size_t)st.st_size + 1);
	must(bytes && pread(w->store.records, bytes, (size_t)st.st_size, 0) == st.st_size, "records.jsonl");
	bytes[st.st_size] = '\0';
	w->store.tree = (struct Tree)TREE_NULL;
	w->store.size = (uint64_t)st.st_size;
	for (at = bytes; (newline = strchr(at, '\n')); at = newline + 1) {
		uint8_t leaf[HASH_SIZE];

		must(crypto_leaf(w->seal.crypto, at, (size_t)(newline - at), leaf) == 0, "hash");
		must(tree_add(&w->store.tree, w->seal.crypto, leaf) == 0, "hash");
		fold(w, at, (size_t)(newline - at));
	}
	w->store.covered = w->store.tree.size;
	w->next = w->store.tree.size;
}

static void store_take(struct Writer *w)
{
	char year[8];

	snprintf(year, sizeof(year), "%u", w->year % 10000);
	store_close(&w->store);
	w->store = (struct Store)STORE_NULL;
	must(store_open(&w->store, w->terminal_dir, year) == 0, "the year's folder");
	w->store.seal = &w->seal;
	reload(w);
}

void writer_open(struct Writer *w, int out, const char *terminal, uint64_t seed, int64_t time)
{
	struct SealNames names = {w->enrolment.domain, w->enrolment.terminal, 0};
	_cleanup_fd_ int keys = -1;
	struct EnrolResult result;
	char path[LIMIT_CODE + 64];

	*w = (struct Writer){.seal = SEAL_NULL, .store = STORE_NULL, .out = out, .time = time};
	w->keys = draw_stream(seed, terminal, 0);
	world_set(time, &w->keys);
	must(STR_SET(w->enrolment.terminal, terminal) == 0 && enrolment_is_name(terminal),
	        "the terminal's name");
	STR_SET(w->enrolment.domain, DOMAIN);
	w->enrolment.n_disks = 1;
	snprintf(w->enrolment.disks[0], ENROLMENT_DISK, "eui.%08x%08x pci0000:00/0000:00:1d.0/nvme/nvme0",
	        0xa0000000U | (uint32_t)seed, 0xb0000000U | (uint32_t)draw_bits(&w->keys) % 0xffff);
	names.year = w->year = w->enrolment.year = clock_fiscal_year(time);
	snprintf(path, sizeof(path), ".work-%s", terminal);
	must(file_dir_make_at(out, path, 0700, &w->state_dir) == 0, path);
	must(enrol_ledger(w->state_dir, &w->enrolment, &result) == 0, "enrolment");
	snprintf(path, sizeof(path), "ledger/%s", terminal);
	must(renameat(w->state_dir, path, out, terminal) == 0,
	        "the terminal's folder (is the output folder empty?)");
	must(file_dir_make_at(out, terminal, 0750, &w->terminal_dir) == 0, terminal);
	must(file_dir_make_at(w->state_dir, "keys", 0700, &keys) == 0, "keys");
	must(seal_open(&w->seal, keys, &names) == 0, "keys");
	w->lines = malloc(ROOM + LIMIT_LINE + 1);
	must(w->lines != NULL, "memory");
	store_take(w);
}

/* The line stands at the end of those that wait. */
static uint64_t take(struct Writer *w, size_t n, int64_t time)
{
	fold(w, w->lines + w->n_lines, n);
	w->n_lines += n;
	w->lines[w->n_lines++] = '\n';
	w->time = time;
	if (w->n_lines >= ROOM)
		flush(w);
	return w->next++;
}

uint64_t writer_add(struct Writer *w, const struct Record *r, int64_t time)
{
	struct LineHead head = {.n = w->next, .time = time, .terminal = w->enrolment.terminal};
	size_t n;

	errno = EINVAL;
	must(line_build(r, &head, w->lines + w->n_lines, &n) == 0, record_kind_word(r->kind));
	w->lines[w->n_lines + n] = '\n';
	return take(w, n, time);
}

uint64_t writer_add_raw(struct Writer *w, const char *kind, const char *rest, int64_t time)
{
	char text[CLOCK_TEXT], *line = w->lines + w->n_lines;
	int n;

	clock_format(time, text);
	n = snprintf(line, LIMIT_LINE + 1,
	        "{\"n\":%" PRIu64 ",\"t\":\"%s\",\"kind\":\"%s\",\"terminal\":\"%s\"%s%s}", w->next, text,
	        kind, w->enrolment.terminal, *rest ? "," : "", rest);
	errno = E2BIG;
	must(n > 0 && n <= LIMIT_LINE, kind);
	line[n] = '\n';
	return take(w, (size_t)n, time);
}

static void rekey(struct Writer *w)
{
	flush(w);
	world_set(w->time, &w->keys);
	must(rotate(&w->store, w->enrolment.terminal) == 0, "change of key");
	w->next = w->store.tree.size;
}

void writer_start(struct Writer *w, int64_t time)
{
	struct YearTurn turn = {&w->store, &w->fold, &w->enrolment, w->terminal_dir, clock_fiscal_year(time)};

	w->time = time;
	if (turn.year > w->year) {
		flush(w);
		must(store_checkpoint(&w->store) == 0, "checkpoint");
		world_set(time, &w->keys);
		must(year_turn(&turn) == 0, "the new year");
		w->year = turn.year;
		w->records += w->next;
		store_take(w);
	}
	rekey(w);
}

void writer_settle(struct Writer *w)
{
	if (w->next - w->store.last_key >= ROTATE_EVERY)
		rekey(w);
}

void writer_close(struct Writer *w)
{
	static const char *const gone[] = {"keys/" SEAL_LEDGER_FILE, "keys/" SEAL_LABEL_FILE};
	char path[LIMIT_CODE + 64];

	flush(w);
	must(store_checkpoint(&w->store) == 0, "checkpoint");
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		must(unlinkat(w->state_dir, gone[i], 0) == 0, gone[i]);
	must(unlinkat(w->state_dir, "keys", AT_REMOVEDIR) == 0, "keys");
	must(unlinkat(w->state_dir, "ledger", AT_REMOVEDIR) == 0, "ledger");
	snprintf(path, sizeof(path), ".work-%s", w->enrolment.terminal);
	must(unlinkat(w->out, path, AT_REMOVEDIR) == 0, path);
	fold_done(&w->fold);
	store_close(&w->store);
	seal_done(&w->seal);
	free(w->lines);
	w->state_dir = fd_close(w->state_dir);
	w->terminal_dir = fd_close(w->terminal_dir);
}
