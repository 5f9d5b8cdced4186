/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "say.h"
#include "show.h"
#include "verb.h"

struct Devices {
	struct Json *json; /* NULL: for people */
	size_t n;
};

static void device_row(void *owner, struct Message *m)
{
	struct Devices *d = owner;

	if (m->type != MSG_DEVICE)
		return;
	d->n++;
	if (d->json)
		show_device_json(d->json, NULL, &m->body.DEVICE);
	else
		show_device(&m->body.DEVICE, NULL);
}

static int devices_run(
        const struct Context *c, const void *args _unused_, int n _unused_, char **words _unused_)
{
	struct Json j = {.out = stdout};
	struct Devices devices = {.json = c->json ? &j : NULL};
	struct MsgReply reply;
	struct Ask a;

	ask_start(&a, VERB_DEVICES);
	if (c->json) {
		json_object(&j, NULL);
		json_array(&j, "devices");
	}
	client_call(c, &a, device_row, &devices, &reply);
	if (c->json) {
		json_end_array(&j);
		client_reply_json(&j, &reply);
		json_end_object(&j);
	} else if (reply.fault == FAULT_OK && !devices.n) {
		printf("%s\n", _("no storage device is plugged in"));
	}
	return say_fault(reply.fault, reply.subject, reply.contact);
}

const struct Command verb_devices = {
        .name = "devices",
        .arguments = "",
        .summary = N_("every storage device seen, whether it is open, and why not"),
        .run = devices_run,
};
