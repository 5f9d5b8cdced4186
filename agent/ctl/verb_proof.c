/* SPDX-License-Identifier: Apache-2.0 */
/* proof N: evidence for one record that opens anywhere without the ledger. */
#include "ledger_source.h"
#include "say.h"
#include "verb.h"

struct ProofArgs {
	const char *key, *ledger;
};

static const struct Option proof_options[] = {
        {OPTION(struct ProofArgs, key, "key", OPTION_TEXT), N_("KEY"),
                N_("the verifier key noted at enrolment, or a file that holds it")},
        {OPTION(struct ProofArgs, ledger, "ledger", OPTION_TEXT), N_("DIR"),
                N_("a ledger in this folder, not this terminal's")},
        OPTIONS_END,
};

static void reader_done(struct LedgerReader **r)
{
	*r = ledger_reader_free(*r);
}

static int number_read(const char *word, uint64_t *ret)
{
	const struct LedgerSlice s = {word, strlen(word)};

	return s.size && s.size <= 19 && strspn(word, "0123456789") == s.size ? ledger_number(s, ret)
	                                                                      : -EINVAL;
}

static int proof_write(struct LedgerReader *reader, const struct LedgerReport *report, uint64_t n)
{
	_cleanup_free_ char *proof = malloc(LEDGER_PROOF_MOST);
	size_t size;
	int r = proof ? ledger_reader_prove(reader, n, proof, LEDGER_PROOF_MOST, &size) : -ENOMEM;

	if (r == -ENOENT) {
		say_error(_("there is no signed record %ju: %ju are signed, counted from 0"), (uintmax_t)n,
		        (uintmax_t)report->covered);
		say_hint("%s", _("see: mediagate history --json"));
		return EXIT_STATE;
	}
	if (r == -EBADMSG)
		return say_fault(FAULT_LEDGER_ALTERED, "records.jsonl", NULL);
	if (r < 0)
		return say_fault(FAULT_INTERNAL, strerrordesc_np(-r), NULL);
	fwrite(proof, 1, size, stdout);
	/* on the other channel: it must not travel with what it vouches for */
	fprintf(stderr, "%s\n  %s\n", _("opens with this key, which is handed over by another way:"),
	        report->vkey);
	return EXIT_OK;
}

static int proof_run(const struct Context *c, const void *args, int words_n _unused_, char **words)
{
	_cleanup_ledger_source_ struct LedgerSource source = LEDGER_SOURCE_NULL;
	_cleanup_(reader_done) struct LedgerReader *reader = NULL;
	_cleanup_free_ char *key = NULL;
	const struct ProofArgs *a = args;
	struct LedgerReport report;
	uint64_t n;
	int status;

	if (number_read(words[0], &n) < 0)
		return say_usage("%s", _("proof needs the number of a record: the member n of its line"));
	status = ledger_key_read(a->key, &key);
	if (!status)
		status = ledger_source_open(c, a->ledger, &source);
	if (status)
		return status;
	if (!source.whole)
		return say_fault(FAULT_NOT_ALLOWED, _("somebody who may read only their own records"), NULL);
	status = ledger_files_reader(&source.files, key, &report, &reader);
	if (status)
		return say_fault(status, source.name, NULL);
	if (report.fault)
		return say_fault(report.fault, source.name, NULL);
	return proof_write(reader, &report, n);
}

const struct Command verb_proof = {
        .name = "proof",
        .arguments = N_("N"),
        .summary = N_("evidence for record N that opens anywhere, without the ledger"),
        .help = N_("Writes a C2SP tlog-proof that holds the record to standard output.\n"
                   "Whoever gets it opens it with: mediagate verify --proof FILE --key KEY"),
        .options = proof_options,
        .args_size = sizeof(struct ProofArgs),
        .least = 1,
        .most = 1,
        .run = proof_run,
};
