/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* RFC 4648 base64 with padding; decoding is strict: no other character, no stray bit. */
#include "std.h"

#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

void base64_encode(const uint8_t *bytes, size_t n, char *ret);
/* The number of bytes, or -EINVAL, -E2BIG. With ret NULL nothing is written: only the form is checked. */
ssize_t base64_decode(const char *text, size_t n, uint8_t *ret, size_t size);
