/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint8_t frame[FRAME_MOST];

static void a_question_arrives_as_it_was_asked(void **state)
{
	struct Ask ask = {.query = QUERY_HISTORY, .limit = 50, .session = "token", .n = 4}, got;
	ssize_t n;

	(void)state;
	ask.cells[HISTORY_FROM_P] = CELL_OF_NUMBER(-7);
	ask.cells[HISTORY_UNTIL_P] = CELL_OF_TEXT(NULL);
	ask.cells[HISTORY_ACTOR_P] = CELL_OF_TEXT("事務1");
	ask.cells[HISTORY_MEDIUM_P] = CELL_OF_TEXT("");
	n = ask_write(&ask, frame);
	assert_true(n > 0);
	assert_int_equal(ask_read(frame, (size_t)n, &got), 0);
	assert_int_equal(got.query, QUERY_HISTORY);
	assert_int_equal(got.limit, 50);
	assert_string_equal(got.session, "token");
	assert_int_equal(got.cells[HISTORY_FROM_P].number, -7);
	assert_int_equal(got.cells[HISTORY_UNTIL_P].type, CELL_NONE);
	assert_string_equal(got.cells[HISTORY_ACTOR_P].text, "事務1");
	assert_int_equal(got.cells[HISTORY_MEDIUM_P].type, CELL_TEXT);
	assert_int_equal(got.cells[HISTORY_BEFORE_ID_P].type, CELL_NONE);
}

static void a_question_that_is_cut_or_too_long_is_refused(void **state)
{
	struct Ask ask = {.query = QUERY_SIGN_IN, .n = 2}, got;
	ssize_t n;

	(void)state;
	ask.cells[SIGN_IN_LOGIN_P] = CELL_OF_TEXT("clerk1");
	ask.cells[SIGN_IN_PASSWORD_P] = CELL_OF_TEXT("x");
	n = ask_write(&ask, frame);
	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(ask_read(frame, (size_t)i, &got), -EBADMSG);
	frame[n] = 0;
	assert_int_equal(ask_read(frame, (size_t)n + 1, &got), -EBADMSG);
	assert_int_equal(ask_read(frame, (size_t)n, &got), 0);
}

static void a_parameter_of_the_wrong_type_is_refused(void **state)
{
	struct Ask ask = {.query = QUERY_RECORD, .n = 1}, got;
	ssize_t n;

	(void)state;
	ask.cells[0] = CELL_OF_TEXT("1 OR 1=1");
	n = ask_write(&ask, frame);
	assert_int_equal(ask_read(frame, (size_t)n, &got), -EBADMSG);
}

static void a_text_with_control_characters_or_broken_utf8_is_refused(void **state)
{
	static const char *const texts[] = {"\x01", "\x1b[2J", "\xff", "\xc0\x80", "\xed\xa0\x80"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct Ask ask = {.query = QUERY_LINK, .n = 1}, got;
		ssize_t n;

		ask.cells[0] = CELL_OF_TEXT(texts[i]);
		n = ask_write(&ask, frame);
		assert_int_equal(ask_read(frame, (size_t)n, &got), -EBADMSG);
	}
}

static void what_json_lets_stand_in_a_line_arrives(void **state)
{
	static const char line[] = "{\"n\":7,\"detail\":{\"name\":\"a\x7f\xc2\x9b\"}}";
	struct Cell cells[QUERY_CELLS_MOST] = {};
	struct AnswerWriter w;
	struct Answer answer;

	(void)state;
	answer_start(&w, frame, QUERY_RECORD);
	for (size_t i = 0; i < RECORD_N_C; i++) {
		const struct Cell c = i == RECORD_LINE_C ? cell_text(line) : (struct Cell){.text = ""};

		answer_cell(&w, &c);
	}
	assert_true(answer_row(&w));
	assert_int_equal(answer_read(frame, answer_end(&w, QUERY_DONE, false), &answer), 0);
	assert_true(answer_next(&answer, cells));
	assert_string_equal(cells[RECORD_LINE_C].text, line);
}

static void rows_arrive_until_no_more_fit(void **state)
{
	static char text[4000];
	struct AnswerWriter w;
	struct Answer answer;
	struct Cell cells[QUERY_CELLS_MOST];
	uint32_t rows = 0;
	size_t n;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	answer_start(&w, frame, QUERY_CHOICES);
	do {
		struct Cell c = CELL_OF_TEXT(text);

		answer_cell(&w, &c);
	} while (answer_row(&w));
	n = answer_end(&w, QUERY_DONE, false);
	assert_true(n <= FRAME_MOST);
	assert_int_equal(answer_read(frame, n, &answer), 0);
	assert_true(answer.more);
	assert_int_equal(answer.rows, (FRAME_MOST - 20) / 4005);
	while (answer_next(&answer, cells)) {
		assert_string_equal(cells[CHOICES_TEXT_C].text, text);
		rows++;
	}
	assert_int_equal(rows, answer.rows);
}

static void a_row_with_a_cell_too_few_is_not_said(void **state)
{
	const struct Cell one = CELL_OF_NUMBER(1);
	struct AnswerWriter w;
	struct Answer answer;

	(void)state;
	answer_start(&w, frame, QUERY_MEDIA_STATES);
	answer_cell(&w, &one);
	assert_false(answer_row(&w));
	assert_int_equal(answer_read(frame, answer_end(&w, QUERY_DONE, false), &answer), 0);
	assert_int_equal(answer.rows, 0);
}

static void every_query_has_a_number_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; query_at(i); i++)
		assert_ptr_equal(query_row(query_at(i)->query), query_at(i));
	assert_null(query_row(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_question_arrives_as_it_was_asked),
	        cmocka_unit_test(a_question_that_is_cut_or_too_long_is_refused),
	        cmocka_unit_test(a_parameter_of_the_wrong_type_is_refused),
	        cmocka_unit_test(a_text_with_control_characters_or_broken_utf8_is_refused),
	        cmocka_unit_test(what_json_lets_stand_in_a_line_arrives),
	        cmocka_unit_test(rows_arrive_until_no_more_fit),
	        cmocka_unit_test(a_row_with_a_cell_too_few_is_not_said),
	        cmocka_unit_test(every_query_has_a_number_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
