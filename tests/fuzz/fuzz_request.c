/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request: parsed or refused; what is parsed keeps to the rules of its fields. */
#include "fault.h"
#include "parse.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char subject[PARSE_SUBJECT];
	struct Request r;
	size_t channels = size ? data[0] % 3 : 0;
	int fault;

	if (!size)
		return 0;
	fault = parse_request((const char *)data + 1, size - 1, channels, &r, subject);
	if (fault) {
		if (fault != FAULT_BAD_REQUEST || !str_is_line(subject, strlen(subject)))
			abort();
		return 0;
	}
	if (r.verb >= _VERB_N || channels != parse_verb_channel(r.verb))
		abort();
	if (!str_is_line(r.device, strnlen(r.device, sizeof(r.device))) ||
	        !str_is_line(r.name, strnlen(r.name, sizeof(r.name))) ||
	        !str_is_line(r.destination, strnlen(r.destination, sizeof(r.destination))))
		abort();
	return 0;
}
