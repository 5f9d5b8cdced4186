/* SPDX-License-Identifier: Apache-2.0 */
#include "password.h"
#include "crypto.h"
#include "fault.h"
#include "str.h"

#define GROUP  5
#define GROUPS 5

/* Crockford's base32: no I L O U. */
static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static_assert(sizeof(ALPHABET) == 33, "32 divides 256: every letter is equally likely");
static_assert(GROUP * GROUPS + GROUPS - 1 + 1 == PASSWORD_SHOWN, "groups and hyphens");

int password_make(char ret[static PASSWORD_SHOWN])
{
	uint8_t random[GROUP * GROUPS];
	char *p = ret;
	int r = crypto_random(random, sizeof(random));

	if (r)
		return r;
	for (size_t i = 0; i < sizeof(random); i++) {
		if (i > 0 && i % GROUP == 0)
			*p++ = '-';
		*p++ = ALPHABET[random[i] % 32];
	}
	*p = 0;
	crypto_cleanse(random, sizeof(random));
	return 0;
}

/* One typed character as a letter of the alphabet; 0: left out; -1: it cannot be one. */
static int password_letter(char c)
{
	if (c == ' ' || c == '-' || c == '\t')
		return 0;
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	return c && strchr(ALPHABET, c) ? c : -1;
}

int password_normalise(const char *typed, size_t n, char ret[static PASSWORD_SHOWN])
{
	char shown[PASSWORD_SHOWN] = {};
	size_t letters = 0, at = 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		int c = password_letter(typed[i]);

		if (c == 0)
			continue;
		if (c < 0 || letters == GROUP * GROUPS) {
			r = -EINVAL;
			continue;
		}
		if (letters > 0 && letters % GROUP == 0)
			shown[at++] = '-';
		shown[at++] = (char)c;
		letters++;
	}
	if (r == 0 && letters != GROUP * GROUPS)
		r = -EINVAL;
	if (r == 0)
		memcpy(ret, shown, sizeof(shown));
	crypto_cleanse(shown, sizeof(shown));
	return r;
}

int password_check(const char *own, size_t least)
{
	size_t n = strnlen(own, PASSWORD_SIZE), characters = 0;

	if (n == PASSWORD_SIZE || !str_is_line(own, n))
		return FAULT_WEAK_PASSWORD;
	for (size_t i = 0; i < n; i++)
		characters += ((uint8_t)own[i] & 0xc0) != 0x80; /* not a continuation byte */
	return characters >= MAX(least, (size_t)PASSWORD_LEAST) ? 0 : FAULT_WEAK_PASSWORD;
}
