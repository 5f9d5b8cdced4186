/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a terminal sends its console over HTTP, and what it hears: docs/forward.md. Pure; both ends read what
 * strangers sent.
 *
 *	POST /push              mediagate/push/v1 LF <vkey> LF <base> <at> <records> <checkpoint> LF
 *	                        then so many bytes of records.jsonl from <at> on, and of the checkpoint
 *	answer                  mediagate/reply/v1 LF <word> <number> <cosignature> <checkpoint> LF
 *	                        then so many bytes of a signature line, and of the console's own checkpoint
 */
#include "std.h"

#define PUSH_PATH       "/push"
#define PUSH_TYPE       "application/octet-stream"
#define PUSH_RECORDS    (1U << 20) /* bytes of records in one request at most */
#define PUSH_CHECKPOINT 65536      /* docs/ledger.md section 5 */
#define PUSH_VKEY       400
#define PUSH_HEAD       (PUSH_VKEY + 128)
#define PUSH_MOST       (PUSH_HEAD + PUSH_RECORDS + PUSH_CHECKPOINT)
#define PUSH_BYTES_MOST (UINT64_C(1) << 48) /* of a ledger */

/* What of the ledger travels. `base`: where the attempt began, either behind what the console holds, or 0:
   all of it is sent. Parts follow one another; the last one brings the checkpoint, which must cover them all.
 */
struct Push {
	char vkey[PUSH_VKEY];
	uint64_t base, at;
	const char *records, *checkpoint;
	size_t n_records, n_checkpoint; /* n_checkpoint 0: more parts follow */
};

/* The head's length without NUL, or -E2BIG; records and checkpoint follow it. */
ssize_t push_head(const struct Push *p, char *ret, size_t size);
/* 0 or -EBADMSG; *ret points into the bytes. */
int push_read(const char *bytes, size_t n, struct Push *ret);

/* word, what the console means. `number` is a place in records.jsonl, in bytes. */
#define PUSH_WORDS(X)                                                        \
	X(RECEIVED, "received") /* all of it: cosigned */                    \
	X(MORE, "more")         /* this part; the next begins at `number` */ \
	X(AGAIN, "again")       /* begin anew with `number` as base */       \
	X(LATER, "later")       /* busy; nothing was looked at */            \
	X(WRONG, "wrong")       /* it was judged, and is an alarm there */   \
	X(REFUSED, "refused")   /* nothing that this console takes */

#define PUSH_WORD_ENUM(name, word) PUSH_##name,
enum PushWord { PUSH_WORDS(PUSH_WORD_ENUM) _PUSH_WORD_N };
#undef PUSH_WORD_ENUM

#define PUSH_COSIGNATURE 1024
#define PUSH_REPLY_MOST  (128 + PUSH_COSIGNATURE + PUSH_CHECKPOINT)

struct PushReply {
	enum PushWord word;
	uint64_t number;
	const char *cosignature, *checkpoint;
	size_t n_cosignature,
	        n_checkpoint; /* 0 unless RECEIVED; of the checkpoint also when there is none yet */
};

const char *push_word(enum PushWord word);
/* The length, or -E2BIG. */
ssize_t push_reply_write(const struct PushReply *r, char *ret, size_t size);
int push_reply_read(const char *bytes, size_t n, struct PushReply *ret);
