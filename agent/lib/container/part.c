/* SPDX-License-Identifier: Apache-2.0 */
#include "part.h"
#include "str.h"

#include <stdio.h>

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool copy_id_is_valid(const char *copy)
{
	size_t n = strnlen(copy, LIMIT_ID);

	if (n == 0 || n == LIMIT_ID || !is_alphanumeric(copy[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_alphanumeric(copy[i]) && copy[i] != '-')
			return false;
	return true;
}

uint32_t part_count(uint64_t bytes, uint64_t part_size)
{
	uint64_t n = bytes / part_size + (bytes % part_size != 0);

	return n <= PARTS_MAX ? (uint32_t)n : 0;
}

void part_name(const struct PartName *p, char ret[static PART_NAME])
{
	static_assert(PARTS_MAX <= 99999, "five digits");
	ret[0] = 0;
	if (p->index > p->count || p->count > PARTS_MAX)
		return;
	if (p->count > 9999)
		sprintf(ret, "%s-%05uof%05u.p7m", p->copy, p->index, p->count);
	else if (p->count > 999)
		sprintf(ret, "%s-%04uof%04u.p7m", p->copy, p->index, p->count);
	else
		sprintf(ret, "%s-%03uof%03u.p7m", p->copy, p->index, p->count);
}

void note_name(const char *copy, char ret[static PART_NAME])
{
	snprintf(ret, PART_NAME, "%s.note", copy);
}

int part_name_parse(const char *name, struct PartName *ret)
{
	struct PartName p = {};
	char again[PART_NAME];
	size_t n = strnlen(name, PART_NAME);
	const char *dash;

	if (n == PART_NAME || !memchr(name, '-', n))
		return -EINVAL;
	dash = strrchr(name, '-');
	if (str_set_n(p.copy, sizeof(p.copy), name, (size_t)(dash - name)) || !copy_id_is_valid(p.copy))
		return -EINVAL;
	if (sscanf(dash, "-%5uof%5u", &p.index, &p.count) != 2)
		return -EINVAL;
	if (p.index == 0 || p.index > p.count || p.count > PARTS_MAX)
		return -EINVAL;
	/* one spelling only: widths, leading zeros, the ending */
	part_name(&p, again);
	if (strcmp(again, name) != 0)
		return -EINVAL;
	*ret = p;
	return 0;
}
