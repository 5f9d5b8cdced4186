/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: the whole installation, one line a finding, one hint where something is to be done. */
#include "doctor.h"
#include "enforce.h"
#include "say.h"
#include "show.h"

static const struct {
	const char *code, *people;
} levels[] = {
        [DOCTOR_GOOD] = {"good", N_("good")},
        [DOCTOR_UNTOLD] = {"untold", N_("untold")},
        [DOCTOR_WARNING] = {"warning", N_("weak")},
        [DOCTOR_WRONG] = {"wrong", N_("WRONG")},
};
static_assert(ARRAY_SIZE(levels) == _DOCTOR_LEVEL_N, "a word for each level");

#define FINDING_ROW(name, check, level, sentence, hint) {check, DOCTOR_##level, sentence, hint},
static const struct {
	const char *check;
	enum DoctorLevel level;
	const char *sentence, *hint;
} findings[] = {FINDINGS(FINDING_ROW)};
static_assert(ARRAY_SIZE(findings) == _FINDING_N, "a row for each finding");

static const struct Option doctor_options[] = {
        {OPTION(struct DoctorArgs, root, "root", OPTION_TEXT), N_("DIR"),
                N_("look at the system below DIR instead of the running one")},
        /* for running from a build */
        {OPTION(struct DoctorArgs, templates, "templates", OPTION_TEXT), "DIR", NULL},
        OPTIONS_END,
};

typedef void (*DoctorCheck)(struct Doctor *d);

static const struct {
	DoctorCheck check;
	bool live; /* only of the running system */
} checks[] = {
        {doctor_rules, false},
        {doctor_drivers, false},
        {doctor_initramfs, false},
        {doctor_kernel, false},
        {doctor_hubs, false},
        {doctor_config, false},
        {doctor_service, false},
        {doctor_agent, true},
        {doctor_conflicts, false},
        {doctor_doors, false},
        {doctor_disks, false},
        {doctor_boot, false},
        {doctor_time, true},
};

struct Doctor doctor_new(const struct Context *c, const struct DoctorArgs *a)
{
	return (struct Doctor){
	        .context = c,
	        .root = a->root ? a->root : "",
	        .templates = a->templates ? a->templates : ENFORCE_TEMPLATES,
	        .out = {.out = stdout},
	};
}

void doctor_say(struct Doctor *d, enum Finding finding, const char *subject)
{
	enum DoctorLevel level = findings[finding].level;
	const char *hint = findings[finding].hint;
	_cleanup_free_ char *shown = say_escape(subject ? subject : ""), *text = NULL;

	d->found[level]++;
	if (d->quiet)
		return;
	text = say_fill(_(findings[finding].sentence), shown);
	if (d->context->json) {
		json_object(&d->out, NULL);
		json_text(&d->out, "check", findings[finding].check);
		json_text(&d->out, "level", levels[level].code);
		if (subject)
			json_text(&d->out, "subject", subject);
		json_text(&d->out, "sentence", text);
		if (*hint)
			json_text(&d->out, "hint", _(hint));
		json_end_object(&d->out);
		return;
	}
	printf("  ");
	show_cell(_(levels[level].people), 9);
	printf(" ");
	show_cell(findings[finding].check, 10);
	printf(" %s\n", text);
	if (*hint)
		printf("                       %s\n", _(hint));
}

char *doctor_path(const struct Doctor *d, const char *path)
{
	char *whole;

	if (asprintf(&whole, "%s%s", d->root, path) < 0)
		abort();
	return whole;
}

static void end_say(struct Doctor *d)
{
	unsigned int wrong = d->found[DOCTOR_WRONG], weak = d->found[DOCTOR_WARNING];
	unsigned int untold = d->found[DOCTOR_UNTOLD];

	if (d->context->json) {
		json_end_array(&d->out);
		for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
			json_number(&d->out, levels[i].code, d->found[i]);
		json_end_object(&d->out);
		return;
	}
	printf("\n");
	if (wrong)
		printf(ngettext("%u thing is wrong: the gate may stand open, or media do not work",
		               "%u things are wrong: the gate may stand open, or media do not work", wrong),
		        wrong);
	else if (untold)
		printf(ngettext("nothing wrong was seen, but %u thing could not be looked at",
		               "nothing wrong was seen, but %u things could not be looked at", untold),
		        untold);
	else if (weak)
		printf(ngettext("nothing is wrong; %u thing is weaker than it could be",
		               "nothing is wrong; %u things are weaker than they could be", weak),
		        weak);
	else
		printf("%s", _("nothing is wrong"));
	printf("\n");
}

static int doctor_run(const struct Context *c, const void *args, int n _unused_, char **words _unused_)
{
	const struct DoctorArgs *a = args;
	struct Doctor d = doctor_new(c, a);

	if (c->json) {
		json_object(&d.out, NULL);
		json_array(&d.out, "findings");
	}
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (!a->root || !checks[i].live)
			checks[i].check(&d);
	end_say(&d);
	if (d.found[DOCTOR_WRONG])
		return EXIT_CONFIG;
	return d.found[DOCTOR_UNTOLD] ? EXIT_STATE : EXIT_OK;
}

const struct Command verb_doctor = {
        .name = "doctor",
        .arguments = "",
        .summary = N_("look the whole installation over; needs no agent"),
        .help = N_("One line for each thing that is looked at, and a hint where something is to be done.\n"
                   "As root everything can be looked at. Exit status 8: something is wrong; 4: something\n"
                   "could not be looked at."),
        .options = doctor_options,
        .args_size = sizeof(struct DoctorArgs),
        .run = doctor_run,
};
