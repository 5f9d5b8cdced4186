/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The APPENDs that wait for one write: see serve.h. */
#include "serve.h"

/* Takes an APPEND in; what cannot be a line is answered at once with its fault. The batch must have room. */
int batch_add(struct Server *s, const struct MsgAppend *append);
bool batch_is_full(const struct Server *s);

/* Writes the batch, makes it durable, answers. 0, or -errno: the ledger has failed. */
int batch_flush(struct Server *s);
