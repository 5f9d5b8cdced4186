/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What becomes of an incident or a finding: entries that are only ever added to. */
#include "server.h"
#include "typed.h"

enum EntriesOf { ENTRIES_OF_INCIDENT = 1, ENTRIES_OF_FINDING };

struct Entry {
	enum EntriesOf of;
	int64_t id; /* of the incident, the finding */
	int64_t kind, at;
	struct Cell code;
	char thing[WORDS_MOST], words[TEXT_MOST];
};

/* Adds it within the transaction that is open. 0 or -errno. */
_must_check_ int entry_add(struct Server *s, const struct Session *session, const struct Entry *e);

/* The rows of those behind `after`, as ENTRY_COLUMNS has them. */
int entries_say(struct Server *s, const struct Ask *ask, enum EntriesOf of, struct AnswerWriter *w);
