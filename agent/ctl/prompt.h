/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Asking a person on their terminal. */
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

/* Before everything on `name` is erased: says so, and at a terminal the medium's number is typed once more, unless
   `yes`. A script is taken at its word. */
bool prompt_erase(const char *name, const char *number, bool yes);
