/* A capture of a real site: what its nodes send is in it, once, under their name. */
#include "sitefix.h"

#include "capture.h"
#include "intern.h"

static struct event_log events;
static struct record rec;
static struct capture *cap;

/* The client asks for the MAC of web1, by sending it a datagram. */
static int send_one(void *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)arg;
	if (fd < 0)
		return -errno;
	inet_pton(AF_INET, "192.168.31.113", &to.sin_addr);
	sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	return 0;
}

/* All of a file; the caller frees. */
static char *whole(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *v = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(v);
	*len = fread(v, 1, 1 << 20, f);
	fclose(f);
	return v;
}

static bool has(const char *v, size_t len, const void *what, size_t n)
{
	return memmem(v, len, what, n) != NULL;
}

static bool once(const char *v, size_t len, const char *what, size_t n)
{
	const char *p = memmem(v, len, what, n);

	return p && !memmem(p + 1, len - (size_t)(p + 1 - v), what, n);
}

/* Packet blocks of interface `number` whose frame contains `what`. */
static int packets(const char *v, size_t len, uint32_t number, const void *what, size_t n)
{
	uint32_t type, size, interface;
	size_t at = 0;
	int count = 0;

	for (; at + 12 <= len; at += size) {
		memcpy(&type, v + at, 4);
		memcpy(&size, v + at + 4, 4);
		memcpy(&interface, v + at + 8, 4);
		assert_true(size >= 12 && at + size <= len);
		if (type == 6 && interface == number && has(v + at, size, what, n))
			count++;
	}
	assert_int_equal(at, len);
	return count;
}

static bool answered(struct sitefix *f)
{
	char path[128], *v;
	size_t len;
	bool yes;

	/* who-has answered by web1: the reply's first bytes */
	snprintf(path, sizeof(path), "%s/captures", f->dir);
	assert_int_equal(capture_write(cap, path, &events, 0), 0);
	snprintf(path, sizeof(path), "%s/captures/lan.pcapng", f->dir);
	v = whole(path, &len);
	yes = has(v, len, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x02", 10) &&
	      has(v, len, "hello", 5);
	free(v);
	return yes;
}

static void capture__each_frame_once_under_its_sender(void **state)
{
	static const char who_has[] = "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01";
	struct event e = { .t = 1, .type = EV_FAULT };
	char path[128], *v;
	struct sitefix f;
	size_t len;

	(void)state;
	if (!sitefix_possible())
		skip();
	sitefix_build(&f, sitefix_conf);
	event_log_init(&events);
	rec = (struct record){ .log = &events, .zero_ns = clock_now() };
	e.text = event_text(&events, "crash lvs1");
	assert_int_equal(event_add(&events, &e), 0);
	cap = capture_new(f.site, f.topo, f.loop, &rec);
	assert_non_null(cap);
	assert_int_equal(site_in_netns(f.site, f.client, send_one, NULL), 0);
	sitefix_wait(&f, answered, "an answer in the capture");
	snprintf(path, sizeof(path), "%s/captures/lan.pcapng", f.dir);
	v = whole(path, &len);
	/* lvs1, web1, client: interfaces 0, 1, 2 */
	assert_true(has(v, len, "lvs1:enp0s3", 11));
	assert_true(has(v, len, "client:enp0s3", 13));
	assert_true(once(v, len, "crash lvs1", 10));
	assert_int_equal(packets(v, len, 2, "hello", 5), 1);
	assert_int_equal(packets(v, len, 2, who_has, 10), 1);
	assert_int_equal(packets(v, len, 0, "hello", 5), 0);
	free(v);
	unlink(path);
	snprintf(path, sizeof(path), "%s/captures", f.dir);
	rmdir(path);
	capture_free(cap);
	sitefix_free(&f);
	event_log_finish(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capture__each_frame_once_under_its_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
