/* SPDX-License-Identifier: Apache-2.0 */
/* Names, lines, numbers, passwords, certificates: the small pure parts, and the vector of the document. */
#include "container_fixture.h"
#include "der.h"
#include "fault.h"
#include "hex.h"
#include "open_txt.h"
#include "password.h"
#include "pwri.h"
#include "sums.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

/* ---- names */

static void test_part_names_have_one_width_and_one_spelling(void **state)
{
	static const struct {
		uint32_t index, count;
		const char *name;
	} ROWS[] = {
	        {1, 1, "a-1-001of001.p7m"},
	        {7, 999, "a-1-007of999.p7m"},
	        {1, 1000, "a-1-0001of1000.p7m"},
	        {65535, 65535, "a-1-65535of65535.p7m"},
	};
	static const char *const BAD[] = {"a-1-01of01.p7m", "a-1-000of001.p7m", "a-1-002of001.p7m",
	        "a-1-0001of0001.p7m", "a-1-001of001.P7M", "a-1-001of001.p7m ", "-001of001.p7m",
	        "a_-001of001.p7m", "a-1-+01of001.p7m", "a-1-001of1000.p7m", "a-1-65536of65536.p7m",
	        "a-1- 01of001.p7m", "a-1-001of001.p7m.tmp", "", "a-1",
	        "12345678901234567890123456789012345678901-001of001.p7m"};
	char name[PART_NAME];
	struct PartName p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct PartName one = {"a-1", ROWS[i].index, ROWS[i].count};

		part_name(&one, name);
		assert_string_equal(name, ROWS[i].name);
		assert_int_equal(part_name_parse(name, &p), 0);
		assert_string_equal(p.copy, "a-1");
		assert_int_equal(p.index, one.index);
		assert_int_equal(p.count, one.count);
	}
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
		assert_int_equal(part_name_parse(BAD[i], &p), -EINVAL);
	/* the longest id with the most parts fits, in the note's line too */
	p = (struct PartName){"1234567890123456789012345678901234567890", 65535, 65535};
	part_name(&p, name);
	assert_int_equal(strlen(name), 57);
	assert_int_equal(part_name_parse(name, &p), 0);
}

static void test_parts_are_counted(void **state)
{
	(void)state;
	assert_int_equal(part_count(1, 10), 1);
	assert_int_equal(part_count(10, 10), 1);
	assert_int_equal(part_count(11, 10), 2);
	assert_int_equal(part_count(UINT64_MAX, PART_SIZE), 0);
	assert_int_equal(part_count((uint64_t)PARTS_MAX * PART_SIZE, PART_SIZE), PARTS_MAX);
	assert_int_equal(part_count((uint64_t)PARTS_MAX * PART_SIZE + 1, PART_SIZE), 0);
}

static void test_lines_are_as_sha256sum_writes_them(void **state)
{
	static const char *const NAMES[] = {
	        "plain", "new\nline", "back\\slash", "re\rturn", " space", "\xff\xfe", "a\\n\n"};
	const struct Fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
		char line[SUMS_LINE];
		uint8_t sha256[32];
		uint8_t *theirs;
		size_t n, size;

		fixture_write(f->dir, NAMES[i], NAMES[i], strlen(NAMES[i]));
		assert_int_equal(crypto_sha256(NAMES[i], strlen(NAMES[i]), sha256), 0);
		n = sums_line(NAMES[i], sha256, line);
		assert_int_equal(n, sums_line_size(NAMES[i]));
		fixture_write(f->dir, "name", NAMES[i], strlen(NAMES[i]));
		/* sh takes closing newlines off, so a full stop stands guard */
		assert_int_equal(
		        fixture_run(f, "n=$(cat name; echo .); n=${n%%.}; sha256sum \"$n\" > theirs"), 0);
		theirs = fixture_read(f->dir, "theirs", &size);
		assert_int_equal(n, size);
		assert_memory_equal(line, theirs, n);
		free(theirs);
	}
}

static void test_der_lengths_are_minimal_and_bounded(void **state)
{
	static const uint64_t LENGTHS[] = {0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff,
	        0x123456789a, (UINT64_C(1) << 56) - 1};
	static const struct {
		uint8_t bytes[9];
		size_t n;
		int result;
	} ROWS[] = {
	        {{0x81, 0x7f}, 2, -EBADMSG},
	        {{0x82, 0x00, 0xff}, 3, -EBADMSG},
	        {{0x88, 1, 1, 1, 1, 1, 1, 1, 1}, 9, -EBADMSG},
	        {{0xff}, 1, -EBADMSG},
	        {{0x81}, 1, 0},
	        {{0x84, 1, 1, 1}, 4, 0},
	        {{0x80}, 1, 1},
	};
	uint64_t length;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(LENGTHS); i++) {
		uint8_t head[DER_HEAD];
		size_t n = der_head(DER_OCTETS, LENGTHS[i], head);

		assert_int_equal(n, der_head_size(LENGTHS[i]));
		assert_int_equal(der_length(head + 1, n - 1, &length), n - 1);
		assert_true(length == LENGTHS[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
		assert_int_equal(der_length(ROWS[i].bytes, ROWS[i].n, &length), ROWS[i].result);
}

/* ---- tar: the plan is the stream */

struct Counted {
	uint64_t announced, written;
	uint32_t parts;
};

static int counted_open(void *owner, const struct PartName *part, const char *name _unused_, uint64_t size)
{
	struct Counted *c = owner;

	c->parts++;
	assert_int_equal(part->index, c->parts);
	c->announced += size;
	return 0;
}

static int counted_write(void *owner, const void *bytes _unused_, size_t n)
{
	((struct Counted *)owner)->written += n;
	return 0;
}

static int counted_close(void *owner, const struct PartName *part _unused_, const char *name _unused_,
        const uint8_t sha256[static 32] _unused_)
{
	struct Counted *c = owner;

	assert_int_equal(c->announced, c->written); /* each part is as long as was said */
	return 0;
}

static void test_sizes_are_known_before_the_first_byte(void **state)
{
	static const size_t SIZES[] = {0, 1, 511, 512, 513, 100000};
	static uint8_t bytes[100000];
	const struct Fixture *f = *state;
	const struct Certificate *all[] = {f->rsa, f->p256, f->p384};
	struct CmsRecipients recipients = {NULL, 0, all, 3};

	for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++) {
		struct Counted c = {};
		struct SealOutput output = {&c, counted_open, counted_write, counted_close};
		_cleanup_(seal_freep) struct Seal *s = NULL;
		struct TarMember m = {"name \xe3\x81\x82", SIZES[i], 5, 0};
		struct SealPlan plan;
		uint8_t sha256[32];

		assert_int_equal(seal_plan_start(&plan, "c1", 7), 0);
		plan.part_size = 2048;
		assert_int_equal(seal_plan_add(&plan, &m), 0);
		assert_int_equal(seal_plan_end(&plan), 0);
		assert_int_equal(seal_new(&plan, &recipients, &output, &s), 0);
		assert_int_equal(seal_begin(s, &m), 0);
		for (size_t at = 0; at < SIZES[i]; at += 700)
			assert_int_equal(seal_data(s, bytes + at, MIN((size_t)700, SIZES[i] - at)), 0);
		assert_int_equal(seal_end(s, sha256), 0);
		assert_int_equal(seal_finish(s), 0);
		assert_int_equal(c.parts, plan.parts);
		assert_true(c.written <= seal_plan_room(&plan, 3));
		assert_true(c.written > plan.stream_size);
	}
}

static void test_a_file_that_changes_fails_the_copy(void **state)
{
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, 29, NULL, 0};

	(void)state;
	for (int longer = 0; longer < 2; longer++) {
		struct Counted c = {};
		struct SealOutput output = {&c, counted_open, counted_write, counted_close};
		_cleanup_(seal_freep) struct Seal *s = NULL;
		struct TarMember m = {"name", 5, 5, 0};
		struct SealPlan plan;
		uint8_t sha256[32];

		assert_int_equal(seal_plan_start(&plan, "c1", 7), 0);
		assert_int_equal(seal_plan_add(&plan, &m), 0);
		assert_int_equal(seal_plan_end(&plan), 0);
		assert_int_equal(seal_new(&plan, &recipients, &output, &s), 0);
		assert_int_equal(seal_finish(s), -EPROTO); /* none of the members */
		seal_freep(&s);
		assert_int_equal(seal_new(&plan, &recipients, &output, &s), 0);
		assert_int_equal(seal_begin(s, &m), 0);
		if (longer) {
			assert_int_equal(seal_data(s, "123456", 6), FAULT_FILE_CHANGED);
		} else {
			assert_int_equal(seal_data(s, "1234", 4), 0);
			assert_int_equal(seal_end(s, sha256), FAULT_FILE_CHANGED);
		}
		assert_int_equal(seal_finish(s), -EINVAL); /* it stays broken */
	}
}

static void test_large_and_old_members_have_headers_that_tar_reads(void **state)
{
	static const struct TarMember ROWS[] = {
	        {"huge", UINT64_C(5000000000000), 1795000000, 0644},
	        {"border", UINT64_C(8589934592), 1795000000, 0600},
	        {"below", UINT64_C(8589934591), 1795000000, 0640},
	        {"old", 0, -5, 0777},
	        {"later", 0, INT64_MAX, 04644},
	};
	static const char *const SAID[] = {"-rw-r--r-- 0/0 5000000000000 ", "-rw------- 0/0 8589934592 ",
	        "-rw-r----- 0/0 8589934591 ", "-rw-r--r-- 0/0 0 1970-01-01 00:00 ",
	        "-rw-r--r-- 0/0 0 2242-03-16 12:56 "};
	const struct Fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		uint8_t header[TAR_HEADER];
		ssize_t n = tar_header(&ROWS[i], header, sizeof(header));

		assert_true(n > 0);
		fixture_write(f->dir, "header", header, (size_t)n);
		/* tar lists the member before it finds that its data is missing */
		fixture_run(f, "TZ=UTC tar -tvf header 2>/dev/null | tr -s ' ' > said");
		assert_int_equal(
		        fixture_run(f, "grep -qF -- '%s' said && grep -q '%s$' said", SAID[i], ROWS[i].name),
		        0);
	}
}

static void test_members_beyond_the_bounds_are_refused(void **state)
{
	char name[LIMIT_FILE_NAME + 1];
	struct TarMember m = {name, 1, 0, 0};
	struct SealPlan plan;

	(void)state;
	assert_int_equal(seal_plan_start(&plan, "bad id", 0), -EINVAL);
	assert_int_equal(seal_plan_start(&plan, "", 0), -EINVAL);
	assert_int_equal(seal_plan_start(&plan, "c1", 0), 0);
	memset(name, 'n', sizeof(name));
	name[LIMIT_FILE_NAME] = 0;
	assert_int_equal(seal_plan_add(&plan, &m), FAULT_NAME_TOO_LONG);
	name[256] = 0; /* one component */
	assert_int_equal(seal_plan_add(&plan, &m), FAULT_NAME_TOO_LONG);
	strcpy(name, SUMS_NAME);
	assert_int_equal(seal_plan_add(&plan, &m), FAULT_NAME_TWICE);
	strcpy(name, "a");
	m.size = UINT64_MAX;
	assert_int_equal(seal_plan_add(&plan, &m), FAULT_TOO_MANY);
	m.size = (uint64_t)PARTS_MAX * PART_SIZE;
	assert_int_equal(seal_plan_add(&plan, &m), FAULT_TOO_MANY);
}

/* ---- passwords */

static void test_made_passwords_have_the_form_shown_and_differ(void **state)
{
	char a[PASSWORD_SHOWN], b[PASSWORD_SHOWN], again[PASSWORD_SHOWN];
	unsigned int seen[256] = {};

	(void)state;
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(password_make(a), 0);
		assert_int_equal(strlen(a), 29);
		for (size_t j = 0; j < 29; j++) {
			assert_int_equal(a[j] == '-', j % 6 == 5);
			seen[(uint8_t)a[j]]++;
		}
		assert_int_equal(password_normalise(a, strlen(a), again), 0);
		assert_string_equal(a, again);
	}
	assert_int_equal(password_make(b), 0);
	assert_string_not_equal(a, b);
	/* 50,000 letters over 32: each 1562 times, give or take seven standard deviations */
	for (const char *p = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; *p; p++)
		assert_in_range(seen[(uint8_t)*p], 1290, 1840);
}

static void test_only_what_can_be_ours_is_normalised(void **state)
{
	static const char *const BAD[] = {"", "7KQ2M-0ZBXW-93HTN-RFC5V-D8G1",
	        "7KQ2M-0ZBXW-93HTN-RFC5V-D8G1EE", "7KQ2M-0ZBXW-93HTN-RFC5V-D8G1U",
	        "7KQ2M_0ZBXW_93HTN_RFC5V_D8G1E", "7KQ2M-0ZBXW-93HTN-RFC5V-D8G1\xc3\x89"};
	char shown[PASSWORD_SHOWN] = "untouched";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
		assert_int_equal(password_normalise(BAD[i], strlen(BAD[i]), shown), -EINVAL);
	assert_string_equal(shown, "untouched");
	assert_int_equal(password_normalise("7KQ2M-0ZBXW-93HTN-RFC5V-D8G1\0", 29, shown), -EINVAL);
	assert_int_equal(password_normalise("oIl00 00000-00000-00000-00000", 29, shown), 0);
	assert_string_equal(shown, "01100-00000-00000-00000-00000");
}

struct Own {
	const char *password;
	size_t least;
	int fault;
	size_t wanted;
};

static void own_passwords_are(const struct Own *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t wanted = 99;
		int fault = password_check(rows[i].password, rows[i].least, &wanted);

		if (fault != rows[i].fault || wanted != rows[i].wanted)
			fail_msg("\"%s\" at %zu: %s, %zu", rows[i].password, rows[i].least,
			        fault_row(fault)->code, wanted);
	}
}

static void test_own_passwords_are_long_or_refused(void **state)
{
	static const struct Own ROWS[] = {
	        {"Nineteen characters", 20, FAULT_SHORT_PASSWORD, 20},
	        {"Twenty characters ok", 20, FAULT_OK, 28},
	        {"Twenty characters ok", 21, FAULT_SHORT_PASSWORD, 21},
	        {"Twelve is ok", 12, FAULT_OK, 20},
	        /* what no policy may go below */
	        {"Eleven ones", 0, FAULT_SHORT_PASSWORD, 12},
	        /* seven kanji are 21 bytes, but seven characters */
	        {"\xe5\x80\x8b\xe4\xba\xba\xe7\x95\xaa\xe5\x8f\xb7\xe4\xb8\x80\xe8\xa6\xa7\xe8\xa1\xa8", 20,
	                FAULT_SHORT_PASSWORD, 20},
	        {"with a\nnewline in the middle", 20, FAULT_PASSWORD_TEXT, 0},
	        {"not utf-8 \xff but long enough", 20, FAULT_PASSWORD_TEXT, 0},
	        {"", 20, FAULT_PASSWORD_TEXT, 0},
	};
	char longest[PASSWORD_SIZE + 1];
	size_t wanted;

	(void)state;
	own_passwords_are(ROWS, ARRAY_SIZE(ROWS));
	for (size_t i = 0; i < PASSWORD_SIZE; i++)
		longest[i] = (char)('0' + (i * 7 + i / 75 * 3) % 75);
	longest[PASSWORD_SIZE] = '\0';
	assert_int_equal(password_check(longest, 20, &wanted), FAULT_PASSWORD_TEXT);
	longest[PASSWORD_SIZE - 1] = '\0';
	assert_int_equal(password_check(longest, 20, &wanted), 0);
}

static void test_own_passwords_mix_three_kinds_or_are_phrases(void **state)
{
	static const struct Own ROWS[] = {
	        {"twenty characters ok", 20, FAULT_PASSWORD_KINDS, 28},
	        {"correct horse battery staple", 20, FAULT_OK, 28},
	        {"correct horse battery stapl", 20, FAULT_PASSWORD_KINDS, 28},
	        {"correct horse battery staple", 24, FAULT_PASSWORD_KINDS, 32},
	        {"correct horse battery 5 ok", 24, FAULT_OK, 32},
	        {"83015926470285196037", 20, FAULT_PASSWORD_KINDS, 28},
	        {"8301592647028519603746", 12, FAULT_OK, 20},
	        {"tR8xw2Qm9Lz4", 12, FAULT_OK, 20},
	        /* letters of other scripts are a kind as well */
	        {"秘密の鍵は 7 つ目の本です", 12, FAULT_OK, 20},
	        {"秘密の鍵は七つ目の本です", 12, FAULT_PASSWORD_KINDS, 20},
	};

	(void)state;
	own_passwords_are(ROWS, ARRAY_SIZE(ROWS));
}

static void test_own_passwords_of_the_same_few_characters_are_refused(void **state)
{
	static const struct Own ROWS[] = {
	        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 20, FAULT_WEAK_PASSWORD, 28},
	        {"abababababababababababababab", 20, FAULT_WEAK_PASSWORD, 28},
	        {"aA1aA1aA1aA1aA1aA1aA1", 20, FAULT_WEAK_PASSWORD, 28},
	        /* eight different ones, but one piece three times over */
	        {"kQ7xT2mW kQ7xT2mW kQ7xT2mW ", 20, FAULT_WEAK_PASSWORD, 28},
	        {"kQ7xT2mW kQ7xT2mW kQ7xT2m", 20, FAULT_WEAK_PASSWORD, 28},
	        {"kQ7xT2mW kQ7xT2mW kQ7xT3mW", 20, FAULT_OK, 28},
	        /* rows of the alphabet and the digits, up and down */
	        {"Abcdefghijklmnopqrstuvwxyz 123456789", 20, FAULT_WEAK_PASSWORD, 28},
	        {"9876543210 zyxwvutsrqponmlkjihgfedcba", 20, FAULT_WEAK_PASSWORD, 28},
	};

	(void)state;
	own_passwords_are(ROWS, ARRAY_SIZE(ROWS));
}

/* ---- certificates */

struct CertificateRow {
	const char *make; /* openssl req -x509 … */
	const char *flaw; /* a word of the reason, NULL: it is good */
};

static void test_certificates_are_checked_before_use(void **state)
{
	static const struct CertificateRow ROWS[] = {
	        {"-newkey rsa:3072", NULL},
	        {"-newkey rsa:2048", "3072"},
	        {"-newkey ec -pkeyopt ec_paramgen_curve:P-256", NULL},
	        {"-newkey ec -pkeyopt ec_paramgen_curve:P-521", "P-256"},
	        {"-newkey ec -pkeyopt ec_paramgen_curve:secp256k1", "P-256"},
	        {"-newkey ed25519", "P-256"},
	        {"-newkey rsa-pss -pkeyopt rsa_keygen_bits:3072", "RSA"},
	        {"-newkey rsa:3072 -addext keyUsage=digitalSignature", "not for encryption"},
	        {"-newkey rsa:3072 -addext keyUsage=keyEncipherment", NULL},
	        {"-newkey ec -pkeyopt ec_paramgen_curve:P-256 -addext keyUsage=keyEncipherment",
	                "not for encryption"},
	        {"-newkey ec -pkeyopt ec_paramgen_curve:P-384 -addext keyUsage=keyAgreement", NULL},
	        {"-newkey ec -pkeyopt ec_paramgen_curve:P-256 -addext 1.2.3.4=critical,DER:0500",
	                "not understood"},
	};
	const struct Fixture *f = *state;
	int64_t now = 0, day = 86400000;

	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		_cleanup_(certificate_freep) struct Certificate *c = NULL, *der = NULL, *late = NULL;
		_cleanup_free_ uint8_t *pem = NULL, *raw = NULL;
		const char *reason = NULL;
		size_t n, raw_n;
		int r;

		assert_int_equal(fixture_run(f,
		                         "openssl req -x509 -nodes -keyout t.key -out t.crt -subj /CN=t "
		                         "-days 30 %s && "
		                         "openssl x509 -in t.crt -outform DER -out t.der",
		                         ROWS[i].make),
		        0);
		pem = fixture_read(f->dir, "t.crt", &n);
		raw = fixture_read(f->dir, "t.der", &raw_n);
		now = (int64_t)time(NULL) * 1000;
		r = certificate_read(pem, n, now, &c, &reason);
		assert_int_equal(r, ROWS[i].flaw ? FAULT_BAD_CERTIFICATE : 0);
		assert_int_equal(certificate_read(raw, raw_n, now, &der, &reason), r);
		if (ROWS[i].flaw) {
			assert_non_null(strstr(reason, ROWS[i].flaw));
			continue;
		}
		assert_int_equal(
		        certificate_read(pem, n, now + 31 * day, &late, &reason), FAULT_BAD_CERTIFICATE);
		assert_non_null(strstr(reason, "expired"));
		assert_int_equal(certificate_read(pem, n, now - day, &late, &reason), FAULT_BAD_CERTIFICATE);
		assert_non_null(strstr(reason, "yet"));
		assert_int_equal(
		        certificate_read(raw, raw_n - 1, now, &late, &reason), FAULT_BAD_CERTIFICATE);
	}
	/* two in one file: which one is meant? */
	assert_int_equal(fixture_run(f, "cat rsa.crt p256.crt > two.crt"), 0);
	{
		struct Certificate *c = NULL;
		const char *reason = NULL;
		size_t n;
		_cleanup_free_ uint8_t *pem = fixture_read(f->dir, "two.crt", &n);

		assert_int_equal(certificate_read(pem, n, now, &c, &reason), FAULT_BAD_CERTIFICATE);
		assert_int_equal(certificate_read(pem, 0, now, &c, &reason), FAULT_BAD_CERTIFICATE);
		assert_int_equal(certificate_read("garbage", 7, now, &c, &reason), FAULT_BAD_CERTIFICATE);
		assert_null(c);
	}
}

static void test_open_txt_says_nothing_it_was_not_told(void **state)
{
	struct OpenFacts facts = {"c1", "evil\x1b[2J\nrm -rf ~", "t\r\n    (", true, true};
	char text[OPEN_TEXT];
	ssize_t n = open_text(&facts, text, sizeof(text));

	(void)state;
	assert_true(n > 0);
	assert_null(memchr(text, '\x1b', (size_t)n));
	assert_null(memchr(text, '\r', (size_t)n));
	assert_null(memmem(text, (size_t)n, "\nrm", 3));
	assert_non_null(memmem(text, (size_t)n, "pwri_password", 13));
	assert_non_null(memmem(text, (size_t)n, "-inkey", 6));
	facts.certificate = false;
	n = open_text(&facts, text, sizeof(text));
	assert_null(memmem(text, (size_t)n, "-inkey", 6));
	facts.password = false;
	assert_int_equal(open_text(&facts, text, sizeof(text)), -EINVAL);
	facts.password = true;
	assert_int_equal(open_text(&facts, text, 100), -E2BIG);
	facts.copy = "c1; rm -rf ~";
	assert_int_equal(open_text(&facts, text, sizeof(text)), -EINVAL);
}

/* ---- docs/container.md's vector: random bytes are 00 01 02 … in the order they are asked for */

static bool counting;
static uint8_t counter;

int __real_crypto_random(void *ret, size_t n);
int __wrap_crypto_random(void *ret, size_t n);

int __wrap_crypto_random(void *ret, size_t n)
{
	if (!counting)
		return __real_crypto_random(ret, n);
	for (size_t i = 0; i < n; i++)
		((uint8_t *)ret)[i] = counter++;
	return 0;
}

/* The document's block of hex between its two lines. */
static size_t vector_read(uint8_t *ret, size_t size)
{
	FILE *doc = fopen("docs/container.md", "re");
	char line[512];
	bool on = false;
	size_t n = 0;

	assert_non_null(doc);
	while (fgets(line, sizeof(line), doc)) {
		size_t length = strcspn(line, "\n");

		if (strncmp(line, "```", 3) == 0) {
			if (on)
				break;
			on = strncmp(line, "```vector", 9) == 0;
		} else if (on) {
			assert_true(n + length / 2 <= size);
			assert_int_equal(hex_decode(line, length, ret + n, length / 2), 0);
			n += length / 2;
		}
	}
	fclose(doc);
	return n;
}

static void test_the_document_s_vector_is_what_is_written(void **state)
{
	static const char PLAIN[] = "mediagate\n";
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), NULL, 0};
	_cleanup_(cms_writer_freep) struct CmsWriter *w = NULL;
	uint8_t made[1024], wanted[1024];
	const uint8_t *header;
	size_t n;

	(void)state;
	counting = true;
	counter = 0;
	assert_int_equal(cms_writer_new(&recipients, &w), 0);
	assert_int_equal(cms_part_start(w, strlen(PLAIN), &header, &n), 0);
	counting = false;
	memcpy(made, header, n);
	assert_int_equal(cms_part_update(w, PLAIN, strlen(PLAIN), made + n), 0);
	n += strlen(PLAIN);
	assert_int_equal(cms_part_end(w, made + n), 0);
	n += CMS_TAIL;
	if (getenv("FIXTURE_PRINT")) {
		char hex[2049];

		hex_encode(made, n, hex);
		print_message("%s\n", hex);
	}
	assert_int_equal(vector_read(wanted, sizeof(wanted)), n);
	assert_memory_equal(made, wanted, n);
}

static void test_the_key_wrap_refuses_a_wrong_key(void **state)
{
	uint8_t kek[32] = {1}, iv[16] = {2}, key[32] = {3}, wrapped[PWRI_WRAPPED], out[32];
	int passed = 0;

	(void)state;
	assert_int_equal(pwri_wrap(kek, iv, key, wrapped), 0);
	assert_int_equal(pwri_unwrap(kek, iv, wrapped, out), 0);
	assert_memory_equal(key, out, 32);
	for (int i = 0; i < 1000; i++) {
		kek[i % 32]++;
		passed += pwri_unwrap(kek, iv, wrapped, out) == 0;
	}
	assert_int_equal(passed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_part_names_have_one_width_and_one_spelling),
	        cmocka_unit_test(test_parts_are_counted),
	        cmocka_unit_test(test_lines_are_as_sha256sum_writes_them),
	        cmocka_unit_test(test_der_lengths_are_minimal_and_bounded),
	        cmocka_unit_test(test_sizes_are_known_before_the_first_byte),
	        cmocka_unit_test(test_a_file_that_changes_fails_the_copy),
	        cmocka_unit_test(test_large_and_old_members_have_headers_that_tar_reads),
	        cmocka_unit_test(test_members_beyond_the_bounds_are_refused),
	        cmocka_unit_test(test_made_passwords_have_the_form_shown_and_differ),
	        cmocka_unit_test(test_only_what_can_be_ours_is_normalised),
	        cmocka_unit_test(test_own_passwords_are_long_or_refused),
	        cmocka_unit_test(test_own_passwords_mix_three_kinds_or_are_phrases),
	        cmocka_unit_test(test_own_passwords_of_the_same_few_characters_are_refused),
	        cmocka_unit_test(test_certificates_are_checked_before_use),
	        cmocka_unit_test(test_open_txt_says_nothing_it_was_not_told),
	        cmocka_unit_test(test_the_document_s_vector_is_what_is_written),
	        cmocka_unit_test(test_the_key_wrap_refuses_a_wrong_key),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_end);
}
