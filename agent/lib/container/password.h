/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Passwords of copies. Generated: 25 characters of Crockford's base32 (125 bits) in five groups,
 *   7KQ2M-0ZBXW-93HTN-RFC5V-D8G1E
 * Exactly these 29 bytes, hyphens and capitals included, go into PBKDF2: what is shown is what the
 * stock tool takes. When reading it back from a person case, spaces, hyphens and the letters O I L are
 * forgiven.
 */
#include "std.h"

#define PASSWORD_SHOWN 30  /* with NUL */
#define PASSWORD_SIZE  256 /* as MsgSecret.password, with NUL */

/* Of one that people make up: */
#define PASSWORD_LEAST     12 /* characters, whatever the policy says: the least that it can say */
#define PASSWORD_KINDS     3  /* of small letters, capitals, digits, signs, letters of other scripts */
#define PASSPHRASE_MORE    8  /* characters more than the policy's least number make up for kinds */
#define PASSWORD_DIFFERENT 8  /* characters that are new and not just the next of the row */

/* 0 or -errno. */
int password_make(char ret[static PASSWORD_SHOWN]);

/* The form shown, if `typed` can be read as a generated password: 0; otherwise -EINVAL. */
int password_normalise(const char *typed, size_t n, char ret[static PASSWORD_SHOWN]);

/* A password that people made up, against the policy's least number of characters. 0; FAULT_PASSWORD_TEXT:
   empty, too long or no line; FAULT_SHORT_PASSWORD; FAULT_PASSWORD_KINDS; FAULT_WEAK_PASSWORD: the same few
   again and again. *ret_wanted: how many characters the sentence is to name. */
int password_check(const char *own, size_t least, size_t *ret_wanted);
