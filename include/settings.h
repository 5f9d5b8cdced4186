/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The configuration as fixed-size rows: what load sends core, what the judge reads.
 * Every text is checked by load: UTF-8, no control characters, closed by NUL.
 */
#include "limits.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum Role {
	ROLE_CHIEF = 1 << 0,	     /* 総括責任者 */
	ROLE_SUPERVISOR = 1 << 1,    /* 保護責任者 */
	ROLE_AUDITOR = 1 << 2,	     /* 監査責任者 */
	ROLE_CLERK = 1 << 3,	     /* 事務取扱担当者 */
	ROLE_ADMINISTRATOR = 1 << 4, /* システム管理者; approves nothing */
};

struct TerminalRow {
	char domain[LIMIT_DOMAIN];
	char id[LIMIT_CODE];
	char section[LIMIT_CODE];
	char zone[LIMIT_CODE]; /* managed, handling, other */
};

struct PersonRow {
	char login[LIMIT_LOGIN];
	char name[LIMIT_NAME];
	char section[LIMIT_CODE];
	uint32_t roles; /* enum Role, ored */
	uid_t uid;
	int64_t valid_until; /* milliseconds; 0: not limited */
};

enum CodeTable {
	CODE_PURPOSE,
	CODE_GROUND,
	_CODE_TABLE_N,
};

struct CodeRow {
	uint8_t table; /* enum CodeTable */
	char code[LIMIT_CODE];
	char name[LIMIT_NAME];
};

struct FileSystemRow {
	char type[16]; /* vfat, exfat */
};

struct SettingsRow {
	uint32_t checkout_days;	      /* the longest loan */
	uint32_t own_password_length; /* least length of a password not generated */
	uint8_t own_password;	      /* 1: people may give one */
	uint8_t recipient_files;      /* 1: a certificate's file may be given instead of a recipient's name */
	uint32_t retention_years;     /* a year's ledger is kept so long after its end; 0: for ever */
	uint8_t observe;	      /* 1: what is refused is recorded and not closed */
	uint8_t names;                /* enum RecordNames: how names of files are recorded */
};

struct IssuerRow {
	char vkey[LIMIT_VKEY]; /* a label key whose copies and labels are honoured */
};
