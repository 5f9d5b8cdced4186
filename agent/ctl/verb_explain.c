/* SPDX-License-Identifier: Apache-2.0 */
/* explain DEVICE: the rules in the order they were asked, and what decided. */
#include "client.h"
#include "compared.h"
#include "judge.h"
#include "say.h"
#include "show.h"
#include "verb.h"

struct Walked {
	struct MsgDevice device;
	size_t n;
	struct WalkStep steps[WALK_STEPS];
};

static void explain_row(void *owner, struct Message *m)
{
	struct Walked *w = owner;

	if (m->type == MSG_DEVICE)
		w->device = m->body.DEVICE;
	if (m->type == MSG_STEP && w->n < WALK_STEPS)
		w->steps[w->n++] = m->body.STEP.step;
}

static void show_json(const struct Walked *w, const struct MsgReply *reply)
{
	struct Json j = {.out = stdout};

	json_object(&j, NULL);
	client_reply_json(&j, reply);
	if (reply->fault == FAULT_OK) {
		show_device_json(&j, "device", &w->device);
		json_array(&j, "walk");
		for (size_t i = 0; i < w->n; i++) {
			json_object(&j, NULL);
			json_text(&j, "rule", judge_rule_name(w->steps[i].rule));
			json_flag(&j, "decided", w->steps[i].decided);
			json_text(&j, "reason", fault_row(w->steps[i].reason)->code);
			json_text(&j, "compared", w->steps[i].compared);
			json_end_object(&j);
		}
		json_end_array(&j);
	}
	json_end_object(&j);
}

static void show_people(const struct Walked *w, const char *contact)
{
	show_device(&w->device, contact);
	printf("\n");
	for (size_t i = 0; i < w->n; i++) {
		const struct WalkStep *s = &w->steps[i];
		bool refuses = s->decided && s->reason != FAULT_OK;
		_cleanup_free_ char *compared = compared_text(s->rule, s->compared);

		printf("  ");
		show_cell(refuses ? _("refuses") : _("passed"), 9);
		printf(" ");
		show_cell(judge_rule_name(s->rule), 18);
		printf(" %s\n", compared);
	}
}

static int explain_run(const struct Context *c, const void *args _unused_, int n _unused_, char **words)
{
	struct Walked w = {};
	struct MsgReply reply;
	struct Ask a;

	ask_start(&a, VERB_EXPLAIN);
	ask_text(&a, REQUEST_device, words[0]);
	client_call(c, &a, explain_row, &w, &reply);
	if (c->json) {
		show_json(&w, &reply);
		return say_fault(reply.fault, reply.subject, reply.contact);
	}
	if (reply.fault == FAULT_OK)
		show_people(&w, reply.contact);
	return client_say(c, &reply);
}

const struct Command verb_explain = {
        .name = "explain",
        .arguments = N_("DEVICE"),
        .summary = N_("why a device is open or closed: each rule, in order"),
        .help = N_("DEVICE is the kernel's name (2-1), a serial number, or a medium's number."),
        .least = 1,
        .most = 1,
        .run = explain_run,
};
