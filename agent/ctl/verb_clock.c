/* SPDX-License-Identifier: Apache-2.0 */
/* clock confirm: a supervisor says that the clock is right, though the records were later before. */
#include "client.h"
#include "clock.h"
#include "say.h"
#include "show.h"
#include "verb.h"

#include <stdio.h>

static int clock_run(const struct Context *c, const void *args _unused_, int n _unused_, char **words)
{
	struct MsgReply reply;
	struct Ask ask;

	if (strcmp(words[0], "confirm"))
		return say_usage("%s", _("clock is followed by confirm"));
	ask_start(&ask, VERB_CLOCK);
	client_call(c, &ask, NULL, NULL, &reply);
	if (reply.fault == FAULT_OK && !c->json)
		printf("%s\n", reply.n == UINT64_MAX
		                       ? _("the clock is not behind the records; nothing was to be confirmed")
		                       : _("the clock is confirmed; lending goes on"));
	return client_say(c, &reply);
}

const struct Command verb_clock = {
        .name = "clock",
        .arguments = "confirm",
        .summary = N_("confirm that the clock is right after it was behind the records (supervisors)"),
        .help = N_(
                "Compare the time with another clock first: what is lent by a wrong one cannot be proved."),
        .least = 1,
        .most = 1,
        .run = clock_run,
};
