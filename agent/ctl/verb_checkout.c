/* SPDX-License-Identifier: Apache-2.0 */
/* checkout NUMBER: lend a medium to a clerk. */
#include "client.h"
#include "clock.h"
#include "say.h"
#include "show.h"
#include "slip.h"
#include "verb.h"
#include "when.h"

struct CheckoutArgs {
	const char *to, *purpose, *ground, *destination, *until, *terminals;
	bool carry_out, locked_carrier;
};

static const struct Option checkout_options[] = {
        {OPTION(struct CheckoutArgs, to, "to", OPTION_TEXT), N_("LOGIN"), N_("the clerk who gets it")},
        {OPTION(struct CheckoutArgs, purpose, "purpose", OPTION_TEXT), N_("CODE"),
                N_("what for: a code of the policy")},
        {OPTION(struct CheckoutArgs, ground, "ground", OPTION_TEXT), N_("CODE"),
                N_("the legal ground: a code of the policy")},
        {OPTION(struct CheckoutArgs, destination, "destination", OPTION_TEXT), N_("TEXT"),
                N_("where it goes")},
        {OPTION(struct CheckoutArgs, until, "until", OPTION_TEXT), N_("TIME"),
                N_("2026-11-21T17:00, 2026-11-21 (its end), 17:00 (today), +2h")},
        {OPTION(struct CheckoutArgs, terminals, "terminal", OPTION_TEXT), N_("T,T"),
                N_("where it may be used; not given: this terminal")},
        {OPTION(struct CheckoutArgs, carry_out, "carry-out", OPTION_FLAG), NULL,
                N_("it leaves the managed zone")},
        {OPTION(struct CheckoutArgs, locked_carrier, "locked-carrier", OPTION_FLAG), NULL,
                N_("it is carried in a locked carrier")},
        OPTIONS_END,
};

static int until_read(const struct CheckoutArgs *a, int64_t *ret)
{
	_cleanup_free_ char *safe = NULL;

	if (when_parse(a->until, clock_now(), WHEN_END, ret) == 0)
		return 0;
	safe = say_escape(a->until);
	say_usage(_("\"%s\" is no time; 2026-11-21T17:00 is one"), safe);
	return -EINVAL;
}

/* The first option that is needed and not there, or NULL. */
static const char *missing(const struct CheckoutArgs *a)
{
	const struct {
		const char *value, *name;
	} needed[] = {{a->to, "--to"}, {a->purpose, "--purpose"}, {a->ground, "--ground"},
	        {a->destination, "--destination"}, {a->until, "--until"}};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!needed[i].value)
			return needed[i].name;
	return NULL;
}

static int checkout_run(const struct Context *c, const void *args, int n _unused_, char **words)
{
	const struct CheckoutArgs *a = args;
	const char *lacks = missing(a);
	struct MsgReply reply;
	struct Ask ask;
	int64_t until;

	if (lacks)
		return say_usage(_("%s is needed"), lacks);
	if (until_read(a, &until) < 0)
		return EXIT_USAGE;
	ask_start(&ask, VERB_CHECKOUT);
	ask_text(&ask, REQUEST_number, words[0]);
	ask_text(&ask, REQUEST_clerk, a->to);
	ask_text(&ask, REQUEST_purpose, a->purpose);
	ask_text(&ask, REQUEST_ground, a->ground);
	ask_text(&ask, REQUEST_destination, a->destination);
	ask_time(&ask, REQUEST_until, until);
	ask_text(&ask, REQUEST_terminals, a->terminals);
	ask_flag(&ask, REQUEST_carry_out, a->carry_out);
	ask_flag(&ask, REQUEST_locked_carrier, a->locked_carrier);
	client_call(c, &ask, NULL, NULL, &reply);
	if (reply.fault == FAULT_OK && !c->json) {
		_cleanup_free_ char *text = show_time(until, false);

		printf(_("%s is checked out to %s until %s (%s)"), words[0], a->to, text, reply.checkout);
		printf("\n");
		slip_people(&reply);
	}
	return client_say(c, &reply);
}

const struct Command verb_checkout = {
        .name = "checkout",
        .arguments = N_("NUMBER"),
        .summary = N_("lend a medium to a clerk (supervisors)"),
        .options = checkout_options,
        .args_size = sizeof(struct CheckoutArgs),
        .least = 1,
        .most = 1,
        .run = checkout_run,
};
