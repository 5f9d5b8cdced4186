/* SPDX-License-Identifier: Apache-2.0 */
/* What intake, which reads strangers' ledgers, says to the store: each text closed and a line, each number in
 * its range. */
#include "feed.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct FeedRecord record;
	uint32_t type;
	size_t at = 0;
	int r;

	if (feed_check(data, size) < 0)
		return 0;
	memcpy(&type, data, sizeof(type));
	if (type != FEED_ROWS)
		return 0;
	while ((r = feed_row(data, size, &at, &record)) == 1)
		for (size_t i = 0; i < _FEED_TEXT_N; i++)
			if (!str_is_line(record.texts[i], strlen(record.texts[i])) || record.row.hour > 23)
				abort();
	if (r == 0 && at != size && size != sizeof(struct FeedRows))
		abort();
	return 0;
}
