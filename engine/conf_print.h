/* Pieces of a configuration as keepalived.conf. */
#ifndef HALBD_CONF_PRINT_H
#define HALBD_CONF_PRINT_H

#include "conf_int.h"

/* Text that lasts until the fourth call after. */
const char *print_addr(const struct conf_addr *a);
/* Seconds, with as many decimals as are needed: 3, 0.5, 0.000001. */
const char *print_seconds(int64_t ns);
const char *print_on_off(bool on);
/* A word, in quotes where it needs them. */
void print_word(FILE *out, const char *s);
/* `before NAME after` */
void print_named(FILE *out, const char *before, const char *name, const char *after);
/* A script's command line in quotes. */
void print_command(FILE *out, const struct conf_script *s);
/* `NAME "COMMAND" USER GROUP`, if there is a command. */
void print_notify(FILE *out, const char *indent, const char *name,
		  const struct conf_script *s);
void print_service_group(FILE *out, const struct lvs_group_conf *g);
void print_service(FILE *out, const struct lvs_service_conf *s);

#endif
