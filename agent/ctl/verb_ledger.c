/* SPDX-License-Identifier: Apache-2.0 */
/* ledger archive YEAR DEST: a year's ledger, verified before and after, in another place; and all years'
 * heads. ledger drop YEAR: ledger_drop.c. */
#include "file.h"
#include "json.h"
#include "ledger_drop.h"
#include "ledger_heads.h"
#include "ledger_source.h"
#include "limits.h"
#include "say.h"
#include "str.h"
#include "verb.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define CHUNK 65536

struct LedgerArgs {
	const char *ledger, *key;
	bool confirm;
};

static const struct Option ledger_options[] = {
        {OPTION(struct LedgerArgs, ledger, "ledger", OPTION_TEXT), N_("DIR"),
                N_("archive: the ledgers in this folder, not this terminal's")},
        {OPTION(struct LedgerArgs, key, "key", OPTION_TEXT), N_("KEY"),
                N_("archive: the verifier key noted at enrolment, or a file that holds it")},
        {OPTION(struct LedgerArgs, confirm, "confirm", OPTION_FLAG), NULL,
                N_("drop: confirm what another person has asked for")},
        OPTIONS_END,
};

/* A year's folder on its way to DEST/<terminal>/<year>. */
struct Archive {
	const char *dest;
	struct LedgerFiles files;
	struct LedgerReport report;
	char terminal[LIMIT_CODE], year[8];
	int dir;  /* of the terminal */
	int copy; /* <year>.new in it */
	bool own; /* of this machine */
};

static void archive_done(struct Archive *a)
{
	ledger_files_done(&a->files);
	a->dir = fd_close(a->dir);
	a->copy = fd_close(a->copy);
}

/* The one folder of that year. */
static int folder_choose(const char *root, const char *year, struct Folders *folders, const char **ret)
{
	int r = folders_find(root, folders);

	*ret = NULL;
	if (r)
		return say_fault(r, root, NULL);
	for (size_t i = 0; i < folders->n; i++) {
		const char *name = strrchr(folders->paths[i], '/');

		if (!str_eq(name ? name + 1 : folders->paths[i], year))
			continue;
		if (*ret)
			return say_usage(
			        "%s", _("there is more than one ledger: name the folder of one year"));
		*ret = folders->paths[i];
	}
	return *ret ? EXIT_OK : say_fault(FAULT_UNREADABLE, year, NULL);
}

/* <domain>/mediagate/<terminal>/<year>: the verifier has seen to its form. */
static int names_take(struct Archive *a)
{
	const char *year = strrchr(a->report.origin, '/'), *terminal = year;

	while (terminal > a->report.origin && terminal[-1] != '/')
		terminal--;
	return str_set_n(a->terminal, sizeof(a->terminal), terminal, (size_t)(year - terminal)) < 0 ||
	                       STR_SET(a->year, year + 1) < 0 || a->terminal[0] == '.'
	               ? -EINVAL
	               : 0;
}

static int target_make(struct Archive *a)
{
	_cleanup_fd_ int dest = open(a->dest, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char temporary[16];
	struct stat st;
	int r = dest < 0 ? -errno : file_dir_make_at(dest, a->terminal, 0750, &a->dir);

	if (r < 0)
		return r;
	if (!fstatat(a->dir, a->year, &st, AT_SYMLINK_NOFOLLOW))
		return -EEXIST;
	snprintf(temporary, sizeof(temporary), "%s.new", a->year);
	return file_dir_make_at(a->dir, temporary, 0750, &a->copy);
}

/* The complete lines, as they were verified; what comes behind them is another reading's. */
static int records_copy(const struct Archive *a)
{
	_cleanup_fd_ int out =
	        openat(a->copy, "records.jsonl", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	_cleanup_free_ char *buffer = malloc(CHUNK);
	uint64_t at = 0;

	if (out < 0 || !buffer)
		return out < 0 ? -errno : -ENOMEM;
	while (at < a->report.bytes) {
		size_t want = (size_t)MIN((uint64_t)CHUNK, a->report.bytes - at);
		ssize_t n = pread(a->files.records, buffer, want, (off_t)at);
		int r = n > 0 ? file_write_all(out, buffer, (size_t)n) : n < 0 ? -errno : -EIO;

		if (r < 0)
			return r;
		at += (uint64_t)n;
	}
	return fsync(out) ? -errno : 0;
}

static int files_copy(const struct Archive *a)
{
	int r = records_copy(a);

	if (r >= 0 && a->files.vkey)
		r = file_replace_at(a->copy, "vkey", a->files.vkey, strlen(a->files.vkey), 0640);
	if (r >= 0)
		r = file_replace_at(
		        a->copy, "checkpoint", a->files.checkpoint, a->files.checkpoint_size, 0640);
	return r;
}

/* Reads back what was written: it is the same ledger, and it verifies. */
static int copy_verify(const struct Archive *a, const char *key)
{
	struct LedgerReport report;
	int r = ledger_verify_folder(a->copy, key, NULL, NULL, &report);

	if (r < 0)
		return r;
	return report.fault || report.records != a->report.records || report.covered != a->report.covered ||
	                       memcmp(report.root, a->report.root, sizeof(report.root))
	               ? -EIO
	               : 0;
}

static int archive_write(struct Archive *a, const char *folder, const char *key)
{
	char temporary[16];
	int r = target_make(a);

	if (r >= 0)
		r = files_copy(a);
	if (r >= 0)
		r = copy_verify(a, key);
	if (r >= 0)
		r = ledger_heads_copy(&(struct HeadsCopy){folder, a->year, &a->files, a->own}, a->dir);
	if (r < 0)
		return r;
	snprintf(temporary, sizeof(temporary), "%s.new", a->year);
	if (renameat2(a->dir, temporary, a->dir, a->year, RENAME_NOREPLACE))
		return -errno;
	return fsync(a->dir) ? -errno : 0;
}

static int archive_say(const struct Context *c, const struct Archive *a)
{
	char paper[LEDGER_PAPER_MOST];

	ledger_paper_write(a->report.covered, a->report.root, paper);
	if (c->json) {
		struct Json j = {.out = stdout};

		json_object(&j, NULL);
		json_flag(&j, "ok", true);
		json_text(&j, "origin", a->report.origin);
		json_number(&j, "records", a->report.records);
		json_number(&j, "covered", a->report.covered);
		json_text(&j, "paper", paper);
		json_end_object(&j);
	} else {
		_cleanup_free_ char *origin = say_escape(a->report.origin), *dest = say_escape(a->dest);

		printf(_("%s: %ju records are archived in %s/%s/%s and verified there\n"), origin,
		        (uintmax_t)a->report.records, dest, a->terminal, a->year);
		printf("  %s %s\n", _("for paper:"), paper);
	}
	return EXIT_OK;
}

static int archive_run(const struct Context *c, struct Archive *a, const char *folder, const char *key)
{
	const struct LedgerCheck check = {.key = key};
	int r = ledger_files_open(folder, &a->files);

	if (!r)
		r = ledger_files_verify(&a->files, &check, &a->report);
	if (!r)
		r = a->report.fault;
	if (r)
		return say_fault(r, folder, NULL);
	if (names_take(a) < 0)
		return say_fault(FAULT_LEDGER_ALTERED, folder, NULL);
	r = archive_write(a, folder, key);
	if (r == -EBADMSG)
		return say_fault(FAULT_LEDGER_ALTERED, "heads", NULL);
	if (r == -ESTALE)
		return say_fault(FAULT_DEST_EXISTS, "heads", NULL);
	if (r == -EEXIST)
		return say_fault(FAULT_DEST_EXISTS, a->year, NULL);
	return r < 0 ? say_fault(FAULT_DEST_FAILED, a->dest, NULL) : archive_say(c, a);
}

static int ledger_archive(const struct Context *c, const struct LedgerArgs *options, char **words)
{
	_cleanup_folders_ struct Folders folders = FOLDERS_NULL;
	_cleanup_(archive_done) struct Archive a = {
	        .dest = words[2], .own = !options->ledger, .files = LEDGER_FILES_NULL, .dir = -1, .copy = -1};
	_cleanup_free_ char *key = NULL;
	const char *folder;
	int status = ledger_key_read(options->key, &key);

	if (!status)
		status = folder_choose(
		        options->ledger ? options->ledger : LEDGER_ROOT, words[1], &folders, &folder);
	return status ? status : archive_run(c, &a, folder, key);
}

static int ledger_run(const struct Context *c, const void *args, int n, char **words)
{
	const struct LedgerArgs *options = args;
	bool year = strlen(words[1]) == 4 && strspn(words[1], "0123456789") == 4;

	if (year && n == 3 && !strcmp(words[0], "archive") && !options->confirm)
		return ledger_archive(c, options, words);
	if (year && n == 2 && !strcmp(words[0], "drop") && !options->key && !options->ledger)
		return ledger_drop(c, words[1], options->confirm);
	return say_usage(
	        "%s", _("ledger is followed by archive, a year such as 2026, and a folder; or by drop "
	                "and a year"));
}

const struct Command verb_ledger = {
        .name = "ledger",
        .arguments = N_("archive YEAR DEST | drop YEAR"),
        .summary = N_("copy a year's ledger to another place; drop one when its retention has passed"),
        .help = N_(
                "archive takes nothing away. What is in DEST verifies anywhere: mediagate verify DEST\n"
                "The last checkpoints of all years (heads) go with it.\n"
                "drop needs two people, supervisors or the chief: one asks, another confirms. Both are on\n"
                "record, with the last checkpoint of the year that goes."),
        .options = ledger_options,
        .args_size = sizeof(struct LedgerArgs),
        .least = 2,
        .most = 3,
        .run = ledger_run,
};
