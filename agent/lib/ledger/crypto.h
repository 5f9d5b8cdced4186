/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The door of OpenSSL for the ledger: SHA-256, Ed25519, random bytes. */
#include "std.h"

#define HASH_SIZE      32
#define SIGNATURE_SIZE 64
#define SEED_SIZE      32

struct Crypto; /* one digest, fetched once, and its context */
struct Key;    /* a private Ed25519 key */

struct Bytes {
	const void *bytes;
	size_t size;
};

int crypto_new(struct Crypto **ret);
void crypto_freep(struct Crypto **c);

/* SHA-256 over n pieces in order. */
int crypto_hash(struct Crypto *c, const struct Bytes *pieces, size_t n, uint8_t ret[static HASH_SIZE]);
/* RFC 6962: SHA-256(0x00 ‖ line), SHA-256(0x01 ‖ left ‖ right). */
int crypto_leaf(struct Crypto *c, const void *line, size_t size, uint8_t ret[static HASH_SIZE]);
int crypto_node(struct Crypto *c, const uint8_t *left, const uint8_t *right, uint8_t ret[static HASH_SIZE]);

/* SHA-256 of a file from offset 0 to its end, in bounded memory. */
int crypto_hash_file(struct Crypto *c, int fd, uint8_t ret[static HASH_SIZE]);

/* For the linker these have names of their own: the container's door has functions of the same names, and
   both doors meet in agent/copy and in the command. */
#define crypto_random  ledger_crypto_random
#define crypto_cleanse ledger_crypto_cleanse
int crypto_random(void *ret, size_t n);
void crypto_cleanse(void *bytes, size_t n);

/* Private keys made from now on lie in locked memory, between guard pages and out of every core dump. Once
   in a process; -EPERM when the memory cannot be locked. */
int key_memory_lock(void);

/* The seed is the private key of RFC 8032; the caller cleanses its copy. */
int key_new(const uint8_t seed[static SEED_SIZE], struct Key **ret);
void key_freep(struct Key **k);
int key_public(const struct Key *k, uint8_t ret[static HASH_SIZE]);
int key_sign(const struct Key *k, const void *bytes, size_t n, uint8_t ret[static SIGNATURE_SIZE]);

/* 1 good, 0 not, negative -errno. */
int signature_verify(const uint8_t public_key[static HASH_SIZE], const void *bytes, size_t n,
        const uint8_t signature[static SIGNATURE_SIZE]);
