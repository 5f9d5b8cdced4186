/* SPDX-License-Identifier: Apache-2.0 */
#include "label_sign.h"

#include "str.h"

#include <stdio.h>

static_assert(LABEL_SIGNATURE == SIGNATURE_SIZE, "Ed25519");

int label_sign(struct Label *l, const struct Vkey *v, const struct Key *k, uint8_t ret[static LABEL_SIZE])
{
	int r;

	memcpy(l->key_id, v->id, sizeof(l->key_id));
	memset(l->signature, 0, sizeof(l->signature));
	r = label_encode(l, ret);
	if (r >= 0)
		r = key_sign(k, ret, LABEL_SIGNED, l->signature);
	return r < 0 ? r : label_encode(l, ret);
}

int label_look(struct Crypto *c, const struct Vkey *v, const uint8_t bytes[static LABEL_SIZE], struct LabelSeen *ret)
{
	struct Label l;
	int r = label_decode(bytes, &l);

	*ret = (struct LabelSeen){.state = LABEL_STATE_EMPTY};
	if (r == LABEL_NOTHING)
		return 0;
	ret->state = LABEL_STATE_MALFORMED;
	if (r)
		return 0;
	ret->state = LABEL_STATE_STRANGER;
	if (memcmp(l.key_id, v->id, sizeof(l.key_id)))
		return 0;
	ret->state = LABEL_STATE_FORGED;
	r = signature_verify(v->key, bytes, LABEL_SIGNED, l.signature);
	if (r <= 0)
		return r;
	ret->state = LABEL_STATE_VALID;
	ret->counter = l.counter;
	memcpy(ret->identity, l.identity, DIGEST_SIZE);
	STR_CUT(ret->number, l.number);
	STR_CUT(ret->registration, l.registration);
	STR_CUT(ret->checkout, l.loan.checkout);
	STR_CUT(ret->terminal, l.terminal);
	return crypto_hash(c, &(struct Bytes){bytes, LABEL_SIZE}, 1, ret->sha256);
}

/* A key is one terminal's, and signs in no other's name. */
static bool is_key_of(const struct Vkey *v, const char *terminal)
{
	char end[sizeof("/mediagate//label") + LIMIT_CODE];
	int n = snprintf(end, sizeof(end), "/mediagate/%s/label", terminal);
	size_t size = strlen(v->name);

	return size > (size_t)n && str_eq(v->name + size - (size_t)n, end);
}

int label_look_issued(struct Crypto *c, const struct Vkey *v, const uint8_t bytes[static LABEL_SIZE],
	struct LabelSeen *ret)
{
	int r = label_look(c, v, bytes, ret);

	if (r >= 0 && ret->state == LABEL_STATE_VALID) {
		if (is_key_of(v, ret->terminal))
			ret->state = LABEL_STATE_ISSUED;
		else
			*ret = (struct LabelSeen){.state = LABEL_STATE_FORGED};
	}
	return r;
}
