/* SPDX-License-Identifier: Apache-2.0 */
/* What answers a terminal in a console's name: what is read is written as the same bytes. */
#include "push_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = malloc(size ? size : 1), *back = malloc(PUSH_REPLY_MOST);
	struct PushReply reply;

	if (!copy || !back)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (push_reply_read(copy, size, &reply) < 0)
		return 0;
	if (push_reply_write(&reply, back, PUSH_REPLY_MOST) != (ssize_t)size || memcmp(back, copy, size))
		abort();
	return 0;
}
