/* Addresses with a port, as text. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "endpoint.h"

static void endpoint__is_the_same_both_ways(void **state)
{
	static const char *const texts[] = { "192.168.31.200:80", "[fd00::200]:65535",
					     "0.0.0.0:1" };
	char buf[ENDPOINT_TEXT_MAX];
	struct sockaddr_storage ss;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(endpoint_parse(texts[i], &ss), 0);
		if (ss.ss_family == AF_INET) {
			struct sockaddr_in *v4 = (struct sockaddr_in *)&ss;

			assert_int_equal(endpoint_len(&ss), sizeof(*v4));
			endpoint_format(buf, sizeof(buf), AF_INET, &v4->sin_addr,
					ntohs(v4->sin_port));
		} else {
			struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ss;

			assert_int_equal(endpoint_len(&ss), sizeof(*v6));
			endpoint_format(buf, sizeof(buf), AF_INET6, &v6->sin6_addr,
					ntohs(v6->sin6_port));
		}
		assert_string_equal(buf, texts[i]);
	}
}

static void endpoint__rejects(void **state)
{
	static const char *const bad[] = {
		"", ":", "192.168.31.200", "192.168.31.200:", "192.168.31.200:0",
		"192.168.31.200:65536", "192.168.31.200:80x", "192.168.31.200:-1",
		"192.168.31.256:80", "192.168.31:80", "fd00::200", "[fd00::200]",
		"[fd00::200]80", "[]:80", "[:80", "]:80", "host:80",
		"[fd00:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0200]:80",
	};
	struct sockaddr_storage ss;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (endpoint_parse(bad[i], &ss) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint__is_the_same_both_ways),
		cmocka_unit_test(endpoint__rejects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
