/* SPDX-License-Identifier: Apache-2.0 */
#include "plot.h"

#include "words.h"

static const char *const weekdays[] = {
        N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat")};

int64_t plot_ceiling(int64_t value)
{
	static const int steps[] = {1, 2, 5};
	int64_t unit = 1;

	for (; unit < INT64_MAX / 100; unit *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
			if (unit * steps[i] >= value)
				return unit * steps[i];
	return value;
}

static void number_attribute(struct Html *h, int64_t value)
{
	html_digits(h, value);
	html(h, "\" ");
}

struct Box {
	int64_t x, y, width, height;
};

static void write_box(struct Html *h, const struct Box *b)
{
	html(h, "x=\"");
	number_attribute(h, b->x);
	html(h, "y=\"");
	number_attribute(h, b->y);
	html(h, "width=\"");
	number_attribute(h, b->width);
	html(h, "height=\"");
	number_attribute(h, b->height);
}

static void label_start(struct Html *h, int64_t x, int64_t y)
{
	html(h, "<text x=\"");
	number_attribute(h, x);
	html(h, "y=\"");
	number_attribute(h, y);
	html(h, ">");
}

static void plot_start(struct Html *h, const struct PlotText *text, int64_t width, int64_t height)
{
	html(h, "<figure class=\"plot\"><figcaption>");
	html_say(h, text->title);
	html(h, "</figcaption><svg role=\"img\" viewBox=\"0 0 ");
	html_digits(h, width);
	html(h, " ");
	html_digits(h, height);
	html(h, "\" aria-labelledby=\"");
	html_text(h, text->id);
	html(h, "-t ");
	html_text(h, text->id);
	html(h, "-d\"><title id=\"");
	html_text(h, text->id);
	html(h, "-t\">");
	html_say(h, text->title);
	html(h, "</title><desc id=\"");
	html_text(h, text->id);
	html(h, "-d\">");
	html_say(h, text->description);
	html(h, "</desc>");
}

static void figures_start(struct Html *h)
{
	html(h, "</svg><details><summary>");
	html_say(h, N_("The figures as a table"));
	html(h, "</summary>");
}

static void plot_end(struct Html *h)
{
	html(h, "</details></figure>");
}

/* 0 to 5: none, and five fifths of the largest, so that a single copy at night is seen beside hundreds by
 * day. */
static int heat_grade(int64_t count, int64_t most)
{
	if (count <= 0)
		return 0;
	return (int)MIN((count * 5 + most - 1) / most, (int64_t)5);
}

static void heat_cell(struct Html *h, int weekday, int hour, int64_t count, int64_t most)
{
	struct Box box = {44 + hour * 28, 8 + (weekday + 6) % 7 * 26, 26, 24}; /* the week begins on Monday */

	html(h, "<g><rect class=\"heat heat");
	html_digits(h, heat_grade(count, most));
	html(h, "\" rx=\"3\" ");
	write_box(h, &box);
	html(h, "/><title>");
	html_say(h, weekdays[weekday]);
	html(h, " ");
	html_digits(h, hour);
	html(h, ":00 – ");
	html_number(h, count);
	html(h, "</title>");
	if (count > 0 && count < 1000) {
		if (heat_grade(count, most) >= 3)
			html(h, "<text class=\"count light\" ");
		else
			html(h, "<text class=\"count\" ");
		html(h, "x=\"");
		number_attribute(h, box.x + 13);
		html(h, "y=\"");
		number_attribute(h, box.y + 16);
		html(h, ">");
		html_digits(h, count);
		html(h, "</text>");
	}
	html(h, "</g>");
}

static void heat_table(struct Html *h, const struct PlotHeat *heat)
{
	html(h, "<div class=\"wide\"><table><thead><tr><td></td>");
	for (int hour = 0; hour < PLOT_HOURS; hour++) {
		html(h, "<th scope=\"col\" class=\"number\">");
		html_digits(h, hour);
		html(h, "</th>");
	}
	html(h, "</tr></thead><tbody>");
	for (int i = 1; i <= PLOT_WEEKDAYS; i++) {
		html(h, "<tr><th scope=\"row\">");
		html_say(h, weekdays[i % 7]);
		html(h, "</th>");
		for (int hour = 0; hour < PLOT_HOURS; hour++) {
			html(h, "<td class=\"number\">");
			html_number(h, heat->count[i % 7][hour]);
			html(h, "</td>");
		}
		html(h, "</tr>");
	}
	html(h, "</tbody></table></div>");
}

void plot_heat(struct Html *h, const struct PlotText *text, const struct PlotHeat *heat)
{
	int64_t most = 1;

	for (int day = 0; day < PLOT_WEEKDAYS; day++)
		for (int hour = 0; hour < PLOT_HOURS; hour++)
			most = MAX(most, heat->count[day][hour]);
	plot_start(h, text, 720, 214);
	for (int day = 0; day < PLOT_WEEKDAYS; day++) {
		label_start(h, 4, 8 + (day + 6) % 7 * 26 + 17);
		html_say(h, weekdays[day]);
		html(h, "</text>");
		for (int hour = 0; hour < PLOT_HOURS; hour++)
			heat_cell(h, day, hour, heat->count[day][hour], most);
	}
	for (int hour = 0; hour < PLOT_HOURS; hour += 3) {
		label_start(h, 46 + hour * 28, 208);
		html_digits(h, hour);
		html(h, ":00</text>");
	}
	figures_start(h);
	heat_table(h, heat);
	plot_end(h);
}

enum { DAYS_LEFT = 52, DAYS_TOP = 14, DAYS_WIDTH = 660, DAYS_HEIGHT = 130 };

static void days_axis(struct Html *h, int64_t top)
{
	for (int i = 0; i <= 2; i++) {
		int64_t y = DAYS_TOP + DAYS_HEIGHT - DAYS_HEIGHT * i / 2;
		struct Box line = {DAYS_LEFT, y, DAYS_WIDTH, 1};

		if (i == 1 && top % 2)
			continue;
		html(h, "<rect class=\"line\" ");
		write_box(h, &line);
		html(h, "/>");
		html(h, "<text class=\"scale\" x=\"");
		number_attribute(h, DAYS_LEFT - 6);
		html(h, "y=\"");
		number_attribute(h, y + 4);
		html(h, ">");
		html_number(h, top * i / 2);
		html(h, "</text>");
	}
}

static void days_bar(struct Html *h, const struct PlotDays *days, size_t i, int64_t top)
{
	struct Day day = day_from_number(day_number(days->first) + (int64_t)i);
	int64_t step = DAYS_WIDTH * 16 / (int64_t)days->n, x = DAYS_LEFT + (int64_t)i * step / 16;
	int64_t height = days->count[i] * DAYS_HEIGHT / top;
	struct Box box = {x + 1, DAYS_TOP + DAYS_HEIGHT - height, MAX(step / 16 - 2, (int64_t)1), height};

	if (days->count[i] && !height) {
		box.height = 2; /* something is seen as something */
		box.y -= 2;
	}
	if (day_is_closed(day))
		html(h, "<g><rect class=\"bar closed\" ");
	else
		html(h, "<g><rect class=\"bar\" ");
	write_box(h, &box);
	html(h, "/><title>");
	show_day(h, day);
	html(h, " – ");
	html_number(h, days->count[i]);
	html(h, "</title></g>");
	if (day_is_closed(day)) {
		struct Box mark = {box.x, DAYS_TOP + DAYS_HEIGHT + 3, box.width, 3};

		html(h, "<rect class=\"closed-mark\" ");
		write_box(h, &mark);
		html(h, "/>");
	}
	if (day_weekday(day) == 1) {
		char text[16];

		day_text(day, text);
		label_start(h, x, DAYS_TOP + DAYS_HEIGHT + 20);
		html_text(h, text + 5);
		html(h, "</text>");
	}
}

void plot_days(struct Html *h, const struct PlotText *text, const struct PlotDays *days)
{
	int64_t most = 1, top;

	for (size_t i = 0; i < days->n; i++)
		most = MAX(most, days->count[i]);
	top = plot_ceiling(most);
	plot_start(h, text, 720, DAYS_TOP + DAYS_HEIGHT + 28);
	days_axis(h, top);
	for (size_t i = 0; i < days->n; i++)
		days_bar(h, days, i, top);
	figures_start(h);
	html(h, "<table><tbody>");
	for (size_t i = 0; i < days->n; i++) {
		if (!days->count[i])
			continue;
		html(h, "<tr><th scope=\"row\">");
		show_day(h, day_from_number(day_number(days->first) + (int64_t)i));
		html(h, "</th><td class=\"number\">");
		html_number(h, days->count[i]);
		html(h, "</td></tr>");
	}
	html(h, "</tbody></table>");
	plot_end(h);
}

void plot_parts(struct Html *h, const struct PlotText *text, const struct PlotPart *parts, size_t n)
{
	int64_t sum = 0, x = 0;

	n = MIN(n, (size_t)PLOT_PARTS_MOST);
	for (size_t i = 0; i < n; i++)
		sum += parts[i].count;
	plot_start(h, text, 720, 40);
	for (size_t i = 0; i < n && sum; i++) {
		struct Box box = {x, 4, parts[i].count * 720 / sum, 32};

		if (!parts[i].count)
			continue;
		html(h, "<g><rect class=\"part part");
		html_digits(h, (int64_t)i);
		html(h, "\" ");
		write_box(h, &box);
		html(h, "/><title>");
		html_say(h, parts[i].name);
		html(h, " – ");
		html_number(h, parts[i].count);
		html(h, "</title></g>");
		if (box.width > 40) {
			html(h, "<text class=\"in-part\" x=\"");
			number_attribute(h, x + 8);
			html(h, "y=\"25\">");
			html_number(h, parts[i].count);
			html(h, "</text>");
		}
		x += box.width;
	}
	html(h, "</svg><ul class=\"legend\">");
	for (size_t i = 0; i < n; i++) {
		html(h, "<li class=\"key");
		html_digits(h, (int64_t)i);
		html(h, "\">");
		html_say(h, parts[i].name);
		html(h, " <b>");
		html_number(h, parts[i].count);
		html(h, "</b></li>");
	}
	html(h, "</ul></figure>");
}
