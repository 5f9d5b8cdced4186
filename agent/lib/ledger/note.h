/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* C2SP signed note v1.0.0 and tlog-checkpoint v1.0.0, Ed25519 (type 0x01). */
#include "base64.h"
#include "crypto.h"
#include "limits.h"

#define NOTE_SIGNATURES 64 /* lines of one note at most */
#define NOTE_DASH       "\xe2\x80\x94 " /* a signature line begins with it */
#define NOTE_LINE_SIZE  (3 + 1 + LIMIT_VKEY + 1 + BASE64_SIZE(4 + SIGNATURE_SIZE) + 1)

/* The byte before the key, in its id as well: a key of one type is never taken for one of another. */
enum VkeyType {
	VKEY_ED25519 = 0x01,
	VKEY_COSIGNATURE = 0x04,
};

struct Vkey {
	char name[LIMIT_VKEY];
	uint8_t id[4];
	uint8_t key[HASH_SIZE];
};

/* name+hex8+base64(type‖key); the id must be the one the name, the type and the key give. -EINVAL. */
int vkey_type_parse(struct Crypto *c, enum VkeyType type, const char *text, size_t n, struct Vkey *ret);
/* From name and key: fills the id. -EINVAL for a name with spaces or '+'. */
int vkey_type_make(struct Crypto *c, enum VkeyType type, const char *name, const uint8_t key[static HASH_SIZE],
        struct Vkey *ret);
int vkey_type_format(enum VkeyType type, const struct Vkey *v, char *ret, size_t size);

/* A ledger's. */
static inline int vkey_parse(struct Crypto *c, const char *text, size_t n, struct Vkey *ret)
{
	return vkey_type_parse(c, VKEY_ED25519, text, n, ret);
}

static inline int vkey_make(
        struct Crypto *c, const char *name, const uint8_t key[static HASH_SIZE], struct Vkey *ret)
{
	return vkey_type_make(c, VKEY_ED25519, name, key, ret);
}

static inline int vkey_format(const struct Vkey *v, char *ret, size_t size)
{
	return vkey_type_format(VKEY_ED25519, v, ret, size);
}

/* Writes blank line and signature line for `text` (which ends in a newline): what follows the text. The
   length without NUL, or -errno. */
ssize_t note_signature(
        const struct Vkey *v, const struct Key *k, const void *text, size_t n, char *ret, size_t size);

enum NoteOutcome {
	NOTE_MALFORMED = 1,
	NOTE_UNSIGNED, /* by none of the keys given */
	NOTE_FORGED,   /* a key given does not verify its signature */
};

/* That the bytes have the form of a note, and where its text ends (behind its final newline). 0 or
   NOTE_MALFORMED. */
int note_split(const char *note, size_t n, size_t *ret_text);

/* Verifies a whole note against the keys given; unknown signers are ignored. On 0 *ret_text is the size of
   the text with its final newline, *ret_key the index of the first key that signed. */
int note_verify(const char *note, size_t n, const struct Vkey *keys, size_t n_keys, size_t *ret_text,
        size_t *ret_key);

struct Checkpoint {
	char origin[LIMIT_VKEY];
	uint64_t size;
	uint8_t root[HASH_SIZE];
};

/* The three lines; length or -E2BIG. */
ssize_t checkpoint_format(const struct Checkpoint *c, char *ret, size_t size);
/* -EINVAL unless the text is exactly that. */
int checkpoint_parse(const char *text, size_t n, struct Checkpoint *ret);

/* What the key before signs when the key changes at record c->size, c->root being the root of those before
   it: mediagate/rekey/v1 LF origin LF n LF root LF new vkey LF Length or -E2BIG. */
#define REKEY_TEXT (2 * LIMIT_VKEY + 128)
ssize_t rekey_format(const struct Checkpoint *c, const char *vkey, char *ret, size_t size);

/* What a year's last key signs for the first key of the next, c being the year's last checkpoint; as above:
     mediagate/year/v1 LF old origin LF size LF root LF new vkey LF */
ssize_t year_format(const struct Checkpoint *c, const char *vkey, char *ret, size_t size);
