/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reading and verifying a mediagate ledger: docs/ledger.md (RFC 6962 tree, C2SP signed note and
 * tlog-checkpoint v1.0.0, Ed25519). Needs nothing but the files.
 *
 * Nothing here allocates what the caller must free, logs, writes or keeps anything between calls. Slices
 * point into the caller's or the reader's buffer and end with the call that gave them; they are not
 * closed by NUL. Results: 0, or -errno as documented.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(default)

/* What can be wrong: name, sentence for people (a gettext id). The line's number comes beside it. */
#define LEDGER_ERRORS(X)                                                        \
	X(NONE, "nothing is wrong")                                             \
	/* the checkpoint */                                                    \
	X(BAD_VKEY, "the verifier key is malformed")                            \
	X(BAD_NOTE, "the checkpoint is malformed")                              \
	X(BAD_ORIGIN, "the checkpoint's origin is not the verifier key's name") \
	X(NOT_SIGNED, "the checkpoint is not signed by the key in force")       \
	X(BAD_SIGNATURE, "the checkpoint's signature is wrong")                 \
	X(BAD_ROOT, "the records are not those the checkpoint was signed over") \
	X(MISSING, "records that the checkpoint covers are missing at the end") \
	/* a line */                                                            \
	X(TOO_LONG, "the line is too long")                                     \
	X(SYNTAX, "the line is not the strict JSON of a ledger")                \
	X(UTF8, "the line is not UTF-8")                                        \
	X(ESCAPE, "an escape is not valid, or stands in a name")                \
	X(NUMBER, "a number is not an integer in range")                        \
	X(DEPTH, "the detail is nested too deeply or has too many members")     \
	X(TWICE, "a name is there twice")                                       \
	X(KEYS, "a first key is missing, unknown or not in its place")          \
	X(TIME, "the time is not in the ledger's form")                         \
	X(RESULT, "the result is not intent, done, refused or failed")          \
	X(SEQUENCE, "the record's number is not its place")                     \
	X(TERMINAL, "the record is of another terminal")                        \
	X(KEY_CHANGE, "the change of key is not signed by the key before it")   \
	/* one record's proof */                                                \
	X(BAD_PROOF, "the proof is malformed")                                  \
	X(NOT_IN_TREE, "the record is not among those the checkpoint was signed over") \
	/* beside a checkpoint seen before */                                   \
	X(SEEN_OTHER, "the checkpoint seen before is of another ledger")        \
	X(FORK, "the records are not those a checkpoint seen before covered")   \
	X(ROLLBACK, "records that a checkpoint seen before covered are missing at the end")

#define LEDGER_ERROR_ENUM(name, sentence) LEDGER_E_##name,
enum LedgerError { LEDGER_ERRORS(LEDGER_ERROR_ENUM) _LEDGER_E_N };
#undef LEDGER_ERROR_ENUM

const char *ledger_error_sentence(enum LedgerError error);

struct LedgerSlice {
	const char *text; /* NULL: the line has no such member */
	size_t size;
};

/* Whether it is these bytes, as they stand in the line; what is not there is no text. */
static inline bool ledger_slice_is(struct LedgerSlice s, const char *text)
{
	return s.text && s.size == strlen(text) && !memcmp(s.text, text, s.size);
}

/* ------------------------------------------------------------------ one record */

/* One line. String members without their quotes, escapes as written; detail with its braces. */
struct LedgerEntry {
	uint64_t n;
	struct LedgerSlice line; /* without its newline: the leaf's bytes */
	struct LedgerSlice t, kind, terminal, actor, role, deputy_for, medium, checkout, result, reason;
	struct LedgerSlice numbers, detail;
};

/* NULL, or a sentence that says what is wrong. Strict: section "Records" of docs/ledger.md. */
const char *ledger_entry_read(const char *line, size_t size, struct LedgerEntry *ret);

/* A member of the entry's detail; 0 or -ENOENT. Strings without quotes. The i-th of a key is not a thing:
   keys are unique. */
int ledger_detail(const struct LedgerEntry *e, const char *key, struct LedgerSlice *ret);

enum LedgerType {
	LEDGER_TEXT,
	LEDGER_NUMBER, /* an integer */
	LEDGER_WORD,   /* true, false, null */
	LEDGER_OBJECT, /* with its braces */
	LEDGER_ARRAY,  /* with its brackets */
};

struct LedgerMember {
	struct LedgerSlice name;  /* never with escapes; empty in an array */
	struct LedgerSlice value; /* a text without its quotes */
	enum LedgerType type;
};

/* Walks an object or array out of an entry; *at is 0 at first. False at the end. */
bool ledger_member_next(struct LedgerSlice container, size_t *at, struct LedgerMember *ret);

/* Unescapes a string slice to UTF-8, closed by NUL; -E2BIG when it does not fit. */
int ledger_unescape(struct LedgerSlice text, char *ret, size_t size);

/* A decimal integer slice; -EINVAL. */
int ledger_number(struct LedgerSlice text, uint64_t *ret);

/* ------------------------------------------------------------------ a ledger */

/* Two questions, two answers: is anything altered, is anything missing from the end? */
enum LedgerAnswer {
	LEDGER_UNKNOWN, /* missing: without a checkpoint seen before nobody can say */
	LEDGER_NO,
	LEDGER_YES,
};

/* What somebody kept of an earlier state: a checkpoint, or size and root on paper. */
struct LedgerSeen {
	char origin[400]; /* empty: not known */
	uint64_t size;
	uint8_t root[32];
};

/* The form for paper: size, space, root in 13 groups of four letters of base32 (RFC 4648, without padding). */
#define LEDGER_PAPER_MOST 96
void ledger_paper_write(uint64_t size, const uint8_t root[32], char ret[LEDGER_PAPER_MOST]);

/* A checkpoint's note (its signatures are not looked at), or the form for paper: small letters, no spaces and hyphens
   in place of spaces are read, too. 0 or -EINVAL. */
int ledger_seen_read(const char *text, size_t size, struct LedgerSeen *ret);

struct LedgerReport {
	int fault;        /* 0; FAULT_LEDGER_ALTERED; FAULT_UNREADABLE (include/fault.h) */
	uint64_t line;    /* of the first error, from 1; 0: not of a line */
	char error[192];  /* the sentence of `code`; for FAULT_UNREADABLE the file */
	uint64_t records; /* complete lines */
	uint64_t covered; /* size of the checkpoint */
	uint64_t torn;    /* bytes of a last line without newline */
	uint64_t bytes;   /* of complete lines */
	uint8_t root[32]; /* at the checkpoint's size */
	char origin[400];
	char first_time[32], last_time[32];
	enum LedgerError code;
	uint64_t earlier; /* records with a time before the one above; `clock` records say so and do not count
	                   */
	uint64_t keys;    /* changes of key below the checkpoint */
	char vkey[400];   /* of the key that signed the checkpoint */
	enum LedgerAnswer altered, missing;
	char last_vkey[400]; /* that the last complete line leaves in force; empty: such a line is not signed */
	uint64_t last_key;   /* n of the last `key` record; 0: none */
	uint64_t from, to; /* FORK: the first record that differs is one of from..to-1; else 0 */
};

/* Called for each complete line, before anything is known of the signature. Negative stops, and is returned.
 */
typedef int (*LedgerEach)(void *owner, const struct LedgerEntry *e);

struct Tree; /* agent/lib/ledger/tree.h */

struct LedgerInput {
	int records; /* descriptor of records.jsonl, read from offset 0 */
	const char *checkpoint;
	size_t checkpoint_size;
	const char *vkey; /* name+hex8+base64; a closing newline is ignored */
	LedgerEach each;  /* NULL: nobody */
	void *owner;
	struct Tree *tree; /* NULL, or the tree that every complete line is added to, empty before */
	const struct LedgerSeen *seen; /* what the first records must be; any order */
	size_t n_seen;
};

/* 0 with *ret filled (ret->fault says how it went), or -errno of the machine. Lines beyond the checkpoint and
   a torn tail are what a crash leaves: counted, not an error. */
int ledger_verify(const struct LedgerInput *in, struct LedgerReport *ret);

/* The same of the folder `dir`: its records.jsonl, checkpoint and vkey. With a `vkey` of the caller's the
   folder's own is not asked; without (NULL) the folder is only known to agree with itself. */
int ledger_verify_folder(int dir, const char *vkey, LedgerEach each, void *owner, struct LedgerReport *ret);

/* Lines with neither checkpoint nor key (somebody's own lines out of a ledger): strict form, rising numbers,
   one terminal. Results as above. */
int ledger_read(int records, LedgerEach each, void *owner, struct LedgerReport *ret);

/* Whether a year's ledger follows the one that was verified as `before`: `first` is its record 0, `vkey` its own. 1; 0: it
   does not; -ENOENT: a first year, which follows none; -errno. */
int ledger_year_follows(const struct LedgerEntry *first, const char *vkey, const struct LedgerReport *before);

/* The same where of the year before only its last checkpoint is left, as kept in heads. `signer` is the key that signed
   it, if somebody knows it; NULL: only origin, size and root are compared. */
int ledger_year_follows_head(const struct LedgerEntry *first, const char *vkey, const struct LedgerSlice *head,
        const char *signer);

/* ------------------------------------------------------------------ record by record */

/*
 * A ledger that is read again and again without hashing all of it each time. One pass verifies it and keeps
 * 40 bytes for every 256 records; afterwards only the 256 records around the one that is wanted are read,
 * and compared with what was verified: what is handed out is what the checkpoint covers, even when the
 * file was altered meanwhile. Not for two threads at once.
 */
struct LedgerReader;

/* Opens a ledger's folder; one that grows meanwhile is read up to its checkpoint. `vkey` NULL: the folder's own. 0, or -errno: a file cannot be opened. */
int ledger_reader_open(const char *folder, const char *vkey, struct LedgerReader **ret);
/* The same from `in`, whose each, tree and seen are not used; the descriptor is duplicated, the texts copied. */
int ledger_reader_new(const struct LedgerInput *in, struct LedgerReader **ret);
/* Takes NULL, gives NULL. */
struct LedgerReader *ledger_reader_free(struct LedgerReader *r);

/* Verifies all of it, as ledger_verify does; `each` may be NULL. Until this has found nothing wrong the functions
   below return -EPERM. Again at any time: reads the same checkpoint. */
int ledger_reader_verify(struct LedgerReader *r, LedgerEach each, void *owner, struct LedgerReport *ret);

/* The records that the checkpoint covers, from the first on: 1 with *ret, which holds until the next call; 0
   at the end; -EBADMSG: the file is no longer what was verified; -errno. */
int ledger_reader_next(struct LedgerReader *r, struct LedgerEntry *ret);
/* Record n; ledger_reader_next goes on behind it. 0; -ENOENT: the checkpoint covers no such record; as above. */
int ledger_reader_find(struct LedgerReader *r, uint64_t n, struct LedgerEntry *ret);

/* ------------------------------------------------------------------ one record's proof */

#define LEDGER_PROOF_MOST 81920

/* A C2SP tlog-proof of record n with the record's line as its extra data: section "Proof of one record" of
   docs/ledger.md. *ret_size without the NUL that closes it. As ledger_reader_find, and -E2BIG;
   LEDGER_PROOF_MOST bytes are always enough. */
int ledger_reader_prove(struct LedgerReader *r, uint64_t n, char *ret, size_t size, size_t *ret_size);

struct LedgerProof {
	enum LedgerError code;    /* NONE: the record is proved */
	struct LedgerEntry entry; /* its slices point into `line` */
	char line[4097];
	uint64_t size; /* of the checkpoint */
	uint8_t root[32];
	char origin[400];
};

/* Whether the proof holds under the key that signed its checkpoint. Needs no file. 0, or -errno of the machine. */
int ledger_proof_verify(const char *proof, size_t size, const char *vkey, struct LedgerProof *ret);

#pragma GCC visibility pop
