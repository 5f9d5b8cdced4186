/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include "str.h"
#include "wire.h"

#include <stdio.h>

struct Policy {
	struct TerminalRow terminal;
	struct SettingsRow settings;
	bool has_terminal, has_settings;
	struct PersonRow *people;
	size_t n_people;
	struct CodeRow *codes;
	size_t n_codes;
	struct FileSystemRow *types;
	size_t n_types;
	struct IssuerRow *issuers;
	size_t n_issuers;
};

int policy_new(struct Policy **ret)
{
	struct Policy *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	*ret = p;
	return 0;
}

struct Policy *policy_free(struct Policy *p)
{
	if (!p)
		return NULL;
	free(p->people);
	free(p->codes);
	free(p->types);
	free(p->issuers);
	free(p);
	return NULL;
}

void policy_freep(struct Policy **p)
{
	*p = policy_free(*p);
}

/* Appends one row; 1 when the table is full. */
static int append(void *array_p, size_t *n, size_t size, size_t most, const void *row)
{
	void *array, *more;

	if (*n >= most)
		return 1;
	memcpy(&array, array_p, sizeof(array));
	more = reallocarray(array, *n + 1, size);
	if (!more)
		return -ENOMEM;
	memcpy(array_p, &more, sizeof(more));
	memcpy((uint8_t *)more + *n * size, row, size);
	++*n;
	return 0;
}

#define ROLES (ROLE_CHIEF | ROLE_SUPERVISOR | ROLE_AUDITOR | ROLE_CLERK | ROLE_ADMINISTRATOR)

/* The same as in the file: nothing here rests on load having looked. */
static int add_person(struct Policy *p, const struct PersonRow *row)
{
	bool mixed = row->roles & ROLE_ADMINISTRATOR && row->roles != ROLE_ADMINISTRATOR;

	if (!row->login[0] || row->uid == (uid_t)-1 || !row->roles || row->roles & ~(uint32_t)ROLES || mixed)
		return 1;
	if (policy_person_by_uid(p, row->uid) || policy_person_by_login(p, row->login))
		return 1;
	return append(&p->people, &p->n_people, sizeof(*row), LIMIT_PEOPLE, row);
}

static int add_code(struct Policy *p, const struct CodeRow *row)
{
	size_t n = 0;

	if (row->table >= _CODE_TABLE_N || !row->code[0] || policy_code(p, row->table, row->code))
		return 1;
	for (size_t i = 0; i < p->n_codes; i++)
		n += p->codes[i].table == row->table;
	if (n >= LIMIT_ROWS)
		return 1;
	return append(&p->codes, &p->n_codes, sizeof(*row), LIMIT_ROWS * _CODE_TABLE_N, row);
}

/* Only these are ever handed to mount(2). */
static int add_file_system(struct Policy *p, const struct FileSystemRow *row)
{
	if (!str_eq(row->type, "vfat") && !str_eq(row->type, "exfat"))
		return 1;
	for (size_t i = 0; i < p->n_types; i++)
		if (str_eq(p->types[i].type, row->type))
			return 1;
	return append(&p->types, &p->n_types, sizeof(*row), LIMIT_ROWS, row);
}

int policy_add(struct Policy *p, uint32_t type, const void *row)
{
	switch (type) {
	case MSG_LOAD_TERMINAL:
		if (p->has_terminal || !((const struct TerminalRow *)row)->id[0])
			return 1;
		p->has_terminal = true;
		memcpy(&p->terminal, row, sizeof(p->terminal));
		return 0;
	case MSG_LOAD_SETTINGS:
		if (p->has_settings || !((const struct SettingsRow *)row)->checkout_days ||
		        ((const struct SettingsRow *)row)->names >= _NAMES_N)
			return 1;
		p->has_settings = true;
		memcpy(&p->settings, row, sizeof(p->settings));
		return 0;
	case MSG_LOAD_PERSON:
		return add_person(p, row);
	case MSG_LOAD_CODE:
		return add_code(p, row);
	case MSG_LOAD_FILE_SYSTEM:
		return add_file_system(p, row);
	case MSG_LOAD_ISSUER:
		return append(&p->issuers, &p->n_issuers, sizeof(*p->issuers), LIMIT_ROWS, row);
	default:
		return 1;
	}
}

const struct TerminalRow *policy_terminal(const struct Policy *p)
{
	return p->has_terminal ? &p->terminal : NULL;
}

const struct SettingsRow *policy_settings(const struct Policy *p)
{
	return &p->settings;
}

const struct PersonRow *policy_person_by_uid(const struct Policy *p, uid_t uid)
{
	for (size_t i = 0; i < p->n_people; i++)
		if (p->people[i].uid == uid)
			return &p->people[i];
	return NULL;
}

const struct PersonRow *policy_person_by_login(const struct Policy *p, const char *login)
{
	for (size_t i = 0; i < p->n_people; i++)
		if (str_eq(p->people[i].login, login))
			return &p->people[i];
	return NULL;
}

const struct CodeRow *policy_code(const struct Policy *p, enum CodeTable table, const char *code)
{
	for (size_t i = 0; i < p->n_codes; i++)
		if (p->codes[i].table == table && str_eq(p->codes[i].code, code))
			return &p->codes[i];
	return NULL;
}

void policy_file_systems(const struct Policy *p, const char **ret, size_t most)
{
	size_t n = MIN(p->n_types, most);

	for (size_t i = 0; i < n; i++)
		ret[i] = p->types[i].type;
	ret[n] = NULL;
}

struct PolicyIssuers policy_issuers(const struct Policy *p)
{
	return (struct PolicyIssuers){p->issuers, p->n_issuers};
}

void policy_contact(const struct Policy *p, const char *except, char *ret, size_t size)
{
	policy_contact_at(p, INT64_MIN, except, ret, size);
}

void policy_contact_at(const struct Policy *p, int64_t now, const char *except, char *ret, size_t size)
{
	size_t at = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < p->n_people; i++) {
		const struct PersonRow *who = &p->people[i];
		char piece[LIMIT_NAME + LIMIT_LOGIN + 8];
		size_t n;

		if (!(who->roles & ROLE_SUPERVISOR) || (except && str_eq(who->login, except)))
			continue;
		if (who->valid_until && who->valid_until <= now)
			continue;
		n = (size_t)snprintf(
		        piece, sizeof(piece), "%s%s (%s)", at ? ", " : "", who->name, who->login);
		if (at + n >= size)
			break;
		memcpy(ret + at, piece, n + 1);
		at += n;
	}
}
