/* SPDX-License-Identifier: Apache-2.0 */
/* What the store says to the web process: as many rows as it promises, every text closed. */
#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct Cell cells[QUERY_CELLS_MOST];
	struct Answer answer;
	uint32_t rows = 0;

	if (answer_read(data, size, &answer) < 0)
		return 0;
	while (answer_next(&answer, cells)) {
		for (uint32_t i = 0; i < answer.columns; i++)
			if (cells[i].type == CELL_TEXT && strlen(cells[i].text) != cells[i].size)
				abort();
		rows++;
	}
	if (rows != answer.rows)
		abort();
	return 0;
}
