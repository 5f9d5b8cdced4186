/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const uint8_t *bytes, size_t n, char *ret)
{
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)bytes[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < n)
			v |= bytes[i + 2];
		*ret++ = letters[v >> 18];
		*ret++ = letters[v >> 12 & 63];
		*ret++ = i + 1 < n ? letters[v >> 6 & 63] : '=';
		*ret++ = i + 2 < n ? letters[v & 63] : '=';
	}
	*ret = '\0';
}

static int value(char c)
{
	const char *p = c ? strchr(letters, c) : NULL;

	return p ? (int)(p - letters) : -1;
}

ssize_t base64_decode(const char *text, size_t n, uint8_t *ret, size_t size)
{
	size_t at = 0;

	if (n % 4)
		return -EINVAL;
	for (size_t i = 0; i < n; i += 4) {
		unsigned int pad = 0;
		uint32_t v = 0;

		if (i + 4 == n)
			pad = text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
		for (unsigned int k = 0; k < 4 - pad; k++) {
			int d = value(text[i + k]);

			if (d < 0)
				return -EINVAL;
			v |= (uint32_t)d << (18 - 6 * k);
		}
		if ((pad == 1 && v & 0xff) || (pad == 2 && v & 0xffff))
			return -EINVAL;
		if (at + 3 - pad > size)
			return -E2BIG;
		for (unsigned int k = 0; k < 3 - pad && ret; k++)
			ret[at + k] = (uint8_t)(v >> (16 - 8 * k));
		at += 3 - pad;
	}
	return (ssize_t)at;
}
