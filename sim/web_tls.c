/* The backend's TLS, by OpenSSL. The certificate is its own and lives as long as it. */
#include "web_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define VALID_S (10L * 365 * 24 * 3600)

static SSL_CTX *ctx;

static int make_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
	int ok = name && X509_set_version(x, 2) &&
		 ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
		 X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
		 X509_gmtime_adj(X509_getm_notAfter(x), VALID_S) &&
		 X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					    (const unsigned char *)"halbweb", -1, -1, 0) &&
		 X509_set_issuer_name(x, name) && X509_set_pubkey(x, key) &&
		 X509_sign(x, key, EVP_sha256()) && SSL_CTX_use_certificate(ctx, x);

	X509_free(x);
	return ok ? 0 : -EPROTO;
}

static void finish(void)
{
	SSL_CTX_free(ctx);
	ctx = NULL;
}

static int init(void)
{
	EVP_PKEY *key;
	int r = -EPROTO;

	if (ctx)
		return 0;
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ctx = SSL_CTX_new(TLS_server_method());
	key = EVP_EC_gen("P-256");
	if (ctx && key)
		r = make_certificate(key);
	if (r == 0 && SSL_CTX_use_PrivateKey(ctx, key) != 1)
		r = -EPROTO;
	EVP_PKEY_free(key);
	if (r < 0) {
		finish();
		return r;
	}
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	return 0;
}

static void *begin(int fd)
{
	SSL *s = SSL_new(ctx);

	if (s && SSL_set_fd(s, fd) == 1) {
		SSL_set_accept_state(s); /* the first SSL_read() shakes hands */
		return s;
	}
	SSL_free(s);
	return NULL;
}

/* What an SSL_… call that returned r <= 0 means to a caller of recv() or send(). */
static ssize_t outcome(SSL *s, int r)
{
	int err = errno;

	switch (SSL_get_error(s, r)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SYSCALL:
		errno = err ? err : ECONNRESET;
		return -1;
	}
	errno = EPROTO;
	return -1;
}

static ssize_t tls_recv(void *tls, void *buf, size_t len)
{
	int r;

	ERR_clear_error();
	errno = 0;
	r = SSL_read(tls, buf, (int)len);
	return r > 0 ? r : outcome(tls, r);
}

static ssize_t tls_send(void *tls, const void *buf, size_t len)
{
	int r;

	ERR_clear_error();
	errno = 0;
	r = SSL_write(tls, buf, (int)len);
	return r > 0 ? r : outcome(tls, r);
}

static bool pending(void *tls)
{
	return SSL_pending(tls) > 0;
}

static void bye(void *tls)
{
	ERR_clear_error();
	if (SSL_is_init_finished(tls))
		SSL_shutdown(tls);
}

static void end(void *tls)
{
	SSL_free(tls);
}

static const struct web_tls_ops ops = {
	.init = init,
	.finish = finish,
	.begin = begin,
	.recv = tls_recv,
	.send = tls_send,
	.pending = pending,
	.bye = bye,
	.end = end,
};

const struct web_tls_ops *const web_tls = &ops;
