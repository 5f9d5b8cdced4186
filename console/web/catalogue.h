/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The compiled-in Japanese catalogue: a GNU .mo file, our own build's, in the machine's byte order. */

/* The translation of a sentence; NULL: there is none. */
const char *catalogue_find(const char *sentence);
