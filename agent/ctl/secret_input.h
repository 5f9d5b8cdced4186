/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Where passwords, certificates and keys come from: files, recipients.conf, a person at a terminal. */
#include "limits.h"
#include "std.h"

#include <sys/types.h>

#define RECIPIENTS_FILE "/etc/mediagate/recipients.conf"
#define SECRET_PASSWORD 256 /* as MsgSecret.password */
#define SECRET_PEM      65536

/* The first line of a file (`-`: standard input). 0 or FAULT_*. */
_must_check_ int password_from_file(const char *path, char ret[static SECRET_PASSWORD]);

/* Asks on the terminal. `again`: the one before was wrong. 0 or a PromptOutcome. */
_must_check_ int password_ask(const char *question, int signals, char ret[static SECRET_PASSWORD]);

struct RecipientChoice {
	char code[LIMIT_CODE]; /* empty: a certificate's file */
	char name[LIMIT_NAME];
	char path[4096];
};

/* A code of recipients.conf, or the file of a certificate. 0; FAULT_NO_SUCH_RECIPIENT; FAULT_BAD_CONFIG
   with *ret_problem (to be freed). */
_must_check_ int recipient_find(const char *given, struct RecipientChoice *ret, char **ret_problem);

/* All of recipients.conf; *ret is to be freed. No file: none. */
_must_check_ int recipients_list(struct RecipientChoice **ret, size_t *ret_n, char **ret_problem);

/* The file's bytes as the read end of a pipe, for the job, which reads no file of ours. -FAULT_* */
_must_check_ int pem_pipe(const char *path);
/* At most `size` bytes: their number, or -FAULT_*. */
_must_check_ ssize_t pem_read(const char *path, void *ret, size_t size);
