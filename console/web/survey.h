/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What a fiscal year's ledgers hold that answers the survey sheet. Read once, judged by page_report_survey.c.
 */
#include "document.h"

/* Kinds of records that are asked about: name, the ledger's word. */
#define SURVEY_KINDS(X)         \
	X(DEVICE, "device")     \
	X(TAMPER, "tamper")     \
	X(OBSERVE, "observe")   \
	X(REGISTER, "register") \
	X(CHECKOUT, "checkout") \
	X(RETURN, "return")     \
	X(MISSING, "missing")   \
	X(RESIDUE, "residue")   \
	X(COPY, "copy")         \
	X(READ, "read")         \
	X(LIST, "list")         \
	X(DROP, "drop")

#define SURVEY_ENUM(name, word) SURVEY_##name,
enum SurveyKind { SURVEY_KINDS(SURVEY_ENUM) _SURVEY_N };
#undef SURVEY_ENUM

/* As EVIDENCE counts them. */
struct SurveyCount {
	int64_t records, done, refused, failed, observed, unnamed, no_right, numbers;
};

struct Survey {
	struct SurveyCount kinds[_SURVEY_N], all;
	int64_t ledgers, verified, signed_records; /* of the year */
	int64_t media, in, out, overdue;           /* now */
	int64_t carried, encrypted, secret, locked;
	int64_t plans, reviews, reviewed, reviews_overdue;
};

/* 0 or an outcome. */
_must_check_ int survey_read(struct Page *p, const struct DocumentYear *year, struct Survey *ret);
