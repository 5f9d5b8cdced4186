/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* OpenSSL's door: a connection to the console, under TLS 1.2 or 1.3 with its certificate and name checked, or
   plain to this machine itself. */
#include "std.h"

struct Net;

struct NetPeer {
	const char *host, *port;
	bool tls;
	const char *ca; /* a file of certificates; "": the system's */
};

/* Looks the address up and reads the certificates: all that needs files is done here. 0, or -errno:
   -EHOSTUNREACH: there is no such host; -ENOKEY: no certificates. */
int net_new(const struct NetPeer *peer, struct Net **ret);
void net_freep(struct Net **n);

/* One connection: all of the pieces sent, all of the answer read until its end into `ret`. Its length, or
   -errno; -EKEYREJECTED: the certificate is not the host's. */
struct NetPiece {
	const void *bytes;
	size_t size;
};
ssize_t net_ask(struct Net *n, const struct NetPiece *pieces, size_t n_pieces, char *ret, size_t size);
