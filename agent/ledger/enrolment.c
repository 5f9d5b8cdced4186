/* SPDX-License-Identifier: Apache-2.0 */
#include "enrolment.h"

#include "file.h"
#include "str.h"

#include <stdio.h>

bool enrolment_is_name(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return *text && *text != '.' && *text != '-' && strspn(text, allowed) == strlen(text);
}

size_t enrolment_write(const struct Enrolment *e, char ret[static ENROLMENT_TEXT])
{
	size_t n = (size_t)snprintf(ret, ENROLMENT_TEXT,
	        ENROLMENT_HEAD "\nterminal=%s\ndomain=%s\nyear=%u\nlabel_vkey=%s\n", e->terminal, e->domain,
	        e->year, e->label_vkey);

	for (size_t i = 0; i < e->n_disks; i++)
		n += (size_t)snprintf(ret + n, ENROLMENT_TEXT - n, "disk=%s\n", e->disks[i]);
	return n;
}

/* Takes `<key>=<value>⏎` off the front; false: it does not stand there. */
static bool take(const char **at, const char *end, const char *key, char *ret, size_t size)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at)), *value;
	size_t n = strlen(key);

	if (!newline || (size_t)(newline - *at) < n + 1 || memcmp(*at, key, n) || (*at)[n] != '=')
		return false;
	value = *at + n + 1;
	if (str_set_n(ret, size, value, (size_t)(newline - value)) < 0 || !str_is_line(ret, strlen(ret)))
		return false;
	*at = newline + 1;
	return true;
}

int enrolment_read(const char *text, size_t n, struct Enrolment *ret)
{
	static const char head[] = ENROLMENT_HEAD "\n";
	const char *at = text + sizeof(head) - 1, *end = text + n;
	struct Enrolment e = {};
	char year[8];

	if (n < sizeof(head) - 1 || memcmp(text, head, sizeof(head) - 1))
		return -EINVAL;
	if (!take(&at, end, "terminal", e.terminal, sizeof(e.terminal)) ||
	        !take(&at, end, "domain", e.domain, sizeof(e.domain)) ||
	        !take(&at, end, "year", year, sizeof(year)) ||
	        !take(&at, end, "label_vkey", e.label_vkey, sizeof(e.label_vkey)))
		return -EINVAL;
	if (!enrolment_is_name(e.terminal) || !enrolment_is_name(e.domain) || strlen(year) != 4 ||
	        strspn(year, "0123456789") != 4 || year[0] == '0')
		return -EINVAL;
	e.year = (uint32_t)strtoul(year, NULL, 10);
	while (e.n_disks < ENROLMENT_DISKS && take(&at, end, "disk", e.disks[e.n_disks], ENROLMENT_DISK))
		e.n_disks++;
	if (at != end)
		return -EINVAL;
	*ret = e;
	return 0;
}

int enrolment_read_at(int dir, struct Enrolment *ret)
{
	char text[ENROLMENT_TEXT];
	ssize_t n = file_read_at(dir, ENROLMENT_FILE, text, sizeof(text));

	return n < 0 ? (int)n : enrolment_read(text, (size_t)n, ret);
}
