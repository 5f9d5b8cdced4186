/* SPDX-License-Identifier: Apache-2.0 */
/* health: for monitoring, one look at what must hold every day, and an exit status that says which does not.
 */
#include "clock.h"
#include "doctor.h"
#include "enforce.h"
#include "ledger_files.h"
#include "receipt.h"
#include "say.h"
#include "show.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#define ROOM_LOW (UINT64_C(16) << 20) /* about fifty thousand records */

/* Each thing is good, wrong or could not be looked at. */
enum HealthState { HEALTH_GOOD, HEALTH_WRONG, HEALTH_UNTOLD, _HEALTH_STATE_N };

struct Health {
	bool enforced; /* the gate's rules are installed */
	enum HealthState rules, agent, ledger, room;
	struct MsgStatus status; /* fault: why nothing is let in */
	struct LedgerReport report;
	bool received; /* a console has given a receipt for it */
	struct Receipt receipt;
	uint64_t free, reserve; /* bytes */
};

static const struct Option health_options[] = {
        /* for tests and for running from a build */
        {OPTION(struct DoctorArgs, root, "root", OPTION_TEXT), "DIR", NULL},
        {OPTION(struct DoctorArgs, templates, "templates", OPTION_TEXT), "DIR", NULL},
        OPTIONS_END,
};

static const char *const state_codes[] = {
        [HEALTH_GOOD] = "good",
        [HEALTH_WRONG] = "wrong",
        [HEALTH_UNTOLD] = "untold",
};

/* ------------------------------------------------------------------ looking */

static void rules_look(struct Health *h, struct Doctor *d)
{
	_cleanup_free_ char *path = doctor_path(d, ENFORCE_RULES);

	h->enforced = !access(path, F_OK);
	doctor_rules(d);
	doctor_drivers(d);
	doctor_kernel(d);
	doctor_hubs(d);
	h->rules = d->found[DOCTOR_WRONG]    ? HEALTH_WRONG
	           : d->found[DOCTOR_UNTOLD] ? HEALTH_UNTOLD
	                                     : HEALTH_GOOD;
}

static void agent_look(struct Health *h, const struct Context *c)
{
	if (doctor_status(c, &h->status) != FAULT_OK)
		h->status.fault = FAULT_NO_AGENT;
	h->agent = h->status.fault == FAULT_OK ? HEALTH_GOOD : HEALTH_WRONG;
}

static void room_look(struct Health *h, const char *folder)
{
	_cleanup_free_ char *path = NULL;
	struct statvfs fs;
	struct stat st;

	if (asprintf(&path, "%s/reserve", folder) < 0)
		abort();
	h->reserve = stat(path, &st) ? 0 : (uint64_t)st.st_blocks * 512;
	if (statvfs(folder, &fs)) {
		h->room = HEALTH_UNTOLD;
		return;
	}
	h->free = (uint64_t)fs.f_bavail * fs.f_frsize;
	h->room = h->free < ROOM_LOW ? HEALTH_WRONG : HEALTH_GOOD;
}

/* The running year's: names sort by terminal, then by year. */
static void ledger_look(struct Health *h, const struct Doctor *d)
{
	_cleanup_ledger_files_ struct LedgerFiles files = LEDGER_FILES_NULL;
	_cleanup_folders_ struct Folders folders = FOLDERS_NULL;
	_cleanup_free_ char *root = doctor_path(d, LEDGER_ROOT);
	_cleanup_free_ char *receipts = doctor_path(d, RECEIPT_ROOT);
	struct LedgerCheck check = {.seen = &h->receipt.seen};
	const char *last;

	h->ledger = HEALTH_UNTOLD;
	h->room = HEALTH_UNTOLD;
	if (folders_find(root, &folders) != FAULT_OK || !folders.n)
		return;
	last = folders.paths[folders.n - 1];
	room_look(h, last);
	/* what the console saw must still be there */
	h->received = receipt_last(receipts, last, &h->receipt) == 0;
	check.n_seen = h->received;
	if (ledger_files_open(last, &files) != FAULT_OK)
		return;
	if (ledger_files_verify(&files, &check, &h->report) != FAULT_OK ||
	        h->report.fault == FAULT_UNREADABLE)
		return;
	h->ledger = h->report.fault == FAULT_OK ? HEALTH_GOOD : HEALTH_WRONG;
}

/* ------------------------------------------------------------------ saying */

static void receipt_json(struct Json *j, const struct Health *h)
{
	char time[CLOCK_TEXT];

	if (!h->received) {
		json_null(j, "last_receipt");
		return;
	}
	clock_format(h->receipt.time, time);
	json_object(j, "last_receipt");
	json_text(j, "console", h->receipt.by);
	json_number(j, "records", h->receipt.seen.size);
	json_text(j, "time", time);
	json_end_object(j);
}

static void show_json(const struct Health *h, int status)
{
	struct Json j = {.out = stdout};

	json_object(&j, NULL);
	json_flag(&j, "ok", status == EXIT_OK);
	json_text(&j, "mode", h->status.observe ? "observe" : h->enforced ? "enforce" : "off");
	json_text(&j, "rules", state_codes[h->rules]);
	json_text(&j, "agent", state_codes[h->agent]);
	if (h->agent != HEALTH_GOOD)
		show_fault_json(&j, h->status.fault, h->status.subject);
	json_text(&j, "ledger", state_codes[h->ledger]);
	if (h->ledger != HEALTH_UNTOLD) {
		json_text(&j, "origin", h->report.origin);
		json_number(&j, "records", h->report.records);
		json_number(&j, "signed", h->report.covered);
		json_text(&j, "last_record", h->report.last_time);
	}
	receipt_json(&j, h);
	json_text(&j, "room", state_codes[h->room]);
	json_number(&j, "free", h->free);
	json_number(&j, "reserve", h->reserve);
	json_end_object(&j);
}

static void line_show(const char *what, const char *text)
{
	printf("  ");
	show_cell(what, 14);
	printf(" %s\n", text);
}

static void receipt_people(const struct Health *h)
{
	char time[CLOCK_TEXT], text[160];

	if (!h->received)
		return;
	clock_format(h->receipt.time, time);
	snprintf(text, sizeof(text), _("the first %ju records, received %s"), (uintmax_t)h->receipt.seen.size,
	        time);
	line_show(_("console"), text);
}

static void show_people(const struct Health *h)
{
	static const char *const rules[] = {
	        [HEALTH_GOOD] = N_("in force"),
	        [HEALTH_WRONG] = N_("NOT IN FORCE; see: mediagate doctor"),
	        [HEALTH_UNTOLD] = N_("cannot be compared; look again as root"),
	};
	static const char *const ledger[] = {
	        [HEALTH_GOOD] = N_("verified, nothing is altered"),
	        [HEALTH_WRONG] = N_("ALTERED"),
	        [HEALTH_UNTOLD] = N_("cannot be read; look again as root"),
	};
	_cleanup_free_ char *why = say_sentence(h->status.fault, h->status.subject);
	_cleanup_free_ char *bytes = show_bytes(h->free), *low = say_fill(_("only %s left"), bytes);

	line_show(_("gate"), h->status.observe ? _("OBSERVE MODE: nothing refused is closed")
	                     : h->enforced     ? _("enforced")
	                                       : _("OFF"));
	line_show(_("rules"), _(rules[h->rules]));
	line_show(_("agent"), h->agent == HEALTH_GOOD ? _("works") : why);
	line_show(_("ledger"), _(ledger[h->ledger]));
	receipt_people(h);
	line_show(_("room"), h->room == HEALTH_WRONG  ? low
	                     : h->room == HEALTH_GOOD ? _("enough")
	                                              : _(ledger[HEALTH_UNTOLD]));
}

static int status_of(const struct Health *h)
{
	if (h->ledger == HEALTH_WRONG)
		return EXIT_ALTERED;
	if (h->agent == HEALTH_WRONG)
		return EXIT_AGENT;
	if (h->rules == HEALTH_WRONG || !h->enforced || h->status.observe)
		return EXIT_CONFIG;
	return h->room != HEALTH_GOOD || h->rules != HEALTH_GOOD || h->ledger != HEALTH_GOOD ? EXIT_STATE
	                                                                                     : EXIT_OK;
}

static int health_run(const struct Context *c, const void *args, int n _unused_, char **words _unused_)
{
	struct Doctor d = doctor_new(c, args);
	struct Health h = {};
	int status;

	d.quiet = true;
	rules_look(&h, &d);
	agent_look(&h, c);
	ledger_look(&h, &d);
	status = status_of(&h);
	if (c->json)
		show_json(&h, status);
	else
		show_people(&h);
	return status;
}

const struct Command verb_health = {
        .name = "health",
        .arguments = "",
        .summary = N_("for monitoring: gate, agent, ledger, room; see the exit status"),
        .help = N_("Run it as root. Exit status 0: all is well; 6: the ledger is altered; 5: the agent does "
                   "not\n"
                   "answer or lets nothing in; 8: the gate's rules are not in force, or the agent only\n"
                   "observes; 4: room is short, or something could not be looked at."),
        .options = health_options,
        .args_size = sizeof(struct DoctorArgs),
        .run = health_run,
};
