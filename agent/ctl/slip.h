/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What is kept on paper of the ledger's state at a checkout and a return: nobody rewrites what is on a slip.
 */
#include "json.h"
#include "wire.h"

/* Nothing when the reply has none. */
void slip_people(const struct MsgReply *reply);
void slip_json(struct Json *j, const struct MsgReply *reply);
