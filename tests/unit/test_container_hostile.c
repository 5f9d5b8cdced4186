/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, archives and folders that somebody has changed: whatever is answered with 0 is what went in. */
#include "cms_read.h"
#include "container_cheap.h"
#include "container_fixture.h"
#include "der.h"
#include "fault.h"
#include "hex.h"
#include "sums.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define PLAIN "the quick brown fox jumps over the lazy dog; twelve of them"

struct Memory {
	const uint8_t *bytes;
	size_t n, at, piece;
};

static ssize_t memory_read(void *owner, void *ret, size_t n)
{
	struct Memory *m = owner;
	size_t got = MIN(n, m->n - m->at);

	memcpy(ret, m->bytes + m->at, got);
	m->at += got;
	return (ssize_t)got;
}

struct Collected {
	uint8_t bytes[256];
	size_t n;
};

static int collect(void *owner, const void *bytes, size_t n)
{
	struct Collected *c = owner;

	if (n > sizeof(c->bytes) - c->n)
		return 77;
	memcpy(c->bytes + c->n, bytes, n);
	c->n += n;
	return 0;
}

/* Opens a message; 0 only ever with the plaintext that went in. */
static int open_message(const uint8_t *message, size_t n, struct CmsKeys *keys)
{
	struct Memory m = {.bytes = message, .n = n};
	struct CmsSource source = {&m, memory_read};
	_cleanup_(cms_reader_freep) struct CmsReader *r = NULL;
	struct Collected c = {};
	int result;

	assert_int_equal(cms_reader_new(&r), 0);
	result = cms_read(r, &source, keys, collect, &c);
	assert_true(result >= 0);
	if (result == 0) {
		assert_int_equal(c.n, strlen(PLAIN));
		assert_memory_equal(c.bytes, PLAIN, c.n);
	}
	return result;
}

static size_t make_message(const struct CmsRecipients *recipients, uint8_t *ret)
{
	_cleanup_(cms_writer_freep) struct CmsWriter *w = NULL;
	const uint8_t *header;
	size_t n;

	assert_int_equal(cms_writer_new(recipients, &w), 0);
	assert_int_equal(cms_part_start(w, strlen(PLAIN), &header, &n), 0);
	memcpy(ret, header, n);
	assert_int_equal(cms_part_update(w, PLAIN, strlen(PLAIN), ret + n), 0);
	assert_int_equal(cms_part_end(w, ret + n + strlen(PLAIN)), 0);
	return n + strlen(PLAIN) + CMS_TAIL;
}

/* Whose certificate it is, is a hint and authenticated by nobody: the only bytes that may change. */
static bool is_hint(const uint8_t *message, size_t n, const struct Certificate *c, size_t at)
{
	const uint8_t *issuer, *serial, *from, *to;
	size_t issuer_size, serial_size;

	if (!c)
		return false;
	certificate_issuer(c, &issuer, &issuer_size);
	certificate_serial(c, &serial, &serial_size);
	from = memmem(message, n, issuer, issuer_size);
	to = memmem(message, n, serial, serial_size);
	assert_true(from && to);
	return message + at >= from && message + at < to + serial_size;
}

static void mutate_everywhere(
        const uint8_t *message, size_t n, struct CmsKeys *keys, const struct Certificate *c)
{
	_cleanup_free_ uint8_t *m = malloc(n + 16);

	assert_int_equal(open_message(message, n, keys), 0);
	for (size_t i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(m, message, n);
			m[i] ^= (uint8_t)(1 << bit);
			if (open_message(m, n, keys) == 0)
				assert_true(is_hint(message, n, c, i));
		}
	for (size_t i = 0; i < n; i++) /* cut */
		assert_int_not_equal(open_message(message, i, keys), 0);
	for (size_t i = 0; i < n; i++) { /* one byte left out, one doubled */
		memcpy(m, message, i);
		memcpy(m + i, message + i + 1, n - i - 1);
		assert_int_not_equal(open_message(m, n - 1, keys), 0);
		memcpy(m, message, i + 1);
		memcpy(m + i + 1, message + i, n - i);
		assert_int_not_equal(open_message(m, n + 1, keys), 0);
	}
	for (int tail = 0; tail < 256; tail++) { /* something after the end */
		memcpy(m, message, n);
		m[n] = (uint8_t)tail;
		assert_int_not_equal(open_message(m, n + 1, keys), 0);
	}
}

/* Several harms at once, the same ones each time. 100,000 when MEDIAGATE_SOAK is set. */
static void mutate_randomly(
        const uint8_t *message, size_t n, struct CmsKeys *keys, const struct Certificate *c)
{
	_cleanup_free_ uint8_t *m = malloc(2 * n);
	uint32_t rounds = getenv("MEDIAGATE_SOAK") ? 100000 : 500;

	for (uint32_t i = 0; i < rounds; i++) {
		uint8_t dice[32];
		size_t size = n, harms;

		fixture_fill(dice, sizeof(dice), i);
		harms = 1 + dice[0] % 4;
		memcpy(m, message, n);
		for (size_t j = 0; j < harms; j++) {
			size_t at = ((size_t)dice[4 * j + 1] << 8 | dice[4 * j + 2]) % size;

			switch (dice[4 * j + 3] % 4) {
			case 0:
				m[at] ^= dice[4 * j + 4] | 1;
				break;
			case 1: /* another byte of the message */
				m[at] = message[dice[4 * j + 4] % n];
				break;
			case 2: /* left out */
				memmove(m + at, m + at + 1, --size - at);
				break;
			default: /* put in */
				memmove(m + at + 1, m + at, size++ - at);
			}
		}
		if (open_message(m, size, keys) != 0)
			continue;
		assert_int_equal(size, n);
		for (size_t j = 0; j < n; j++)
			assert_true(m[j] == message[j] || is_hint(message, n, c, j));
	}
}

static void test_no_mutation_of_a_message_opens_as_something_else(void **state)
{
	static const char *const KEYS[] = {"rsa.key", "p256.key", "p384.key"};
	const struct Fixture *f = *state;
	const struct Certificate *all[] = {f->rsa, f->p256, f->p384, NULL};

	for (int i = 0; i < 4; i++) {
		_cleanup_(private_key_freep) struct PrivateKey *key = i < 3 ? fixture_key(f, KEYS[i]) : NULL;
		struct CmsRecipients recipients = {
		        i < 3 ? NULL : FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), all + i, i < 3 ? 1 : 0};
		struct CmsKeys keys = {.key = key,
		        .password = recipients.password,
		        .password_size = recipients.password_size};
		uint8_t message[4096];
		size_t n = make_message(&recipients, message);

		mutate_randomly(message, n, &keys, all[i]);
		/* RSA takes its time */
		if (i > 0 || getenv("MEDIAGATE_SOAK"))
			mutate_everywhere(message, n, &keys, all[i]);
		cms_keys_done(&keys);
	}
}

/* ---- the same message in other spellings: BER lengths, pieces, tags */

struct Spelling {
	size_t tag_size;      /* of the mac */
	bool indefinite;      /* the outer structures */
	size_t piece;         /* 0: one value */
	bool definite_pieces; /* [0] around them has a length */
	bool attributes, long_length;
	bool loose; /* a length inside the recipient in three bytes */
};

static size_t put_head(uint8_t *p, uint8_t tag, uint64_t n, bool indefinite, bool long_length)
{
	if (indefinite) {
		p[0] = tag;
		p[1] = 0x80;
		return 2;
	}
	if (long_length && n < 0x10000) {
		p[0] = tag;
		p[1] = 0x84;
		p[2] = p[3] = 0;
		p[4] = (uint8_t)(n >> 8);
		p[5] = (uint8_t)n;
		return 6;
	}
	return der_head(tag, n, p);
}

/* Wraps n bytes at p in a head and, if need be, an end: the new size. */
static size_t wrap(uint8_t *p, size_t n, uint8_t tag, const struct Spelling *s)
{
	uint8_t head[DER_HEAD];
	size_t head_size = put_head(head, tag, n, s->indefinite, s->long_length);

	memmove(p + head_size, p, n);
	memcpy(p, head, head_size);
	n += head_size;
	if (s->indefinite) {
		p[n++] = 0;
		p[n++] = 0;
	}
	return n;
}

/* Takes our own message apart (one password recipient: every offset is known) and spells it anew. */
static size_t respell(const uint8_t *message, size_t n, const struct Spelling *s, uint8_t *ret)
{
	/* three heads of 4 bytes, type 13, version 3; SET head 3 */
	const uint8_t *version = message + 4 + 13 + 4 + 4;
	size_t set = 3 + (size_t)version[5];
	const uint8_t *eci = version + 3 + set + 2; /* its content: 63 bytes, then the value */
	const uint8_t *cipher = message + n - CMS_TAIL - strlen(PLAIN);
	uint8_t content[1024];
	size_t at = 0, out = 0;

	assert_int_equal(version[4], 0x81);
	if (s->piece > 0) {
		struct Spelling pieces = {.indefinite = !s->definite_pieces};

		for (size_t i = 0; i < strlen(PLAIN); i += s->piece) {
			size_t k = MIN(s->piece, strlen(PLAIN) - i);

			at += der_head(DER_OCTETS, k, content + at);
			memcpy(content + at, cipher + i, k);
			at += k;
		}
		at = wrap(content, at, DER_EXPLICIT, &pieces);
	} else {
		at = der_head(DER_CONTENT, strlen(PLAIN), content);
		memcpy(content + at, cipher, strlen(PLAIN));
		at += strlen(PLAIN);
	}
	memcpy(ret, eci, 43);
	memcpy(ret + 43, content, at);
	out = wrap(ret, 43 + at, DER_SEQUENCE, s);
	if (s->attributes) { /* [1], an empty set */
		ret[out++] = 0xa1;
		ret[out++] = 0;
	}
	out += der_head(DER_OCTETS, s->tag_size, ret + out);
	memcpy(ret + out, message + n - CRYPTO_TAG, s->tag_size);
	out += s->tag_size;
	memmove(ret + 3 + set + s->loose, ret, out);
	memcpy(ret, version, 6);
	if (s->loose) { /* a3 81 n is a3 82 00 n */
		ret[5]++;
		memcpy(ret + 6, (const uint8_t[]){0xa3, 0x82, 0x00}, 3);
		memcpy(ret + 9, version + 8, 3 + set - 8);
	} else {
		memcpy(ret + 6, version + 6, 3 + set - 6);
	}
	set += s->loose;
	out = wrap(ret, out + 3 + set, DER_SEQUENCE, s);
	out = wrap(ret, out, DER_EXPLICIT, s);
	memmove(ret + 13, ret, out);
	memcpy(ret, message + 4, 13);
	return wrap(ret, out + 13, DER_SEQUENCE, s);
}

static void test_only_the_profile_is_read(void **state)
{
	static const struct {
		struct Spelling spelling;
		bool opens;
	} ROWS[] = {
	        {{.tag_size = 16}, true},
	        {{.tag_size = 16, .indefinite = true}, true},
	        {{.tag_size = 16, .indefinite = true, .piece = 7}, true},
	        {{.tag_size = 16, .piece = 1}, true},
	        {{.tag_size = 16, .indefinite = true, .piece = 59, .definite_pieces = true}, true},
	        {{.tag_size = 15}, false},
	        {{.tag_size = 12}, false},
	        {{.tag_size = 4}, false},
	        {{.tag_size = 1}, false},
	        {{.tag_size = 0}, false},
	        {{.tag_size = 16, .long_length = true}, false},
	        {{.tag_size = 16, .attributes = true}, false},
	};
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), NULL, 0};
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	uint8_t message[4096], other[4096];
	size_t n = make_message(&recipients, message);

	(void)state;
	assert_int_equal(respell(message, n, &ROWS[0].spelling, other), n);
	assert_memory_equal(other, message, n);
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		size_t m = respell(message, n, &ROWS[i].spelling, other);

		assert_int_equal(open_message(other, m, &keys) == 0, ROWS[i].opens);
		if (ROWS[i].spelling.indefinite && ROWS[i].opens && ROWS[i].spelling.piece == 7)
			mutate_everywhere(other, m, &keys, NULL);
	}
}

static void test_rounds_out_of_bounds_are_refused_before_any_derivation(void **state)
{
	static const uint32_t ROUNDS[] = {1, 2048, 99999, 10000001, 0x7fffffff};
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), NULL, 0};
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	const uint8_t rounds[] = {0x02, 0x03, 0x09, 0x27, 0xc0};
	uint8_t message[4096];
	size_t n = make_message(&recipients, message);
	uint8_t *at = memmem(message, n, rounds, sizeof(rounds));

	(void)state;
	assert_non_null(at);
	for (size_t i = 0; i < ARRAY_SIZE(ROUNDS); i++) {
		if (ROUNDS[i] > 0x7fffff || ROUNDS[i] < 0x8000)
			continue; /* another length in DER; the same check */
		at[2] = (uint8_t)(ROUNDS[i] >> 16);
		at[3] = (uint8_t)(ROUNDS[i] >> 8);
		at[4] = (uint8_t)ROUNDS[i];
		assert_int_equal(open_message(message, n, &keys), FAULT_DAMAGED);
		assert_false(keys.derived);
	}
}

/* ---- archives */

static int memory_next(void *owner, const void **ret, size_t *ret_size)
{
	struct Memory *m = owner;

	*ret = m->bytes + m->at;
	*ret_size = MIN(m->piece, m->n - m->at);
	m->at += *ret_size;
	return 0;
}

struct Archive {
	uint8_t bytes[65536];
	size_t n;
	char sums[4096];
	size_t sums_size;
	unsigned int files;
};

static void archive_raw(struct Archive *a, const struct TarMember *m, const char *content)
{
	ssize_t n = tar_header(m, a->bytes + a->n, sizeof(a->bytes) - a->n);

	assert_true(n > 0);
	a->n += (size_t)n;
	memcpy(a->bytes + a->n, content, m->size);
	a->n += m->size + tar_padding(m->size);
}

static void archive_add(struct Archive *a, const char *name, const char *content)
{
	struct TarMember m = {name, strlen(content), 1, 0600};
	uint8_t sha256[32];

	archive_raw(a, &m, content);
	assert_int_equal(crypto_sha256(content, strlen(content), sha256), 0);
	a->sums_size += sums_line(name, sha256, a->sums + a->sums_size);
	a->files++;
}

static void archive_sums(struct Archive *a, const char *copy, unsigned int files)
{
	char all[8192];
	size_t n = sums_first(copy, files, all);
	struct TarMember m = {SUMS_NAME, 0, 1, 0644};

	memcpy(all + n, a->sums, a->sums_size);
	m.size = n + a->sums_size;
	archive_raw(a, &m, all);
}

static int archive_read(const struct Archive *a, size_t piece)
{
	struct Memory memory = {.bytes = a->bytes, .n = a->n, .piece = piece};
	struct TarSource source = {&memory, memory_next};
	struct TarTally tally;

	return tar_read(&source, FIXTURE_COPY, NULL, &tally);
}

static void header_sum(uint8_t *block)
{
	unsigned int sum = 0;

	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += block[i];
	sprintf((char *)block + 148, "%06o", sum);
}

enum Harm {
	HARM_NONE,
	HARM_NO_SUMS,
	HARM_AFTER_SUMS,
	HARM_TWO_SUMS,
	HARM_OTHER_COPY,
	HARM_OTHER_COUNT,
	HARM_UNLISTED,
	HARM_MISSING,
	HARM_DIGEST,
	HARM_ORDER,
	HARM_PADDING,
	HARM_ONE_END,
	HARM_TRAILING,
	HARM_LINK,
	HARM_HARD_LINK,
	HARM_DEVICE,
	HARM_DIRECTORY,
	HARM_LONG_NAME,
	HARM_OWNER,
	HARM_SETUID,
	HARM_CHECKSUM,
	_HARM_N,
};

/* The harms done to a header's fields: offset, byte. */
static const struct {
	enum Harm harm;
	size_t offset;
	char byte;
} FIELDS[] = {
        {HARM_LINK, 156, '2'},
        {HARM_HARD_LINK, 156, '1'},
        {HARM_DEVICE, 156, '3'},
        {HARM_DIRECTORY, 156, '5'},
        {HARM_LONG_NAME, 156, 'L'},
        {HARM_OWNER, 114, '1'},
        {HARM_SETUID, 103, '4'},
};

static void archive_make(struct Archive *a, enum Harm harm)
{
	*a = (struct Archive){};
	archive_add(a, "one", "first");
	archive_add(a, "two", "second");
	for (size_t i = 0; i < ARRAY_SIZE(FIELDS); i++)
		if (FIELDS[i].harm == harm) {
			a->bytes[FIELDS[i].offset] = (uint8_t)FIELDS[i].byte;
			header_sum(a->bytes);
		}
	if (harm == HARM_CHECKSUM)
		a->bytes[150] ^= 1;
	if (harm == HARM_UNLISTED)
		archive_raw(a, &(struct TarMember){"three", 3, 1, 0600}, "abc");
	if (harm == HARM_MISSING)
		a->sums_size += sums_line("three", a->bytes, a->sums + a->sums_size);
	if (harm == HARM_DIGEST)
		a->sums[3] = a->sums[3] == '0' ? '1' : '0';
	if (harm == HARM_ORDER) {
		char t[70];

		memcpy(t, a->sums, 70);
		memcpy(a->sums, a->sums + 70, 70);
		memcpy(a->sums + 70, t, 70);
	}
	if (harm == HARM_PADDING)
		a->bytes[a->n - 1] = 1;
	if (harm != HARM_NO_SUMS)
		archive_sums(a, harm == HARM_OTHER_COPY ? "c1" : FIXTURE_COPY,
		        a->files + (harm == HARM_OTHER_COUNT));
	if (harm == HARM_TWO_SUMS)
		archive_sums(a, FIXTURE_COPY, a->files);
	if (harm == HARM_AFTER_SUMS)
		archive_raw(a, &(struct TarMember){"three", 3, 1, 0600}, "abc");
	a->n += harm == HARM_ONE_END ? 512 : 1024;
	if (harm == HARM_TRAILING)
		a->n += 512;
}

static void test_archives_that_are_not_ours_are_refused(void **state)
{
	static const size_t PIECES[] = {1, 511, 512, 65536};
	static struct Archive a;

	(void)state;
	for (enum Harm harm = 0; harm < _HARM_N; harm++)
		for (size_t i = 0; i < ARRAY_SIZE(PIECES); i++) {
			int r;

			archive_make(&a, harm);
			r = archive_read(&a, PIECES[i]);
			if (harm == HARM_NONE)
				assert_int_equal(r, 0);
			else
				assert_true(r == FAULT_DAMAGED || r == FAULT_INCOMPLETE);
		}
}

static void test_names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const NAMES[] = {
	        "/etc/passwd", "../up", "a/../../b", "a/..", "./a", "a//b", "a/", ".", "..", "/", ""};
	static struct Archive a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
		assert_int_equal(tar_name_check(NAMES[i]), FAULT_BAD_REQUEST);
		if (!NAMES[i][0])
			continue;
		a = (struct Archive){};
		archive_add(&a, NAMES[i], "x");
		archive_sums(&a, FIXTURE_COPY, 1);
		a.n += 1024;
		assert_int_equal(archive_read(&a, 65536), FAULT_DAMAGED);
	}
	assert_int_equal(tar_name_check(SUMS_NAME), FAULT_NAME_TWICE);
	assert_int_equal(tar_name_check("folder/" SUMS_NAME), 0);
	assert_int_equal(tar_name_check("...") | tar_name_check(".a") | tar_name_check("a..b/..c"), 0);
}

static void test_every_flip_and_cut_of_an_archive_is_seen(void **state)
{
	static struct Archive a;

	(void)state;
	archive_make(&a, HARM_NONE);
	for (size_t i = 0; i < a.n; i++) {
		a.bytes[i] ^= (uint8_t)(1u << i % 8);
		/* times and modes are all that SHA256SUMS does not bind; the tag of a part does */
		if (archive_read(&a, 65536) == 0)
			assert_true((i % 512 >= 100 && i % 512 < 108) || (i % 512 >= 136 && i % 512 < 156));
		a.bytes[i] ^= (uint8_t)(1u << i % 8);
	}
	while (a.n-- > 0)
		assert_true(archive_read(&a, 4096) == FAULT_INCOMPLETE);
}

/* ---- folders whose note was made anew, as anybody can without the signing key */

static void note_again(int dir, uint32_t count)
{
	char text[8192], name[PART_NAME], hex[65];
	size_t n = (size_t)sprintf(text, NOTE_HEAD FIXTURE_COPY "\n");

	for (uint32_t i = 0; i <= count; i++) {
		struct PartName p = {FIXTURE_COPY, i + 1, count};
		uint8_t sha256[32];
		size_t size;
		uint8_t *bytes;

		if (i < count)
			part_name(&p, name);
		else
			strcpy(name, OPEN_NAME);
		bytes = fixture_read(dir, name, &size);
		assert_int_equal(crypto_sha256(bytes, size, sha256), 0);
		free(bytes);
		hex_encode(sha256, 32, hex);
		n += (size_t)sprintf(text + n, "%s  %s\n", hex, name);
	}
	n += (size_t)sprintf(text + n, "\n— nobody AAAA\n");
	note_name(FIXTURE_COPY, name);
	fixture_write(dir, name, text, n);
}

static void test_parts_exchanged_under_a_new_note_are_refused(void **state)
{
	static const char *const HARM[] = {
	        ":", "mv a-2 t && mv a-3 a-2 && mv t a-3", /* swapped */
	        "cp a-2 a-3",                              /* doubled */
	        "mv a-4 a-3 && mv a-5 a-4 && mv a-6 a-5",  /* dropped, the others renumbered */
	        "rm a-6",                                  /* the last dropped */
	        "cp ../other/*003of* a-3",                 /* of another copy with the same password */
	        "cp ../other/*-00[12345]of* . && for i in 1 2 3 4 5; do mv *-00${i}of* a-$i; done", /* all but
	                                                                                               the
	                                                                                               last */
	};
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = malloc(40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};
	int other;

	fixture_fill(bytes, 40000, 3);
	other = fixture_seal(f, "other", &file, 1, 8192, true, NULL, 0);
	fd_close(other);
	for (size_t i = 0; i < ARRAY_SIZE(HARM); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int r, dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);
		uint32_t count = i == 3 || i == 4 ? 5 : 6;

		assert_int_equal(
		        fixture_run(f,
		                "cd copy && for i in 1 2 3 4 5 6; do mv *-00${i}of* a-$i; done && { %s; } && "
		                "for i in 1 2 3 4 5 6; do test ! -e a-$i || mv a-$i " FIXTURE_COPY
		                "-00${i}of00%u.p7m; done",
		                HARM[i], count),
		        0);
		note_again(dir, count);
		r = fixture_unseal(dir, &keys, &file, 1);
		assert_true(i == 0 ? r == 0 : r == FAULT_DAMAGED || r == FAULT_INCOMPLETE);
		cms_keys_done(&keys);
		fd_close(dir);
	}
}

/* Whoever knows the password can make parts that open and agree; only the note says whose they are. */
static void test_another_copy_of_the_same_files_is_not_what_the_note_names(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, 40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	int other = fixture_seal(f, "other", &file, 1, 8192, true, NULL, 0);
	int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);

	assert_int_equal(fixture_unseal(other, &keys, &file, 1), 0);
	assert_int_equal(fixture_run(f, "cp other/*.p7m copy"), 0);
	assert_int_equal(fixture_unseal(dir, &keys, &file, 1), FAULT_DAMAGED);
	note_again(dir, 6);
	assert_int_equal(fixture_unseal(dir, &keys, &file, 1), 0);
	cms_keys_done(&keys);
	fd_close(other);
	fd_close(dir);
}

/* A folder of an archive cut where we like. */
static int cut_archive(const struct Fixture *f, const struct Archive *a, const size_t *cuts, uint32_t count)
{
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), NULL, 0};
	_cleanup_(cms_writer_freep) struct CmsWriter *w = NULL;
	static uint8_t part[sizeof(a->bytes) + 1024];
	int dir = fixture_seal(f, "copy", NULL, 0, 0, true, NULL, 0);
	size_t at = 0;

	assert_int_equal(fixture_run(f, "rm copy/*.p7m"), 0);
	assert_int_equal(cms_writer_new(&recipients, &w), 0);
	for (uint32_t i = 0; i < count; i++) {
		size_t size = cuts[i] ? cuts[i] : a->n - at, n;
		struct PartName p = {FIXTURE_COPY, i + 1, count};
		const uint8_t *header;
		char name[PART_NAME];

		assert_int_equal(cms_part_start(w, size, &header, &n), 0);
		memcpy(part, header, n);
		assert_int_equal(cms_part_update(w, a->bytes + at, size, part + n), 0);
		assert_int_equal(cms_part_end(w, part + n + size), 0);
		at += size;
		part_name(&p, name);
		fixture_write(dir, name, part, n + size + CMS_TAIL);
	}
	note_again(dir, count);
	return dir;
}

static void test_parts_are_cut_evenly_or_refused(void **state)
{
	static const struct {
		size_t cuts[3]; /* 0: the rest */
		uint32_t count;
		int outcome;
	} ROWS[] = {
	        {{0}, 1, 0},
	        {{2048, 0}, 2, 0},
	        {{1024, 1024, 0}, 3, FAULT_DAMAGED},
	        {{1500, 1500, 0}, 3, 0},
	        {{512, 0}, 2, FAULT_DAMAGED},
	        {{1500, 1400, 0}, 3, FAULT_DAMAGED},
	        {{1400, 1500, 0}, 3, FAULT_DAMAGED},
	};
	const struct Fixture *f = *state;
	static struct Archive a;

	archive_make(&a, HARM_NONE);
	assert_int_equal(a.n, 4096);
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int dir = cut_archive(f, &a, ROWS[i].cuts, ROWS[i].count);
		_cleanup_free_ uint8_t *note = NULL;
		struct UnsealWhere where;
		struct TarTally tally;
		struct Folder folder;
		size_t n;

		assert_int_equal(folder_look(dir, NULL, &folder), 0);
		note = fixture_read(dir, FIXTURE_COPY ".note", &n);
		n = note_text_size((const char *)note, n);
		assert_int_equal(unseal_folder(&(struct SealedFolder){dir, &folder, (const char *)note, n},
		                         &keys, NULL, &tally, &where),
		        ROWS[i].outcome);
		cms_keys_done(&keys);
		fd_close(dir);
	}
}

static void test_a_part_of_more_than_64_mib_is_refused(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, PART_SIZE);
	struct FixtureFile file = {"data.bin", bytes, PART_SIZE};
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	int dir = fixture_seal(f, "copy", &file, 1, PART_SIZE + 4096, true, NULL, 0);

	assert_int_equal(fixture_unseal(dir, &keys, &file, 1), FAULT_DAMAGED);
	cms_keys_done(&keys);
	fd_close(dir);
}

static void test_a_folder_is_looked_at_by_its_names(void **state)
{
	static const struct {
		const char *harm;
		int outcome;
	} ROWS[] = {
	        {"touch desktop.ini .DS_Store x.p7m", 0},
	        {"rm *003of*", FAULT_INCOMPLETE},
	        {"touch " FIXTURE_COPY "-001of009.p7m", FAULT_DAMAGED},
	        {"touch other-001of006.p7m", FAULT_DAMAGED},
	        {"rm *.p7m", FAULT_NO_SUCH_COPY},
	};
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, 40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};

	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);
		struct Folder folder;

		assert_int_equal(fixture_run(f, "cd copy && %s", ROWS[i].harm), 0);
		assert_int_equal(folder_look(dir, FIXTURE_COPY, &folder), ROWS[i].outcome);
		assert_int_equal(folder_look(dir, NULL, &folder), ROWS[i].outcome);
		fd_close(dir);
	}
}

static void test_what_is_no_plain_file_is_refused(void **state)
{
	static const char *const HARM[] = {"mv *001of* ../a && ln -s ../a " FIXTURE_COPY "-001of001.p7m",
	        "rm *001of* && mkfifo " FIXTURE_COPY "-001of001.p7m",
	        "rm *001of* && mkdir " FIXTURE_COPY "-001of001.p7m", "rm OPEN.txt && mkfifo OPEN.txt"};
	const struct Fixture *f = *state;
	struct FixtureFile file = {"data.bin", "secret", 6};

	for (size_t i = 0; i < ARRAY_SIZE(HARM); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);

		assert_int_equal(fixture_run(f, "cd copy && %s", HARM[i]), 0);
		assert_int_equal(fixture_unseal(dir, &keys, &file, 1), FAULT_DAMAGED);
		fd_close(dir);
	}
}

static void test_without_a_key_the_note_still_tells_damage(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = calloc(1, 20000);
	struct FixtureFile file = {"data.bin", bytes, 20000};
	int dir = fixture_seal(f, "copy", &file, 1, 8192, true, NULL, 0);
	struct UnsealWhere where;
	struct Folder folder;
	_cleanup_free_ uint8_t *note = NULL;
	uint64_t size;
	size_t n;

	assert_int_equal(folder_look(dir, NULL, &folder), 0);
	note = fixture_read(dir, FIXTURE_COPY ".note", &n);
	n = note_text_size((const char *)note, n);
	assert_int_equal(
	        folder_check(&(struct SealedFolder){dir, &folder, (const char *)note, n}, &size, &where), 0);
	assert_true(size > 20000);
	assert_int_equal(fixture_run(f, "printf x | dd of=copy/" FIXTURE_COPY
	                                "-002of003.p7m bs=1 seek=9 conv=notrunc"),
	        0);
	assert_int_equal(
	        folder_check(&(struct SealedFolder){dir, &folder, (const char *)note, n}, &size, &where),
	        FAULT_DAMAGED);
	assert_string_equal(where.name, FIXTURE_COPY "-002of003.p7m");
	for (size_t i = 0; i < n; i++) { /* every byte of the note counts */
		note[i] ^= 1;
		assert_int_equal(folder_check(&(struct SealedFolder){dir, &folder, (const char *)note, n},
		                         &size, &where),
		        FAULT_DAMAGED);
		note[i] ^= 1;
	}
	fd_close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_no_mutation_of_a_message_opens_as_something_else),
	        cmocka_unit_test(test_only_the_profile_is_read),
	        cmocka_unit_test(test_rounds_out_of_bounds_are_refused_before_any_derivation),
	        cmocka_unit_test(test_archives_that_are_not_ours_are_refused),
	        cmocka_unit_test(test_names_that_lead_elsewhere_are_refused),
	        cmocka_unit_test(test_every_flip_and_cut_of_an_archive_is_seen),
	        cmocka_unit_test(test_parts_exchanged_under_a_new_note_are_refused),
	        cmocka_unit_test(test_another_copy_of_the_same_files_is_not_what_the_note_names),
	        cmocka_unit_test(test_parts_are_cut_evenly_or_refused),
	        cmocka_unit_test(test_a_part_of_more_than_64_mib_is_refused),
	        cmocka_unit_test(test_a_folder_is_looked_at_by_its_names),
	        cmocka_unit_test(test_what_is_no_plain_file_is_refused),
	        cmocka_unit_test(test_without_a_key_the_note_still_tells_damage),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_end);
}
