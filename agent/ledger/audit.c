/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include "fault.h"
#include "pass.h"
#include "str.h"

struct Audit {
	struct Pass *pass;
	struct LedgerInput in;
	struct PassExtra extra;
	struct LedgerReport report;
	char checkpoint[SEAL_CHECKPOINT];
	char vkey[LIMIT_VKEY + 1];
	struct Fold fold;
	uint64_t upto; /* the records that the index was of */
	struct FoldSource *believed;
	size_t n_believed;
	bool differs; /* the state there is another one */
};

void audit_freep(struct Audit **a)
{
	if (!*a)
		return;
	pass_freep(&(*a)->pass);
	fold_done(&(*a)->fold);
	free((*a)->believed);
	free(*a);
	*a = NULL;
}

static int compare(struct Audit *a)
{
	_cleanup_free_ struct FoldSource *sources = NULL;
	size_t n;
	int r = fold_sources(&a->fold, &sources, &n);

	if (r < 0)
		return r;
	a->differs = n != a->n_believed;
	for (size_t i = 0; i < n && !a->differs; i++)
		a->differs = sources[i].n != a->believed[i].n || sources[i].part != a->believed[i].part;
	return 0;
}

static int audit_line(void *owner, const struct LedgerEntry *e)
{
	struct Audit *a = owner;
	struct View v;
	int r;

	if (e->n >= a->upto)
		return 0;
	view_make(e, &v);
	r = fold_record(&a->fold, &v);
	return r < 0 || e->n + 1 < a->upto ? r : compare(a);
}

static int believed_take(struct Audit *a, const struct Index *from)
{
	a->upto = from->blocks.records;
	a->n_believed = from->n_refs;
	a->believed = calloc(from->n_refs + 1, sizeof(*a->believed));
	if (!a->believed)
		return -ENOMEM;
	for (size_t i = 0; i < from->n_refs; i++)
		a->believed[i] = (struct FoldSource){from->refs[i].n, from->refs[i].part};
	return 0;
}

int audit_new(const struct AuditInput *in, struct Audit **ret)
{
	_cleanup_(audit_freep) struct Audit *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	if (in->checkpoint_size > sizeof(a->checkpoint))
		return -E2BIG;
	memcpy(a->checkpoint, in->checkpoint, in->checkpoint_size);
	r = STR_SET(a->vkey, in->vkey);
	if (r >= 0)
		r = believed_take(a, in->from);
	if (r < 0)
		return r;
	a->fold = (struct Fold){.terminal = in->terminal, .next_checkout = 1};
	a->in = (struct LedgerInput){.records = in->records,
	        .checkpoint = a->checkpoint,
	        .checkpoint_size = in->checkpoint_size,
	        .vkey = a->vkey,
	        .each = audit_line,
	        .owner = a};
	a->extra = (struct PassExtra){.covered_only = true};
	r = pass_start(&a->in, &a->extra, &a->report, &a->pass);
	if (r < 0)
		return r;
	*ret = ptr_steal(&a);
	return 0;
}

int audit_step(struct Audit *a, char subject[static LIMIT_SUBJECT])
{
	const struct LedgerReport *report = &a->report;
	int r = pass_step(a->pass);

	if (r)
		return r == PASS_MORE ? AUDIT_MORE : r;
	if (report->fault && report->line)
		snprintf(subject, LIMIT_SUBJECT, "line %ju: %s", (uintmax_t)report->line, report->error);
	else if (report->fault)
		str_cut(subject, LIMIT_SUBJECT, report->error);
	else if (a->differs)
		str_cut(subject, LIMIT_SUBJECT, "the index did not say what the records say");
	return report->fault ? report->fault : a->differs ? FAULT_LEDGER_ALTERED : 0;
}
