/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger posts as a terminal: what is read is written as the same bytes. */
#include "push_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = malloc(size ? size : 1);
	struct Push push;
	char head[PUSH_HEAD];
	ssize_t n;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (push_read(copy, size, &push) < 0)
		return 0;
	n = push_head(&push, head, sizeof(head));
	if (n <= 0 || memcmp(head, copy, (size_t)n) || push.records != copy + n ||
	        push.checkpoint != push.records + push.n_records ||
	        (size_t)n + push.n_records + push.n_checkpoint != size)
		abort();
	return 0;
}
