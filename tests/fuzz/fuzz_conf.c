/* keepalived.conf: any bytes. What is read is printed and can be read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_lex.h"
#include "conf_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf *load(const char *text, size_t len, FILE *out, bool test)
{
	static const char *const interfaces[] = { "lo", "eth0", "enp0s3", NULL };
	struct conf_options opt = { .path = "fuzz",
				    .text = text,
				    .text_len = len,
				    .out = out,
				    .test = test,
				    .interfaces = interfaces };
	enum conf_status status;

	return conf_load_with(&opt, &status);
}

static char *effective(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		abort();
	conf_print_effective(out, c);
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct conf *c;
	size_t len;
	char *text;

	conf_lex_repeats_max = 1000;
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	conf_free(load((const char *)data, size, nowhere, true));
	c = load((const char *)data, size, NULL, false);
	if (!c)
		return 0;
	text = effective(c, &len);
	conf_free(c);
	/* What was printed is a configuration again. */
	c = load(text, len, NULL, false);
	if (!c)
		abort();
	conf_free(c);
	free(text);
	return 0;
}
