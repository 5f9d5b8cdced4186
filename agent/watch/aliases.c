/* SPDX-License-Identifier: Apache-2.0 */
#include "aliases.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>

bool alias_is_storage(const char *module)
{
	return !strcmp(module, "usb_storage") || !strcmp(module, "uas") || !strncmp(module, "ums_", 4);
}

static int add(struct Aliases *a, size_t *room, const char *pattern)
{
	size_t n = strlen(pattern) + 1;

	if (a->size + n > *room) {
		size_t next = MAX(2 * *room, a->size + n + 4096);
		char *more = realloc(a->text, next);

		if (!more)
			return -ENOMEM;
		a->text = more;
		*room = next;
	}
	memcpy(a->text + a->size, pattern, n);
	a->size += n;
	return 0;
}

static void file_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

int aliases_read(int dir, struct Aliases *ret)
{
	_cleanup_(file_closep) FILE *f = NULL;
	_cleanup_fd_ int fd = openat(dir, "modules.alias", O_RDONLY | O_CLOEXEC);
	struct Aliases a = ALIASES_NULL;
	char line[512], pattern[256], module[128];
	size_t room = 0;

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "re");
	if (!f)
		return -errno;
	fd = -1;
	while (fgets(line, sizeof(line), f)) {
		int r;

		if (sscanf(line, "alias %255s %127s", pattern, module) != 2 || strncmp(pattern, "usb:", 4) ||
		        !alias_is_storage(module))
			continue;
		r = add(&a, &room, pattern);
		if (r < 0) {
			aliases_free(&a);
			return r;
		}
	}
	*ret = a;
	return 0;
}

void aliases_free(struct Aliases *a)
{
	free(a->text);
	*a = (struct Aliases)ALIASES_NULL;
}

bool aliases_match(const struct Aliases *a, const char *modalias)
{
	for (size_t at = 0; at < a->size; at += strlen(a->text + at) + 1)
		if (!fnmatch(a->text + at, modalias, 0))
			return true;
	return false;
}
