/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sys/wait.h>

static void test_text_cannot_become_markup(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;

	html(&h, "<td>");
	html_text(&h, "<script>alert('x' + \"y\")</script> & co");
	html(&h, "</td>");
	assert_string_equal(
	        h.text, "<td>&lt;script&gt;alert(&#39;x&#39; + &quot;y&quot;)&lt;/script&gt; &amp; co</td>");
}

static void test_an_attribute_cannot_be_left(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;

	html(&h, "<td title=\"");
	html_text(&h, "\" onclick=\"x\x01");
	html(&h, "\">");
	assert_string_equal(h.text, "<td title=\"&quot; onclick=&quot;x\\u{0001}\">");
}

static void test_an_address_takes_nothing_but_harmless_letters(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;

	html(&h, "<a class=\"x\" href=\"/record?terminal=");
	assert_int_equal(h.place, HTML_ADDRESS);
	html_url(&h, "T-1&n=2\"><b>税/..");
	html(&h, "\">");
	assert_string_equal(
	        h.text, "<a class=\"x\" href=\"/record?terminal=T-1%26n%3D2%22%3E%3Cb%3E%E7%A8%8E%2F..\">");
	assert_int_equal(h.place, HTML_TEXT);
}

static void test_hidden_characters_are_seen(void **state _unused_)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
	        {"a\u202ecod.exe", "a<span class=\"hidden-char\">\\u{202E}</span>cod.exe"},
	        {"\u2067x", "<span class=\"hidden-char\">\\u{2067}</span>x"},
	        {"x\u200by", "x<span class=\"hidden-char\">\\u{200B}</span>y"},
	        {"\x1b[2J", "<span class=\"hidden-char\">\\u{001B}</span>[2J"},
	        {"\xc2\x85", "<span class=\"hidden-char\">\\u{0085}</span>"},
	        {"\xff\xc0\xaf",
	                "<span class=\"hidden-char\">\\xff</span><span class=\"hidden-char\">\\xc0</span>"
	                "<span class=\"hidden-char\">\\xaf</span>"},
	        {"\xe3\x81",
	                "<span class=\"hidden-char\">\\xe3</span><span class=\"hidden-char\">\\x81</span>"},
	        {"税務署 𠮷", "税務署 𠮷"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_html_ struct Html h = HTML_NULL;

		html_text(&h, rows[i].text);
		assert_string_equal(h.text, rows[i].shown);
	}
}

static void test_long_words_may_be_broken_between_characters(void **state _unused_)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
	        {"USB-0007", "USB-0007"},
	        {"a word and another word", "a word and another word"},
	        {"0123456789abcdefghij", "0123456789abcdef<wbr>ghij"},
	        {"税務署税務署税務署", "税務署税務署<wbr>税務署"},
	        {"0123456789abcdef<b>", "0123456789abcdef<wbr>&lt;b&gt;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_html_ struct Html h = HTML_NULL;

		html_text_soft(&h, rows[i].text);
		assert_string_equal(h.text, rows[i].shown);
	}
}

static void test_lines_stay_lines_and_nothing_else(void **state _unused_)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
	        {"", ""},
	        {"one", "one"},
	        {"one\ntwo", "one<br>two"},
	        {"\none\n\ntwo\n", "<br>one<br><br>two<br>"},
	        {"<br>\n0123456789abcdefghij", "&lt;br&gt;<br>0123456789abcdef<wbr>ghij"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_html_ struct Html h = HTML_NULL;

		html(&h, "<p>");
		html_lines(&h, rows[i].text);
		assert_string_equal(h.text + strlen("<p>"), rows[i].shown);
	}
}

static void write_in_tag(struct Html *h)
{
	html(h, "<td ");
	html_text(h, "onclick=x");
}

static void write_text_in_address(struct Html *h)
{
	html(h, "<a href=\"");
	html_text(h, "javascript:x");
}

static void write_address_in_text(struct Html *h)
{
	html(h, "<p>");
	html_url(h, "x");
}

static void test_a_value_where_none_may_stand_ends_the_process(void **state _unused_)
{
	static void (*const wrong[])(struct Html *) = {
	        write_in_tag, write_text_in_address, write_address_in_text};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		int status;
		pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			struct Html h = HTML_NULL;

			wrong[i](&h);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
	}
}

static void test_values_are_filled_in_and_escaped(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;

	html_fill2(&h, "%s of %s; %s", "<1>", "%s");
	assert_string_equal(h.text, "&lt;1&gt; of %s; %s");
}

static void test_numbers_are_grouped(void **state _unused_)
{
	static const struct {
		int64_t number;
		const char *text;
	} rows[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {-1234567, "-1,234,567"}, {100000, "100,000"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_html_ struct Html h = HTML_NULL;

		html_number(&h, rows[i].number);
		assert_string_equal(h.text, rows[i].text);
	}
}

static void test_a_page_without_end_fails(void **state _unused_)
{
	_cleanup_html_ struct Html h = HTML_NULL;
	char line[4096];

	memset(line, '<', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (size_t i = 0; i < HTML_MOST / sizeof(line) && !h.failed; i++)
		html_text(&h, line);
	assert_true(h.failed);
}

static void test_the_browsers_language_is_taken(void **state _unused_)
{
	static const struct {
		const char *header;
		enum Language language;
	} rows[] = {
	        {"ja", LANGUAGE_JAPANESE},
	        {"ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", LANGUAGE_JAPANESE},
	        {"en-GB, ja;q=0.5", LANGUAGE_ENGLISH},
	        {"fr, ja;q=0.2, en;q=0.1", LANGUAGE_JAPANESE},
	        {"fr, en;q=0", LANGUAGE_JAPANESE},
	        {"jam", LANGUAGE_JAPANESE}, /* not ja: what the office has set */
	        {"JA;q=0.3,en;q=0.4", LANGUAGE_ENGLISH},
	        {"", LANGUAGE_JAPANESE},
	        {";;;,,,q=1", LANGUAGE_JAPANESE},
	        {NULL, LANGUAGE_JAPANESE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(language_accepted(rows[i].header, LANGUAGE_JAPANESE), rows[i].language);
	assert_int_equal(language_accepted("fr", LANGUAGE_ENGLISH), LANGUAGE_ENGLISH);
}

static void test_the_catalogue_is_in_the_program(void **state _unused_)
{
	assert_string_equal(language_text(LANGUAGE_ENGLISH, "encrypted copy"), "encrypted copy");
	assert_string_not_equal(language_text(LANGUAGE_JAPANESE, "encrypted copy"), "encrypted copy");
	assert_string_not_equal(language_text(LANGUAGE_JAPANESE, "medium returned"), "medium returned");
	assert_string_equal(language_text(LANGUAGE_JAPANESE, "no such sentence"), "no such sentence");
	assert_string_equal(language_text(LANGUAGE_JAPANESE, ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_text_cannot_become_markup),
	        cmocka_unit_test(test_an_attribute_cannot_be_left),
	        cmocka_unit_test(test_an_address_takes_nothing_but_harmless_letters),
	        cmocka_unit_test(test_hidden_characters_are_seen),
	        cmocka_unit_test(test_long_words_may_be_broken_between_characters),
	        cmocka_unit_test(test_lines_stay_lines_and_nothing_else),
	        cmocka_unit_test(test_a_value_where_none_may_stand_ends_the_process),
	        cmocka_unit_test(test_values_are_filled_in_and_escaped),
	        cmocka_unit_test(test_numbers_are_grouped),
	        cmocka_unit_test(test_a_page_without_end_fails),
	        cmocka_unit_test(test_the_browsers_language_is_taken),
	        cmocka_unit_test(test_the_catalogue_is_in_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
