/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream of the tar runs into parts:
 *
 *   member bytes -> content digest
 *   header, bytes, padding -> [cut at part_size] -> AES-GCM into `out` -> part digest -> output
 *
 * `in` and `out` together stay in the second-level cache, so each byte comes from memory once.
 */
#include "seal.h"
#include "fault.h"
#include "sums.h"

#define PAGE 4096

struct Seal {
	struct SealPlan plan;
	struct SealOutput output;
	struct CmsWriter *writer;
	struct CryptoDigest *content, *part;
	struct PartName name;       /* of the part under way; index 0: none yet */
	uint64_t stream, part_left; /* bytes of the tar so far; that the part still takes */
	bool in_member, broken;
	uint64_t member_left;
	uint64_t files;
	char member[LIMIT_FILE_NAME];
	uint64_t member_size;
	char *sums;
	size_t sums_size, sums_room;
	size_t filled; /* of out */
	/* whole pages, so that copies in the kernel and vector loads do not straddle lines */
	_Alignas(PAGE) uint8_t in[SEAL_BUFFER];
	_Alignas(PAGE) uint8_t out[SEAL_BUFFER];
};

/* ---- plan */

int seal_plan_start(struct SealPlan *p, const char *copy, int64_t time)
{
	if (!copy_id_is_valid(copy))
		return -EINVAL;
	*p = (struct SealPlan){.time = time, .part_size = PART_SIZE};
	memcpy(p->copy, copy, strlen(copy) + 1);
	return 0;
}

/* Header, data, padding of one member onto the stream. */
static int plan_stream(struct SealPlan *p, const struct TarMember *m)
{
	uint8_t header[TAR_HEADER];
	ssize_t n = tar_header(m, header, sizeof(header));

	if (n < 0)
		return (int)n;
	if (m->size > (uint64_t)PARTS_MAX * PART_SIZE)
		return FAULT_TOO_MANY;
	p->stream_size += (uint64_t)n + m->size + tar_padding(m->size);
	return part_count(p->stream_size, p->part_size) > 0 ? 0 : FAULT_TOO_MANY;
}

int seal_plan_add(struct SealPlan *p, const struct TarMember *m)
{
	int r = tar_name_check(m->name);

	if (r)
		return r;
	r = plan_stream(p, m);
	if (r)
		return r;
	p->files++;
	p->bytes += m->size;
	p->sums_size += sums_line_size(m->name);
	return p->sums_size <= SEAL_SUMS ? 0 : FAULT_TOO_MANY;
}

int seal_plan_end(struct SealPlan *p)
{
	struct TarMember sums = {.name = SUMS_NAME, .mtime = p->time, .mode = 0644};
	char first[SUMS_FIRST];
	int r;

	p->sums_size += sums_first(p->copy, p->files, first);
	sums.size = p->sums_size;
	r = plan_stream(p, &sums);
	if (r)
		return r;
	p->stream_size += TAR_END;
	p->parts = part_count(p->stream_size, p->part_size);
	return p->parts > 0 ? 0 : FAULT_TOO_MANY;
}

uint64_t seal_plan_room(const struct SealPlan *p, size_t recipients)
{
	/* a generous header; issuer names are the only thing in it without a fixed size */
	return p->stream_size + (uint64_t)p->parts * (512 + 2048 * recipients);
}

/* ---- seal */

int seal_new(const struct SealPlan *plan, const struct CmsRecipients *recipients,
        const struct SealOutput *output, struct Seal **ret)
{
	_cleanup_(seal_freep) struct Seal *s = NULL;
	int r;

	if (plan->parts == 0)
		return -EINVAL;
	s = aligned_alloc(PAGE, sizeof(*s));
	if (!s)
		return -ENOMEM;
	memset(s, 0, sizeof(*s));
	s->plan = *plan;
	s->output = *output;
	s->name.count = plan->parts;
	memcpy(s->name.copy, plan->copy, sizeof(plan->copy));
	r = cms_writer_new(recipients, &s->writer);
	if (r == 0)
		r = crypto_digest_new(&s->content);
	if (r == 0)
		r = crypto_digest_new(&s->part);
	if (r)
		return r;
	*ret = ptr_steal(&s);
	return 0;
}

struct Seal *seal_free(struct Seal *s)
{
	if (s) {
		cms_writer_free(s->writer);
		crypto_digest_freep(&s->content);
		crypto_digest_freep(&s->part);
		free(s->sums);
		crypto_cleanse(s->in, sizeof(s->in));
		free(s);
	}
	return NULL;
}

void seal_freep(struct Seal **s)
{
	*s = seal_free(*s);
}

void *seal_buffer(struct Seal *s)
{
	return s->in;
}

/* What is filled of `out` goes to the part. */
static int flush(struct Seal *s)
{
	size_t n = s->filled;
	int r;

	if (n == 0)
		return 0;
	s->filled = 0;
	r = crypto_digest_update(s->part, s->out, n);
	return r ? r : s->output.write(s->output.owner, s->out, n);
}

static int part_open(struct Seal *s)
{
	uint64_t size = MIN(s->plan.part_size, s->plan.stream_size - s->stream);
	const uint8_t *header;
	char name[PART_NAME];
	size_t n;
	int r = cms_part_start(s->writer, size, &header, &n);

	if (r)
		return r;
	s->name.index++;
	s->part_left = size;
	part_name(&s->name, name);
	r = s->output.open(s->output.owner, &s->name, name, n + size + CMS_TAIL);
	if (r == 0)
		r = crypto_digest_start(s->part);
	if (r == 0)
		r = crypto_digest_update(s->part, header, n);
	return r ? r : s->output.write(s->output.owner, header, n);
}

static int part_close(struct Seal *s)
{
	uint8_t tail[CMS_TAIL], sha256[CRYPTO_DIGEST];
	char name[PART_NAME];
	int r = flush(s);

	if (r == 0)
		r = cms_part_end(s->writer, tail);
	if (r == 0)
		r = crypto_digest_update(s->part, tail, sizeof(tail));
	if (r == 0)
		r = s->output.write(s->output.owner, tail, sizeof(tail));
	if (r == 0)
		r = crypto_digest_end(s->part, sha256);
	if (r)
		return r;
	part_name(&s->name, name);
	return s->output.close(s->output.owner, &s->name, name, sha256);
}

/* The next bytes of the tar. */
static int stream_put(struct Seal *s, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	if (n > s->plan.stream_size - s->stream)
		return -EPROTO;
	while (n > 0) {
		size_t piece;
		int r = s->part_left == 0 ? part_open(s) : 0;

		/* a large piece that would only just not fit stays whole */
		if (r == 0 && n > sizeof(s->out) - s->filled && n >= sizeof(s->out) / 2 &&
		        n <= sizeof(s->out))
			r = flush(s);
		if (r)
			return r;
		piece = (size_t)MIN((uint64_t)MIN(n, sizeof(s->out) - s->filled), s->part_left);
		r = cms_part_update(s->writer, p, piece, s->out + s->filled);
		if (r)
			return r;
		p += piece;
		n -= piece;
		s->filled += piece;
		s->stream += piece;
		s->part_left -= piece;
		if (s->part_left == 0)
			r = part_close(s);
		else if (s->filled == sizeof(s->out))
			r = flush(s);
		if (r)
			return r;
	}
	return 0;
}

/* After a failure the parts are worthless: nothing more is taken. */
static int outcome(struct Seal *s, int r)
{
	if (r)
		s->broken = true;
	return r;
}

static int header_put(struct Seal *s, const struct TarMember *m)
{
	uint8_t header[TAR_HEADER];
	ssize_t n = tar_header(m, header, sizeof(header));

	return n < 0 ? (int)n : stream_put(s, header, (size_t)n);
}

static int padding_put(struct Seal *s, uint64_t size)
{
	static const uint8_t ZERO[TAR_BLOCK];

	return stream_put(s, ZERO, tar_padding(size));
}

int seal_begin(struct Seal *s, const struct TarMember *m)
{
	int r = tar_name_check(m->name);

	if (s->broken || s->in_member)
		return -EINVAL;
	if (r)
		return outcome(s, r);
	memcpy(s->member, m->name, strlen(m->name) + 1);
	s->member_left = s->member_size = m->size;
	s->in_member = true;
	r = header_put(s, m);
	if (r == 0)
		r = crypto_digest_start(s->content);
	return outcome(s, r);
}

int seal_data(struct Seal *s, const void *bytes, size_t n)
{
	int r;

	if (s->broken || !s->in_member)
		return -EINVAL;
	if (n > s->member_left)
		return outcome(s, FAULT_FILE_CHANGED);
	s->member_left -= n;
	r = crypto_digest_update(s->content, bytes, n);
	return outcome(s, r ? r : stream_put(s, bytes, n));
}

static int sums_add(struct Seal *s, const char *line, size_t n)
{
	if (s->sums_size + n > s->sums_room) {
		size_t room = MAX(2 * s->sums_room, (size_t)4096);
		char *more = realloc(s->sums, room);

		if (!more)
			return -ENOMEM;
		s->sums = more;
		s->sums_room = room;
	}
	memcpy(s->sums + s->sums_size, line, n);
	s->sums_size += n;
	return 0;
}

int seal_end(struct Seal *s, uint8_t ret_sha256[static 32])
{
	uint8_t sha256[CRYPTO_DIGEST];
	char line[SUMS_LINE];
	int r;

	if (s->broken || !s->in_member)
		return -EINVAL;
	if (s->member_left > 0)
		return outcome(s, FAULT_FILE_CHANGED);
	s->in_member = false;
	s->files++;
	r = crypto_digest_end(s->content, sha256);
	if (r == 0)
		r = padding_put(s, s->member_size);
	if (r == 0)
		r = sums_add(s, line, sums_line(s->member, sha256, line));
	if (r == 0)
		memcpy(ret_sha256, sha256, sizeof(sha256));
	return outcome(s, r);
}

int seal_finish(struct Seal *s)
{
	static const uint8_t END[TAR_END];
	struct TarMember sums = {.name = SUMS_NAME, .mtime = s->plan.time, .mode = 0644};
	char first[SUMS_FIRST];
	size_t n = sums_first(s->plan.copy, s->files, first);
	int r;

	if (s->broken || s->in_member)
		return -EINVAL;
	if (s->files != s->plan.files || n + s->sums_size != s->plan.sums_size)
		return outcome(s, -EPROTO);
	sums.size = n + s->sums_size;
	r = header_put(s, &sums);
	if (r == 0)
		r = stream_put(s, first, n);
	if (r == 0)
		r = stream_put(s, s->sums, s->sums_size);
	if (r == 0)
		r = padding_put(s, sums.size);
	if (r == 0)
		r = stream_put(s, END, sizeof(END));
	if (r == 0 && s->stream != s->plan.stream_size)
		r = -EPROTO;
	s->broken = true; /* nothing comes after it */
	return r;
}
