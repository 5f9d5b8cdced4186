/* SPDX-License-Identifier: Apache-2.0 */
/* What terminal and console say to each other. */
#include "push_text.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char request[] = "mediagate/push/v1\nname+00000000+key\n10 12 3 4\nabcnote";

static void test_a_request_is_read_as_it_was_written(void **state _unused_)
{
	struct Push push;
	char head[PUSH_HEAD];

	assert_int_equal(push_read(request, strlen(request), &push), 0);
	assert_string_equal(push.vkey, "name+00000000+key");
	assert_int_equal(push.base, 10);
	assert_int_equal(push.at, 12);
	assert_memory_equal(push.records, "abc", 3);
	assert_memory_equal(push.checkpoint, "note", 4);
	assert_int_equal(push_head(&push, head, sizeof(head)), strlen(request) - 7);
	assert_memory_equal(head, request, strlen(request) - 7);
}

static void test_no_part_of_a_request_is_one(void **state _unused_)
{
	struct Push push;

	for (size_t i = 0; i < strlen(request); i++)
		assert_int_equal(push_read(request, i, &push), -EBADMSG);
	assert_int_equal(push_read(request, sizeof(request), &push), -EBADMSG);
}

static void test_what_is_no_request_is_refused(void **state _unused_)
{
	static const char *const bad[] = {
	        "mediagate/push/v2\nk\n0 0 0 0\n",
	        "mediagate/push/v1\n\n0 0 0 0\n",
	        "mediagate/push/v1\na\tb\n0 0 0 0\n",
	        "mediagate/push/v1\nk\n1 0 0 0\n", /* begins before its base */
	        "mediagate/push/v1\nk\n00 0 0 0\n",
	        "mediagate/push/v1\nk\n0 0 0 0 \n",
	        "mediagate/push/v1\nk\n0  0 0 0\n",
	        "mediagate/push/v1\nk\n-1 0 0 0\n",
	        "mediagate/push/v1\nk\n0 0 1048577 0\n",
	        "mediagate/push/v1\nk\n0 0 0 65537\n",
	        "mediagate/push/v1\nk\n0 281474976710657 0 0\n",
	        "mediagate/push/v1\nk\n0 1000000000000000000 0 0\n",
	};
	struct Push push;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(push_read(bad[i], strlen(bad[i]), &push), -EBADMSG);
}

static void test_an_answer_is_read_as_it_was_written(void **state _unused_)
{
	char text[PUSH_HEAD];
	struct PushReply reply;

	for (enum PushWord word = 0; word < _PUSH_WORD_N; word++) {
		const struct PushReply wrote = {.word = word,
		        .number = 77,
		        .cosignature = "line",
		        .n_cosignature = word == PUSH_RECEIVED ? 4 : 0,
		        .checkpoint = "checkpoint",
		        .n_checkpoint = word == PUSH_RECEIVED ? 10 : 0};
		ssize_t n = push_reply_write(&wrote, text, sizeof(text));

		assert_true(n > 0);
		assert_int_equal(push_reply_read(text, (size_t)n, &reply), 0);
		assert_int_equal(reply.word, word);
		assert_int_equal(reply.number, 77);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(push_reply_read(text, (size_t)i, &reply), -EBADMSG);
	}
}

static void test_a_receipt_is_signed_and_nothing_else_is(void **state _unused_)
{
	static const char *const bad[] = {
	        "mediagate/reply/v1\nreceived 0 0 0\n",
	        "mediagate/reply/v1\nmore 0 1 0\nx",
	        "mediagate/reply/v1\nwrong 0 0 1\nx",
	        "mediagate/reply/v1\nperhaps 0 0 0\n",
	        "HTTP/1.1 200 OK\r\n",
	};
	struct PushReply reply;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(push_reply_read(bad[i], strlen(bad[i]), &reply), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_request_is_read_as_it_was_written),
	        cmocka_unit_test(test_no_part_of_a_request_is_one),
	        cmocka_unit_test(test_what_is_no_request_is_refused),
	        cmocka_unit_test(test_an_answer_is_read_as_it_was_written),
	        cmocka_unit_test(test_a_receipt_is_signed_and_nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
