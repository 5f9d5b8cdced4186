/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment file: what is read is written again as the same bytes. */
#include "enrolment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct Enrolment e;
	static char text[ENROLMENT_TEXT];

	if (enrolment_read((const char *)data, size, &e) < 0)
		return 0;
	if (enrolment_write(&e, text) != size || memcmp(text, data, size))
		abort();
	return 0;
}
