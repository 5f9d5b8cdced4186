/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Writes JSON for --json: strings escaped, bytes that are not UTF-8 become U+FFFD. `key` is NULL inside
 * an array and at the top. The top object is closed by a newline.
 */
#include "std.h"

#include <stdio.h>

struct Json {
	FILE *out;
	bool comma; /* something stands before in this object or array */
	unsigned int depth;
};

void json_object(struct Json *j, const char *key);
void json_array(struct Json *j, const char *key);
void json_end_object(struct Json *j);
void json_end_array(struct Json *j);
void json_text(struct Json *j, const char *key, const char *text);
void json_text_n(struct Json *j, const char *key, const void *bytes, size_t n);
void json_number(struct Json *j, const char *key, uint64_t value);
void json_integer(struct Json *j, const char *key, int64_t value);
void json_flag(struct Json *j, const char *key, bool value);
void json_null(struct Json *j, const char *key);
/* RFC 3339; 0 becomes null */
void json_time(struct Json *j, const char *key, int64_t ms);
