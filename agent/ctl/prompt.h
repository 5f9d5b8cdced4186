/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Asking a person on their terminal. */
#include "options.h"
#include "std.h"

enum PromptOutcome {
	PROMPT_NONE = 1,  /* there is no terminal */
	PROMPT_CANCELLED, /* Ctrl-C, or the end of input */
};

/* Both ends of the dialogue are a terminal. */
bool prompt_possible(void);

/* One line, without its newline. `hidden`: nothing typed is shown. `signals`: a signalfd that ends the
   question, or -1. 0 or a PromptOutcome; too long a line is asked for again. */
struct Prompt {
	const char *question; /* translated */
	bool hidden;
	int signals;
};
_must_check_ int prompt_line(const struct Prompt *p, char *ret, size_t size);

/* The rows of a verb that may erase a medium: its arguments have `const char *prepare` and `bool yes`. */
#define OPTIONS_PREPARE(structure)                                       \
	{OPTION(structure, prepare, "prepare", OPTION_TEXT), N_("exfat|vfat"), \
	        N_("ERASE it: new partition, new file system")},               \
	{OPTION(structure, yes, "yes", OPTION_FLAG), NULL, N_("do not ask before erasing")}

/* Before everything on `name` is erased: says so, and at a terminal the medium's number is typed once more, unless
   `yes`. A script is taken at its word. */
bool prompt_erase(const char *name, const char *number, bool yes);
