/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A request's bytes to struct Request, by the rows of include/request.h. Pure. */
#include "request.h"
#include "std.h"

#define PARSE_SUBJECT 96

/* `channels`: descriptors that came along. 0; or FAULT_BAD_REQUEST and what is wrong with it, printable,
   in `ret_subject`: a field's word alone when its value is; *ret is filled on success only. */
_must_check_ int parse_request(const char *text, size_t n, size_t channels, struct Request *ret,
        char ret_subject[static PARSE_SUBJECT]);

/* Whether a verb brings a job's channel. */
bool parse_verb_channel(uint32_t verb);

/* The fields that a verb must and may carry: bits 1 << REQUEST_member. */
void parse_verb_fields(uint32_t verb, uint32_t *ret_needs, uint32_t *ret_may);
