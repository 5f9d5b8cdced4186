/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser that sends anything: a request is refused, or every field of it is UTF-8, closed and found by its
 * name. Input: uri NUL cookie NUL accept-language NUL body; a body makes it a form.
 */
#include "http_request.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct RequestFields *f, bool utf8)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct RequestField *row = &f->rows[i];

		if (!*row->name || fields_get(f, row->name) != row->value)
			abort();
		if (utf8 && !str_is_utf8(row->value, strlen(row->value)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_request_ struct Request r = REQUEST_NULL;
	char *text = malloc(size + 4), *part[4];
	size_t at = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	memset(text + size, 0, 4);
	for (int i = 0; i < 4; i++) {
		part[i] = text + at;
		if (i < 3)
			at = MIN(at + strlen(part[i]) + 1, size);
	}
	if (request_read(&(struct RequestRaw){.method = at < size ? "POST" : "GET",
	                         .uri = part[0],
	                         .cookie = part[1],
	                         .accept_language = part[2],
	                         .content_type = "application/x-www-form-urlencoded",
	                         .body = part[3],
	                         .body_size = size - at},
	            &r) == 0) {
		check(&r.query, true);
		check(&r.form, true);
		check(&r.cookies, true);
		if (language_accepted(r.accept_language, LANGUAGE_JAPANESE) >= _LANGUAGE_N)
			abort();
	}
	free(text);
	return 0;
}
