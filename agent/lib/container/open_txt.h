/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The text of OPEN.txt: how to open the copy with openssl, tar and sha256sum alone. Japanese, then
 * English; commands for a POSIX shell, then for Windows. Nothing about the content.
 */
#include "part.h"
#include "std.h"

#define OPEN_TEXT 12288 /* bytes at most */

struct OpenFacts {
	const char *copy;
	const char *domain, *terminal; /* who made it; printable one-line values, escaped here */
	bool password, certificate;    /* which recipients it has */
};

/* Writes the text (no NUL): its size, or -errno. */
ssize_t open_text(const struct OpenFacts *f, char *ret, size_t size);
