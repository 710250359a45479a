/* Addresses, times, words and scripts as keepalived.conf has them. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "conf_print.h"

const char *print_addr(const struct conf_addr *a)
{
	static _Thread_local char buf[4][INET6_ADDRSTRLEN];
	static _Thread_local unsigned int next;
	char *out = buf[next++ % 4];

	if (!a->family || !inet_ntop(a->family, &a->v6, out, INET6_ADDRSTRLEN))
		strcpy(out, "?");
	return out;
}

/* Seconds, with as many decimals as are needed: 3, 0.5, 0.000001. */
const char *print_seconds(int64_t ns)
{
	static _Thread_local char buf[4][32];
	static _Thread_local unsigned int next;
	char *out = buf[next++ % 4], *end;

	snprintf(out, 32, "%" PRId64 ".%06" PRId64, ns / 1000000000,
		 ns % 1000000000 / 1000);
	for (end = out + strlen(out); end[-1] == '0'; end--)
		end[-1] = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
	return out;
}

const char *print_on_off(bool on)
{
	return on ? "on" : "off";
}

/* A word, in quotes where it needs them. */
void print_word(FILE *out, const char *s)
{
	bool plain = *s && !s[strcspn(s, " \t#!{}\"\\$")];

	fprintf(out, plain ? "%s" : "\"%s\"", s);
}

/* `before NAME after` */
void print_named(FILE *out, const char *before, const char *name, const char *after)
{
	fputs(before, out);
	print_word(out, name);
	fputs(after, out);
}

/*
 * A script's command line in quotes. It is cut into words once more inside
 * them, so what is no plain character goes as an octal escape, escaped.
 */
void print_command(FILE *out, const struct conf_script *s)
{
	const char *p;
	size_t i;

	fputc('"', out);
	for (i = 0; s->argv[i]; i++) {
		if (i)
			fputc(' ', out);
		if (!*s->argv[i])
			fputs("''", out);
		for (p = s->argv[i]; *p; p++)
			fprintf(out,
				*p > ' ' && !strchr("\"'\\#!${}", *p) ? "%c"
								      : "\\\\%03o",
				(unsigned char)*p);
	}
	fputc('"', out);
}

void print_notify(FILE *out, const char *indent, const char *name,
		  const struct conf_script *s)
{
	if (!s->argv)
		return;
	fprintf(out, "%s%s ", indent, name);
	print_command(out, s);
	if (s->user)
		fprintf(out, " %s", s->user);
	if (s->user && s->group)
		fprintf(out, " %s", s->group);
	fputc('\n', out);
}
