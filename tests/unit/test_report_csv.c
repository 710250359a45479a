/* Requests as CSV. */
/* Before cmocka, which has a macro of the name expect_check. */
#include "report.h"

#include "logbuild.h"

#include <stdio.h>
#include <stdlib.h>

static void report_csv__a_line_for_each_request(void **state)
{
	struct report r = { .c = &lb_case };
	const struct report *list[] = { &r };
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	lb_run();
	lb_advert(1 * S, "lvs1", LVS1_IP, 101, NULL);
	lb_request(2 * S, 2 * S + MS, 0, REQ_OK, "web1");
	lb_request(3 * S, 3 * S + 100 * MS, 1, REQ_TIMEOUT, NULL);
	lb_request(4 * S, 4 * S + 2, 2, REQ_OK, "a \"b\", c");
	r.log = lb_log;
	r.run = &lb_log.v[0];
	f = open_memstream(&text, &len);
	assert_non_null(f);
	assert_int_equal(report_csv(f, list, 1), 0);
	fclose(f);
	assert_string_equal(
		text,
		"case,engine,seed,node,traffic,n,due_ns,end_ns,latency_ns,result,backend\r\n"
		"master_down,halbd,1,client,http,0,2000000000,2001000000,1000000,ok,web1\r\n"
		"master_down,halbd,1,client,http,1,3000000000,3100000000,100000000,timeout,\r\n"
		"master_down,halbd,1,client,http,2,4000000000,4000000002,2,ok,"
		"\"a \"\"b\"\", c\"\r\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(report_csv__a_line_for_each_request, lb_setup,
						lb_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
