/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the key that the console cosigns with, and reads nothing that strangers wrote but a checkpoint's
 *three lines: intake, which reads all that they wrote, does not have the key. docs/console.md
 *
 *	console-witness DATA DOMAIN
 */
#include "clock.h"
#include "cosign.h"
#include "file.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"
#include "str.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define ASKER_FD  3
#define KEY_FILE  "key"
#define VKEY_FILE "vkey"

static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        SANDBOX_ALLOW(recvfrom),
        SANDBOX_ALLOW(sendto),
};

struct Witness {
	struct Crypto *crypto;
	struct Key *key;
	struct Vkey vkey;
};

static int fail(const char *what, int r)
{
	log_error("%s: %s", what, strerrordesc_np(-r));
	return EXIT_FAILURE;
}

/* ------------------------------------------------------------------ the key */

/* Its name is the console's for ever: terminals have noted it. The key is durable before its name is. */
static int make(struct Witness *w, int dir, const char *domain)
{
	char name[LIMIT_VKEY], text[LIMIT_VKEY];
	uint8_t seed[SEED_SIZE], public_key[HASH_SIZE];
	int r = crypto_random(seed, sizeof(seed));

	snprintf(name, sizeof(name), "%s/mediagate/console", domain);
	if (r >= 0)
		r = key_new(seed, &w->key);
	if (r >= 0)
		r = key_public(w->key, public_key);
	if (r >= 0)
		r = cosign_vkey_make(w->crypto, name, public_key, &w->vkey);
	if (r >= 0)
		r = cosign_vkey_format(&w->vkey, text, sizeof(text));
	if (r >= 0)
		r = file_replace_at(dir, KEY_FILE, seed, sizeof(seed), 0600);
	crypto_cleanse(seed, sizeof(seed));
	return r < 0 ? r : file_replace_at(dir, VKEY_FILE, text, strlen(text), 0600);
}

static int read_key(struct Witness *w, int dir, const char *vkey)
{
	uint8_t seed[SEED_SIZE], public_key[HASH_SIZE];
	ssize_t n = file_read_at(dir, KEY_FILE, seed, sizeof(seed));
	int r = n < 0 ? (int)n : n == (ssize_t)sizeof(seed) ? key_new(seed, &w->key) : -EBADMSG;

	crypto_cleanse(seed, sizeof(seed));
	if (r >= 0)
		r = cosign_vkey_parse(w->crypto, vkey, strlen(vkey), &w->vkey);
	if (r >= 0)
		r = key_public(w->key, public_key);
	return r < 0 ? r : memcmp(public_key, w->vkey.key, HASH_SIZE) ? -EKEYREJECTED : 0;
}

static int open_key(struct Witness *w, const char *data, const char *domain)
{
	_cleanup_fd_ int below = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC), dir = -1;
	char vkey[LIMIT_VKEY];
	ssize_t n;
	int r = below < 0 ? -errno : file_dir_make_at(below, "witness", 0700, &dir);

	if (r >= 0)
		r = crypto_new(&w->crypto);
	if (r < 0)
		return r;
	n = file_read_text_at(dir, VKEY_FILE, vkey, sizeof(vkey));
	if (n == -ENOENT)
		return make(w, dir, domain);
	return n < 0 ? (int)n : read_key(w, dir, vkey);
}

/* ------------------------------------------------------------------ signing */

/* Nothing but a checkpoint is ever signed. */
static ssize_t cosign(const struct Witness *w, const char *text, size_t n, char *ret, size_t size)
{
	const struct CosignText t = {text, n, (uint64_t)clock_now() / 1000};
	struct Checkpoint checkpoint;

	if (checkpoint_parse(text, n, &checkpoint) < 0)
		return -EBADMSG;
	return cosign_write(&w->vkey, w->key, &t, ret, size);
}

static int serve(const struct Witness *w)
{
	char text[COSIGN_TEXT], line[COSIGN_LINE];
	ssize_t n;

	for (;;) {
		do
			n = recv(ASKER_FD, text, sizeof(text), MSG_TRUNC);
		while (n < 0 && errno == EINTR);
		if (n <= 0)
			return n < 0 && errno != ECONNRESET ? -errno : 0;
		n = (size_t)n > sizeof(text) ? -EBADMSG : cosign(w, text, (size_t)n, line, sizeof(line));
		if (n < 0)
			return (int)n;
		if (send(ASKER_FD, line, (size_t)n, MSG_NOSIGNAL) < 0)
			return errno == EPIPE ? 0 : -errno;
	}
}

static int run(const char *data, const char *domain)
{
	struct Witness w = {};
	int r = privs_drop(getuid(), getgid(), 16);

	if (r < 0)
		return fail("dropping rights", r);
	r = key_memory_lock();
	if (r < 0)
		return fail("locked memory", r);
	r = open_key(&w, data, domain);
	if (r < 0)
		return fail("key", r);
	r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r < 0)
		return fail("sandbox", r);
	r = serve(&w);
	key_freep(&w.key);
	crypto_freep(&w.crypto);
	return r < 0 ? fail("ended", r) : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	log_open("console-witness");
	signal(SIGTERM, SIG_IGN); /* it ends when nobody asks any more */
	signal(SIGINT, SIG_IGN);
	umask(0077);
	return argc == 3 ? run(argv[1], argv[2]) : EXIT_FAILURE;
}
