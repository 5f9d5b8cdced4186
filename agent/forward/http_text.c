/* SPDX-License-Identifier: Apache-2.0 */
#include "http_text.h"

#include <strings.h>

ssize_t http_head(const struct HttpPost *p, char *ret, size_t size)
{
	int n = snprintf(ret, size,
	        "POST %s HTTP/1.1\r\nHost: %s%s%s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	        "Connection: close\r\n\r\n",
	        p->path, p->host, p->usual_port ? "" : ":", p->usual_port ? "" : p->port, p->type, p->size);

	return n < (int)size ? n : -E2BIG;
}

struct Line {
	const char *text;
	size_t size;
};

/* The next line of the head without its CR LF; false: there is none. */
static bool next_line(const char **at, const char *end, struct Line *ret)
{
	const char *newline = memmem(*at, (size_t)(end - *at), "\r\n", 2);

	if (!newline)
		return false;
	*ret = (struct Line){*at, (size_t)(newline - *at)};
	*at = newline + 2;
	return true;
}

/* HTTP/1.x NNN … */
static bool read_status(const struct Line *l, unsigned int *ret)
{
	const char *t = l->text;

	if (l->size < 12 || memcmp(t, "HTTP/1.", 7) || (t[7] != '0' && t[7] != '1') || t[8] != ' ')
		return false;
	*ret = 0;
	for (int i = 9; i < 12; i++) {
		if (t[i] < '0' || t[i] > '9')
			return false;
		*ret = *ret * 10 + (unsigned int)(t[i] - '0');
	}
	return *ret >= 100 && (l->size == 12 || t[12] == ' ');
}

/* A header's value without blanks around it; false: it is another header. */
static bool header_is(const struct Line *l, const char *name, struct Line *ret)
{
	size_t n = strlen(name);

	if (l->size <= n || l->text[n] != ':' || strncasecmp(l->text, name, n) != 0)
		return false;
	*ret = (struct Line){l->text + n + 1, l->size - n - 1};
	while (ret->size && (*ret->text == ' ' || *ret->text == '\t')) {
		ret->text++;
		ret->size--;
	}
	while (ret->size && (ret->text[ret->size - 1] == ' ' || ret->text[ret->size - 1] == '\t'))
		ret->size--;
	return true;
}

static bool read_length(const struct Line *value, size_t *ret)
{
	size_t length = 0;

	if (!value->size || value->size > 9)
		return false;
	for (size_t i = 0; i < value->size; i++) {
		if (value->text[i] < '0' || value->text[i] > '9')
			return false;
		length = length * 10 + (size_t)(value->text[i] - '0');
	}
	*ret = length;
	return true;
}

int http_reply_read(const char *bytes, size_t n, struct HttpReply *ret)
{
	const char *at = bytes, *end = bytes + n;
	size_t length = SIZE_MAX;
	struct Line line, value;

	*ret = (struct HttpReply){};
	if (!next_line(&at, end, &line) || !read_status(&line, &ret->status))
		return -EBADMSG;
	for (;;) {
		if (!next_line(&at, end, &line))
			return -EBADMSG;
		if (!line.size)
			break;
		if (header_is(&line, "Transfer-Encoding", &value) ||
		        header_is(&line, "Content-Encoding", &value))
			return -EBADMSG;
		/* twice is one too many: two readers might choose differently */
		if (header_is(&line, "Content-Length", &value) &&
		        (length != SIZE_MAX || !read_length(&value, &length)))
			return -EBADMSG;
	}
	ret->body = at;
	ret->size = (size_t)(end - at);
	if (length == SIZE_MAX)
		return 0;
	if (ret->size < length)
		return -EBADMSG;
	ret->size = length;
	return 0;
}
