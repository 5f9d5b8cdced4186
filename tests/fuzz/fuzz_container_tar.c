/* SPDX-License-Identifier: Apache-2.0 */
/* The archive inside a message: whoever has a recipient's certificate can write one. */
#include "crypto.h"
#include "fault.h"
#include "tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct Input {
	const uint8_t *bytes;
	size_t n, at, piece;
	bool in_member;
	uint64_t left;
};

static int input_read(void *owner, const void **ret, size_t *ret_size)
{
	struct Input *i = owner;

	*ret = i->bytes + i->at;
	*ret_size = MIN(i->piece, i->n - i->at);
	i->at += *ret_size;
	return 0;
}

/* What the reader promises the sink. */
static int member_begin(void *owner, const struct TarMember *m)
{
	struct Input *i = owner;

	if (i->in_member || tar_name_check(m->name) || (m->mode & ~(mode_t)0644) || m->mtime < 0)
		abort();
	i->in_member = true;
	i->left = m->size;
	return 0;
}

static int member_data(void *owner, const void *bytes, size_t n)
{
	struct Input *i = owner;

	if (!i->in_member || n == 0 || n > i->left || !bytes)
		abort();
	i->left -= n;
	return 0;
}

static int member_end(void *owner, const uint8_t sha256[static 32])
{
	struct Input *i = owner;

	if (!i->in_member || i->left > 0 || !sha256)
		abort();
	i->in_member = false;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct Input i = {.bytes = data, .n = size, .piece = size % 2 ? 4096 : 77};
	struct TarSource source = {&i, input_read};
	struct TarSink sink = {&i, member_begin, member_data, member_end};
	struct TarTally tally;
	int r = tar_read(&source, "c1", &sink, &tally);

	if (r < 0 || (r == 0 && (i.at != size || i.in_member)))
		abort();
	return 0;
}
