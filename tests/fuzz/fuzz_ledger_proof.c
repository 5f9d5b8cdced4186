/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier key, a newline, a proof: what is accepted must be a record of its own proof. */
#include "mediagate/ledger.h"
#include "std.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *key = NULL, *proof = NULL;
	_cleanup_free_ struct LedgerProof *opened = malloc(sizeof(*opened));
	const uint8_t *end = memchr(data, '\n', size);
	size_t n = end ? (size_t)(end - data) : size, rest = end ? size - n - 1 : 0;

	/* each in memory of exactly its size */
	key = malloc(n + 1);
	proof = malloc(rest ? rest : 1);
	if (!key || !proof || !opened)
		return 0;
	memcpy(key, data, n);
	key[n] = '\0';
	if (rest)
		memcpy(proof, end + 1, rest);
	if (ledger_proof_verify(proof, rest, key, opened) < 0 || opened->code != LEDGER_E_NONE)
		return 0;
	if (opened->entry.n >= opened->size || opened->entry.line.text != opened->line)
		abort();
	return 0;
}
