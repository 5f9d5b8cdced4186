/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The label key's part: a label's signature, made and checked. */
#include "label_slot.h"
#include "note.h"

/* Fills in key_id and signature and encodes. 0 or -errno. */
int label_sign(struct Label *l, const struct Vkey *v, const struct Key *k, uint8_t ret[static LABEL_SIZE]);

/* What stands in a slot, by the eyes of the terminal whose label key `v` is. 0 or -errno of the machine. */
int label_look(struct Crypto *c, const struct Vkey *v, const uint8_t bytes[static LABEL_SIZE], struct LabelSeen *ret);

/* The same by those of a terminal whose labels the policy honours: ISSUED in VALID's place. */
int label_look_issued(struct Crypto *c, const struct Vkey *v, const uint8_t bytes[static LABEL_SIZE],
	struct LabelSeen *ret);
