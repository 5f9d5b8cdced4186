/* SPDX-License-Identifier: Apache-2.0 */
#include "identity_text.h"

#include "hex.h"

#include <stdio.h>

#define TRIPLE(class, subclass, protocol) ((uint32_t)(class) << 16 | (uint32_t)(subclass) << 8 | (protocol))

static int compare(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

size_t identity_text(const struct Identity *id, char ret[static IDENTITY_TEXT])
{
	size_t n_serial = MIN((size_t)id->serial_size, sizeof(id->serial)), n;
	size_t n_triples = MIN((size_t)id->n_interfaces, ARRAY_SIZE(id->interfaces));
	uint32_t triples[LIMIT_INTERFACES];

	for (size_t i = 0; i < n_triples; i++) {
		const struct InterfaceSetting *s = &id->interfaces[i];

		triples[i] = TRIPLE(s->class, s->subclass, s->protocol);
		if (triples[i] == TRIPLE(0x08, 0x06, 0x62))
			triples[i] = TRIPLE(0x08, 0x06, 0x50);
	}
	qsort(triples, n_triples, sizeof(triples[0]), compare);
	n = (size_t)snprintf(ret, IDENTITY_TEXT, "mediagate/identity/v1\n%04x:%04x:%04x\n", id->vendor,
	        id->product, id->revision);
	hex_encode(id->serial, n_serial, ret + n);
	n += 2 * n_serial;
	ret[n++] = '\n';
	for (size_t i = 0; i < n_triples; i++) {
		uint32_t t = triples[i];

		if (i && t == triples[i - 1])
			continue;
		n += (size_t)snprintf(
		        ret + n, IDENTITY_TEXT - n, "%02x:%02x:%02x\n", t >> 16, t >> 8 & 0xff, t & 0xff);
	}
	return n;
}
