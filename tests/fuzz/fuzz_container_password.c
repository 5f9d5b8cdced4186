/* SPDX-License-Identifier: Apache-2.0 */
/* What people type: normalising is idempotent and gives the form shown or nothing. */
#include "password.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char shown[PASSWORD_SHOWN], again[PASSWORD_SHOWN], own[PASSWORD_SIZE] = {};
	size_t wanted;
	int fault;

	if (password_normalise((const char *)data, size, shown) == 0) {
		if (strlen(shown) != PASSWORD_SHOWN - 1 || password_normalise(shown, strlen(shown), again) ||
		        strcmp(shown, again) != 0)
			abort();
	}
	memcpy(own, data, MIN(size, sizeof(own) - 1));
	fault = password_check(own, 0, &wanted);
	if (fault == 0 && strlen(own) < PASSWORD_LEAST)
		abort();
	/* what the policy asks for less is taken where it asks for more; never the other way round */
	if (password_check(own, 40, &wanted) == 0 && fault)
		abort();
	return 0;
}
