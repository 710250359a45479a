/*
 * SSL_GET: HTTP_GET over TLS, by OpenSSL. As with keepalived the certificate is not
 * verified: the check is whether the service answers.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include "check_http.h"

static SSL_CTX *ctx; /* made by the first check, kept */

static int make_ctx(void)
{
	if (ctx)
		return 0;
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx)
		return -ENOMEM;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Servers that close without saying so are common; the end is the end. */
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	return 0;
}

/* What became of an SSL_… call that returned r <= 0: 0 (the end) or -errno. */
static int outcome(struct http_job *job, int r)
{
	int err = errno;

	switch (SSL_get_error(job->tls, r)) {
	case SSL_ERROR_WANT_READ:
		job->want = EPOLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		job->want = EPOLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		return err ? -err : -ECONNRESET;
	}
	return -EPROTO;
}

static int tls_begin(struct http_job *job)
{
	const char *name = job->host;
	int r;

	if (!job->tls) {
		if (make_ctx() < 0)
			return -ENOMEM;
		job->tls = SSL_new(ctx);
		if (!job->tls || SSL_set_fd(job->tls, job->check->io.fd) != 1)
			return -ENOMEM;
		if (job->check->conf->sni && name &&
		    SSL_set_tlsext_host_name(job->tls, name) != 1)
			return -ENOMEM;
	}
	ERR_clear_error();
	errno = 0;
	r = SSL_connect(job->tls);
	if (r == 1)
		return 0;
	r = outcome(job, r);
	return r ? r : -ECONNRESET;
}

static ssize_t tls_read(struct http_job *job, void *buf, size_t len)
{
	int r;

	ERR_clear_error();
	errno = 0;
	r = SSL_read(job->tls, buf, (int)len);
	return r > 0 ? r : outcome(job, r);
}

static ssize_t tls_write(struct http_job *job, const void *buf, size_t len)
{
	int r;

	ERR_clear_error();
	errno = 0;
	r = SSL_write(job->tls, buf, (int)len);
	if (r > 0)
		return r;
	r = outcome(job, r);
	return r ? r : -ECONNRESET;
}

static void tls_end(struct http_job *job)
{
	if (!job->tls)
		return;
	SSL_set_quiet_shutdown(job->tls, 1);
	SSL_shutdown(job->tls);
	SSL_free(job->tls);
}

static const struct http_stream tls = {
	.begin = tls_begin,
	.read = tls_read,
	.write = tls_write,
	.end = tls_end,
};

static bool start(struct check *c)
{
	return http_check_start(c, &tls);
}

const struct check_type check_ssl = {
	.name = "SSL_GET",
	.start = start,
	.finish = http_check_finish,
};
