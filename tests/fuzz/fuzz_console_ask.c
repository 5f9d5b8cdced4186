/* SPDX-License-Identifier: Apache-2.0 */
/* What the web process says to the store. A question that is taken must survive the way back. */
#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t frame[FRAME_MOST];
	struct Ask ask, again;
	ssize_t n;

	if (ask_read(data, size, &ask) < 0)
		return 0;
	n = ask_write(&ask, frame);
	if (n < 0)
		return 0; /* one that only just fitted, with its missing cells said */
	if (ask_read(frame, (size_t)n, &again) < 0 || again.query != ask.query)
		abort();
	for (size_t i = 0; i < ask.n; i++)
		if (again.cells[i].type != ask.cells[i].type ||
		        strcmp(again.cells[i].text, ask.cells[i].text))
			abort();
	return 0;
}
