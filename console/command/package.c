/* SPDX-License-Identifier: Apache-2.0 */
#include "package.h"

#include "file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

static int file_write(int dir, const char *name, const void *bytes, size_t n)
{
	_cleanup_fd_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : file_write_all(fd, bytes, n);
}

static int file_copy(int from, int to, const char *name)
{
	_cleanup_fd_ int in = openat(from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_fd_ int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	static char bytes[1 << 16];
	ssize_t n;
	int r = in < 0 || out < 0 ? -errno : 0;

	while (r >= 0 && (n = read(in, bytes, sizeof(bytes)))) {
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : file_write_all(out, bytes, (size_t)n);
	}
	return r;
}

static int folder_make(int dir, const char *name, int *ret)
{
	if (mkdirat(dir, name, 0700) && errno != EEXIST)
		return -errno;
	*ret = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return *ret < 0 ? -errno : 0;
}

/* ------------------------------------------------------------------ ledgers */

/* A terminal's name comes from its ledger: only a plain one becomes a folder's. */
static bool name_is_plain(const char *name)
{
	size_t n = strlen(name);

	return n && n <= 64 && *name != '.' && *name != '-' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static bool folder_taken(const struct Package *p, const char *folder)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->ledgers[i].folder, folder) == 0)
			return true;
	return false;
}

static void folder_name(const struct Package *p, const struct Cell *row, struct PackageLedger *ret)
{
	const char *terminal = row[LEDGERS_TERMINAL_C].text;

	*ret = (struct PackageLedger){.id = row[LEDGERS_ID_C].number};
	if (name_is_plain(terminal))
		snprintf(ret->folder, sizeof(ret->folder), "%s/%jd", terminal,
		        (intmax_t)row[LEDGERS_YEAR_C].number);
	/* another organisation's terminal may have the same name */
	if (!*ret->folder || folder_taken(p, ret->folder))
		snprintf(ret->folder, sizeof(ret->folder), "ledger-%jd/%jd", (intmax_t)ret->id,
		        (intmax_t)row[LEDGERS_YEAR_C].number);
}

/* The checkpoint first: what is added meanwhile stands behind it. */
static int ledger_copy(const struct Package *p, const struct PackageLedger *l, int ledgers)
{
	static const char *const files[] = {"checkpoint", "vkey", "records.jsonl"};
	_cleanup_fd_ int from = -1, terminal = -1, year = -1;
	char name[96], *slash;
	int r;

	snprintf(name, sizeof(name), "ledgers/%06" PRId64, l->id);
	from = openat(p->data, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0)
		return -errno;
	snprintf(name, sizeof(name), "%s", l->folder);
	slash = strchr(name, '/');
	*slash = '\0';
	r = folder_make(ledgers, name, &terminal);
	if (r >= 0)
		r = folder_make(terminal, slash + 1, &year);
	for (size_t i = 0; i < ARRAY_SIZE(files) && r >= 0; i++)
		r = file_copy(from, year, files[i]);
	return r;
}

static void ledger_list(struct Package *p, const struct PackageLedger *l, const struct Cell *row)
{
	json_object(&p->list, NULL);
	json_text(&p->list, "folder", l->folder);
	json_text(&p->list, "origin", row[LEDGERS_ORIGIN_C].text);
	json_text(&p->list, "key", row[LEDGERS_VKEY_C].text);
	json_integer(&p->list, "size", row[LEDGERS_SIZE_C].number);
	json_text(&p->list, "root", row[LEDGERS_ROOT_C].text);
	json_text(&p->list, "verdict", verdict_word(row[LEDGERS_VERDICT_C].number));
	json_time(&p->list, "first", row[LEDGERS_FIRST_T_C].number);
	json_time(&p->list, "last", row[LEDGERS_LAST_T_C].number);
	json_end_object(&p->list);
}

static bool ledger_is_of(const struct Package *p, const struct Cell *row)
{
	return row[LEDGERS_SIZE_C].number && row[LEDGERS_FIRST_T_C].number < p->until &&
	       row[LEDGERS_LAST_T_C].number >= p->from;
}

static int ledger_add(struct Package *p, const struct Cell *row, int ledgers)
{
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		struct PackageLedger *more = reallocarray(p->ledgers, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		p->ledgers = more;
		p->room = room;
	}
	folder_name(p, row, &p->ledgers[p->n]);
	ledger_list(p, &p->ledgers[p->n], row);
	p->n++;
	return ledger_copy(p, &p->ledgers[p->n - 1], ledgers);
}

static int ledgers_write(struct Package *p)
{
	struct Rows rows = rows_of(&p->client, "", QUERY_LEDGERS);
	struct Cell row[QUERY_CELLS_MOST];
	_cleanup_fd_ int ledgers = -1;
	int r = folder_make(p->dir, "ledgers", &ledgers);

	json_array(&p->list, "ledgers");
	while (r >= 0 && rows_next(&rows, row))
		if (ledger_is_of(p, row))
			r = ledger_add(p, row, ledgers);
	json_end_array(&p->list);
	return r < 0 ? r : rows.outcome ? -EIO : 0;
}

/* ------------------------------------------------------------------ proofs */

struct Ids {
	size_t n, room;
	int64_t *ids;
};

static int ids_add(struct Ids *l, int64_t id)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		int64_t *more = reallocarray(l->ids, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->ids = more;
		l->room = room;
	}
	l->ids[l->n++] = id;
	return 0;
}

static int id_compare(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* What was carried out in the period, by ledger: a ledger is read once for all its proofs. */
static int carried_read(struct Package *p, struct Ids *ret)
{
	struct Rows rows = rows_of(&p->client, "", QUERY_CHECKOUTS);
	struct Cell row[QUERY_CELLS_MOST];
	int r = 0;

	rows.ask.cells[CHECKOUTS_BEFORE_FROM_P] = CELL_OF_NUMBER(p->until);
	rows.ask.cells[CHECKOUTS_BEFORE_ID_P] = CELL_OF_TEXT("");
	while (r >= 0 && rows_next(&rows, row) && row[CHECKOUTS_FROM_C].number >= p->from)
		if (row[CHECKOUTS_CARRY_OUT_C].number)
			r = ids_add(ret, row[CHECKOUTS_RECORD_C].number);
	if (ret->n)
		qsort(ret->ids, ret->n, sizeof(*ret->ids), id_compare);
	return r < 0 ? r : rows.outcome ? -EIO : 0;
}

static const struct PackageLedger *ledger_find(const struct Package *p, int64_t id)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->ledgers[i].id == id)
			return &p->ledgers[i];
	return NULL;
}

/* None is made of a ledger that is not here, or that the console's copy no longer verifies. */
static int proof_write(struct Package *p, int64_t id, int proofs)
{
	const struct PackageLedger *l = ledger_find(p, RECORD_LEDGER(id));
	struct Ask ask = {.query = QUERY_PROOF, .session = "", .n = PROOF_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	char name[64];
	int r;

	if (!l)
		return 0;
	ask.cells[PROOF_ID_P] = CELL_OF_NUMBER(id);
	r = store_ask(&p->client, &ask, &answer);
	if (r == QUERY_REFUSED)
		return 0;
	if (r || !answer_next(&answer, row))
		return -EIO;
	snprintf(name, sizeof(name), "%jd-%jd.tlog-proof", (intmax_t)l->id, (intmax_t)RECORD_NUMBER(id));
	r = file_write(proofs, name, row[PROOF_PROOF_C].text, row[PROOF_PROOF_C].size);
	if (r < 0)
		return r;
	json_object(&p->list, NULL);
	json_text(&p->list, "file", name);
	json_text(&p->list, "folder", l->folder);
	json_integer(&p->list, "n", RECORD_NUMBER(id));
	json_end_object(&p->list);
	p->proofs++;
	return 0;
}

static int proofs_write(struct Package *p)
{
	struct Ids carried = {};
	_cleanup_fd_ int proofs = -1;
	int r = folder_make(p->dir, "proofs", &proofs);

	if (r >= 0)
		r = carried_read(p, &carried);
	json_array(&p->list, "proofs");
	for (size_t i = 0; i < carried.n && r >= 0; i++)
		r = proof_write(p, carried.ids[i], proofs);
	json_end_array(&p->list);
	free(carried.ids);
	return r;
}

/* ------------------------------------------------------------------ all of it */

static int fixed_write(const struct Package *p)
{
	struct PackageFile f;
	int r = 0;

	for (size_t i = 0; r >= 0 && package_file(i, &f); i++)
		r = file_write(p->dir, f.name, f.bytes, f.size);
	/* the key by which terminals know this console; there is none before it took in what terminals send
	 */
	if (r >= 0) {
		_cleanup_fd_ int witness =
		        openat(p->data, "witness", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

		if (witness >= 0 && faccessat(witness, "vkey", R_OK, 0) == 0) {
			char key[512];
			ssize_t n = file_read_at(witness, "vkey", key, sizeof(key));

			r = n < 0 ? (int)n : file_write(p->dir, "console.vkey", key, (size_t)n);
		}
	}
	return r;
}

int package_write(struct Package *p)
{
	_cleanup_free_ char *list = NULL;
	size_t size = 0;
	int r, closed;

	p->list = (struct Json){.out = open_memstream(&list, &size)};
	if (!p->list.out)
		return -ENOMEM;
	json_object(&p->list, NULL);
	json_time(&p->list, "from", p->from);
	json_time(&p->list, "until", p->until);
	r = ledgers_write(p);
	if (r >= 0)
		r = proofs_write(p);
	json_end_object(&p->list);
	closed = ferror(p->list.out) ? -ENOMEM : 0;
	if (fclose(p->list.out) && !closed)
		closed = -ENOMEM;
	if (r >= 0)
		r = closed;
	if (r >= 0)
		r = file_write(p->dir, "list.json", list, size);
	return r < 0 ? r : fixed_write(p);
}

void package_done(struct Package *p)
{
	free(p->ledgers);
	p->ledgers = NULL;
}
