/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Drawings as inline SVG, each with its title and description for those who do not see it and a table of the
 * same figures beside it. Pure. Colours come from the style sheet by class.
 */
#include "holiday.h"
#include "html.h"

enum { PLOT_HOURS = 24, PLOT_WEEKDAYS = 7, PLOT_DAYS_MOST = 92, PLOT_PARTS_MOST = 8 };

struct PlotText {
	const char *id;    /* of the drawing in its page: letters */
	const char *title; /* sentences */
	const char *description;
};

struct PlotHeat {
	int64_t count[PLOT_WEEKDAYS][PLOT_HOURS]; /* 0: Sunday */
};
void plot_heat(struct Html *h, const struct PlotText *text, const struct PlotHeat *heat);

struct PlotDays {
	struct Day first;
	size_t n;
	int64_t count[PLOT_DAYS_MOST];
};
/* Bars, days on which the office is closed marked by their shape. */
void plot_days(struct Html *h, const struct PlotText *text, const struct PlotDays *days);

struct PlotPart {
	const char *name; /* sentence */
	int64_t count;
};
/* One bar of parts. */
void plot_parts(struct Html *h, const struct PlotText *text, const struct PlotPart *parts, size_t n);

/* The next of 1, 2, 5, 10, 20, 50 … that is not below `value`: where an axis ends. */
int64_t plot_ceiling(int64_t value);
