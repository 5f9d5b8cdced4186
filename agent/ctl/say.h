/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the command says to people when something is wrong: one `error:` line, one `hint:` line on
 * standard error, and the exit status of include/fault.h's table.
 */
#include "fault.h"
#include "std.h"

#include <libintl.h>
#include <stdio.h>

/* Marks a sentence for translation: where it is shown, and where a table holds it. */
#define _(text)  gettext(text)
#define N_(text) text

/* Says it and returns its exit status. FAULT_OK says nothing. `subject` is escaped here; NULL or empty
   contact: "a supervisor" in the reader's language. */
int say_fault(int fault, const char *subject, const char *contact);

/* The same for what was typed wrongly: EXIT_USAGE. */
int say_usage(const char *format, ...) _format_(1, 2);

/* `error:` alone, for what no row of the table says. No newline in it. */
void say_error(const char *format, ...) _format_(1, 2);
void say_hint(const char *format, ...) _format_(1, 2);
void say_warning(const char *format, ...) _format_(1, 2);

/* A sentence with its first %s replaced; the result must be freed. Never NULL: ends the process when
   there is no memory. Sentences come from tables, so printf is not asked to read them. */
char *say_fill(const char *sentence, const char *value);

/* The sentence of an outcome about a subject, translated: for tables and lists. To be freed. */
char *say_sentence(int fault, const char *subject);

/* Its hint, with whom to ask in it, translated; NULL where there is none. To be freed. */
char *say_advice(int fault, const char *contact);

/* Why something is closed: sentence and hint without their labels, indented, for lists. A hint that
   names a person is left out where nobody is known. */
struct Reason {
	int fault;
	const char *subject, *contact;
};
void say_reason(FILE *out, const char *indent, const struct Reason *reason);

/* Foreign bytes for people: what could drive a terminal becomes \xHH. To be freed, never NULL. */
char *say_escape(const char *text);
char *say_escape_n(const void *bytes, size_t n);
