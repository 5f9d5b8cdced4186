/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: built here from typed fields and signed by the label key; looked at for core, which sees no key. */
#include "label_sign.h"
#include "reply.h"
#include "str.h"

static int loan_fill(const struct CheckoutRow *c, struct LabelLoan *ret)
{
	int r;

	if (!*c->id)
		return 0;
	r = STR_SET(ret->checkout, c->id);
	if (r >= 0)
		r = STR_SET(ret->clerk, c->clerk);
	if (r >= 0)
		r = STR_SET(ret->purpose, c->purpose);
	if (r >= 0)
		r = STR_SET(ret->ground, c->ground);
	if (r >= 0)
		r = STR_SET(ret->terminals, c->terminals);
	ret->from = (uint64_t)c->from;
	ret->until = (uint64_t)c->until;
	ret->carry_out = c->carry_out;
	return r;
}

static int label_fill(const struct MsgLabelMake *make, const char *terminal, struct Label *ret)
{
	int r = make->counter ? 0 : -EINVAL;

	*ret = (struct Label){.counter = make->counter};
	memcpy(ret->identity, make->identity, DIGEST_SIZE);
	if (r >= 0)
		r = STR_SET(ret->number, make->number);
	if (r >= 0)
		r = STR_SET(ret->registration, make->registration);
	if (r >= 0)
		r = STR_SET(ret->terminal, terminal);
	if (r >= 0)
		r = loan_fill(&make->checkout, &ret->loan);
	return r < 0 ? r : crypto_random(ret->random, sizeof(ret->random));
}

int reply_label_make(struct Server *s, const struct Message *m)
{
	const struct Seal *seal = s->store->seal;
	struct MsgLabelMade answer = {.cookie = m->body.LABEL_MAKE.cookie};
	struct Label label;
	int r = label_fill(&m->body.LABEL_MAKE, s->terminal, &label);

	if (r >= 0)
		r = label_sign(&label, &seal->label_vkey, seal->label, answer.bytes);
	if (r >= 0)
		r = crypto_hash(seal->crypto, &(struct Bytes){answer.bytes, LABEL_SIZE}, 1, answer.sha256);
	if (r < 0 && r != -EINVAL && r != -E2BIG)
		return r;
	if (r < 0)
		answer.fault = FAULT_INTERNAL;
	return server_send(s, MSG_LABEL_MADE, &answer, NULL, 0);
}

int reply_label_look(struct Server *s, const struct Message *m)
{
	const struct Seal *seal = s->store->seal;
	const struct MsgLabelLook *look = &m->body.LABEL_LOOK;
	struct MsgLabelSeen answer = {.cookie = look->cookie};
	struct Vkey issuer;
	int r;

	if (!look->vkey[0])
		r = label_look(seal->crypto, &seal->label_vkey, look->bytes, &answer.seen);
	else if (vkey_parse(seal->crypto, look->vkey, strlen(look->vkey), &issuer) == 0)
		r = label_look_issued(seal->crypto, &issuer, look->bytes, &answer.seen);
	else { /* load lets none through that is not one */
		r = 0;
		answer.seen.state = LABEL_STATE_STRANGER;
	}
	return r < 0 ? r : server_send(s, MSG_LABEL_SEEN, &answer, NULL, 0);
}
