/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Small, pure text helpers. Buffers are arrays of fixed size, always closed by NUL. */
#include "std.h"

/* Copies src; -E2BIG (and an empty ret) when it does not fit with its NUL. */
int str_set(char *ret, size_t size, const char *src);

/* Copies n bytes; -E2BIG when they do not fit, -EINVAL when there is a NUL among them. */
int str_set_n(char *ret, size_t size, const char *src, size_t n);

/* Copies what fits, cut at a whole UTF-8 character: for texts that only people read. */
void str_cut(char *ret, size_t size, const char *src);

#define STR_SET(array, src) str_set((array), sizeof(array), (src))
#define STR_CUT(array, src) str_cut((array), sizeof(array), (src))

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Length of the character at text, its code point in *ret; 0: not UTF-8. */
size_t str_utf8_next(const char *text, size_t n, uint32_t *ret);
/* RFC 3629 UTF-8: no surrogates, no overlong forms, at most U+10FFFF. */
bool str_is_utf8(const char *text, size_t n);

/* UTF-8 without control characters (C0, DEL, C1). */
bool str_is_line(const char *text, size_t n);

/* For people: printable UTF-8 stays, every other byte becomes \xHH; cut to fit. */
void str_escape(char *ret, size_t size, const uint8_t *bytes, size_t n);

/* True when `item` is one of the comma-separated items of `list`. */
bool str_in_list(const char *list, const char *item);
