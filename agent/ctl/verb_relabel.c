/* SPDX-License-Identifier: Apache-2.0 */
/* relabel NUMBER: a supervisor takes a medium whose label does not hold as the one on the register. */
#include "client.h"
#include "prompt.h"
#include "say.h"
#include "show.h"
#include "verb.h"

struct RelabelArgs {
	const char *prepare;
	bool yes;
};

static const struct Option relabel_options[] = {
        OPTIONS_PREPARE(struct RelabelArgs),
        OPTIONS_END,
};

static int relabel_run(const struct Context *c, const void *args, int n _unused_, char **words)
{
	const struct RelabelArgs *a = args;
	struct MsgReply reply;
	struct Ask ask;

	if (a->prepare && !prompt_erase(words[0], words[0], a->yes))
		return say_fault(FAULT_CANCELLED, NULL, NULL);
	ask_start(&ask, VERB_RELABEL);
	ask_text(&ask, REQUEST_number, words[0]);
	ask_text(&ask, REQUEST_prepare, a->prepare);
	client_call(c, &ask, NULL, NULL, &reply);
	if (reply.fault == FAULT_OK && !c->json) {
		printf(_("%s carries a new label; older ones of it hold no more"), words[0]);
		printf("\n");
	}
	return client_say(c, &reply);
}

const struct Command verb_relabel = {
        .name = "relabel",
        .arguments = N_("NUMBER"),
        .summary = N_("write a medium's label anew after a look at it (supervisors)"),
        .help = N_("For a medium whose label is missing, altered or out of step with the records.\n"
                   "Plug it in first, and make sure that it is the medium with this number and not\n"
                   "a copy of it: whichever stick is relabelled is the medium from then on. What is\n"
                   "on it stays, unless --prepare erases it: for a medium that has no room for a\n"
                   "label in front of its first partition."),
        .options = relabel_options,
        .args_size = sizeof(struct RelabelArgs),
        .least = 1,
        .most = 1,
        .run = relabel_run,
};
