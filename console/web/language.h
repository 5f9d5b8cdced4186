/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The languages of the pages. The catalogue po/ja.po is compiled in as its .mo: each request has its own
 * language, so the process' locale does not matter, and nothing is opened while pages are written.
 */
#include "std.h"

/* name, tag, its own name */
#define LANGUAGES(X)                \
	X(ENGLISH, "en", "English") \
	X(JAPANESE, "ja", "日本語")

#define LANGUAGE_ENUM(name, tag, own) LANGUAGE_##name,
enum Language { LANGUAGES(LANGUAGE_ENUM) _LANGUAGE_N };
#undef LANGUAGE_ENUM

const char *language_tag(enum Language language);
const char *language_own_name(enum Language language);

/* The sentence in that language; itself where the catalogue has none. */
const char *language_text(enum Language language, const char *sentence);

/* From a tag such as a cookie holds. -ENOENT. */
int language_from_tag(const char *tag, enum Language *ret);

/* What a browser's Accept-Language prefers (RFC 9110 12.5.4) of those above; `otherwise` when it names none.
 */
enum Language language_accepted(const char *header, enum Language otherwise);
