/* SPDX-License-Identifier: Apache-2.0 */
#include "door.h"

#include "clock.h"
#include "log.h"
#include "rate.h"
#include "str.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>

/* One connection; `since` is when its request began to come, or its answer to go. */
struct DoorPeer {
	struct DoorPeer *next, **link;
	int fd;
	int64_t since;
	bool answering;
};

struct Door {
	struct MHD_Daemon *daemon;
	DoorServe serve;
	void *owner;
	struct DoorSettings settings;
	struct Rate rate;
	struct DoorPeer *peers;
	size_t n_peers;
};

/* One request while it comes in. */
struct DoorRequest {
	char *uri, *body;
	size_t body_size;
	bool begun;
};

/* What every answer carries: nothing is loaded from elsewhere, framed, sniffed, kept or told onward. */
static const struct {
	const char *name, *value;
} headers[] = {
        {"Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; script-src "
                                    "'self'; form-action 'self'; "
                                    "base-uri 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=()"},
};

static struct DoorPeer *connection_peer(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void peer_add(struct Door *d, struct MHD_Connection *c, void **ret)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct DoorPeer *peer = calloc(1, sizeof(*peer));

	*ret = peer;
	if (!peer)
		return;
	peer->fd = info ? info->connect_fd : -1;
	peer->since = clock_boot();
	peer->next = d->peers;
	peer->link = &d->peers;
	if (d->peers)
		d->peers->link = &peer->next;
	d->peers = peer;
	d->n_peers++;
}

static void peer_remove(struct Door *d, struct DoorPeer *peer)
{
	*peer->link = peer->next;
	if (peer->next)
		peer->next->link = peer->link;
	d->n_peers--;
	free(peer);
}

static void on_connection(
        void *owner, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		peer_add(owner, c, context);
	else if (*context)
		peer_remove(owner, ptr_steal(context));
}

/* The request line has come: keeps path and query as they were written. */
static void *on_uri(void *owner _unused_, const char *uri, struct MHD_Connection *c _unused_)
{
	struct DoorRequest *request = calloc(1, sizeof(*request));

	if (request)
		request->uri = strdup(uri);
	return request;
}

static void on_completed(void *owner _unused_, struct MHD_Connection *c, void **context,
        enum MHD_RequestTerminationCode code _unused_)
{
	struct DoorRequest *request = *context;
	struct DoorPeer *peer = connection_peer(c);

	if (peer) {
		peer->since = clock_boot();
		peer->answering = false;
	}
	if (!request)
		return;
	free(request->uri);
	free(request->body);
	free(request);
	*context = NULL;
}

static const char *header_get(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static enum MHD_Result keep_forwarded(
        void *owner, enum MHD_ValueKind kind _unused_, const char *name, const char *value)
{
	const char **last = owner;

	if (value && strcasecmp(name, "X-Forwarded-For") == 0)
		*last = value;
	return MHD_YES;
}

/* The proxy's word for the client: it adds it at the end, to the client's own line or as a line behind it.
 * False: it said nothing. */
static bool address_forwarded(struct MHD_Connection *c, char ret[static INET6_ADDRSTRLEN])
{
	const char *said = NULL, *comma;
	uint8_t bytes[sizeof(struct in6_addr)];

	MHD_get_connection_values(c, MHD_HEADER_KIND, keep_forwarded, &said);
	if (!said)
		return false;
	comma = strrchr(said, ',');
	said = comma ? comma + 1 : said;
	said += strspn(said, " ");
	if (inet_pton(AF_INET, said, bytes) == 1 || inet_pton(AF_INET6, said, bytes) == 1)
		str_cut(ret, INET6_ADDRSTRLEN, said);
	return true;
}

static void address_get(const struct Door *d, struct MHD_Connection *c, char ret[static INET6_ADDRSTRLEN])
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info ? info->client_addr : NULL;

	strcpy(ret, "?");
	if (d->settings.proxied && address_forwarded(c, ret))
		return;
	if (a && a->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, ret,
		        INET6_ADDRSTRLEN);
	} else if (a && a->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, ret,
		        INET6_ADDRSTRLEN);
	}
}

/* Only names that are ours: a page elsewhere cannot point its own name at the loopback address. */
static bool host_is_ours(const struct Door *d, const char *host)
{
	const char *const names[] = {"localhost", "127.0.0.1", "[::1]", d->settings.host};
	size_t n;

	if (!host)
		return false;
	n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && strlen(names[i]) == n && !memcmp(names[i], host, n))
			return true;
	return false;
}

static void answer_headers(const struct Door *d, struct MHD_Response *response, const struct HttpAnswer *a)
{
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	MHD_add_response_header(response, "Cache-Control", a->lasting ? "private, max-age=3600" : "no-store");
	if (d->settings.proxied)
		MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
	MHD_add_response_header(response, "Content-Type", a->type ? a->type : "text/plain; charset=utf-8");
	if (*a->location)
		MHD_add_response_header(response, "Location", a->location);
	if (a->allow)
		MHD_add_response_header(response, "Allow", a->allow);
	for (size_t i = 0; i < ARRAY_SIZE(a->cookies); i++)
		if (*a->cookies[i])
			MHD_add_response_header(response, "Set-Cookie", a->cookies[i]);
	if (*a->file_name) {
		snprintf(text, sizeof(text), "attachment; filename=\"%s\"", a->file_name);
		MHD_add_response_header(response, "Content-Disposition", text);
	}
	if (a->again) {
		snprintf(text, sizeof(text), "%u", a->again);
		MHD_add_response_header(response, "Retry-After", text);
	}
}

/* An answer that goes in pieces, and to whom. */
struct DoorStream {
	struct HttpStream *stream;
	struct DoorPeer *peer; /* lives as long as anybody reads */
};

static ssize_t on_piece(void *owner, uint64_t at _unused_, char *ret, size_t most)
{
	struct DoorStream *s = owner;
	ssize_t n;

	if (s->peer && s->stream->at == s->stream->size)
		s->peer->since = clock_boot(); /* the piece before was taken */
	n = http_stream_read(s->stream, ret, most);
	return n > 0 ? n : n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void on_pieces_end(void *owner)
{
	struct DoorStream *s = owner;

	s->stream->done(s->stream);
	free(s);
}

static struct MHD_Response *response_in_pieces(struct DoorPeer *peer, struct HttpAnswer *a)
{
	struct DoorStream *s = calloc(1, sizeof(*s));
	struct MHD_Response *response;

	if (!s)
		return NULL;
	*s = (struct DoorStream){a->stream, peer};
	response =
	        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, DOOR_BLOCK, on_piece, s, on_pieces_end);
	if (response)
		a->stream = NULL; /* it is the response's now */
	else
		free(s);
	return response;
}

static enum MHD_Result answer_send(const struct Door *d, struct MHD_Connection *c, struct HttpAnswer *a)
{
	struct DoorPeer *peer = connection_peer(c);
	struct MHD_Response *response;
	enum MHD_Result r;

	if (a->stream)
		response = response_in_pieces(peer, a);
	else if (a->fixed)
		response = MHD_create_response_from_buffer_with_free_callback_cls(
		        a->size, (void *)(uintptr_t)a->fixed, NULL, NULL);
	else
		response =
		        MHD_create_response_from_buffer(a->size, ptr_steal(&a->body), MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	answer_headers(d, response, a);
	if (peer) {
		peer->since = clock_boot();
		peer->answering = true;
	}
	r = MHD_queue_response(c, a->status, response);
	MHD_destroy_response(response);
	return r;
}

static enum MHD_Result answer_plain(
        const struct Door *d, struct MHD_Connection *c, unsigned int status, const char *text)
{
	struct HttpAnswer a = {.status = status, .fixed = text, .size = strlen(text), .again = status == 429};

	return answer_send(d, c, &a);
}

/* What is refused before a body is read or a page is asked. 0: nothing. */
static unsigned int request_refuse(
        struct Door *d, struct MHD_Connection *c, const struct DoorRequest *request)
{
	const char *length = header_get(c, "Content-Length");
	char address[INET6_ADDRSTRLEN];

	if (!request || !request->uri)
		return 503;
	address_get(d, c, address);
	if (!rate_take(&d->rate, address, clock_boot()))
		return 429;
	if (!host_is_ours(d, header_get(c, "Host")))
		return 421;
	if (strlen(request->uri) > REQUEST_URI_MOST)
		return 414;
	if (length && strtoull(length, NULL, 10) > d->settings.body)
		return 413;
	return 0;
}

static const char *refusal_text(unsigned int status)
{
	static const struct {
		unsigned int status;
		const char *text;
	} rows[] = {
	        {413, "the request is too large\n"},
	        {414, "the address is too long\n"},
	        {421, "this console does not have that name\n"},
	        {429, "too many requests; wait a moment\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == status)
			return rows[i].text;
	return "the console is out of memory\n";
}

static bool body_add(struct DoorRequest *request, size_t most, const char *bytes, size_t n)
{
	char *body;

	if (n > most - request->body_size)
		return false;
	body = realloc(request->body, request->body_size + n);
	if (!body)
		return false;
	memcpy(body + request->body_size, bytes, n);
	request->body = body;
	request->body_size += n;
	return true;
}

static enum MHD_Result on_request(void *owner, struct MHD_Connection *c, const char *url _unused_,
        const char *method, const char *version _unused_, const char *upload, size_t *upload_size,
        void **context)
{
	_cleanup_http_answer_ struct HttpAnswer answer = {};
	struct Door *d = owner;
	struct DoorRequest *request = *context;
	char address[INET6_ADDRSTRLEN];
	struct RequestRaw raw;

	if (!request || !request->begun) {
		unsigned int status = request_refuse(d, c, request);

		if (status)
			return answer_plain(d, c, status, refusal_text(status));
		request->begun = true;
		return MHD_YES;
	}
	if (*upload_size) {
		if (!body_add(request, d->settings.body, upload, *upload_size))
			return MHD_NO; /* grew past what its length said: the connection ends */
		*upload_size = 0;
		return MHD_YES;
	}
	address_get(d, c, address);
	raw = (struct RequestRaw){
	        .method = method,
	        .uri = request->uri,
	        .cookie = header_get(c, "Cookie"),
	        .content_type = header_get(c, "Content-Type"),
	        .accept_language = header_get(c, "Accept-Language"),
	        .host = header_get(c, "Host"),
	        .origin = header_get(c, "Origin"),
	        .authorization = header_get(c, "Authorization"),
	        .address = address,
	        .body = request->body,
	        .body_size = request->body_size,
	};
	d->serve(d->owner, &raw, &answer);
	return answer_send(d, c, &answer);
}

/* libmicrohttpd tells of every client that hangs up; nobody wants to read that. */
static void on_log(void *owner _unused_, const char *format _unused_, va_list arguments _unused_)
{
}

int door_open(const struct DoorSettings *settings, DoorServe serve, void *owner, struct Door **ret)
{
	struct Door *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->settings = *settings;
	d->settings.body = settings->body ? settings->body : REQUEST_BODY_MOST;
	d->settings.connections = settings->connections ? settings->connections : DOOR_CONNECTIONS;
	d->serve = serve;
	d->owner = owner;
	r = rate_open(&d->rate, DOOR_ADDRESSES, settings->rate, settings->burst);
	if (r < 0) {
		free(d);
		return r;
	}
	d->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, d, /* */
	        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,                /* first: the rest may log */
	        MHD_OPTION_LISTEN_SOCKET, settings->listener,            /* */
	        MHD_OPTION_CONNECTION_LIMIT, d->settings.connections,    /* */
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)DOOR_MEMORY, /* */
	        MHD_OPTION_STRICT_FOR_CLIENT, 1,                         /* */
	        MHD_OPTION_URI_LOG_CALLBACK, on_uri, d,                  /* */
	        MHD_OPTION_NOTIFY_COMPLETED, on_completed, d,            /* */
	        MHD_OPTION_NOTIFY_CONNECTION, on_connection, d, MHD_OPTION_END);
	if (!d->daemon) {
		rate_close(&d->rate);
		free(d);
		return -EIO;
	}
	*ret = d;
	return 0;
}

struct Door *door_free(struct Door *d)
{
	if (!d)
		return NULL;
	MHD_stop_daemon(d->daemon);
	rate_close(&d->rate);
	free(d);
	return NULL;
}

/* Ends the connections whose time is over; libmicrohttpd notices the end by itself. */
static void door_sweep(struct Door *d)
{
	int patience = d->n_peers >= d->settings.connections / 4 * 3 ? DOOR_PATIENCE_SHORT : DOOR_PATIENCE;
	int64_t now = clock_boot();

	for (struct DoorPeer *peer = d->peers; peer; peer = peer->next)
		if (now - peer->since > (peer->answering ? DOOR_ANSWER : patience))
			shutdown(peer->fd, SHUT_RDWR);
}

int door_run(struct Door *d, int stop)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(d->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int64_t swept = clock_boot();
	int calm = 0; /* rounds without a connection; the library listens again a round after it was full */

	if (!info)
		return -EIO;
	for (;;) {
		struct pollfd fds[] = {
		        {.fd = info->epoll_fd, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
		MHD_UNSIGNED_LONG_LONG due = 500;
		int timeout = 500;

		if (MHD_get_timeout(d->daemon, &due) == MHD_YES && due < 500)
			timeout = (int)due;
		if (poll(fds, ARRAY_SIZE(fds), calm > 2 && timeout == 500 ? -1 : timeout) < 0 &&
		        errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return 0;
		MHD_run(d->daemon);
		calm = d->n_peers ? 0 : MIN(calm + 1, 3);
		if (clock_boot() - swept >= 500) {
			swept = clock_boot();
			door_sweep(d);
		}
	}
}

int door_listen(uint16_t port, int *ret, uint16_t *ret_port)
{
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in address = {
	        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, SOMAXCONN) < 0)
		return -errno;
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	*ret = fd_steal(&fd);
	*ret_port = ntohs(address.sin_port);
	return 0;
}
