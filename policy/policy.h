/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The configuration in force, built from load's rows. Filled once, then only read; swapped whole.
 */
#include "settings.h"
#include "std.h"

struct Policy;

int policy_new(struct Policy **ret);
struct Policy *policy_free(struct Policy *p); /* NULL */
void policy_freep(struct Policy **p);

/* Takes a row of MSG_LOAD_* (include/wire.h). 0; 1: not a row, one that cannot be, too many, or one that is
   there already; -ENOMEM. */
int policy_add(struct Policy *p, uint32_t type, const void *row);

const struct TerminalRow *policy_terminal(const struct Policy *p); /* NULL: no such row came */
const struct SettingsRow *policy_settings(const struct Policy *p);
const struct PersonRow *policy_person_by_uid(const struct Policy *p, uid_t uid);
const struct PersonRow *policy_person_by_login(const struct Policy *p, const char *login);
const struct CodeRow *policy_code(const struct Policy *p, enum CodeTable table, const char *code);

/* Up to most types in the order of the policy, then NULL. The texts are the policy's. */
void policy_file_systems(const struct Policy *p, const char **ret, size_t most);

struct PolicyIssuers {
	const struct IssuerRow *rows;
	size_t n;
};
struct PolicyIssuers policy_issuers(const struct Policy *p);

/* Whom to ask, for people: "Name (login), …" of the supervisors other than `except` (may be NULL). */
void policy_contact(const struct Policy *p, const char *except, char *ret, size_t size);
/* The same without those whose right has run out at `now`. */
void policy_contact_at(const struct Policy *p, int64_t now, const char *except, char *ret, size_t size);
