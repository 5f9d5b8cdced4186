/* SPDX-License-Identifier: Apache-2.0 */
#include "sums.h"
#include "hex.h"

#include <stdio.h>

/* What sha256sum writes for a character after a backslash, or 0: it stands for itself. */
static char sums_escape(char c)
{
	switch (c) {
	case '\\':
		return '\\';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	default:
		return 0;
	}
}

static size_t sums_escapes(const char *name)
{
	size_t n = 0;

	for (; *name; name++)
		n += sums_escape(*name) != 0;
	return n;
}

size_t sums_line_size(const char *name)
{
	size_t escapes = sums_escapes(name);

	return (escapes > 0 ? 1u : 0u) + 64 + 2 + strlen(name) + escapes + 1;
}

size_t sums_line(const char *name, const uint8_t sha256[static 32], char ret[static SUMS_LINE])
{
	char *p = ret;

	assert(strlen(name) < LIMIT_FILE_NAME);
	if (sums_escapes(name) > 0)
		*p++ = '\\';
	hex_encode(sha256, 32, p);
	p += 64;
	*p++ = ' ';
	*p++ = ' ';
	for (; *name; name++) {
		char escape = sums_escape(*name);

		if (escape)
			*p++ = '\\';
		*p++ = escape ? escape : *name;
	}
	*p++ = '\n';
	return (size_t)(p - ret);
}

size_t sums_first(const char *copy, uint64_t files, char ret[static SUMS_FIRST])
{
	return (size_t)snprintf(ret, SUMS_FIRST, "# copy %s files %llu\n", copy, (unsigned long long)files);
}
