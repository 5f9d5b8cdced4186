/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A record becomes one line of records.jsonl. Everything foreign is checked, masked or written as hex
 * here; what does not keep to the tables of include/record.h is refused and never written.
 */
#include "record_detail.h"

/* What ledger itself adds. */
struct LineHead {
	uint64_t n;
	int64_t time; /* milliseconds since 1970 UTC */
	const char *terminal;
};

enum LineOutcome {
	LINE_MALFORMED = 1, /* the record contradicts the tables */
	LINE_TOO_LONG,      /* even with its texts cut it does not fit */
	_LINE_OUTCOME_N,
};

/* 0 and the line without its newline, or an outcome. Texts that make the line too long are cut, and
   "<key>_cut":true says so; a key that comes again is written <key>_2, <key>_3 … */
_must_check_ int line_build(
        const struct Record *r, const struct LineHead *head, char ret[static LIMIT_LINE], size_t *ret_size);
