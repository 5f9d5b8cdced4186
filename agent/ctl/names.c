/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "parse.h"
#include "say.h"
#include "show.h"
#include "str.h"

void names_done(struct Names *n)
{
	free(n->rows);
	*n = (struct Names)NAMES_NULL;
}

static int name_add(struct Names *n, enum NameKind kind, const char *code, const char *name)
{
	struct NameRow *more = reallocarray(n->rows, n->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	n->rows = more;
	n->rows[n->n] = (struct NameRow){.kind = (uint8_t)kind};
	STR_CUT(n->rows[n->n].code, code);
	STR_CUT(n->rows[n->n++].name, name);
	return 0;
}

static int name_row(void *owner, enum MessageType type, const void *row)
{
	const struct PersonRow *person = row;
	const struct CodeRow *code = row;

	if (type == MSG_LOAD_PERSON)
		return name_add(owner, NAME_PERSON, person->login, person->name);
	if (type == MSG_LOAD_CODE)
		return name_add(owner, code->table == CODE_PURPOSE ? NAME_PURPOSE : NAME_GROUND, code->code,
		        code->name);
	return 0;
}

/* Somebody whose account is gone, or never was here, is still who is on record. No two may be one. */
static int uid_any(void *owner, const char *login _unused_, uid_t *ret)
{
	*ret = (uid_t)((const struct Names *)owner)->n;
	return 0;
}

static int file_read(const char *folder, enum ConfigFile file, struct Names *ret)
{
	struct ConfigReader reader = {.row = name_row, .uid = uid_any, .owner = ret};
	_cleanup_free_ char *path = NULL;
	_cleanup_stream_ FILE *in = NULL;
	size_t before = ret->n;
	int r;

	if (asprintf(&path, "%s/%s", folder, config_name(file)) < 0)
		abort();
	in = fopen(path, "re");
	r = in ? config_file_read(&reader, file, in) : FAULT_UNREADABLE;
	if (r)
		ret->n = before; /* half a roster would call some by name and others not */
	if (r && !*ret->problem)
		STR_CUT(ret->problem, r == FAULT_BAD_CONFIG ? reader.error : path);
	return r < 0 ? FAULT_UNREADABLE : r;
}

int names_read(const char *folder, struct Names *ret)
{
	int people, codes;

	*ret = (struct Names)NAMES_NULL;
	people = file_read(folder, CONFIG_ROSTER, ret);
	codes = file_read(folder, CONFIG_POLICY, ret);
	return people ? people : codes;
}

char *names_text(const struct Names *n, enum NameKind kind, const char *code)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->rows[i].kind == kind && str_eq(n->rows[i].code, code))
			return show_called(n->rows[i].name, code);
	return say_escape(code);
}
