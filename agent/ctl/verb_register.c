/* SPDX-License-Identifier: Apache-2.0 */
/* register DEVICE: a stick becomes a medium of this office. */
#include "client.h"
#include "prompt.h"
#include "say.h"
#include "show.h"
#include "verb.h"

struct RegisterArgs {
	const char *number, *supervisor, *prepare;
	bool yes;
};

static const struct Option register_options[] = {
        {OPTION(struct RegisterArgs, number, "number", OPTION_TEXT), N_("NUMBER"),
                N_("the medium's management number")},
        {OPTION(struct RegisterArgs, supervisor, "supervisor", OPTION_TEXT), N_("LOGIN"),
                N_("who answers for it; not given: you")},
        OPTIONS_PREPARE(struct RegisterArgs),
        OPTIONS_END,
};

static int register_run(const struct Context *c, const void *args, int n _unused_, char **words)
{
	const struct RegisterArgs *a = args;
	struct MsgReply reply;
	struct Ask ask;

	if (!a->number)
		return say_usage("%s", _("--number is needed: the management number on the medium"));
	if (a->prepare && !prompt_erase(words[0], a->number, a->yes))
		return say_fault(FAULT_CANCELLED, NULL, NULL);
	ask_start(&ask, VERB_REGISTER);
	ask_text(&ask, REQUEST_device, words[0]);
	ask_text(&ask, REQUEST_number, a->number);
	ask_text(&ask, REQUEST_supervisor, a->supervisor);
	ask_text(&ask, REQUEST_prepare, a->prepare);
	client_call(c, &ask, NULL, NULL, &reply);
	if (reply.fault == FAULT_OK && !c->json) {
		printf(_("%s is registered"), a->number);
		printf("\n");
	}
	/* what was not tried must not look as if it had been */
	if (reply.fault == FAULT_OK && !a->prepare)
		say_warning(_("whether %s holds what it says was not tried: --prepare tries it, and erases"),
		        a->number);
	return client_say(c, &reply);
}

const struct Command verb_register = {
        .name = "register",
        .arguments = N_("DEVICE"),
        .summary = N_("enter a stick into the register (supervisors)"),
        .help = N_(
                "DEVICE is the kernel's name (2-1) or a serial number, as `mediagate devices` shows them.\n"
                "--prepare erases all that is on it, and first tries whether it holds as much as it says.\n"
                "Without it a stick that says more than it holds is not found."),
        .options = register_options,
        .args_size = sizeof(struct RegisterArgs),
        .least = 1,
        .most = 1,
        .run = register_run,
};
