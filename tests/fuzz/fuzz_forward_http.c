/* SPDX-License-Identifier: Apache-2.0 */
/* What answers as a console: a body lies inside of what came. */
#include "http_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = malloc(size ? size : 1);
	struct HttpReply reply;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (http_reply_read(copy, size, &reply) < 0)
		return 0;
	if (reply.status < 100 || reply.status > 999 || reply.body < copy || reply.size > size ||
	        reply.body + reply.size > copy + size)
		abort();
	return 0;
}
