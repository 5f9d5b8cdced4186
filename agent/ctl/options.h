/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Options as rows: parsed by one helper, listed by --help and checked against the man page from the
 * same rows. Before or after the other words; --name VALUE or --name=VALUE; never by a letter.
 */
#include "std.h"

enum OptionType {
	OPTION_FLAG, /* bool */
	OPTION_TEXT, /* const char *; at most once */
	OPTION_LIST, /* struct OptionList; as often as needed */
};

#define OPTION_LIST_MOST 16

struct OptionList {
	const char *items[OPTION_LIST_MOST];
	size_t n;
};

struct Option {
	const char *name;
	enum OptionType type;
	size_t offset;     /* of the member in the structure to fill */
	const char *value; /* what --help calls the value: N_("NUMBER"); NULL for a flag */
	const char *help;  /* N_(one line); NULL: not listed */
};

#define OPTIONS_END \
	{           \
	}

/* Rows: {OPTION(struct Args, member, "name", OPTION_TEXT), N_("VALUE"), N_("what it does")} */
#define OPTION(structure, member, name, type) (name), (type), offsetof(structure, member)

/* Fills `into` and moves the words that are no options to the front of argv (argv[0] is skipped).
   Words: their number; negative: -EINVAL after the error was said. `common` and `own` may be NULL. */
struct OptionTarget {
	const struct Option *options;
	void *into;
};
_must_check_ int options_parse(int argc, char **argv, const struct OptionTarget *targets, size_t n_targets);
