/* SPDX-License-Identifier: Apache-2.0 */
#include "http_request.h"

#include "str.h"

#include <strings.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes in place; false: an escape that is none. */
static bool text_decode(char *text, size_t size, size_t *ret)
{
	size_t out = 0;

	for (size_t in = 0; in < size; in++) {
		char c = text[in];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = in + 2 < size ? hex_digit(text[in + 1]) : -1;
			int low = in + 2 < size ? hex_digit(text[in + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			in += 2;
		}
		text[out++] = c;
	}
	*ret = out;
	return true;
}

/* Browsers end the lines of a text area by CR LF; here they end by LF. */
static size_t lines_end(char *text, size_t size)
{
	size_t out = 0;

	for (size_t in = 0; in < size; in++)
		if (text[in] != '\r' || in + 1 == size || text[in + 1] != '\n')
			text[out++] = text[in];
	return out;
}

/* UTF-8, and of the control characters only a line's end. */
static bool value_is_sound(const char *text, size_t size)
{
	size_t from = 0;

	if (!str_is_utf8(text, size))
		return false;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && text[i] != '\n')
			continue;
		if (!str_is_line(text + from, i - from))
			return false;
		from = i + 1;
	}
	return true;
}

static int fields_add(struct RequestFields *f, const char *name, const char *value)
{
	if (f->n == REQUEST_FIELDS)
		return REQUEST_TOO_LARGE;
	if (!*name || fields_get(f, name))
		return REQUEST_MALFORMED;
	f->rows[f->n++] = (struct RequestField){name, value};
	return 0;
}

static int form_field(char *text, size_t size, struct RequestFields *f)
{
	char *equals = memchr(text, '=', size), *value;
	size_t name_size = equals ? (size_t)(equals - text) : size, value_size;

	value = equals ? equals + 1 : text + size;
	value_size = equals ? size - name_size - 1 : 0;
	if (!text_decode(text, name_size, &name_size) || !text_decode(value, value_size, &value_size))
		return REQUEST_MALFORMED;
	value_size = lines_end(value, value_size);
	if (!str_is_line(text, name_size) || !value_is_sound(value, value_size))
		return REQUEST_MALFORMED;
	text[name_size] = '\0';
	value[value_size] = '\0';
	return fields_add(f, text, value);
}

int fields_read_form(char *text, size_t size, struct RequestFields *ret)
{
	*ret = (struct RequestFields){};
	for (size_t at = 0; at < size;) {
		char *end = memchr(text + at, '&', size - at);
		size_t n = end ? (size_t)(end - text) - at : size - at;
		int r = n ? form_field(text + at, n, ret) : 0;

		if (r)
			return r;
		at += n + 1;
	}
	return 0;
}

int fields_read_cookies(char *text, struct RequestFields *ret)
{
	char *rest = NULL;

	*ret = (struct RequestFields){};
	if (!str_is_line(text, strlen(text)))
		return REQUEST_MALFORMED;
	for (char *pair = strtok_r(text, ";", &rest); pair; pair = strtok_r(NULL, ";", &rest)) {
		char *equals;
		int r;

		pair += strspn(pair, " \t");
		equals = strchr(pair, '=');
		if (!equals)
			continue; /* other pages of this host may set what they like */
		*equals = '\0';
		if (!*pair || fields_get(ret, pair))
			continue; /* RFC 6265 5.4: the first is the most specific */
		r = fields_add(ret, pair, equals + 1);
		if (r)
			return r;
	}
	return 0;
}

const char *fields_get(const struct RequestFields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->rows[i].name, name))
			return f->rows[i].value;
	return NULL;
}

const char *fields_text(const struct RequestFields *f, const char *name)
{
	const char *value = fields_get(f, name);

	return value ? value : "";
}

int fields_number(const struct RequestFields *f, const char *name, int64_t *ret)
{
	const char *text = fields_text(f, name);
	int64_t value = 0;

	if (!*text)
		return -ENOENT;
	if (strlen(text) > 18 || strspn(text, "0123456789") != strlen(text))
		return -EINVAL;
	for (; *text; text++)
		value = value * 10 + (*text - '0');
	*ret = value;
	return 0;
}

static int method_read(const char *method, enum RequestMethod *ret)
{
	if (str_eq(method, "GET") || str_eq(method, "HEAD"))
		*ret = REQUEST_GET;
	else if (str_eq(method, "POST"))
		*ret = REQUEST_POST;
	else
		return REQUEST_METHOD;
	return 0;
}

static bool type_is_form(const char *type)
{
	static const char form[] = "application/x-www-form-urlencoded";
	size_t n = type ? strcspn(type, "; ") : 0;

	return n == strlen(form) && !strncasecmp(type, form, n);
}

/* Printable ASCII from its slash on: the end of some is asked for as it is written. */
static bool path_is_sound(const char *path)
{
	if (*path != '/')
		return false;
	for (; *path; path++)
		if (*path <= ' ' || *path > '~')
			return false;
	return true;
}

/* Room for all three texts, each closed by NUL. */
static int store_fill(const struct RequestRaw *raw, struct Request *r, char **ret_body, char **ret_cookie)
{
	size_t uri = strlen(raw->uri), cookie = raw->cookie ? strlen(raw->cookie) : 0;

	if (uri > REQUEST_URI_MOST || cookie > REQUEST_COOKIE_MOST || raw->body_size > REQUEST_BODY_MOST)
		return REQUEST_TOO_LARGE;
	r->store = malloc(uri + cookie + raw->body_size + 3);
	if (!r->store)
		return -ENOMEM;
	memcpy(r->store, raw->uri, uri + 1);
	*ret_cookie = r->store + uri + 1;
	memcpy(*ret_cookie, raw->cookie ? raw->cookie : "", cookie + 1);
	*ret_body = *ret_cookie + cookie + 1;
	if (raw->body_size)
		memcpy(*ret_body, raw->body, raw->body_size);
	(*ret_body)[raw->body_size] = '\0';
	return 0;
}

int request_read(const struct RequestRaw *raw, struct Request *ret)
{
	_cleanup_request_ struct Request r = REQUEST_NULL;
	char *body, *cookie, *query;
	int e;

	e = method_read(raw->method, &r.method);
	if (e)
		return e;
	if (raw->body_size && (r.method != REQUEST_POST || !type_is_form(raw->content_type)))
		return REQUEST_MEDIA_TYPE;
	e = store_fill(raw, &r, &body, &cookie);
	if (e)
		return e;
	query = strchr(r.store, '?');
	if (query)
		*query++ = '\0';
	if (!path_is_sound(r.store))
		return REQUEST_MALFORMED;
	if (query) {
		e = fields_read_form(query, strlen(query), &r.query);
		if (e)
			return e;
	}
	e = fields_read_form(body, raw->body_size, &r.form);
	if (e)
		return e;
	e = fields_read_cookies(cookie, &r.cookies);
	if (e)
		return e;
	r.path = r.store;
	r.accept_language = raw->accept_language;
	*ret = r;
	r = REQUEST_NULL;
	return 0;
}

void request_done(struct Request *r)
{
	free(r->store);
	*r = REQUEST_NULL;
}
