/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A store of the command's own, asked over a socket: what who may read its files may know. */
#include "command.h"

/* Starts one; its other end is *ret_asker. 0 or -errno. */
_must_check_ int ask_store(const struct Command *c, int *ret_asker, pid_t *ret);

/* No document and no package out of a folder in which nothing was taken in: 0, or an exit status, said. */
_must_check_ int ask_ready(const struct Command *c);
