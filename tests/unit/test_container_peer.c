/* SPDX-License-Identifier: Apache-2.0 */
/* The stock tools are the peer: what we make, openssl, tar and sha256sum open as OPEN.txt says, and what
   openssl makes for certificates opens here. */
#include "container_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { WITH_PASSWORD = 1, WITH_RSA = 2, WITH_P256 = 4, WITH_P384 = 8 };

static int seal_for(const struct Fixture *f, const char *folder, const struct FixtureFile *files, size_t n,
        uint64_t part_size, int with)
{
	const struct Certificate *all[3] = {};
	size_t certificates = 0;

	if (with & WITH_RSA)
		all[certificates++] = f->rsa;
	if (with & WITH_P256)
		all[certificates++] = f->p256;
	if (with & WITH_P384)
		all[certificates++] = f->p384;
	return fixture_seal(f, folder, files, n, part_size, with & WITH_PASSWORD, all, certificates);
}

static void assert_ours_opens(
        const struct Fixture *f, int dir, const struct FixtureFile *files, size_t n, int with)
{
	static const char *const KEYS[] = {"rsa.key", "p256.key", "p384.key"};

	if (with & WITH_PASSWORD) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};

		assert_int_equal(fixture_unseal(dir, &keys, files, n), 0);
		cms_keys_done(&keys);
	}
	for (int i = 0; i < 3; i++) {
		_cleanup_(private_key_freep) struct PrivateKey *key = fixture_key(f, KEYS[i]);
		struct CmsKeys keys = {.key = key};

		assert_int_equal(
		        fixture_unseal(dir, &keys, files, n), with & (WITH_RSA << i) ? 0 : FAULT_WRONG_KEY);
		cms_keys_done(&keys);
	}
}

/* Exactly the commands of OPEN.txt, the n-th parenthesis, by dash. */
static int run_open_text(const struct Fixture *f, const char *folder, int nth, const char *answers)
{
	return fixture_run(f,
	        "cd '%s' && awk '/^    \\($/ {n++; on = n == %d} on {print} /^    \\)$/ {on = 0}' OPEN.txt > "
	        "../run && "
	        "test -s ../run && printf '%s' | dash ../run",
	        folder, nth, answers);
}

static void assert_stock_opens(
        const struct Fixture *f, const char *folder, const struct FixtureFile *files, size_t n, int with)
{
	static const char *const NAMES[] = {"rsa", "p256", "p384"};
	int nth = 1;

	if (with & WITH_PASSWORD) {
		assert_int_equal(run_open_text(f, folder, nth++, FIXTURE_PASSWORD "\\n"), 0);
		for (size_t i = 0; i < n; i++) {
			char path[2048];
			size_t size;
			uint8_t *bytes;

			snprintf(path, sizeof(path), "mediagate-" FIXTURE_COPY "/%s", files[i].name);
			bytes = fixture_read(f->dir, path, &size);
			assert_int_equal(size, files[i].size);
			assert_memory_equal(bytes, files[i].bytes, size);
			free(bytes);
		}
		assert_int_equal(fixture_run(f, "rm -r mediagate-*"), 0);
	}
	for (int i = 0; i < 3; i++) {
		char answers[256];

		if (!(with & (WITH_RSA << i)))
			continue;
		snprintf(answers, sizeof(answers), "%s/%s.crt\\n%s/%s.key\\n", f->path, NAMES[i], f->path,
		        NAMES[i]);
		assert_int_equal(run_open_text(f, folder, nth, answers), 0);
		/* sha256sum has compared the content */
		assert_int_equal(
		        fixture_run(f, "test $(find mediagate-* -type f -printf x | wc -c) = %zu", n + 1), 0);
		assert_int_equal(fixture_run(f, "rm -r mediagate-*"), 0);
	}
}

static void test_every_size_opens_for_every_recipient_by_stock_tools_and_by_us(void **state)
{
	static const int WITH[] = {WITH_PASSWORD, WITH_RSA, WITH_P256, WITH_P384,
	        WITH_PASSWORD | WITH_RSA | WITH_P256 | WITH_P384};
	/* a part of 8 KiB; the tar around one file takes 2560 and padding */
	static const size_t SIZES[] = {0, 1, 5632, 5633, 8191, 8192, 8193, 40000};
	const struct Fixture *f = *state;
	_cleanup_free_ uint8_t *bytes = malloc(40000);

	fixture_fill(bytes, 40000, 1);
	for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++)
		for (size_t j = 0; j < ARRAY_SIZE(WITH); j++) {
			struct FixtureFile file = {"data.bin", bytes, SIZES[i]};
			int dir = seal_for(f, "copy", &file, 1, 8192, WITH[j]);

			assert_ours_opens(f, dir, &file, 1, WITH[j]);
			/* the tools take their time: every recipient on every second size */
			if (i % 2 == 0 || j == 0)
				assert_stock_opens(f, "copy", &file, 1, WITH[j]);
			fd_close(dir);
			assert_int_equal(fixture_run(f, "rm -r copy"), 0);
		}
}

static void test_part_borders_at_64_mib_open_by_stock_tools(void **state)
{
	const struct Fixture *f = *state;
	/* 2560 bytes of tar around the data */
	static const size_t SIZES[] = {
	        PART_SIZE - 2560 - 1, PART_SIZE - 2560, PART_SIZE - 2560 + 1, PART_SIZE + 1};
	static const uint32_t PARTS[] = {1, 1, 2, 2};
	_cleanup_free_ uint8_t *bytes = malloc(PART_SIZE + 1);

	assert_non_null(bytes);
	fixture_fill(bytes, PART_SIZE + 1, 2);
	for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++) {
		struct FixtureFile file = {"big", bytes, SIZES[i]};
		int dir = seal_for(f, "copy", &file, 1, 0, WITH_PASSWORD);
		struct Folder folder;

		assert_int_equal(folder_look(dir, NULL, &folder), 0);
		assert_int_equal(folder.parts, PARTS[i]);
		assert_stock_opens(f, "copy", &file, 1, WITH_PASSWORD);
		fd_close(dir);
		assert_int_equal(fixture_run(f, "rm -r copy"), 0);
	}
}

static void test_odd_names_keep_their_bytes(void **state)
{
	const struct Fixture *f = *state;
	char long_name[LIMIT_FILE_NAME];
	struct FixtureFile files[] = {
	        {"\xe5\x80\x8b\xe4\xba\xba\xe7\x95\xaa\xe5\x8f\xb7\xe4\xb8\x80\xe8\xa6\xa7.csv", "a",
	                1}, /* 個人番号一覧 */
	        {"line\nbreak", "b", 1},
	        {"back\\slash", "c", 1},
	        {"return\rinside", "d", 1},
	        {"-n", "e", 1},
	        {" leading and trailing ", "f", 1},
	        {"*?[a]$(id)", "g", 1},
	        {"\x83\x54\x83\x93.txt", "h", 1}, /* Shift_JIS */
	        {"folder/\xe8\xa1\xa8/inner.txt", "i", 1},
	        {long_name, "j", 1},
	        {"~", "k", 1},
	        {"# copy x", "l", 1},
	};
	int dir;

	memset(long_name, 'x', sizeof(long_name));
	for (size_t i = 200; i < sizeof(long_name); i += 200)
		long_name[i] = '/';
	long_name[sizeof(long_name) - 1] = 0;
	dir = seal_for(f, "copy", files, ARRAY_SIZE(files), 0, WITH_PASSWORD | WITH_P256);
	assert_ours_opens(f, dir, files, ARRAY_SIZE(files), WITH_PASSWORD | WITH_P256);
	assert_stock_opens(f, "copy", files, ARRAY_SIZE(files), WITH_PASSWORD | WITH_P256);
	fd_close(dir);
	assert_int_equal(fixture_run(f, "rm -r copy"), 0);
}

static void test_ten_thousand_files_open(void **state)
{
	const struct Fixture *f = *state;
	static struct FixtureFile files[10000];
	static char names[10000][16];
	int dir;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(names[i], sizeof(names[i]), "d%zu/f%zu", i % 100, i);
		files[i] = (struct FixtureFile){names[i], names[i], i % 7};
	}
	dir = seal_for(f, "copy", files, ARRAY_SIZE(files), 1u << 20, WITH_PASSWORD);
	assert_stock_opens(f, "copy", files, ARRAY_SIZE(files), WITH_PASSWORD);
	fd_close(dir);
	assert_int_equal(fixture_run(f, "rm -r copy"), 0);
}

/* Long: only when MEDIAGATE_SOAK is set. Needs 16 GB below /tmp. */
static void test_five_gigabytes_open_by_stock_tools_and_by_us(void **state)
{
	static const uint64_t SIZE = 5000000000;
	const struct Fixture *f = *state;
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
	_cleanup_free_ uint8_t *note = NULL;
	_cleanup_fd_ int dir = -1;
	struct UnsealWhere where;
	struct TarTally tally;
	struct Folder folder;
	size_t size;

	if (!getenv("MEDIAGATE_SOAK"))
		skip();
	dir = fixture_seal_big(f, "copy", SIZE);
	assert_int_equal(folder_look(dir, NULL, &folder), 0);
	assert_int_equal(folder.parts, 75);
	note = fixture_read(dir, FIXTURE_COPY ".note", &size);
	size = note_text_size((const char *)note, size);
	assert_int_equal(unseal_folder(&(struct SealedFolder){dir, &folder, (const char *)note, size}, &keys,
	                         NULL, &tally, &where),
	        0);
	assert_true(tally.bytes == SIZE && tally.files == 1);
	assert_int_equal(run_open_text(f, "copy", 1, FIXTURE_PASSWORD "\\n"), 0);
	assert_int_equal(fixture_run(f, "test $(stat -c %%s mediagate-*/big) = 5000000000"), 0);
	assert_int_equal(fixture_run(f, "rm -r copy mediagate-*"), 0);
}

static void test_a_copy_of_nothing_opens(void **state)
{
	const struct Fixture *f = *state;
	int dir = seal_for(f, "copy", NULL, 0, 0, WITH_PASSWORD);
	struct CmsKeys keys = {.password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};

	assert_int_equal(fixture_unseal(dir, &keys, NULL, 0), 0);
	fd_close(dir);
	assert_int_equal(fixture_run(f, "rm -r copy"), 0);
}

/* The commands refuse and leave nothing. */
static void test_stock_commands_keep_nothing_of_a_bad_copy(void **state)
{
	static const char *const HARM[] = {
	        "cp a-2 t && mv a-3 a-2 && mv t a-3", /* swapped */
	        "cp a-2 a-3",                         /* doubled */
	        "rm a-3",                             /* dropped */
	        "truncate -s -1 a-3",
	        "printf x >> a-1", /* APPENDED */
	        "printf x | dd of=a-2 bs=1 seek=5000 conv=notrunc",
	};
	const struct Fixture *f = *state;
	enum { APPENDED = 4 };
	_cleanup_free_ uint8_t *bytes = malloc(40000);
	struct FixtureFile file = {"data.bin", bytes, 40000};

	fixture_fill(bytes, 40000, 3);
	for (size_t i = 0; i < ARRAY_SIZE(HARM); i++) {
		struct CmsKeys keys = {
		        .password = FIXTURE_PASSWORD, .password_size = strlen(FIXTURE_PASSWORD)};
		int r, dir = seal_for(f, "copy", &file, 1, 8192, WITH_PASSWORD);

		/* short names for the harm, the true ones again after it */
		assert_int_equal(
		        fixture_run(f,
		                "cd copy && for i in 1 2 3; do mv *-00${i}of* a-$i; done && { %s; } && "
		                "for i in 1 2 3; do test ! -e a-$i || mv a-$i " FIXTURE_COPY
		                "-00${i}of006.p7m; done",
		                HARM[i]),
		        0);
		assert_int_not_equal(run_open_text(f, "copy", 1, FIXTURE_PASSWORD "\\n"), 0);
		assert_int_equal(fixture_run(f, "test ! -e mediagate-" FIXTURE_COPY), 0);
		r = fixture_unseal(dir, &keys, &file, 1);
		assert_true(r == FAULT_DAMAGED || r == FAULT_INCOMPLETE);
		/* without the note, tags and SHA256SUMS still tell; the stock tool forgives bytes after the
		 * end */
		assert_int_equal(fixture_run(f, "cd copy && sed -i /grep/d OPEN.txt"), 0);
		assert_int_equal(run_open_text(f, "copy", 1, FIXTURE_PASSWORD "\\n") == 0, i == APPENDED);
		fixture_run(f, "rm -rf mediagate-*");
		fd_close(dir);
		assert_int_equal(fixture_run(f, "rm -r copy"), 0);
	}
}

static void test_a_wrong_password_is_told_from_damage(void **state)
{
	const struct Fixture *f = *state;
	struct FixtureFile file = {"data.bin", "secret", 6};
	struct CmsKeys wrong = {.password = "0000000000000000000000000", .password_size = 25};
	int dir = seal_for(f, "copy", &file, 1, 8192, WITH_PASSWORD);

	assert_int_equal(fixture_unseal(dir, &wrong, &file, 1), FAULT_WRONG_PASSWORD);
	assert_int_not_equal(run_open_text(f, "copy", 1, "wrong\\n"), 0);
	assert_int_equal(fixture_run(f, "test ! -e mediagate-" FIXTURE_COPY), 0);
	/* damage inside the wrapped key looks like a wrong password, but the note knows better */
	assert_int_equal(
	        fixture_run(f, "cd copy && printf '\\377\\377\\377\\377' | dd of=$(ls *001of*) bs=1 seek=140 "
	                       "conv=notrunc"),
	        0);
	assert_int_equal(fixture_unseal(dir, &wrong, &file, 1), FAULT_DAMAGED);
	cms_keys_done(&wrong);
	fd_close(dir);
	assert_int_equal(fixture_run(f, "rm -r copy"), 0);
}

static void test_a_generated_password_may_be_typed_carelessly(void **state)
{
	static const char *const TYPED[] = {FIXTURE_PASSWORD, "7kq2m-0zbxw-93htn-rfc5v-d8g1e",
	        "7KQ2M0ZBXW93HTNRFC5VD8G1E", " 7kq2m oZbxw 93htn rfc5v d8gLe ",
	        "7KQ2M-OZBXW-93HTN-RFC5V-D8GIE"};
	const struct Fixture *f = *state;
	struct FixtureFile file = {"data.bin", "secret", 6};
	int dir = seal_for(f, "copy", &file, 1, 1024, WITH_PASSWORD);

	for (size_t i = 0; i < ARRAY_SIZE(TYPED); i++) {
		struct CmsKeys keys = {.password = TYPED[i], .password_size = strlen(TYPED[i])};

		assert_int_equal(fixture_unseal(dir, &keys, &file, 1), 0);
		cms_keys_done(&keys);
	}
	fd_close(dir);
	assert_int_equal(fixture_run(f, "rm -r copy"), 0);
}

/* ---- messages of the stock tool */

static int sink_compare(void *owner, const void *bytes, size_t n)
{
	FILE *expected = owner;
	_cleanup_free_ uint8_t *there = malloc(n + 1);

	return fread(there, 1, n, expected) == n && memcmp(there, bytes, n) == 0 ? 0 : 77;
}

static int read_message(const struct Fixture *f, const char *name, struct CmsKeys *keys, const char *plain)
{
	_cleanup_(cms_reader_freep) struct CmsReader *reader = NULL;
	_cleanup_fd_ int fd = openat(f->dir, name, O_RDONLY | O_CLOEXEC);
	struct CmsSource source = {&fd, cms_source_fd};
	char path[128];
	FILE *expected;
	int r;

	snprintf(path, sizeof(path), "%s/%s", f->path, plain);
	expected = fopen(path, "re");
	assert_non_null(expected);
	assert_int_equal(cms_reader_new(&reader), 0);
	r = cms_read(reader, &source, keys, sink_compare, expected);
	if (r == 0)
		assert_int_equal(fgetc(expected), EOF);
	fclose(expected);
	return r;
}

struct StockRow {
	const char *options;
	const char *key;
	int outcome;
};

static void test_stock_messages_for_certificates_open_here_and_others_do_not(void **state)
{
#define OAEP "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"
#define KDF  "-keyopt ecdh_kdf_md:sha256"
	static const struct StockRow ROWS[] = {
	        {"-aes-256-gcm -recip rsa.crt " OAEP, "rsa.key", 0},
	        {"-aes-256-gcm -stream -recip rsa.crt " OAEP, "rsa.key", 0},
	        {"-aes-256-gcm -keyid -recip rsa.crt " OAEP, "rsa.key", 0},
	        {"-aes-256-gcm -recip p256.crt " KDF, "p256.key", 0},
	        {"-aes-256-gcm -stream -recip p256.crt " KDF, "p256.key", 0},
	        {"-aes-256-gcm -keyid -recip p384.crt " KDF, "p384.key", 0},
	        {"-aes-256-gcm -stream -recip p384.crt " KDF, "p384.key", 0},
	        {"-aes-256-gcm -recip p256.crt " KDF " -recip rsa.crt " OAEP, "rsa.key", 0},
	        {"-aes-256-gcm -recip p256.crt " KDF " -recip p384.crt " KDF, "p384.key", 0},
	        {"-aes-256-gcm -recip p256.crt " KDF, "rsa.key", FAULT_WRONG_KEY},
	        {"-aes-256-gcm -recip p256.crt " KDF, "p384.key", FAULT_WRONG_KEY},
	        /* not the profile: PKCS#1 v1.5, SHA-1 in OAEP and KDF, shorter keys, no authentication */
	        {"-aes-256-gcm -recip rsa.crt", "rsa.key", FAULT_DAMAGED},
	        {"-aes-256-gcm -recip rsa.crt -keyopt rsa_padding_mode:oaep", "rsa.key", FAULT_DAMAGED},
	        {"-aes-256-gcm -recip p256.crt", "p256.key", FAULT_DAMAGED},
	        {"-aes-128-gcm -recip p256.crt " KDF, "p256.key", FAULT_DAMAGED},
	        {"-aes-256-cbc -recip p256.crt " KDF, "p256.key", FAULT_DAMAGED},
	};
	static const size_t SIZES[] = {0, 1, 300000};
	const struct Fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++) {
		assert_int_equal(fixture_run(f, "head -c %zu /dev/urandom > plain", SIZES[i]), 0);
		for (size_t j = 0; j < ARRAY_SIZE(ROWS); j++) {
			_cleanup_(private_key_freep) struct PrivateKey *key = fixture_key(f, ROWS[j].key);
			struct CmsKeys keys = {.key = key};
			int r;

			/* the stock tool cannot make an empty message in pieces */
			if (SIZES[i] == 0 && strstr(ROWS[j].options, "-stream"))
				continue;
			assert_int_equal(fixture_run(f,
			                         "openssl cms -encrypt -binary -outform DER -in plain -out "
			                         "stock.p7m %s",
			                         ROWS[j].options),
			        0);
			r = read_message(f, "stock.p7m", &keys, "plain");
			if (r != ROWS[j].outcome)
				print_message("%zu bytes, %s: %d\n", SIZES[i], ROWS[j].options, r);
			assert_int_equal(r, ROWS[j].outcome);
			cms_keys_done(&keys);
		}
	}
}

static int ask_passphrase(void *owner, char *ret, size_t size _unused_)
{
	strcpy(ret, owner);
	return (int)strlen(owner);
}

static void test_a_key_under_a_passphrase_opens_only_with_it(void **state)
{
	const struct Fixture *f = *state;
	_cleanup_(private_key_freep) struct PrivateKey *key = NULL;
	_cleanup_free_ uint8_t *pem = NULL;
	char right[] = "open sesame", wrong[] = "open barley";
	size_t n;

	assert_int_equal(
	        fixture_run(f, "openssl pkey -in p256.key -aes256 -passout 'pass:%s' -out locked.key", right),
	        0);
	pem = fixture_read(f->dir, "locked.key", &n);
	assert_int_equal(private_key_read(pem, n, NULL, NULL, &key), CRYPTO_REFUSED);
	assert_int_equal(private_key_read(pem, n, ask_passphrase, wrong, &key), CRYPTO_REFUSED);
	assert_null(key);
	assert_int_equal(private_key_read(pem, n, ask_passphrase, right, &key), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_size_opens_for_every_recipient_by_stock_tools_and_by_us),
	        cmocka_unit_test(test_part_borders_at_64_mib_open_by_stock_tools),
	        cmocka_unit_test(test_odd_names_keep_their_bytes),
	        cmocka_unit_test(test_ten_thousand_files_open),
	        cmocka_unit_test(test_a_copy_of_nothing_opens),
	        cmocka_unit_test(test_five_gigabytes_open_by_stock_tools_and_by_us),
	        cmocka_unit_test(test_stock_commands_keep_nothing_of_a_bad_copy),
	        cmocka_unit_test(test_a_wrong_password_is_told_from_damage),
	        cmocka_unit_test(test_a_generated_password_may_be_typed_carelessly),
	        cmocka_unit_test(test_stock_messages_for_certificates_open_here_and_others_do_not),
	        cmocka_unit_test(test_a_key_under_a_passphrase_opens_only_with_it),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_end);
}
