/* SPDX-License-Identifier: Apache-2.0 */
/* What forward reads: its configuration, and what answers as a console. */
#include "../lsan_libconfig.h"
#include "forward_conf.h"
#include "http_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KEY "console_key = \"k\";\n"

static int conf(const char *text, struct ForwardConf *ret)
{
	char error[400];

	forward_conf_default(ret);
	return flat_parse(&forward_conf, text, strlen(text), ret, error, sizeof(error));
}

static void test_an_address_says_where_and_how(void **state _unused_)
{
	struct ForwardConf c;

	assert_int_equal(conf(KEY "url = \"https://console.city.example\";", &c), 0);
	assert_true(c.tls);
	assert_string_equal(c.host, "console.city.example");
	assert_string_equal(c.port, "443");
	assert_int_equal(conf(KEY "url = \"https://console.city.example:8443/\";", &c), 0);
	assert_string_equal(c.port, "8443");
	assert_int_equal(conf(KEY "url = \"http://127.0.0.1:8021\";", &c), 0);
	assert_false(c.tls);
}

static void test_nothing_leaves_this_machine_unencrypted(void **state _unused_)
{
	struct ForwardConf c;

	assert_int_equal(conf(KEY "url = \"http://console.city.example\";", &c), 1);
	assert_int_equal(conf(KEY "url = \"http://127.0.0.1.city.example\";", &c), 1);
	assert_int_equal(conf(KEY "url = \"http://localhost@city.example\";", &c), 1);
}

static void test_what_is_not_understood_is_an_error(void **state _unused_)
{
	static const char *const bad[] = {
	        "",
	        KEY,
	        "url = \"https://c.example\";",
	        KEY "url = \"c.example\";",
	        KEY "url = \"https://\";",
	        KEY "url = \"https://c.example:\";",
	        KEY "url = \"https://c.example:65536\";",
	        KEY "url = \"https://c.example/elsewhere\";",
	        KEY "url = \"https://c.example\\r\\nX: y\";",
	        KEY "url = \"https://c.example\"; other = 1;",
	        KEY "url = 1;",
	        KEY "@include \"/etc/shadow\"\nurl = \"https://c.example\";",
	};
	struct ForwardConf c;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(conf(bad[i], &c), 1);
}

static int reply(const char *text, struct HttpReply *ret)
{
	return http_reply_read(text, strlen(text), ret);
}

static void test_an_answer_is_as_long_as_it_says(void **state _unused_)
{
	struct HttpReply r;

	assert_int_equal(reply("HTTP/1.1 200 OK\r\ncontent-length:  3 \r\nX: y\r\n\r\nabcd", &r), 0);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.size, 3);
	assert_memory_equal(r.body, "abc", 3);
	assert_int_equal(reply("HTTP/1.0 503\r\n\r\nall of it", &r), 0);
	assert_int_equal(r.size, 9);
}

static void test_what_is_no_answer_is_refused(void **state _unused_)
{
	static const char *const bad[] = {
	        "",
	        "HTTP/1.1 200 OK",
	        "HTTP/1.1 200 OK\r\n",
	        "HTTP/2 200\r\n\r\n",
	        "HTTP/1.1 20 OK\r\n\r\n",
	        "HTTP/1.1 099 OK\r\n\r\n",
	        "HTTP/1.1 2000\r\n\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd",
	        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabcd",
	        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx",
	};
	struct HttpReply r;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(reply(bad[i], &r), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_an_address_says_where_and_how),
	        cmocka_unit_test(test_nothing_leaves_this_machine_unencrypted),
	        cmocka_unit_test(test_what_is_not_understood_is_an_error),
	        cmocka_unit_test(test_an_answer_is_as_long_as_it_says),
	        cmocka_unit_test(test_what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
