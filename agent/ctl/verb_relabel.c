/* SPDX-License-Identifier: Apache-2.0 */
/* relabel NUMBER: a supervisor takes a medium whose label does not hold as the one on the register. */
#include "client.h"
#include "say.h"
#include "show.h"
#include "verb.h"

static int relabel_run(const struct Context *c, const void *args _unused_, int n _unused_, char **words)
{
	struct MsgReply reply;
	struct Ask ask;

	ask_start(&ask, VERB_RELABEL);
	ask_text(&ask, REQUEST_number, words[0]);
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
                   "on it stays."),
        .least = 1,
        .most = 1,
        .run = relabel_run,
};
