/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include <stdio.h>

int str_set_n(char *ret, size_t size, const char *src, size_t n)
{
	if (n >= size) {
		ret[0] = '\0';
		return -E2BIG;
	}
	if (memchr(src, '\0', n))
		return -EINVAL;
	memcpy(ret, src, n);
	memset(ret + n, 0, size - n); /* what follows the NUL crosses the wire too */
	return 0;
}

int str_set(char *ret, size_t size, const char *src)
{
	return str_set_n(ret, size, src, strlen(src));
}

size_t str_utf8_next(const char *text, size_t n, uint32_t *ret)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	const uint8_t *s = (const uint8_t *)text;

	for (size_t k = 0; k < ARRAY_SIZE(forms) && k < n; k++) {
		uint32_t c = s[0] & (uint8_t)~forms[k].mask;

		if ((s[0] & forms[k].mask) != forms[k].lead)
			continue;
		for (size_t i = 1; i <= k; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[i] & 0x3f);
		}
		if (c < forms[k].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*ret = c;
		return k + 1;
	}
	return 0;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool str_is_utf8(const char *text, size_t n)
{
	uint32_t c;

	for (size_t i = 0, k; i < n; i += k) {
		k = str_utf8_next(text + i, n - i, &c);
		if (!k)
			return false;
	}
	return true;
}

bool str_is_line(const char *text, size_t n)
{
	uint32_t c;

	for (size_t i = 0, k; i < n; i += k) {
		k = str_utf8_next(text + i, n - i, &c);
		if (!k || is_control(c))
			return false;
	}
	return true;
}

void str_cut(char *ret, size_t size, const char *src)
{
	size_t n = strlen(src), end = 0;
	uint32_t c;

	if (n < size) {
		(void)str_set(ret, size, src);
		return;
	}
	while (end < size) {
		size_t k = str_utf8_next(src + end, n - end, &c);

		if (!k)
			k = 1;
		if (end + k >= size)
			break;
		end += k;
	}
	(void)str_set_n(ret, size, src, end);
}

void str_escape(char *ret, size_t size, const uint8_t *bytes, size_t n)
{
	const char *text = (const char *)bytes;
	size_t at = 0;
	uint32_t c;

	for (size_t i = 0, k; i < n; i += k) {
		char piece[8];
		size_t m;

		k = str_utf8_next(text + i, n - i, &c);
		if (!k || is_control(c) || c == '\\') {
			m = (size_t)snprintf(piece, sizeof(piece), "\\x%02x", bytes[i]);
			k = 1;
		} else {
			memcpy(piece, text + i, k);
			m = k;
		}
		if (at + m >= size)
			break;
		memcpy(ret + at, piece, m);
		at += m;
	}
	memset(ret + at, 0, size - at);
}

bool str_in_list(const char *list, const char *item)
{
	size_t n = strlen(item);

	if (!n)
		return false;
	for (const char *p = list; p; p = strchr(p, ',')) {
		if (*p == ',')
			p++;
		if (!strncmp(p, item, n) && (p[n] == ',' || p[n] == '\0'))
			return true;
	}
	return false;
}
