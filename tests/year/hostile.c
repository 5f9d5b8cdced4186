/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

#include "writer.h"

#include <stdio.h>

#define TERMINAL "hostile-01"
#define TIME_END INT64_C(253402300799999) /* the last that has the form */

/* As they stand in a JSON string. */
static const char *const texts[] = {
        /* pages */
        "<script>alert(1)</script>",
        "\\\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></textarea></script><svg/onload=alert(1)>",
        "javascript:alert(1)",
        "<!--",
        "]]>",
        "&lt;b&gt; &#x3c;b&#x3e; &amp;amp;",
        "{{7*7}} ${7*7} <%= 7*7 %>",
        "<meta http-equiv=refresh content=0;url=//example.org>",
        "<style>*{display:none}</style>",
        "<a href=//example.org>クリック</a>",
        /* tables */
        "=HYPERLINK(\\\"http://example.org?\\\"&A1,\\\"開く\\\")",
        "=cmd|'/c calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1,1)",
        "\\t=1+1",
        "\\r=1+1",
        "a,b;c\\td\\\"e\\\"\\r\\nf",
        "＝1+1",
        /* queries */
        "'; DROP TABLE records; --",
        "\\\" OR 1=1 --",
        "%' OR '%'='",
        "\\\\'; SELECT 1; --",
        "NULL",
        /* terminals and logs */
        "\\u001b[2J\\u001b[31mred\\u0007",
        "\\u001b]0;title\\u0007",
        "\\u009b31m",
        "\xc2\x9b"
        "31m",
        "line\\nNov 21 12:00:00 host sshd[1]: Accepted",
        "\\u0008\\u0008\\u0008back",
        "\x7f"
        "del\\u007f",
        "%s%s%n%x",
        "$(id) `id` ; id | id > /tmp/x",
        /* what looks like something else */
        "\xe2\x80\xae"
        "fdp.exe",
        "\xe2\x81\xa6isolated \xe2\x81\xa9\xe2\x80\x8f\xe2\x80\x8e",
        "zero\xe2\x80\x8bwidth\xe2\x80\x8d\xef\xbb\xbf",
        "Ａ１２３ ａｂｃ ｶﾀｶﾅ",
        "раураl",
        "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
        "\xcc\x81",
        "\\ud83d\\ude00 \xf0\x9f\x92\xa9 \xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
        "\xf4\x8f\xbf\xbf \xef\xbf\xbf \xef\xb7\x90",
        "\xe2\x80\xa8line separator\xe2\x80\xa9",
        /* paths and addresses */
        "../../../../etc/passwd",
        "..\\\\..\\\\windows\\\\win.ini",
        "/dev/stdin",
        "con",
        "http://169.254.169.254/latest/",
        "%2e%2e%2f%00",
        "",
        " ",
        "null",
        "-0",
        "1e999",
        "[]",
        "__proto__",
};

/* Kinds, like all that stands in the head without escapes. */
static const char *const kinds[] = {"file", "checkout", "<b>kind</b>", "=1+1", "'; DROP TABLE kinds; --",
        "copy", "\xe2\x80\xaeypoc", "register", "policy", "overdue", "return", "request", "residue", "tamper",
        "label", "device"};

struct Hostile {
	struct Writer w;
	int64_t now, step;
};

static void add(struct Hostile *h, const char *kind, const char *rest)
{
	writer_add_raw(&h->w, kind, rest, h->now);
	h->now += h->step;
}

/* One text in every place that takes a text. */
static void everywhere(struct Hostile *h, const char *t, size_t i)
{
	static const char *const results[] = {"done", "refused", "failed", "intent"};
	char rest[4096];

	snprintf(rest, sizeof(rest),
	        "\"actor\":\"%s\",\"role\":\"%s\",\"for\":\"%s\",\"medium\":\"%s\",\"checkout\":\"%s\","
	        "\"result\":\"%s\","
	        "\"reason\":\"%s\",\"numbers\":%zu,\"detail\":{\"name\":\"%s\",\"destination\":\"%s\","
	        "\"subject\":\"%s\","
	        "\"recipient\":\"%s\",\"clerk\":\"%s\",\"supervisor\":\"%s\",\"purpose\":\"%s\",\"ground\":"
	        "\"%s\",\"verb\":\"%s\","
	        "\"copy\":\"%s\",\"until\":\"%s\",\"terminals\":\"%s\",\"device\":\"%s\",\"size\":\"%s\"}",
	        t, t, t, t, t, results[i % ARRAY_SIZE(results)], t, i, t, t, t, t, t, t, t, t, t, t, t, t, t,
	        t);
	add(h, kinds[i % ARRAY_SIZE(kinds)], rest);
}

/* One text in one place, everything else as it should be. */
static void among_others(struct Hostile *h, const char *t, size_t i)
{
	char rest[4096];

	snprintf(rest, sizeof(rest),
	        "\"actor\":\"sato-m\",\"role\":\"clerk\",\"medium\":\"USB-9001\",\"checkout\":\"" TERMINAL
	        "-2025-0001\","
	        "\"result\":\"done\",\"numbers\":1,\"detail\":{\"copy\":\"COPY%zu\",\"name\":\"%s\",\"size\":"
	        "1,\"sha256\":\"00\"}",
	        i, t);
	add(h, "file", rest);
	snprintf(rest, sizeof(rest),
	        "\"actor\":\"suzuki-k\",\"role\":\"supervisor\",\"medium\":\"USB-9001\",\"checkout\":"
	        "\"" TERMINAL "-2025-%04zu\","
	        "\"result\":\"done\",\"detail\":{\"clerk\":\"sato-m\",\"supervisor\":\"suzuki-k\","
	        "\"purpose\":\"submission\","
	        "\"ground\":\"law\",\"destination\":\"%s\",\"from\":\"2025-04-02T09:00:00.000+09:00\","
	        "\"until\":\"2025-04-02T17:00:00.000+09:00\",\"carry_out\":true}",
	        i, t);
	add(h, "checkout", rest);
}

/* Of the right form and of the wrong meaning. */
static const char *const lies[][2] = {
        /* in another's name: a reader goes by the head alone */
        {"checkout", "\"actor\":\"root\",\"role\":\"auditor\",\"result\":\"done\",\"detail\":{\"terminal\":"
                     "\"zeimu-01\",\"n\":0}"},
        {"return", "\"medium\":\"USB-0001\",\"checkout\":\"zeimu-01-2025-0001\",\"result\":\"done\","
                   "\"detail\":{\"intent\":0}"},
        {"enrol", "\"actor\":\"root\",\"result\":\"done\",\"detail\":{\"vkey\":\"x\",\"label_vkey\":\"x\"}"},
        {"year", "\"result\":\"done\",\"detail\":{\"origin\":\"city.example.lg.jp/mediagate/zeimu-01/"
                 "2024\",\"size\":1}"},
        {"carry", "\"medium\":\"USB-9002\",\"result\":\"done\",\"detail\":{\"carried\":\"carry\"}"},
        {"carry", "\"medium\":\"USB-9003\",\"result\":\"intent\",\"detail\":{\"carried\":\"<b>\",\"first\":"
                  "18446744073709551615}"},
        {"recovered", "\"result\":\"done\",\"detail\":{\"first\":9,\"last\":3}"},
        /* numbers at their ends */
        {"copy", "\"result\":\"done\",\"numbers\":18446744073709551615,\"detail\":{\"files\":"
                 "18446744073709551615,"
                 "\"bytes\":-9223372036854775808,\"intent\":18446744073709551615}"},
        {"copy", "\"result\":\"done\",\"numbers\":9223372036854775808,\"detail\":{\"files\":-1,\"bytes\":"
                 "true,\"intent\":null}"},
        /* times that are none */
        {"checkout",
                "\"medium\":\"USB-9004\",\"checkout\":\"x\",\"result\":\"done\",\"detail\":{\"clerk\":\"a\","
                "\"until\":\"0000-00-00T99:99:99.999+99:99\"}"},
        {"checkout",
                "\"medium\":\"USB-9005\",\"checkout\":\"y\",\"result\":\"done\",\"detail\":{\"clerk\":\"a\","
                "\"until\":\"9999-12-31T23:59:59.999-23:59\",\"from\":1}"},
        {"clock", "\"result\":\"done\",\"detail\":{\"before\":\"9999-12-31T23:59:59.999+00:00\"}"},
        /* other types than a reader expects */
        {"file", "\"result\":\"done\",\"detail\":{\"name\":[\"<i>\",{\"a\":[]}],\"size\":\"big\",\"sha256\":{"
                 "}}"},
        {"checkout", "\"result\":\"done\",\"detail\":{\"clerk\":{\"<u>\":[null,true]},\"until\":null}"},
        {"file", "\"result\":\"done\",\"detail\":{\"<script>\":1,\"=1+1\":2,\"'; "
                 "--\":3,\"\xe2\x80\xae\":4,\"\":5}"},
        {"<script>alert(1)</script>", ""},
        {"b", "\"actor\":\"\",\"role\":\"\",\"medium\":\"\",\"checkout\":\"\",\"reason\":\"\""},
};

static void longest(struct Hostile *h)
{
	char rest[4096] = "\"result\":\"done\",\"detail\":{\"name\":\"";
	size_t n = strlen(rest), i;

	for (; n < 3900; n += 3)
		memcpy(rest + n, "長", 3);
	memcpy(rest + n, "\"}", 3);
	add(h, "file", rest);
	n = (size_t)snprintf(rest, sizeof(rest), "\"result\":\"done\",\"detail\":{");
	for (i = 0; i < 128; i++)
		n += (size_t)snprintf(
		        rest + n, sizeof(rest) - n, "%s\"name_%zu\":\"<%zu>\"", i ? "," : "", i, i);
	snprintf(rest + n, sizeof(rest) - n, "}");
	add(h, "file", rest);
}

void hostile_run(int out, uint64_t seed, int64_t from, int64_t to)
{
	struct Hostile h = {.now = from};

	h.step = MAX((to - from) / 400, (int64_t)1);
	writer_open(&h.w, out, TERMINAL, seed, from);
	writer_start(&h.w, from + 1);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		everywhere(&h, texts[i], i);
		among_others(&h, texts[i], i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++)
		add(&h, lies[i][0], lies[i][1]);
	longest(&h);
	/* at the ends of time, and back */
	writer_add_raw(&h.w, "start", "\"result\":\"done\"", 0);
	writer_add_raw(&h.w, "start", "\"result\":\"done\"", TIME_END - 9 * 3600000);
	writer_add_raw(&h.w, "stop", "\"result\":\"done\"", h.now);
	writer_close(&h.w);
}
