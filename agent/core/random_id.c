/* SPDX-License-Identifier: Apache-2.0 */
#include "random_id.h"

#include <sys/random.h>

int random_id(char ret[static RANDOM_ID])
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t random[RANDOM_ID - 1];

	static_assert(sizeof(letters) == 33, "32 divides 256: every letter is equally likely");
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for (size_t i = 0; i < sizeof(random); i++)
		ret[i] = letters[random[i] & 31];
	ret[sizeof(random)] = '\0';
	return 0;
}
