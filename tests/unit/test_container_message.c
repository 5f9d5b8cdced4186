/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that somebody has changed: whatever is answered with 0 is what went in. */
#include "cms_read.h"
#include "container_cheap.h"
#include "container_fixture.h"
#include "der.h"
#include "fault.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PLAIN "the quick brown fox jumps over the lazy dog; twelve of them"

struct Memory {
	const uint8_t *bytes;
	size_t n, at;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_no_mutation_of_a_message_opens_as_something_else),
	        cmocka_unit_test(test_only_the_profile_is_read),
	        cmocka_unit_test(test_rounds_out_of_bounds_are_refused_before_any_derivation),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_end);
}
