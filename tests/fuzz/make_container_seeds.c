/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the seeds of the container's fuzz targets: make_container_seeds tests/fuzz/corpus */
#include "../unit/container_cheap.h"
#include "cms_write.h"
#include "file.h"
#include "hex.h"
#include "sums.h"
#include "tar.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int __wrap_crypto_random(void *ret, size_t n);

/* The same seeds each time; the content key is zero, as fuzz_container_cms's key wrap says. */
int __wrap_crypto_random(void *ret, size_t n)
{
	memset(ret, 0, n);
	return 0;
}

static int seed(const char *corpus, const char *target, const char *name, const void *bytes, size_t n)
{
	_cleanup_fd_ int fd = -1;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", corpus, target);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/%s/%s", corpus, target, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : file_write_all(fd, bytes, n);
}

static int seed_cms(const char *corpus, const char *name, size_t size)
{
	struct CmsRecipients recipients = {"p", 1, NULL, 0};
	_cleanup_(cms_writer_freep) struct CmsWriter *w = NULL;
	uint8_t bytes[2048], plain[512] = {};
	const uint8_t *header;
	size_t n;
	int r = cms_writer_new(&recipients, &w);

	if (r == 0)
		r = cms_part_start(w, size, &header, &n);
	if (r)
		return r;
	memcpy(bytes, header, n);
	r = cms_part_update(w, plain, size, bytes + n);
	if (r == 0)
		r = cms_part_end(w, bytes + n + size);
	return r ? r : seed(corpus, "container_cms", name, bytes, n + size + CMS_TAIL);
}

static size_t member_put(uint8_t *p, const char *name, const char *content, size_t n)
{
	struct TarMember m = {name, n, 1795000000, 0644};
	size_t at = (size_t)tar_header(&m, p, TAR_HEADER);

	memcpy(p + at, content, n);
	return at + n + tar_padding(n);
}

static int seed_tar(const char *corpus, const char *name, const char *const *names, unsigned int n_names)
{
	static uint8_t bytes[32768];
	static char sums[8192];
	size_t n = 0, sums_n = sums_first("c1", n_names, sums);

	memset(bytes, 0, sizeof(bytes));
	for (unsigned int i = 0; i < n_names; i++) {
		uint8_t sha256[32];

		if (crypto_sha256("data", i, sha256))
			return -EIO;
		n += member_put(bytes + n, names[i], "data", i);
		sums_n += sums_line(names[i], sha256, sums + sums_n);
	}
	n += member_put(bytes + n, "SHA256SUMS", sums, sums_n);
	return seed(corpus, "container_tar", name, bytes, n + TAR_END);
}

static int seed_folder(const char *corpus, const char *name, const char *part, const char *note)
{
	char bytes[2048];
	int n = snprintf(bytes, sizeof(bytes), "%s%c%s", part, 0, note);

	return seed(corpus, "container_folder", name, bytes, (size_t)n);
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int main(int argc, char **argv)
{
	static const char *const NAMES[] = {"a", "dir/b\nc", "\xe8\xa1\xa8.csv", "\xff\xfe"};
	static const char *const TYPED[] = {"7KQ2M-0ZBXW-93HTN-RFC5V-D8G1E", "7kq2m oZbxw 93htn rfc5v d8gLe",
	        "correct horse battery staple", ""};
	const char *corpus = argc == 2 ? argv[1] : "tests/fuzz/corpus";
	int r = seed_cms(corpus, "empty", 0);

	r |= seed_cms(corpus, "short", 5) | seed_cms(corpus, "long", 300);
	r |= seed_tar(corpus, "none", NAMES, 0) | seed_tar(corpus, "one", NAMES, 1) |
	     seed_tar(corpus, "four", NAMES, 4);
	r |= seed_folder(corpus, "whole", "c1-001of002.p7m",
	        "mediagate/copy/v1\nc1\n" HEX "  c1-001of002.p7m\n" HEX "  c1-002of002.p7m\n" HEX
	        "  OPEN.txt\n\n— x AAAA\n");
	r |= seed_folder(
	        corpus, "lacking", "c1-001of002.p7m", "mediagate/copy/v1\nc1\n" HEX "  c1-001of002.p7m\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(TYPED); i++) {
		char name[] = {'t', (char)('0' + i), 0};

		r |= seed(corpus, "container_password", name, TYPED[i], strlen(TYPED[i]));
	}
	return r != 0;
}
