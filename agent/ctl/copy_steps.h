/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What a copy is to be: from the command line, or from a dialogue. */
#include "opener.h"
#include "verb.h"

struct CopyChoice {
	const char *recipient, *password_file; /* options; the dialogue fills the first too */
	const char *number;
	struct OpenerWords words;
	char *password; /* one's own, typed in the dialogue */
	char *owned[3]; /* what the dialogue filled in */
};

/* Asks for medium, files, recipient or password. 0, or an exit status after all was said. */
_must_check_ int copy_steps(const struct Context *c, int signals, struct CopyChoice *choice);
void copy_choice_done(struct CopyChoice *choice);
