/* SPDX-License-Identifier: Apache-2.0 */
#include "http_request.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int get(const char *uri, const char *cookie, struct Request *ret)
{
	return request_read(&(struct RequestRaw){.method = "GET", .uri = uri, .cookie = cookie}, ret);
}

static int post(const char *body, struct Request *ret)
{
	return request_read(&(struct RequestRaw){.method = "POST",
	                            .uri = "/",
	                            .content_type = "application/x-www-form-urlencoded; charset=UTF-8",
	                            .body = body,
	                            .body_size = strlen(body)},
	        ret);
}

static void test_fields_are_decoded(void **state _unused_)
{
	_cleanup_request_ struct Request r = REQUEST_NULL;
	int64_t n;

	assert_int_equal(get("/history?person=%E5%B1%B1+%41&n=42&empty=&&flag", "a=1; b=x=y;c", &r), 0);
	assert_string_equal(r.path, "/history");
	assert_string_equal(fields_get(&r.query, "person"), "山 A");
	assert_int_equal(fields_number(&r.query, "n", &n), 0);
	assert_int_equal(n, 42);
	assert_string_equal(fields_get(&r.query, "empty"), "");
	assert_string_equal(fields_get(&r.query, "flag"), "");
	assert_null(fields_get(&r.query, "none"));
	assert_string_equal(fields_get(&r.cookies, "a"), "1");
	assert_string_equal(fields_get(&r.cookies, "b"), "x=y");
	assert_null(fields_get(&r.cookies, "c"));
}

static void test_what_is_not_sound_is_refused_whole(void **state _unused_)
{
	static const struct {
		const char *uri;
		int outcome;
	} rows[] = {
	        {"/x?a=%", REQUEST_MALFORMED},
	        {"/x?a=%4", REQUEST_MALFORMED},
	        {"/x?a=%zz", REQUEST_MALFORMED},
	        {"/x?a=%00", REQUEST_MALFORMED},
	        {"/x?a=%1b", REQUEST_MALFORMED},
	        {"/x?a=%ff", REQUEST_MALFORMED},
	        {"/x?a=%0d", REQUEST_MALFORMED},
	        {"/x?a=%0d%0d%0a", REQUEST_MALFORMED},
	        {"/x?a=%C0%AF", REQUEST_MALFORMED},
	        {"/x?a=1&a=2", REQUEST_MALFORMED},
	        {"/x?=1", REQUEST_MALFORMED},
	        {"/x?a%0a=1", REQUEST_MALFORMED},
	        {"x", REQUEST_MALFORMED},
	        {"*", REQUEST_MALFORMED},
	        {"", REQUEST_MALFORMED},
	        {"/link/\xff", REQUEST_MALFORMED},
	        {"/link/\xe7\xa8\x8e", REQUEST_MALFORMED},
	        {"/link/\x01?a=1", REQUEST_MALFORMED},
	        {"/link/a b", REQUEST_MALFORMED},
	        {"/link/\x7f", REQUEST_MALFORMED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct Request r = REQUEST_NULL;

		assert_int_equal(get(rows[i].uri, NULL, &r), rows[i].outcome);
		assert_null(r.store);
	}
}

static void test_paths_are_not_decoded(void **state _unused_)
{
	_cleanup_request_ struct Request r = REQUEST_NULL;

	assert_int_equal(get("/style.css/%2e%2e/../etc?x=1", NULL, &r), 0);
	assert_string_equal(r.path, "/style.css/%2e%2e/../etc");
}

static void test_forms_are_read_and_nothing_else(void **state _unused_)
{
	_cleanup_request_ struct Request r = REQUEST_NULL;
	struct Request other = REQUEST_NULL;

	assert_int_equal(post("note=a%0D%0Ab&csrf=0", &r), 0);
	assert_string_equal(fields_get(&r.form, "note"), "a\nb");
	assert_int_equal(request_read(&(struct RequestRaw){.method = "POST",
	                                      .uri = "/",
	                                      .content_type = "application/json",
	                                      .body = "{}",
	                                      .body_size = 2},
	                         &other),
	        REQUEST_MEDIA_TYPE);
	assert_int_equal(
	        request_read(&(struct RequestRaw){.method = "GET", .uri = "/", .body = "a=1", .body_size = 3},
	                &other),
	        REQUEST_MEDIA_TYPE);
	assert_int_equal(
	        request_read(&(struct RequestRaw){.method = "PUT", .uri = "/"}, &other), REQUEST_METHOD);
}

static void test_too_much_is_refused(void **state _unused_)
{
	_cleanup_free_ char *long_uri = calloc(1, REQUEST_URI_MOST + 2);
	struct Request r = REQUEST_NULL;
	char many[REQUEST_FIELDS * 8 + 16] = "/?", *p = many + 2;

	memset(long_uri, 'a', REQUEST_URI_MOST + 1);
	long_uri[0] = '/';
	assert_int_equal(get(long_uri, NULL, &r), REQUEST_TOO_LARGE);
	for (int i = 0; i <= REQUEST_FIELDS; i++)
		p += sprintf(p, "f%d=1&", i);
	assert_int_equal(get(many, NULL, &r), REQUEST_TOO_LARGE);
}

static void test_numbers_are_plain_digits(void **state _unused_)
{
	_cleanup_request_ struct Request r = REQUEST_NULL;
	int64_t n = 7;

	assert_int_equal(get("/?a=-1&b=1e3&c=&d=1234567890123456789&e=+1&f=123456789012345678", NULL, &r), 0);
	assert_int_equal(fields_number(&r.query, "a", &n), -EINVAL);
	assert_int_equal(fields_number(&r.query, "b", &n), -EINVAL);
	assert_int_equal(fields_number(&r.query, "c", &n), -ENOENT);
	assert_int_equal(fields_number(&r.query, "d", &n), -EINVAL);
	assert_int_equal(fields_number(&r.query, "e", &n), -EINVAL);
	assert_int_equal(n, 7);
	assert_int_equal(fields_number(&r.query, "f", &n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_fields_are_decoded),
	        cmocka_unit_test(test_what_is_not_sound_is_refused_whole),
	        cmocka_unit_test(test_paths_are_not_decoded),
	        cmocka_unit_test(test_forms_are_read_and_nothing_else),
	        cmocka_unit_test(test_too_much_is_refused),
	        cmocka_unit_test(test_numbers_are_plain_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
