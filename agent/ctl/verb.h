/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a verb of the command is: one file verb_<name>.c defines `const struct Command verb_<name>`, one
 * row below lists it. main.c, --help, the man page's check and the tests all read these rows.
 */
#include "options.h"

/* What holds for the whole run. */
struct Context {
	const char *socket; /* of the agent */
	bool json;          /* programs read the answer */
};

struct Command {
	const char *name;
	const char *arguments; /* what follows the name in the usage line: N_("DEVICE"), "" for nothing */
	const char *summary;   /* N_(one line, lower case, no full stop) */
	const char *help;      /* N_(more lines for --help), or NULL */
	const struct Option *options; /* closed by OPTIONS_END, or NULL */
	size_t args_size;             /* of the structure that the options fill; 0: none */
	int least, most;              /* words beside the options */
	/* `args` is that structure, all zero but for what was given; `words` has n entries.
	   Returns the exit status; everything has been said by then. */
	int (*run)(const struct Context *c, const void *args, int n, char **words);
};

/* In the order of --help. A C name; '-' in a verb stands in its row's `name`. */
/* clang-format off: a row for each */
#define VERBS(X)    \
	X(status) \
	X(devices) \
	X(explain) \
	X(register) \
	X(checkout) \
	X(copy) \
	X(ls) \
	X(get) \
	X(return) \
	X(relabel) \
	X(watch) \
	X(history) \
	X(verify) \
	X(proof) \
	X(ledger) \
	X(clock) \
	X(open) \
	X(enforce) \
	X(doctor) \
	X(health) \
	X(enrol) \
	X(policy)
/* clang-format on */

#define VERB_DECLARE(name) extern const struct Command verb_##name;
VERBS(VERB_DECLARE)
#undef VERB_DECLARE
