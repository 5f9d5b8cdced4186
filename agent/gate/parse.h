/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Bytes of a stranger → struct Request: by the rows of include/request.h and nothing else. Pure.
 */
#include "request.h"
#include "std.h"

/* 0, or FAULT_BAD_REQUEST with what is wrong in ret_subject. */
int request_parse(const char *bytes, size_t size, struct Request *ret, char *ret_subject, size_t subject_size);

/* Whether the verb brings a job's channel. */
bool request_has_channel(uint32_t verb);
