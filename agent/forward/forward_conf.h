/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* forward.conf: docs/forward.md has the keys. */
#include "config_flat.h"
#include "limits.h"
#include "std.h"

struct ForwardConf {
	char url[512];                /* https://host[:port], or http:// on this machine alone */
	char console_key[LIMIT_VKEY]; /* as mediagate-console key prints it */
	char ca[512];                 /* a file of certificates; "": the system's */
	char ledgers[512], state[512];
	char agent[100]; /* the agent's socket; "": nothing is recorded there */
	/* what the url says */
	bool tls;
	char host[254], port[6];
};

void forward_conf_default(struct ForwardConf *c);

/* Its keys, which fill a struct ForwardConf. */
extern const struct FlatFile forward_conf;
