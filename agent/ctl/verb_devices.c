/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "say.h"
#include "verb.h"

static int devices_run(
        const struct Context *c, const void *args _unused_, int n _unused_, char **words _unused_)
{
	struct MsgReply reply;
	struct Ask a;

	ask_start(&a, VERB_DEVICES);
	client_call(c, &a, NULL, NULL, &reply);
	return client_say(c, &reply);
}

const struct Command verb_devices = {
        .name = "devices",
        .arguments = "",
        .summary = N_("every storage device seen, whether it is open, and why not"),
        .run = devices_run,
};
