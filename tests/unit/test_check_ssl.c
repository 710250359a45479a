/* SSL_GET against a real TLS server: a forked child with a fresh certificate. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "check_bench.h"
#include "log.h"

#define PAGE "HTTP/1.0 200 OK\r\n\r\nThis is Server 111\n"

static SSL_CTX *server_ctx(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"example.org", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_sign(cert, key, EVP_sha256());
	SSL_CTX_use_certificate(ctx, cert);
	SSL_CTX_use_PrivateKey(ctx, key);
	X509_free(cert);
	EVP_PKEY_free(key);
	return ctx;
}

/* In the child: one connection; what it was asked decides its exit status. */
static int serve(int listener, const char *page, const char *sni)
{
	SSL_CTX *ctx = server_ctx();
	SSL *ssl = SSL_new(ctx);
	const char *name;
	char buf[1024];
	int fd = accept(listener, NULL, NULL), n, status = 0;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1)
		return 1;
	name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	n = SSL_read(ssl, buf, sizeof(buf) - 1);
	if (n <= 0 || strncmp(buf, "GET / HTTP/1.0\r\n", 16) != 0)
		status = 2;
	if (sni && (!name || strcmp(name, sni) != 0))
		status = 3;
	SSL_write(ssl, page, (int)strlen(page));
	SSL_shutdown(ssl);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return status;
}

static struct http_url_conf url;

static struct checker_conf *ssl_checker(struct attempts *a)
{
	static char path[] = "/";
	struct checker_conf *c;
	int port;

	bind_local(a, SOCK_STREAM, &port);
	assert_int_equal(listen(a->listener, 8), 0);
	memset(&url, 0, sizeof(url));
	url.path = path;
	c = one_checker(a, CHECK_SSL, port);
	c->url = &url;
	c->nurl = 1;
	c->connect_timeout_ns = 60 * NS_PER_S;
	return c;
}

static pid_t start_server(struct attempts *a, const char *page, const char *sni)
{
	pid_t pid = fork();

	if (pid == 0) {
		fcntl(a->listener, F_SETFL, 0); /* it waits */
		_exit(serve(a->listener, page, sni));
	}
	assert_true(pid > 0);
	return pid;
}

static void ends_with(pid_t pid, int expected)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

static void check_ssl__page(void **state)
{
	struct attempts *a = *state;
	pid_t pid;

	ssl_checker(a);
	pid = start_server(a, PAGE, NULL);
	assert_int_equal(run(a), CHECK_OK);
	ends_with(pid, 0);
}

static void check_ssl__sni_names_the_virtual_host(void **state)
{
	static char host[] = "example.org";
	struct attempts *a = *state;
	struct checker_conf *c = ssl_checker(a);
	pid_t pid;

	c->sni = true;
	url.virtualhost = host;
	pid = start_server(a, PAGE, host);
	assert_int_equal(run(a), CHECK_OK);
	ends_with(pid, 0);
}

static void check_ssl__large_page_digest(void **state)
{
	static char page[200000];
	struct attempts *a = *state;
	pid_t pid;
	int n;

	ssl_checker(a);
	n = snprintf(page, sizeof(page), "HTTP/1.0 200 OK\r\n\r\n");
	memset(page + n, 'x', 150000);
	url.has_digest = true;
	assert_int_equal(EVP_Digest(page + n, 150000, url.digest, NULL, EVP_md5(), NULL), 1);
	pid = start_server(a, page, NULL);
	assert_int_equal(run(a), CHECK_OK);
	ends_with(pid, 0);
}

static void check_ssl__bad_status(void **state)
{
	struct attempts *a = *state;
	pid_t pid;

	ssl_checker(a);
	pid = start_server(a, "HTTP/1.0 500 Oops\r\n\r\n", NULL);
	assert_int_equal(run(a), CHECK_BAD_STATUS);
	ends_with(pid, 0);
}

static void check_ssl__no_tls_there(void **state)
{
	struct attempts *a = *state;
	static const char words[] = "220 this is not TLS\r\n";
	pid_t pid;
	int fd;

	ssl_checker(a);
	pid = fork();
	if (pid == 0) {
		fcntl(a->listener, F_SETFL, 0);
		fd = accept(a->listener, NULL, NULL);
		if (write(fd, words, sizeof(words) - 1) < 0)
			_exit(1);
		while (read(fd, a->got, sizeof(a->got)) > 0)
			;
		_exit(0);
	}
	assert_int_equal(run(a), CHECK_BAD_TLS);
	ends_with(pid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(check_ssl__page),
		T(check_ssl__sni_names_the_virtual_host),
		T(check_ssl__large_page_digest),
		T(check_ssl__bad_status),
		T(check_ssl__no_tls_there),
#undef T
	};

	signal(SIGPIPE, SIG_IGN);
	log_init("test", LOG_LVL_ERR, LOG_TO_STDERR);
	return cmocka_run_group_tests_name("check_ssl", tests, NULL, NULL);
}
