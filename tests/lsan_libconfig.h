/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For programs that give libconfig wrong texts: libconfig 1.5 never frees a string token that a syntax error
 * throws away (hyperrealm/libconfig issue 142, mended in 1.7.3). The parser ends right after such a text in
 * load and in the command. Nothing else is hidden: what the tree of settings holds is from neither.
 */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	/* an empty string is the scanner's own */
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}
