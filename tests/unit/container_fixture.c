/* SPDX-License-Identifier: Apache-2.0 */
#include "container_fixture.h"
#include "file.h"
#include "hex.h"
#include "open_txt.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1795000000000 /* 2026-11-18: inside the certificates' time, whatever the clock says */

static struct Certificate *fixture_certificate(const struct Fixture *f, const char *name)
{
	struct Certificate *c = NULL;
	const char *reason = NULL;
	size_t n;
	uint8_t *pem = fixture_read(f->dir, name, &n);

	assert_int_equal(certificate_read(pem, n, (int64_t)time(NULL) * 1000, &c, &reason), 0);
	free(pem);
	return c;
}

struct PrivateKey *fixture_key(const struct Fixture *f, const char *name)
{
	struct PrivateKey *k = NULL;
	size_t n;
	uint8_t *pem = fixture_read(f->dir, name, &n);

	assert_int_equal(private_key_read(pem, n, NULL, NULL, &k), 0);
	free(pem);
	return k;
}

int fixture_start(void **state)
{
	struct Fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->path, "/tmp/container-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->dir >= 0);
	assert_int_equal(crypto_prepare(), 0);
	assert_int_equal(
	        fixture_run(f, "openssl req -x509 -newkey rsa:3072 -nodes -keyout rsa.key -out rsa.crt "
	                       "-subj '/O=Office/CN=rsa' -days 3650"),
	        0);
	for (int curve = 256; curve <= 384; curve += 128)
		assert_int_equal(fixture_run(f,
		                         "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-%d "
		                         "-nodes -keyout p%d.key -out p%d.crt -subj '/CN=p%d' -days 3650",
		                         curve, curve, curve, curve),
		        0);
	f->rsa = fixture_certificate(f, "rsa.crt");
	f->p256 = fixture_certificate(f, "p256.crt");
	f->p384 = fixture_certificate(f, "p384.crt");
	*state = f;
	return 0;
}

int fixture_end(void **state)
{
	struct Fixture *f = *state;

	certificate_free(f->rsa);
	certificate_free(f->p256);
	certificate_free(f->p384);
	fixture_run(f, "rm -rf '%s'", f->path);
	fd_close(f->dir);
	free(f);
	return 0;
}

int fixture_run(const struct Fixture *f, const char *format, ...)
{
	char command[4096];
	va_list ap;
	pid_t child;
	int n, status;

	va_start(ap, format);
	n = vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	assert_true(n > 0 && (size_t)n < sizeof(command));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (chdir(f->path) || setenv("HOME", f->path, 1) || unsetenv("LD_PRELOAD"))
			_exit(126);
		if (!getenv("FIXTURE_LOUD")) {
			dup2(null, 1);
			dup2(null, 2);
		}
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

uint8_t *fixture_read(int dir, const char *name, size_t *ret_size)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	bytes = malloc((size_t)st.st_size + 1);
	assert_non_null(bytes);
	assert_int_equal(file_read_all(fd, bytes, (size_t)st.st_size), st.st_size);
	*ret_size = (size_t)st.st_size;
	return bytes;
}

void fixture_write(int dir, const char *name, const void *bytes, size_t n)
{
	_cleanup_fd_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, bytes, n), 0);
}

void fixture_fill(uint8_t *ret, size_t n, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		ret[i] = (uint8_t)(x >> 24);
	}
}

/* ---- sealing into a folder */

struct Output {
	int dir, fd;
	FILE *note;
	char *text; /* the note's */
	size_t size;
};

static int output_open(
        void *owner, const struct PartName *part _unused_, const char *name, uint64_t size _unused_)
{
	struct Output *o = owner;

	o->fd = openat(o->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return o->fd < 0 ? -errno : 0;
}

static int output_write(void *owner, const void *bytes, size_t n)
{
	return file_write_all(((struct Output *)owner)->fd, bytes, n);
}

static void note_line(FILE *note, const char *name, const uint8_t *sha256)
{
	char hex[65];

	hex_encode(sha256, 32, hex);
	fprintf(note, "%s  %s\n", hex, name);
}

static int output_close(
        void *owner, const struct PartName *part _unused_, const char *name, const uint8_t sha256[static 32])
{
	struct Output *o = owner;

	o->fd = fd_close(o->fd);
	note_line(o->note, name, sha256);
	return 0;
}

static void seal_files(struct Output *o, const struct FixtureFile *files, size_t n, uint64_t part_size,
        const struct CmsRecipients *recipients)
{
	struct SealOutput output = {o, output_open, output_write, output_close};
	_cleanup_(seal_freep) struct Seal *s = NULL;
	struct SealPlan plan;
	uint8_t sha256[32];

	assert_int_equal(seal_plan_start(&plan, FIXTURE_COPY, NOW / 1000), 0);
	if (part_size)
		plan.part_size = part_size;
	for (size_t i = 0; i < n; i++) {
		struct TarMember m = {files[i].name, files[i].size, NOW / 1000, 0644};

		assert_int_equal(seal_plan_add(&plan, &m), 0);
	}
	assert_int_equal(seal_plan_end(&plan), 0);
	assert_int_equal(seal_new(&plan, recipients, &output, &s), 0);
	for (size_t i = 0; i < n; i++) {
		struct TarMember m = {files[i].name, files[i].size, NOW / 1000, 0644};

		assert_int_equal(seal_begin(s, &m), 0);
		assert_int_equal(seal_data(s, files[i].bytes, files[i].size), 0);
		assert_int_equal(seal_end(s, sha256), 0);
	}
	assert_int_equal(seal_finish(s), 0);
}

static void seal_big(struct Output *o, uint64_t size, const struct CmsRecipients *recipients)
{
	struct SealOutput output = {o, output_open, output_write, output_close};
	_cleanup_(seal_freep) struct Seal *s = NULL;
	struct TarMember m = {"big", size, NOW / 1000, 0644};
	struct SealPlan plan;
	uint8_t sha256[32];
	uint64_t *block;

	assert_int_equal(seal_plan_start(&plan, FIXTURE_COPY, NOW / 1000), 0);
	assert_int_equal(seal_plan_add(&plan, &m), 0);
	assert_int_equal(seal_plan_end(&plan), 0);
	assert_int_equal(seal_new(&plan, recipients, &output, &s), 0);
	assert_int_equal(seal_begin(s, &m), 0);
	block = seal_buffer(s);
	for (uint64_t at = 0; at < size; at += SEAL_BUFFER) {
		for (size_t i = 0; i < SEAL_BUFFER / sizeof(*block); i++)
			block[i] = at;
		assert_int_equal(seal_data(s, block, (size_t)MIN(size - at, (uint64_t)SEAL_BUFFER)), 0);
	}
	assert_int_equal(seal_end(s, sha256), 0);
	assert_int_equal(seal_finish(s), 0);
}

static void output_start(struct Output *o, const struct Fixture *f, const char *folder)
{
	*o = (struct Output){.fd = -1};
	fixture_run(f, "rm -rf '%s' mediagate-*", folder);
	assert_int_equal(mkdirat(f->dir, folder, 0700), 0);
	o->dir = openat(f->dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(o->dir >= 0);
	o->note = open_memstream(&o->text, &o->size);
	assert_non_null(o->note);
	fprintf(o->note, NOTE_HEAD "%s\n", FIXTURE_COPY);
}

/* OPEN.txt, and the note with its digest. */
static int output_finish(struct Output *o, bool password, bool certificate)
{
	struct OpenFacts facts = {FIXTURE_COPY, "city.example.jp", "madoguchi-3", password, certificate};
	char text[OPEN_TEXT], name[PART_NAME];
	uint8_t sha256[32];
	ssize_t text_size = open_text(&facts, text, sizeof(text));

	assert_true(text_size > 0);
	fixture_write(o->dir, OPEN_NAME, text, (size_t)text_size);
	assert_int_equal(crypto_sha256(text, (size_t)text_size, sha256), 0);
	note_line(o->note, OPEN_NAME, sha256);
	fprintf(o->note, "\n— city.example.jp/mediagate/madoguchi-3/label AAAA\n");
	fclose(o->note);
	note_name(FIXTURE_COPY, name);
	fixture_write(o->dir, name, o->text, o->size);
	free(o->text);
	return o->dir;
}

int fixture_seal(const struct Fixture *f, const char *folder, const struct FixtureFile *files, size_t n,
        uint64_t part_size, bool password, const struct Certificate *const *certificates,
        size_t n_certificates)
{
	struct CmsRecipients recipients = {
	        password ? FIXTURE_PASSWORD : NULL, strlen(FIXTURE_PASSWORD), certificates, n_certificates};
	struct Output o;

	output_start(&o, f, folder);
	seal_files(&o, files, n, part_size, &recipients);
	return output_finish(&o, password, n_certificates > 0);
}

int fixture_seal_big(const struct Fixture *f, const char *folder, uint64_t size)
{
	struct CmsRecipients recipients = {FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), NULL, 0};
	struct Output o;

	output_start(&o, f, folder);
	seal_big(&o, size, &recipients);
	return output_finish(&o, true, false);
}

/* ---- opening it again */

struct Got {
	const struct FixtureFile *files;
	size_t n, at, offset;
	bool differs;
};

static int got_begin(void *owner, const struct TarMember *m)
{
	struct Got *g = owner;

	g->offset = 0;
	if (g->at == g->n || strcmp(m->name, g->files[g->at].name) != 0 || m->size != g->files[g->at].size ||
	        m->mtime != NOW / 1000 || m->mode != 0644)
		g->differs = true;
	return 0;
}

static int got_data(void *owner, const void *bytes, size_t n)
{
	struct Got *g = owner;

	if (!g->differs && (g->offset + n > g->files[g->at].size ||
	                           memcmp((const uint8_t *)g->files[g->at].bytes + g->offset, bytes, n) != 0))
		g->differs = true;
	g->offset += n;
	return 0;
}

static int got_end(void *owner, const uint8_t sha256[static 32] _unused_)
{
	struct Got *g = owner;

	if (!g->differs && g->offset != g->files[g->at].size)
		g->differs = true;
	g->at++;
	return 0;
}

int fixture_unseal(int dir, struct CmsKeys *keys, const struct FixtureFile *files, size_t n)
{
	struct Got g = {.files = files, .n = n};
	struct TarSink sink = {&g, got_begin, got_data, got_end};
	_cleanup_free_ uint8_t *note = NULL;
	struct UnsealWhere where;
	struct TarTally tally;
	struct Folder folder;
	char name[PART_NAME];
	size_t size;
	int r = folder_look(dir, FIXTURE_COPY, &folder);

	if (r)
		return r;
	note_name(FIXTURE_COPY, name);
	note = fixture_read(dir, name, &size);
	size = note_text_size((const char *)note, size);
	r = unseal_folder(
	        &(struct SealedFolder){dir, &folder, (const char *)note, size}, keys, &sink, &tally, &where);
	if (r)
		return r;
	/* good is only what went in, all of it */
	assert_false(g.differs);
	assert_int_equal(g.at, n);
	assert_int_equal(tally.files, n);
	return 0;
}
