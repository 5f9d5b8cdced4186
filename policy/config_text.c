/* SPDX-License-Identifier: Apache-2.0 */
#include "config_text.h"

#include "config_scan.h"

/* Windows' editors begin a UTF-8 file with U+FEFF. */
static const char *after_mark(const char *text)
{
	return !strncmp(text, "\xef\xbb\xbf", 3) ? text + 3 : text;
}

/* Of the file itself: the last byte is the newline that was added. */
static unsigned int lines_of(const char *text, size_t n)
{
	unsigned int lines = 1;

	for (size_t i = 0; i + 2 < n; i++)
		lines += text[i] == '\n';
	return lines;
}

int config_text_read(const char *text, size_t n, struct Nodes **ret, struct ConfigError *ret_error)
{
	_cleanup_free_ char *bytes = malloc(n + 2);
	const char *start;
	int r;

	if (!bytes)
		return -ENOMEM;
	if (n)
		memcpy(bytes, text, n);
	memcpy(bytes + n++, "\n", 2); /* libconfig does not like a comment to be the last thing */
	start = after_mark(bytes);
	*ret_error = config_scan(start, n - (size_t)(start - bytes));
	if (ret_error->what)
		return 1;
	r = nodes_read(start, ret, ret_error);
	ret_error->line = MIN(ret_error->line, lines_of(bytes, n));
	return r;
}
