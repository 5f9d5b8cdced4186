/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Writes a page. Markup comes from literals only (html() takes nothing else), everything else is escaped
 * by the place where it stands: the writer follows its own literals and knows whether it is in text, in an
 * ordinary attribute or in one that holds an address. A value where none may stand ends the process: that
 * is our mistake, and a page is not the place to guess. Characters that could drive a reader's eyes
 * (controls, bidirectional overrides, invisible ones) are written by their number.
 */
#include "language.h"
#include "std.h"

enum HtmlPlace {
	HTML_TEXT,
	HTML_TAG,       /* between < and >, outside quotes: no value may stand here */
	HTML_ATTRIBUTE, /* in quotes */
	HTML_ADDRESS,   /* in quotes of href, src, action: html_url only */
};

#define HTML_MOST ((size_t)64 << 20) /* bytes; a year's register that is printed whole; no page comes near */

struct Html {
	char *text;
	size_t size, room;
	enum Language language;
	enum HtmlPlace place;
	char name[16]; /* of the attribute being written */
	size_t name_size;
	bool failed; /* no memory: the page is not sent */
};

#define HTML_NULL     \
	(struct Html) \
	{             \
	}

void html_done(struct Html *h);
#define _cleanup_html_ _cleanup_(html_done)

/* Markup; the quotes refuse anything but a literal. */
#define html(h, literal) html_literal((h), "" literal "", sizeof(literal) - 1)
void html_literal(struct Html *h, const char *literal, size_t size);

/* A value in text or in an ordinary attribute. */
void html_text(struct Html *h, const char *text);
void html_text_n(struct Html *h, const void *bytes, size_t n);
/* The same in text, with places to break it where it has none of its own: a long word must not widen a table.
 */
void html_text_soft(struct Html *h, const char *text);
/* The same of several lines: each begins a new one. */
void html_lines(struct Html *h, const char *text);
/* A value as a part of an address: everything but letters, digits and -._~ becomes %HH. */
void html_url(struct Html *h, const char *text);
/* The same for a path of ours: the slashes stay. */
void html_path(struct Html *h, const char *path);
/* What another writer has written, which must stand in text, as this one must. */
void html_append(struct Html *h, const struct Html *other);

/* A sentence of ours in the reader's language (marked with N_ where it stands). */
void html_say(struct Html *h, const char *sentence);
/* The same with its %s replaced in turn; a NULL ends the values. */
void html_fill(struct Html *h, const char *sentence, const char *const *values);
#define html_fill1(h, sentence, a)    html_fill((h), (sentence), (const char *const[]){(a), NULL})
#define html_fill2(h, sentence, a, b) html_fill((h), (sentence), (const char *const[]){(a), (b), NULL})

/* 1234567 as 1,234,567 */
void html_number(struct Html *h, int64_t value);
/* 1234567: for addresses, attributes and drawings */
void html_digits(struct Html *h, int64_t value);

/* Marks a sentence for translation where a table or a call holds it. */
#define N_(text) text
