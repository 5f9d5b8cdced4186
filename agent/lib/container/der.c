/* SPDX-License-Identifier: Apache-2.0 */
#include "der.h"

static unsigned int length_bytes(uint64_t length)
{
	unsigned int n = 1;

	while (n < 8 && length >> (8 * n))
		n++;
	return n;
}

size_t der_head_size(uint64_t length)
{
	return length < 0x80 ? 2 : 2 + length_bytes(length);
}

size_t der_head(uint8_t tag, uint64_t length, uint8_t ret[static DER_HEAD])
{
	unsigned int n = length_bytes(length);

	ret[0] = tag;
	if (length < 0x80) {
		ret[1] = (uint8_t)length;
		return 2;
	}
	ret[1] = (uint8_t)(0x80 | n);
	for (unsigned int i = 0; i < n; i++)
		ret[2 + i] = (uint8_t)(length >> (8 * (n - 1 - i)));
	return 2 + n;
}

int der_length(const uint8_t *bytes, size_t n, uint64_t *ret)
{
	unsigned int more;
	uint64_t length = 0;

	if (n == 0)
		return 0;
	if (bytes[0] < 0x80) {
		*ret = bytes[0];
		return 1;
	}
	if (bytes[0] == 0x80) {
		*ret = DER_INDEFINITE;
		return 1;
	}
	more = bytes[0] & 0x7f;
	if (more > 7)
		return -EBADMSG;
	if (n < 1 + more)
		return 0;
	for (unsigned int i = 0; i < more; i++)
		length = length << 8 | bytes[1 + i];
	if (length < 0x80 || length_bytes(length) != more)
		return -EBADMSG;
	*ret = length;
	return (int)(1 + more);
}
