/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Lines for the operator, on standard error (the journal reads the <n> prefix). Lower case, no full
 * stop; never a password, a personal number or a file's name. Libraries do not log: the flow that
 * meets a failure does, once.
 */
#include "std.h"

/* The process' name in front of every line. Call once at start. */
void log_open(const char *process);

void log_error(const char *format, ...) _format_(1, 2);
void log_warning(const char *format, ...) _format_(1, 2);
void log_info(const char *format, ...) _format_(1, 2);
