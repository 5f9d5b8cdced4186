/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "clock.h"
#include "drop.h"
#include "fault.h"
#include "log.h"
#include "own.h"
#include "replay.h"
#include "rotate.h"
#include "str.h"
#include "year.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define YEAR_AGAIN 1000 /* milliseconds until it is asked again whether the year may end */

void ledger_done(struct Ledger *l)
{
	l->ahead = ahead_free(l->ahead);
	server_done(&l->server);
	cache_done(&l->cache);
	store_close(&l->store);
	seal_done(&l->seal);
	l->terminal = fd_close(l->terminal);
}

static int dir_open(int dir, const char *path, int *ret)
{
	*ret = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return *ret < 0 ? -errno : 0;
}

static int altered(char subject[static LIMIT_SUBJECT], const char *what)
{
	str_cut(subject, LIMIT_SUBJECT, what);
	return FAULT_LEDGER_ALTERED;
}

/* The newest year's folder and the keys, which are named by it. */
static int open_year(struct Ledger *l, int keys)
{
	const struct Enrolment *e = &l->enrolment;
	struct SealNames names = {e->domain, e->terminal, e->year};
	char year[8];
	int r = year_newest(l->terminal, e->year, &names.year);

	if (r >= 0)
		r = seal_open(&l->seal, keys, &names);
	snprintf(year, sizeof(year), "%u", names.year % 10000);
	return r < 0 ? r : store_open(&l->store, l->terminal, year);
}

int ledger_open(struct Ledger *l, int state_dir, char subject[static LIMIT_SUBJECT])
{
	_cleanup_fd_ int keys = -1, root = -1;
	struct Enrolment *e = &l->enrolment;
	int r;

	subject[0] = '\0';
	r = enrolment_read_at(state_dir, e);
	if (r == -ENOENT)
		return FAULT_NOT_ENROLLED;
	if (r == -EINVAL || r == -E2BIG)
		return altered(subject, "the file enrolment is malformed");
	if (r >= 0)
		r = dir_open(state_dir, "keys", &keys);
	if (r >= 0)
		r = dir_open(state_dir, "ledger", &root);
	if (r >= 0)
		r = dir_open(root, e->terminal, &l->terminal);
	if (r >= 0)
		r = open_year(l, keys);
	if (r == -EBADMSG || (r == -ENOENT && !l->seal.label))
		return altered(subject, "a key or a folder is missing or malformed");
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return altered(subject, "the ledger's folder or records.jsonl is missing");
	l->store.seal = &l->seal;
	return r;
}

void ledger_prepare(struct Ledger *l)
{
	struct stat st;
	int r = fstat(l->store.records, &st) ? -errno : 0;

	if (!r && (uint64_t)st.st_size >= l->cache.least)
		r = ahead_new(&l->ahead);
	if (r < 0)
		log_warning("one thread reads the ledger: %s", strerrordesc_np(-r));
}

void ledger_tell(int channel, int r, const char *subject)
{
	struct MsgLedgerFault m = {.fault = (uint16_t)(r > 0 ? r : FAULT_NO_LEDGER)};

	STR_CUT(m.subject, r > 0 ? subject : strerrordesc_np(-r));
	log_error("%s: %s", fault_row(m.fault)->code, m.subject);
	if (channel_send(channel, MSG_LEDGER_FAULT, &m, NULL, 0))
		log_error("core could not be told");
}

/* The rows of the state, then its end: nothing opens before that. */
static int tell_state(struct Ledger *l, const struct Fold *f)
{
	struct StateEnd end = {.n = l->store.tree.size,
	        .n_rows = f->n_media + f->n_checkouts + f->n_pending,
	        .last_time = f->last_time,
	        .next_checkout = f->next_checkout,
	        .fiscal_year = f->fiscal_year};
	int r = 0;

	STR_SET(end.terminal, l->enrolment.terminal);
	STR_SET(end.domain, l->enrolment.domain);
	for (size_t i = 0; i < f->n_media && !r; i++)
		r = server_send(&l->server, MSG_STATE_MEDIUM, &f->media[i], NULL, 0);
	for (size_t i = 0; i < f->n_checkouts && !r; i++)
		r = server_send(&l->server, MSG_STATE_CHECKOUT, &f->checkouts[i], NULL, 0);
	for (size_t i = 0; i < f->n_pending && !r; i++)
		r = server_send(&l->server, MSG_STATE_PENDING, &f->pending[i], NULL, 0);
	if (!r)
		r = vkey_format(&l->seal.label_vkey, end.label_vkey, sizeof(end.label_vkey));
	return r ? r : server_send(&l->server, MSG_STATE_END, &end, NULL, 0);
}

/* Copies whose outcome is still to come: core will record it. */
static int adopt_copies(struct Ledger *l, const struct Fold *f)
{
	for (size_t i = 0; i < f->n_pending; i++)
		if (f->pending[i].kind == RECORD_COPY &&
		        copies_begin(&l->server.copies, f->pending[i].copy) == -ENOMEM)
			return -ENOMEM;
	return 0;
}

/* Reads the folder's lines, adds them up, and repairs what a crash left. Those that an index stood for are
 * read later. */
static int replay(struct Ledger *l, struct Fold *fold, const char *boot, char subject[static LIMIT_SUBJECT])
{
	_cleanup_(replay_done) struct Replay replay = {
	        .store = &l->store, .fold = fold, .boot = boot, .cache = &l->cache, .ahead = l->ahead};
	int r;

	*fold = (struct Fold){.terminal = l->enrolment.terminal,
	        .fiscal_year = clock_fiscal_year(clock_now()),
	        .next_checkout = 1};
	r = replay_run(&replay, subject);
	if (!r)
		l->server.audit = ptr_steal(&replay.audit);
	STR_CUT(l->last_time, replay.last_time);
	return r;
}

/* Whether another year began since the ledger's: never by a clock that is behind the records. */
static bool year_is_over(const struct Ledger *l, const struct Fold *f, uint32_t *ret)
{
	int64_t now = clock_now();

	*ret = clock_fiscal_year(now);
	return now >= f->last_time && *ret > strtoul(strrchr(l->seal.ledger_vkey.name, '/') + 1, NULL, 10);
}

/* The new year's ledger in place of the old one, read like any other. */
static int next_year(struct Ledger *l, uint32_t year, struct Fold *fold, const char *boot,
        char subject[static LIMIT_SUBJECT])
{
	const struct YearTurn turn = {&l->store, fold, &l->enrolment, l->terminal, year};
	char name[8];
	int r = year_turn(&turn);

	if (r == STORE_FULL)
		return 0; /* the old one goes on */
	if (r < 0)
		return r;
	/* who verifies the old year reads all of it */
	audit_freep(&l->server.audit);
	cache_done(&l->cache);
	store_close(&l->store);
	l->store = (struct Store)STORE_NULL;
	snprintf(name, sizeof(name), "%u", year % 10000);
	r = store_open(&l->store, l->terminal, name);
	l->store.seal = &l->seal;
	fold_done(fold);
	return r < 0 ? r : replay(l, fold, boot, subject);
}

/* An intent's outcome names its record: a year goes on until none is open. */
static bool is_pending(const struct Fold *f)
{
	bool pending = f->n_pending;

	for (size_t i = 0; i < f->n_media; i++)
		pending |= f->media[i].intent != 0;
	return pending;
}

/* Of a running process, when everything is covered and the clock says that another year began. */
static int turn_while_running(void *owner, char subject[static LIMIT_SUBJECT])
{
	struct Ledger *l = owner;
	_cleanup_(fold_done) struct Fold fold = {.terminal = l->enrolment.terminal, .next_checkout = 1};
	const struct Fold none = {.last_time = INT64_MIN};
	uint32_t year;
	int r;

	if (!year_is_over(l, &none, &year))
		return 0;
	l->server.year_again = clock_boot() + YEAR_AGAIN;
	r = cache_state(&l->cache, &l->store, &fold, subject);
	if (r || is_pending(&fold) || !year_is_over(l, &fold, &year))
		return r;
	r = next_year(l, year, &fold, l->boot, subject);
	/* without room the old one goes on */
	return r ? r : year_is_over(l, &none, &year) ? 0 : SERVER_TURNED;
}

static int start(struct Ledger *l, const char *boot, char subject[static LIMIT_SUBJECT])
{
	_cleanup_(fold_done) struct Fold fold = {.n_media = 0};
	uint32_t year;
	int r = replay(l, &fold, boot, subject);

	l->ahead = ahead_free(l->ahead);
	if (!r)
		r = own_zone(&l->store, l->enrolment.terminal, l->last_time);
	/* an act that was cut short behind its point of no return: before the year ends, which names it */
	if (!r)
		r = drop_settle(&l->store, &fold, l->terminal);
	if (!r && year_is_over(l, &fold, &year))
		r = next_year(l, year, &fold, boot, subject);
	if (r)
		return r;
	/* each start has a key of its own; without room for it the old one goes on */
	r = rotate(&l->store, l->enrolment.terminal);
	if (r < 0)
		return r;
	r = adopt_copies(l, &fold);
	return r < 0 ? r : tell_state(l, &fold);
}

int ledger_run(struct Ledger *l, int channel, const char *boot)
{
	char subject[LIMIT_SUBJECT] = "";
	int r = 0;

	l->server.channel = channel;
	l->server.store = &l->store;
	l->server.terminal_dir = l->terminal;
	l->server.year_turn = turn_while_running;
	l->server.year_owner = l;
	l->boot = boot;
	l->server.cache = &l->cache;
	l->server.terminal = l->enrolment.terminal;
	l->server.lines = malloc(BATCH_MOST * (LIMIT_LINE + 1));
	if (!l->server.lines)
		r = -ENOMEM;
	if (!r && fcntl(channel, F_SETFL, O_NONBLOCK))
		r = -errno;
	if (!r)
		r = start(l, boot, subject);
	if (!r)
		r = serve(&l->server);
	if (r > 0 && *l->server.subject)
		STR_CUT(subject, l->server.subject);
	/* full where only a file would have helped: told as what it is */
	if (store_is_full(-r))
		r = FAULT_LEDGER_FULL;
	if (r)
		ledger_tell(channel, r, subject);
	return r;
}
