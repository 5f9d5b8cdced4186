/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * C2SP tlog-cosignature v1.0.0, Ed25519 (type 0x04): somebody else says that he saw this checkpoint at that
 * time and that it continued what he had seen before. Signed is
 *
 *	cosignature/v1 LF time <seconds since 1970> LF <the checkpoint's text>
 *
 * and a line's signature is the time, 8 bytes big-endian, and the 64 bytes of Ed25519. The verifier key is
 * written as a ledger's, its type being 0x04: neither is ever taken for the other.
 */
#include "note.h"

#define COSIGN_BYTES (4 + 8 + SIGNATURE_SIZE)
#define COSIGN_LINE  (3 + 1 + LIMIT_VKEY + 1 + BASE64_SIZE(COSIGN_BYTES) + 1) /* with its newline and NUL */
#define COSIGN_TEXT  2048 /* the longest text that is cosigned: a checkpoint's three lines */

static inline int cosign_vkey_make(
        struct Crypto *c, const char *name, const uint8_t key[static HASH_SIZE], struct Vkey *ret)
{
	return vkey_type_make(c, VKEY_COSIGNATURE, name, key, ret);
}

static inline int cosign_vkey_format(const struct Vkey *v, char *ret, size_t size)
{
	return vkey_type_format(VKEY_COSIGNATURE, v, ret, size);
}

/* -EINVAL: malformed, or another type. */
static inline int cosign_vkey_parse(struct Crypto *c, const char *text, size_t n, struct Vkey *ret)
{
	return vkey_type_parse(c, VKEY_COSIGNATURE, text, n, ret);
}

/* The signature line for the n bytes of a checkpoint's text; its length, or -errno. */
struct CosignText {
	const char *text;
	size_t n;
	uint64_t time; /* seconds since 1970 */
};
ssize_t cosign_write(
        const struct Vkey *v, const struct Key *k, const struct CosignText *t, char *ret, size_t size);

/* Whether this line, with its newline, is a cosignature of the text by `v`: 1 with *ret_time; 0; -errno. */
int cosign_verify(
        const struct Vkey *v, const struct CosignText *t, const char *line, size_t n, uint64_t *ret_time);

/* What a note's last signature line says, for people: its form alone is looked at. 0 or -EBADMSG. */
struct CosignLine {
	char name[LIMIT_VKEY];
	uint64_t time; /* seconds since 1970 */
	uint8_t bytes[COSIGN_BYTES];
};
int cosign_last(const char *note, size_t n, struct CosignLine *ret);
