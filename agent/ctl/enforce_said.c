/* SPDX-License-Identifier: Apache-2.0 */
/* What `enforce` says of each step, and why it ended. */
#include "enforce.h"
#include "say.h"

struct StepRow {
	const char *code, *sentence;
};

#define STEP_ROW(name, code, sentence) {code, sentence},
static const struct StepRow steps[] = {STEP_TABLE(STEP_ROW)};
static_assert(ARRAY_SIZE(steps) == _STEP_N, "a row for each step");

void enforce_said(struct Enforce *e, enum Step step, const char *subject)
{
	_cleanup_free_ char *text = NULL;

	if (e->json) {
		json_object(&e->out, NULL);
		json_text(&e->out, "step", steps[step].code);
		if (*subject)
			json_text(&e->out, "subject", subject);
		json_end_object(&e->out);
		return;
	}
	text = say_fill(_(steps[step].sentence), subject);
	printf("%s\n", text);
	fflush(stdout); /* in order with what the programs we call say */
}

int enforce_failed(struct Enforce *e, int fault, const char *subject)
{
	if (!e->fault) {
		e->fault = fault;
		snprintf(e->subject, sizeof(e->subject), "%s", subject);
	}
	return -1;
}
