/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate alone: the terminal, who asks, what is checked out, what is plugged in and why not. */
#include "client.h"
#include "say.h"
#include "show.h"
#include "verb.h"

/* Rows are kept until the reply: the order on the screen is not theirs. */
struct Status {
	struct MsgStatus status;
	size_t n_media, n_devices, n_out;
	struct MsgMedium *media;
	struct MsgDevice *devices;
};

static void status_done(struct Status *s)
{
	free(s->media);
	free(s->devices);
}
#define _cleanup_status_ _cleanup_(status_done)

static void *grow(void *array, size_t n, size_t size)
{
	void *more = n & (n - 1) ? array : reallocarray(array, n ? 2 * n : 1, size);

	if (!more)
		abort();
	return more;
}

static void status_row(void *owner, struct Message *m)
{
	struct Status *s = owner;

	if (m->type == MSG_STATUS)
		s->status = m->body.STATUS;
	if (m->type == MSG_MEDIUM) {
		s->media = grow(s->media, s->n_media, sizeof(*s->media));
		s->media[s->n_media++] = m->body.MEDIUM;
		s->n_out += m->body.MEDIUM.checked_out != 0;
	}
	if (m->type == MSG_DEVICE) {
		s->devices = grow(s->devices, s->n_devices, sizeof(*s->devices));
		s->devices[s->n_devices++] = m->body.DEVICE;
	}
}

static void show_json(const struct Status *s, const struct MsgReply *reply)
{
	struct Json j = {.out = stdout};

	json_object(&j, NULL);
	client_reply_json(&j, reply);
	if (reply->fault == FAULT_OK) {
		json_text(&j, "terminal", s->status.terminal);
		json_text(&j, "login", s->status.login);
		json_text(&j, "name", s->status.name);
		show_roles_json(&j, "roles", s->status.roles);
		json_object(&j, "gate");
		json_flag(&j, "works", s->status.fault == FAULT_OK);
		json_text(&j, "mode", s->status.observe ? "observe" : "enforce");
		if (s->status.fault != FAULT_OK)
			show_fault_json(&j, s->status.fault, s->status.subject);
		json_end_object(&j);
		json_number(&j, "records", s->status.n);
		json_text(&j, "contact", s->status.contact);
		json_array(&j, "media");
		for (size_t i = 0; i < s->n_media; i++)
			show_medium_json(&j, NULL, &s->media[i]);
		json_end_array(&j);
		json_array(&j, "devices");
		for (size_t i = 0; i < s->n_devices; i++)
			show_device_json(&j, NULL, &s->devices[i]);
		json_end_array(&j);
	}
	json_end_object(&j);
}

static void show_terminal(const struct MsgStatus *s)
{
	_cleanup_free_ char *terminal = say_escape(s->terminal), *login = say_escape(s->login);
	_cleanup_free_ char *name = say_escape(s->name), *roles = show_roles(s->roles);

	printf(_("Terminal %s"), terminal);
	printf("\n  ");
	if (s->fault == FAULT_OK)
		printf(ngettext("the gate works, %ju record", "the gate works, %ju records", s->n),
		        (uintmax_t)s->n);
	else
		printf("%s", _("nothing is let in:"));
	printf("\n");
	if (s->observe)
		printf("  %s\n", _("OBSERVE MODE: what is refused is recorded and LET IN all the same"));
	if (s->fault != FAULT_OK)
		say_reason(stdout, "    ", &(struct Reason){s->fault, s->subject, s->contact});
	printf("  ");
	if (*name)
		printf(_("you are %s (%s): %s"), name, login, roles);
	else
		printf(_("you are %s: %s"), login, roles);
	printf("\n");
}

static void show_checkout(const struct MsgMedium *m)
{
	const struct CheckoutRow *c = &m->checkout;
	_cleanup_free_ char *number = say_escape(c->medium), *clerk = show_called(m->clerk_name, c->clerk);
	_cleanup_free_ char *until = show_time(c->until, false), *destination = say_escape(c->destination);

	printf("  ");
	show_cell(number, 12);
	printf(" ");
	printf(_("with %s until %s, destination: %s"), clerk, until, destination);
	printf("\n");
	if (c->state == CHECKOUT_OVERDUE)
		printf("               %s\n", _("has run out: to be returned"));
	printf("               %s\n", m->present ? _("plugged in") : _("not plugged in"));
}

static void show_people(const struct Status *s)
{
	show_terminal(&s->status);
	printf("\n%s\n", _("Checked out"));
	for (size_t i = 0; i < s->n_media; i++)
		if (s->media[i].checked_out)
			show_checkout(&s->media[i]);
	if (!s->n_out)
		printf("  %s\n", _("nothing"));
	printf("\n%s\n", _("Plugged in"));
	for (size_t i = 0; i < s->n_devices; i++)
		show_device(&s->devices[i], s->status.contact);
	if (!s->n_devices)
		printf("  %s\n", _("nothing"));
	printf("\n");
	printf(ngettext("%zu medium on the register", "%zu media on the register", s->n_media), s->n_media);
	printf("\n");
}

static int status_run(
        const struct Context *c, const void *args _unused_, int n _unused_, char **words _unused_)
{
	_cleanup_status_ struct Status s = {};
	struct MsgReply reply;
	struct Ask a;

	ask_start(&a, VERB_STATUS);
	client_call(c, &a, status_row, &s, &reply);
	if (c->json)
		show_json(&s, &reply);
	else if (reply.fault == FAULT_OK)
		show_people(&s);
	return say_fault(reply.fault, reply.subject, reply.contact);
}

const struct Command verb_status = {
        .name = "status",
        .arguments = "",
        .summary = N_("where things stand; the same as no verb at all"),
        .run = status_run,
};
