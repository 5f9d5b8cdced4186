/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* OpenSSL's door of the store: passwords through scrypt, tokens that nobody guesses. */
#include "std.h"

#define SECRET_TEXT 160 /* scrypt:log2 N:r:p:salt:key, the last two in hex */
#define TOKEN_TEXT  44  /* 32 random bytes in URL-safe base64 */
#define DIGEST_TEXT 65

/* A password as it is kept. 32 MiB and about a tenth of a second each. */
_must_check_ int secret_make(const char *password, char ret[static SECRET_TEXT]);

/* 1: it is the password; 0: not; with an empty `kept` the work is the same and the answer is 0. */
_must_check_ int secret_check(const char *password, const char *kept);

_must_check_ int token_make(char ret[static TOKEN_TEXT]);
/* SHA-256 in hex: what is kept of a token. */
_must_check_ int token_digest(const char *token, char ret[static DIGEST_TEXT]);
