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

/* ------------------------------------------------------------------ those that people make up */

/* One line of UTF-8 as its characters: how many. */
static size_t password_characters(const char *own, size_t n, uint32_t ret[static PASSWORD_SIZE])
{
	size_t characters = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)own[i];

		if ((byte & 0xc0) == 0x80)
			ret[characters - 1] = ret[characters - 1] << 6 | (byte & 0x3f);
		else
			ret[characters++] = byte < 0xc0 ? byte
			                                : byte & (byte < 0xe0          ? 0x1f
			                                                 : byte < 0xf0 ? 0x0f
			                                                               : 0x07);
	}
	return characters;
}

static unsigned int password_kind(uint32_t c)
{
	if (c >= 'a' && c <= 'z')
		return 1 << 0;
	if (c >= 'A' && c <= 'Z')
		return 1 << 1;
	if (c >= '0' && c <= '9')
		return 1 << 2;
	return c < 0x80 ? 1 << 3 : 1 << 4; /* a sign or a blank; a letter of another script */
}

static bool password_has(const uint32_t *characters, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (characters[i] == c)
			return true;
	return false;
}

/* Characters that are new and do not just follow the one before, as in aaaa, 1234 and fedc. */
static size_t password_different(const uint32_t *c, size_t n)
{
	size_t different = 0;

	for (size_t i = 0; i < n; i++)
		if (!password_has(c, i, c[i]) && (i == 0 || (c[i] - c[i - 1] != 1 && c[i - 1] - c[i] != 1)))
			different++;
	return different;
}

/* A shorter piece, again and again to the end. */
static bool password_repeats(const uint32_t *c, size_t n)
{
	for (size_t piece = 1; piece <= n / 2; piece++)
		if (memcmp(c, c + piece, (n - piece) * sizeof(*c)) == 0)
			return true;
	return false;
}

static int characters_check(const uint32_t *c, size_t n, size_t least, size_t *ret_wanted)
{
	unsigned int kinds = 0;

	*ret_wanted = MAX(least, (size_t)PASSWORD_LEAST);
	if (n < *ret_wanted)
		return FAULT_SHORT_PASSWORD;
	for (size_t i = 0; i < n; i++)
		kinds |= password_kind(c[i]);
	*ret_wanted += PASSPHRASE_MORE;
	if (n < *ret_wanted && __builtin_popcount(kinds) < PASSWORD_KINDS)
		return FAULT_PASSWORD_KINDS;
	if (password_different(c, n) < PASSWORD_DIFFERENT || password_repeats(c, n))
		return FAULT_WEAK_PASSWORD;
	return 0;
}

int password_check(const char *own, size_t least, size_t *ret_wanted)
{
	uint32_t characters[PASSWORD_SIZE];
	size_t n = strnlen(own, PASSWORD_SIZE);
	int fault;

	*ret_wanted = 0;
	if (!n || n == PASSWORD_SIZE || !str_is_line(own, n))
		return FAULT_PASSWORD_TEXT;
	n = password_characters(own, n, characters);
	fault = characters_check(characters, n, least, ret_wanted);
	crypto_cleanse(characters, sizeof(characters));
	return fault;
}
