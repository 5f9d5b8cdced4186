/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Lower-case hex. */
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * n digits and a NUL. */
void hex_encode(const uint8_t *bytes, size_t n, char *ret);

/* Exactly n bytes from exactly 2 * n lower-case digits; -EINVAL otherwise. */
int hex_decode(const char *text, size_t text_size, uint8_t *ret, size_t n);
