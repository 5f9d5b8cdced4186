/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the container's tests share: a scratch folder, keys, copies made in it, the stock tools. */
#include "seal.h"
#include "unseal.h"

#define FIXTURE_COPY     "c20261121-0007"
#define FIXTURE_PASSWORD "7KQ2M-0ZBXW-93HTN-RFC5V-D8G1E"

struct Fixture {
	char path[64]; /* scratch folder, removed at the end */
	int dir;
	struct Certificate *rsa, *p256, *p384;
};

/* Group set-up and take-down for cmocka; *state is a struct Fixture. */
int fixture_start(void **state);
int fixture_end(void **state);

/* Runs a shell command in the scratch folder (HOME is it too): its exit status. Output is dropped. */
int fixture_run(const struct Fixture *f, const char *format, ...) _format_(2, 3);
/* A file's bytes; size with it. Fails the test when it is not there. */
uint8_t *fixture_read(int dir, const char *name, size_t *ret_size);
void fixture_write(int dir, const char *name, const void *bytes, size_t n);
struct PrivateKey *fixture_key(const struct Fixture *f, const char *name);

/* Bytes that look random and are the same each time. */
void fixture_fill(uint8_t *ret, size_t n, uint32_t seed);

struct FixtureFile {
	const char *name;
	const void *bytes;
	size_t size;
};

/* Seals files into a new folder of the scratch folder, with OPEN.txt and an unsigned note: its
   descriptor. part_size 0: the usual one. */
int fixture_seal(const struct Fixture *f, const char *folder, const struct FixtureFile *files, size_t n,
        uint64_t part_size, bool password, const struct Certificate *const *certificates,
        size_t n_certificates);

/* The same with one file "big" of `size` bytes, which is never in memory: block i is i, repeated. */
int fixture_seal_big(const struct Fixture *f, const char *folder, uint64_t size);

/* Opens such a folder; what the sink got is compared with the files when all holds. The outcome. */
int fixture_unseal(int dir, struct CmsKeys *keys, const struct FixtureFile *files, size_t n);
