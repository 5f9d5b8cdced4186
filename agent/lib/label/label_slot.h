/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The 4,096 bytes of a slot and what they say (pure). The bytes of a label follow from its fields and the
 * fields from the bytes, in one way each: what decodes is encoded to the same bytes.
 */
#include "label.h"
#include "std.h"

#define LABEL_MAGIC	"mediagate/label/v1\n"
#define LABEL_SIGNED	4032 /* bytes from the slot's beginning that the signature is over */
#define LABEL_SIGNATURE 64
#define LABEL_KEY_ID	4

struct Label {
	uint64_t counter;
	uint8_t random[32];
	uint8_t identity[DIGEST_SIZE];
	char number[LIMIT_NUMBER];
	char registration[LIMIT_ID];
	char terminal[LIMIT_CODE]; /* that issued it */
	struct LabelLoan loan;
	uint8_t key_id[LABEL_KEY_ID];
	uint8_t signature[LABEL_SIGNATURE];
};

enum LabelFieldType {
	LABEL_TEXT,   /* ASCII from 0x21 to 0x7e, zeros to its end, at least one */
	LABEL_BYTES,
	LABEL_NUMBER, /* 8 bytes, the lowest first */
	LABEL_FLAG,   /* 8 bytes, 0 or 1 */
};

struct LabelField {
	const char *name;
	uint16_t at, size;
	uint8_t type;
	uint8_t loan; /* 1: all zero when there is no loan */
	uint16_t member, room; /* where it stands in struct Label; a field is never smaller than it */
};

/* The rows of docs/label.md, in order; NULL behind the last. */
const struct LabelField *label_field(size_t i);

/* 0, or -EINVAL: a text that no label can hold. */
int label_encode(const struct Label *l, uint8_t ret[static LABEL_SIZE]);

/* 0, LABEL_STATE_MALFORMED, or LABEL_NOTHING: the bytes do not begin like a label. */
#define LABEL_NOTHING 100
int label_decode(const uint8_t bytes[static LABEL_SIZE], struct Label *ret);
