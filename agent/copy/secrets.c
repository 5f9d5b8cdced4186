/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <sys/mman.h>

int secrets_new(struct Secrets **ret)
{
	struct Secrets *s =
	        mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r;

	if (s == MAP_FAILED)
		return -errno;
	if (mlock(s, sizeof(*s)) || madvise(s, sizeof(*s), MADV_DONTDUMP) ||
	        madvise(s, sizeof(*s), MADV_WIPEONFORK)) {
		r = -errno;
		munmap(s, sizeof(*s));
		return r;
	}
	*ret = s;
	return 0;
}

void secrets_freep(struct Secrets **s)
{
	if (!*s)
		return;
	message_done(&(*s)->message);
	cms_keys_done(&(*s)->keys);
	explicit_bzero(*s, sizeof(**s));
	munmap(*s, sizeof(**s));
	*s = NULL;
}

__attribute__((noinline)) void secrets_wipe_stack(void)
{
	uint8_t below[14 * 1024];

	explicit_bzero(below, sizeof(below));
}
