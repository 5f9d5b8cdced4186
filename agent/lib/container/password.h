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
#define PASSWORD_LEAST 20  /* characters of one that people make up */

/* 0 or -errno. */
int password_make(char ret[static PASSWORD_SHOWN]);

/* The form shown, if `typed` can be read as a generated password: 0; otherwise -EINVAL. */
int password_normalise(const char *typed, size_t n, char ret[static PASSWORD_SHOWN]);

/* A password that people made up: printable, one line, at least max(least, PASSWORD_LEAST) characters.
   0 or FAULT_WEAK_PASSWORD. */
int password_check(const char *own, size_t least);
