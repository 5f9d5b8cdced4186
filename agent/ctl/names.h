/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the configuration calls people, purposes and grounds now. Records hold logins and codes, which stay;
 * names change, so a name never stands without the login or code that is on record.
 */
#include "limits.h"
#include "std.h"

#define NAMES_FOLDER "/etc/mediagate"

enum NameKind {
	NAME_PERSON,
	NAME_PURPOSE,
	NAME_GROUND,
};

struct NameRow {
	uint8_t kind; /* enum NameKind */
	char code[LIMIT_CODE];
	char name[LIMIT_NAME];
};
static_assert(LIMIT_LOGIN <= LIMIT_CODE, "a login fits");

struct Names {
	struct NameRow *rows;
	size_t n;
	char problem[LIMIT_SUBJECT]; /* of FAULT_BAD_CONFIG: file, line, what; else the file */
};
#define NAMES_NULL   \
	{            \
		NULL \
	}

void names_done(struct Names *n);
#define _cleanup_names_ _cleanup_(names_done)

/* Of roster.conf and policy.conf in this folder. What is wrong with a file leaves its names out: 0, or the
   first such FAULT_UNREADABLE, FAULT_BAD_CONFIG. */
int names_read(const char *folder, struct Names *ret);

/* "田中 真理 (clerk1)", or the code alone where it has no name. To be freed, safe on a terminal. */
char *names_text(const struct Names *n, enum NameKind kind, const char *code);
