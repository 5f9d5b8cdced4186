/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The program that shows notices in the person's session (agent/notify): the one that speaks with the session
 * bus, so that the command itself need not.
 */
#include "std.h"

#include <sys/types.h>

struct Notifier {
	int fd; /* packets of "summary NUL body"; -1: none */
	pid_t pid;
};

#define NOTIFIER_NULL {.fd = -1}

/* 0 or -errno. */
_must_check_ int notifier_start(struct Notifier *n, const char *program);
/* 0, or -EPIPE when it has ended. */
_must_check_ int notifier_show(struct Notifier *n, const char *summary, const char *body);
/* Lets it show what it has, then it is gone. Its exit status. */
int notifier_end(struct Notifier *n);
