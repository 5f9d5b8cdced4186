/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE 60 /* seconds for anything to go on */

struct Net {
	SSL_CTX *context; /* NULL: plain */
	struct addrinfo *addresses;
	char host[254];
};

/* One connection. */
struct Link {
	int fd;
	SSL *ssl;
};

/* ------------------------------------------------------------------ what is ready before */

static int context_new(const struct NetPeer *peer, SSL_CTX **ret)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	int r;

	if (!c)
		return -ENOMEM;
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	/* some servers close without a word: the answer's own length says whether it is whole */
	SSL_CTX_set_options(c, SSL_OP_IGNORE_UNEXPECTED_EOF);
	r = SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 ? -EINVAL
	    : *peer->ca ? SSL_CTX_load_verify_file(c, peer->ca) == 1 ? 0 : -ENOKEY
	    : SSL_CTX_load_verify_file(c, "/etc/ssl/certs/ca-certificates.crt") == 1 ? 0
	                                                                             : -ENOKEY;
	if (r < 0) {
		SSL_CTX_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

int net_new(const struct NetPeer *peer, struct Net **ret)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	_cleanup_(net_freep) struct Net *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return -ENOMEM;
	snprintf(n->host, sizeof(n->host), "%s", peer->host);
	r = peer->tls ? context_new(peer, &n->context) : 0;
	if (r < 0)
		return r;
	if (getaddrinfo(peer->host, peer->port, &hints, &n->addresses))
		return -EHOSTUNREACH;
	*ret = ptr_steal(&n);
	return 0;
}

void net_freep(struct Net **n)
{
	if (!*n)
		return;
	if ((*n)->addresses)
		freeaddrinfo((*n)->addresses);
	SSL_CTX_free((*n)->context);
	free(*n);
	*n = NULL;
}

/* ------------------------------------------------------------------ one connection */

static void link_done(struct Link *l)
{
	SSL_free(l->ssl);
	fd_close(l->fd);
}

static int link_connect(const struct Net *n, struct Link *ret)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	int r = -EHOSTUNREACH;

	for (const struct addrinfo *a = n->addresses; a; a = a->ai_next) {
		_cleanup_fd_ int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
		        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
		        connect(fd, a->ai_addr, a->ai_addrlen)) {
			r = -errno;
			continue;
		}
		ret->fd = fd_steal(&fd);
		return 0;
	}
	return r;
}

static int link_secure(struct Net *n, struct Link *l)
{
	if (!n->context)
		return 0;
	l->ssl = SSL_new(n->context);
	if (!l->ssl || SSL_set1_host(l->ssl, n->host) != 1 ||
	        SSL_set_tlsext_host_name(l->ssl, n->host) != 1 || SSL_set_fd(l->ssl, l->fd) != 1)
		return -ENOMEM;
	if (SSL_connect(l->ssl) == 1)
		return 0;
	return SSL_get_verify_result(l->ssl) != X509_V_OK ? -EKEYREJECTED : -EPROTO;
}

static int link_send(const struct Link *l, const struct NetPiece *piece)
{
	const char *bytes = piece->bytes;

	for (size_t at = 0; at < piece->size;) {
		size_t written = 0;
		ssize_t r;

		if (l->ssl) {
			if (SSL_write_ex(l->ssl, bytes + at, piece->size - at, &written) != 1)
				return -EPIPE;
			at += written;
			continue;
		}
		r = send(l->fd, bytes + at, piece->size - at, MSG_NOSIGNAL);
		if (r < 0 && errno != EINTR)
			return -errno;
		at += r > 0 ? (size_t)r : 0;
	}
	return 0;
}

/* Bytes; 0: the end; -errno. */
static ssize_t link_receive(const struct Link *l, char *ret, size_t size)
{
	size_t got = 0;
	ssize_t r;

	if (l->ssl && SSL_read_ex(l->ssl, ret, size, &got) == 1)
		return (ssize_t)got;
	if (l->ssl)
		return SSL_get_error(l->ssl, 0) == SSL_ERROR_ZERO_RETURN ? 0 : -EPIPE;
	do
		r = recv(l->fd, ret, size, 0);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

static ssize_t receive_all(const struct Link *l, char *ret, size_t size)
{
	size_t n = 0;

	for (;;) {
		ssize_t r = n == size ? -E2BIG : link_receive(l, ret + n, size - n);

		if (r <= 0)
			return r < 0 ? r : (ssize_t)n;
		n += (size_t)r;
	}
}

ssize_t net_ask(struct Net *n, const struct NetPiece *pieces, size_t n_pieces, char *ret, size_t size)
{
	struct Link l = {.fd = -1};
	int r = link_connect(n, &l);
	ssize_t got;

	if (r >= 0)
		r = link_secure(n, &l);
	/* a server that answers before it has read all is heard, too */
	for (size_t i = 0; i < n_pieces && r >= 0; i++)
		r = link_send(&l, &pieces[i]);
	got = r < 0 && r != -EPIPE && r != -ECONNRESET ? r : receive_all(&l, ret, size);
	if (got >= 0 && r < 0 && !got)
		got = r;
	link_done(&l);
	return got;
}
