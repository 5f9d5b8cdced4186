/* SPDX-License-Identifier: Apache-2.0 */
/* A whole ledger: the verifier key's line, the checkpoint with its signature line, the records. */
#include "mediagate/ledger.h"
#include "std.h"

#include <sys/mman.h>

static int each(void *owner _unused_, const struct LedgerEntry *e)
{
	struct LedgerSlice s;

	/* every slice must be readable while the call lasts */
	return e->line.size && ledger_detail(e, "intent", &s) == 0 && s.size > 4096 ? -EINVAL : 0;
}

/* Where the records begin: behind the line that begins with an em dash. */
static const uint8_t *records_of(const uint8_t *data, size_t size)
{
	const uint8_t *dash = memmem(data, size, "\n\xe2\x80\x94 ", 5);
	const uint8_t *end = dash ? memchr(dash + 1, '\n', size - (size_t)(dash + 1 - data)) : NULL;

	return end ? end + 1 : data + size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *key_end = memchr(data, '\n', size);
	const uint8_t *note = key_end ? key_end + 1 : data + size,
	              *records = records_of(note, size - (size_t)(note - data));
	_cleanup_free_ char *vkey = strndup((const char *)data, (size_t)(note - data));
	_cleanup_fd_ int fd = memfd_create("records", MFD_CLOEXEC);
	struct LedgerInput in = {.records = fd,
	        .checkpoint = (const char *)note,
	        .checkpoint_size = (size_t)(records - note),
	        .vkey = vkey,
	        .each = each};
	struct LedgerReport r;
	size_t n = size - (size_t)(records - data);

	if (!vkey || fd < 0 || write(fd, records, n) != (ssize_t)n)
		return 0;
	if (ledger_verify(&in, &r) < 0)
		return 0;
	if ((r.fault == 0) != (r.code == LEDGER_E_NONE) || (r.fault == 0 && r.covered > r.records))
		abort();
	if (ledger_read(fd, each, NULL, &r) < 0)
		return 0;
	return 0;
}
