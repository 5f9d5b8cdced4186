/* SPDX-License-Identifier: Apache-2.0 */
/* verify [DIR]: whether ledgers are as they were signed. Needs no agent, and no right but to read. */
#include "clock.h"
#include "hex.h"
#include "ledger_source.h"
#include "proof_open.h"
#include "receipt.h"
#include "say.h"
#include "seen_paper.h"
#include "show.h"
#include "str.h"
#include "verb.h"
#include "verify_year.h"

struct VerifyArgs {
	const char *key, *proof, *console;
	struct OptionList seen;
};

static const struct Option verify_options[] = {
        {OPTION(struct VerifyArgs, key, "key", OPTION_TEXT), N_("KEY"),
                N_("the verifier key noted at enrolment, or a file that holds it")},
        {OPTION(struct VerifyArgs, proof, "proof", OPTION_TEXT), N_("FILE"),
                N_("open the proof of one record; needs --key and no ledger")},
        {OPTION(struct VerifyArgs, seen, "seen", OPTION_LIST), N_("CHECKPOINT"),
                N_("a checkpoint kept elsewhere: its file, a copy of the ledger, or from paper; repeatable")},
        {OPTION(struct VerifyArgs, console, "console", OPTION_TEXT), N_("KEY"),
                N_("the console's key, or a file that holds it: judges what it signed of a year that is "
                   "gone")},
        OPTIONS_END,
};

/* One ledger as it was found. */
struct Checked {
	const char *folder, *key; /* key: given, or the folder's own */
	const char *console;      /* its key; NULL: not given */
	bool given;
	const struct SeenList *seen;
	const struct LedgerReport *before; /* of the ledger that was checked before this one; NULL: none */
	struct YearBefore year;
	bool own;      /* this machine's own ledgers: what the console received of them is asked, too */
	bool received; /* it stands in `seen` */
	struct Receipt receipt;
	bool slipped; /* one of `seen` was mistyped, and is left out of the report */
	struct SeenSlip slip;
	struct LedgerReport report;
};

static const char *const answers[] = {
        [LEDGER_UNKNOWN] = "unknown",
        [LEDGER_NO] = "no",
        [LEDGER_YES] = "yes",
};

static void checked_json(struct Json *j, const struct Checked *k)
{
	const struct LedgerReport *r = &k->report;
	char root[2 * sizeof(r->root) + 1], paper[LEDGER_PAPER_MOST];

	hex_encode(r->root, sizeof(r->root), root);
	ledger_paper_write(r->covered, r->root, paper);
	json_object(j, NULL);
	json_text(j, "folder", k->folder);
	json_text(j, "origin", r->origin);
	json_flag(j, "ok", r->fault == FAULT_OK && !k->slipped);
	if (k->slipped)
		json_flag(j, "mistyped", true);
	if (r->fault != FAULT_OK) {
		json_text(j, "fault", fault_row(r->fault)->code);
		json_text(j, "error", r->error);
		json_number(j, "line", r->line);
	}
	json_number(j, "records", r->records);
	json_number(j, "covered", r->covered);
	json_number(j, "torn", r->torn);
	json_text(j, "root", root);
	json_text(j, "first", r->first_time);
	json_text(j, "last", r->last_time);
	json_text(j, "key", k->key ? k->key : "");
	json_flag(j, "key_given", k->given);
	json_text(j, "altered", answers[r->altered]);
	json_text(j, "missing", answers[r->missing]);
	if (r->to) {
		json_number(j, "differs_from", r->from);
		json_number(j, "differs_to", r->to - 1);
	}
	if (r->fault == FAULT_OK)
		json_text(j, "paper", paper);
	if (k->received)
		json_number(j, "received", k->receipt.seen.size);
	verify_year_json(j, &k->year);
	json_end_object(j);
}

static const char *headline(const struct LedgerReport *r)
{
	if (r->fault == FAULT_OK)
		return _("verified, nothing is altered");
	return r->missing == LEDGER_YES ? _("RECORDS ARE MISSING") : _("ALTERED");
}

static void wrong_people(const struct LedgerReport *r)
{
	_cleanup_free_ char *error = say_escape(*r->error ? _(r->error) : "");

	if (r->line)
		printf(_("  line %ju: %s\n"), (uintmax_t)r->line, error);
	else
		printf("  %s\n", error);
	if (r->to && r->to == r->from + 1)
		printf(_("  the first record that differs is %ju\n"), (uintmax_t)r->from);
	else if (r->to)
		printf(_("  the first record that differs is one of %ju to %ju\n"), (uintmax_t)r->from,
		        (uintmax_t)(r->to - 1));
}

static void good_people(const struct Checked *k)
{
	const struct LedgerReport *r = &k->report;
	_cleanup_free_ char *key = say_escape(k->key ? k->key : "");
	char paper[LEDGER_PAPER_MOST];

	ledger_paper_write(r->covered, r->root, paper);
	printf(_("  signed: the first %ju"), (uintmax_t)r->covered);
	if (r->records > r->covered)
		printf(_("; not signed yet: %ju"), (uintmax_t)(r->records - r->covered));
	if (r->torn)
		printf(_("; a last line is torn: %ju bytes"), (uintmax_t)r->torn);
	printf("\n  %s %s\n",
	        k->given ? _("by the key given:") : _("by the key that lies in the folder itself:"), key);
	if (!k->given)
		printf("  %s\n",
		        _("compare it with the key noted at enrolment, or give that one with --key"));
	printf("  %s\n",
	        r->missing == LEDGER_NO
	                ? _("nothing is missing of what was seen before")
	                : _("whether records are missing at the end only a checkpoint kept elsewhere "
	                    "tells (--seen)"));
	if (k->received) {
		char time[CLOCK_TEXT];

		clock_format(k->receipt.time, time);
		printf(_("  the console received the first %ju on %s\n"), (uintmax_t)k->receipt.seen.size,
		        time);
	}
	printf("  %s %s\n", _("for paper:"), paper);
	verify_year_people(&k->year);
}

static void checked_people(const struct Checked *k)
{
	const struct LedgerReport *r = &k->report;
	_cleanup_free_ char *origin = say_escape(*r->origin ? r->origin : k->folder);

	printf("%s: %s\n", origin, headline(r));
	if (r->fault != FAULT_OK)
		wrong_people(r);
	printf("  ");
	printf(ngettext("%ju record", "%ju records", r->records), (uintmax_t)r->records);
	if (*r->first_time)
		printf(_(", from %s to %s"), r->first_time, r->last_time);
	printf("\n");
	if (r->fault == FAULT_OK)
		good_people(k);
}

/* What somebody mistyped says nothing about the ledger: the others are compared without it. 0 or FAULT_*. */
static int files_verify(struct Checked *k, const struct LedgerFiles *files)
{
	_cleanup_free_ struct SeenList *rest = calloc(1, sizeof(*rest));
	struct LedgerCheck check = {k->key, k->seen->items, k->seen->n};
	int r = rest ? ledger_files_verify(files, &check, &k->report) : FAULT_INTERNAL;

	if (r || k->received || (k->report.code != LEDGER_E_FORK && k->report.code != LEDGER_E_ROLLBACK) ||
	        !seen_slip_find(k->seen, files->records, &k->slip))
		return r;
	k->slipped = true;
	for (size_t i = 0; i < k->seen->n; i++)
		if (i != k->slip.item)
			rest->items[rest->n++] = k->seen->items[i];
	check.seen = rest->items;
	check.n_seen = rest->n;
	return ledger_files_verify(files, &check, &k->report);
}

static int slip_say(const struct SeenSlip *s)
{
	if (!s->places)
		say_error(_("mistyped? the letters are those of %ju, not of the number given: nothing was "
		            "compared with it"),
		        (uintmax_t)s->number);
	else
		say_error(ngettext("mistyped? %u of the 52 letters is another one, in group %u: nothing was "
		                   "compared with it",
		                  "mistyped? %u of the 52 letters are others, the first in group %u: nothing "
		                  "was "
		                  "compared with it",
		                  s->places),
		        s->places, s->group);
	say_hint("%s", _("look at the paper again"));
	return EXIT_USAGE;
}

/* Where nothing else was given, what the console has seen is what was seen before. */
static void receipt_use(struct Checked *k, struct SeenList *receipts)
{
	k->received = k->own && !k->seen->n && receipt_last(RECEIPT_ROOT, k->folder, &k->receipt) == 0;
	if (!k->received)
		return;
	receipts->items[0] = k->receipt.seen;
	receipts->n = 1;
	k->seen = receipts;
}

static int folder_verify(const struct Context *c, struct Checked *k, struct Json *j)
{
	_cleanup_free_ struct SeenList *receipts = calloc(1, sizeof(*receipts));
	_cleanup_ledger_files_ struct LedgerFiles files = LEDGER_FILES_NULL;
	int r = ledger_files_open(k->folder, &files);

	k->given = k->key != NULL;
	if (!receipts)
		r = FAULT_INTERNAL;
	if (!r) {
		receipt_use(k, receipts);
		r = files_verify(k, &files);
	}
	if (r) {
		k->report = (struct LedgerReport){.fault = r};
		return say_fault(r, k->folder, NULL);
	}
	/* a copy tells more than its checkpoint */
	if (k->report.code == LEDGER_E_FORK && seen_difference(k->seen, files.records, &k->report.from))
		k->report.to = k->report.from + 1;
	if (files.vkey)
		files.vkey[strcspn(files.vkey, "\n")] = '\0';
	if (k->report.fault == FAULT_OK)
		verify_year(&(struct YearAsk){k->folder, &files, &k->report, k->before, k->console, k->own},
		        &k->year);
	if (k->year.follows == FOLLOWS_NO) {
		k->report.fault = FAULT_LEDGER_ALTERED;
		k->report.altered = LEDGER_YES;
		STR_CUT(k->report.error, N_("the ledger does not follow that of the year before"));
	}
	k->key = k->given ? k->key : files.vkey;
	if (c->json)
		checked_json(j, k);
	else
		checked_people(k);
	if (k->slipped && k->report.fault == FAULT_OK)
		return slip_say(&k->slip);
	return say_fault(k->report.fault, k->folder, NULL);
}

static int folders_choose(const char *path, const char *only, struct Folders *ret)
{
	int r = folders_find(path, ret);

	if (r)
		return say_fault(r, path, NULL);
	if (!ret->n) {
		_cleanup_free_ char *safe = say_escape(path);

		say_error(_("there is no ledger in %s"), safe);
		say_hint("%s", _("give the folder that holds records.jsonl"));
		return EXIT_STATE;
	}
	if (only && ret->n > 1)
		return say_usage(_("%s belongs to one ledger: give that ledger's folder"), only);
	return EXIT_OK;
}

/* Each as the pattern says; a year is compared with the one before it. */
static int folders_verify(
        const struct Context *c, const struct Folders *folders, const struct Checked *pattern, struct Json *j)
{
	struct LedgerReport before = {};
	int status = EXIT_OK;

	for (size_t i = 0; i < folders->n; i++) {
		struct Checked k = *pattern;
		int one;

		k.folder = folders->paths[i];
		k.before = i ? &before : NULL;
		one = folder_verify(c, &k, j);
		before = k.report;
		status = MAX(status, one); /* altered is the highest of those that can come */
	}
	return status;
}

static int console_read(const char *given, char **ret)
{
	*ret = given ? ledger_key_text(given) : NULL;
	if (!given || (*ret && cosigned_key_is(*ret)))
		return EXIT_OK;
	return say_usage("%s",
	        _("--console needs the key that mediagate-console key prints, or a file that holds it"));
}

static int verify_run(const struct Context *c, const void *args, int n, char **words)
{
	const struct VerifyArgs *a = args;
	_cleanup_folders_ struct Folders folders = FOLDERS_NULL;
	_cleanup_free_ char *key = NULL, *paper = NULL, *console = NULL;
	struct OptionList list = a->seen;
	_cleanup_free_ struct SeenList *seen = calloc(1, sizeof(*seen));
	struct Json j = {.out = stdout};
	int status = ledger_key_read(a->key, &key), all;

	if (!status)
		status = console_read(a->console, &console);
	if (status)
		return status;
	if (a->proof && (!key || n))
		return say_usage("%s", _("--proof needs --key, the key that signed it, and no folder"));
	if (a->proof)
		return proof_open(c, a->proof, key);
	status = seen_paper_join(&list, &n, words, &paper);
	if (status)
		return status;
	status = seen ? seen_read(&list, seen) : say_fault(FAULT_INTERNAL, "memory", NULL);
	if (!status)
		status = folders_choose(n ? words[0] : LEDGER_ROOT,
		        key       ? "--key"
		        : seen->n ? "--seen"
		                  : NULL,
		        &folders);
	if (status)
		return status;
	if (c->json) {
		json_object(&j, NULL);
		json_array(&j, "ledgers");
	}
	all = folders_verify(
	        c, &folders, &(struct Checked){.key = key, .console = console, .seen = seen, .own = !n}, &j);
	status = MAX(status, all);
	if (c->json) {
		json_end_array(&j);
		json_flag(&j, "ok", !status);
		json_end_object(&j);
	}
	return status;
}

const struct Command verb_verify = {
        .name = "verify",
        .arguments = N_("[DIR]"),
        .summary = N_("whether the ledger is as it was signed; needs no agent"),
        .help = N_("DIR is a ledger's folder, a terminal's, or one that holds terminals' folders.\n"
                   "Without --key the ledger is checked with the key that lies beside it.\n"
                   "From paper: --seen 11 FGD6 7ABC, and so on: the number, then the groups as they stand "
                   "there."),
        .options = verify_options,
        .args_size = sizeof(struct VerifyArgs),
        .least = 0,
        .most = 14, /* a root from paper is 13 */
        .run = verify_run,
};
