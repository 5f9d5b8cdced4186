/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Identifier and length bytes of DER. Pure. */
#include "std.h"

#define DER_HEAD 10 /* bytes at most */

#define DER_INTEGER    0x02
#define DER_OCTETS     0x04
#define DER_OBJECT     0x06
#define DER_SEQUENCE   0x30
#define DER_SET        0x31
#define DER_CONTENT    0x80 /* [0], primitive */
#define DER_EXPLICIT   0xa0 /* [0], constructed */
#define DER_INDEFINITE UINT64_MAX

size_t der_head_size(uint64_t length);
/* Writes the head: its size. */
size_t der_head(uint8_t tag, uint64_t length, uint8_t ret[static DER_HEAD]);

/*
 * The length bytes after an identifier: how many of the `n` there are belong to it, 0: more are needed,
 * -EBADMSG: longer than needed or beyond 2^56. *ret is DER_INDEFINITE for the indefinite form.
 */
int der_length(const uint8_t *bytes, size_t n, uint64_t *ret);
