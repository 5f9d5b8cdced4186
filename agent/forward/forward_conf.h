/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* forward.conf: libconfig's door. docs/forward.md has the keys. */
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

/* The text of the file: 0, or 1 with the line and what is wrong with it. */
int forward_conf_parse(const char *text, struct ForwardConf *c, int *ret_line, const char **ret_what);
/* 0; 1 and a sentence "FILE:LINE: …"; -ENOENT; -errno. */
int forward_conf_read(const char *path, struct ForwardConf *c, char *ret_error, size_t size);
