/* Words that the checkers have in common. */
#ifndef HALBD_CONF_CHECK_H
#define HALBD_CONF_CHECK_H

#include "conf_lvs.h"

void conf_check_alpha(struct conf_ctx *c);
void conf_check_bind_if(struct conf_ctx *c);
void conf_check_bind_port(struct conf_ctx *c);
void conf_check_bindto(struct conf_ctx *c);
void conf_check_connect_ip(struct conf_ctx *c);
void conf_check_connect_port(struct conf_ctx *c);
void conf_check_connect_timeout(struct conf_ctx *c);
void conf_check_delay_before_retry(struct conf_ctx *c);
void conf_check_delay_loop(struct conf_ctx *c);
void conf_check_fwmark(struct conf_ctx *c);
void conf_check_log_all_failures(struct conf_ctx *c);
void conf_check_retry(struct conf_ctx *c);
void conf_check_warmup(struct conf_ctx *c);

/* A checker that cannot connect where it should is dropped: false. */
bool conf_check_can_connect(struct conf_ctx *c);
/* A dropped checker's words are still read; they go nowhere. */
bool conf_check_dropped(struct conf_ctx *c);
void conf_url_clear(struct http_url_conf *u);
/* 0-15, or -1. */
int conf_hex_digit(char ch);

/* Words in the order of their names, in the places that a table has for them. */
#define COMMON_A                                                                       \
	{                                                                              \
		.name = "alpha", .fn = conf_check_alpha                                \
	}
#define CONNECT_B                                                                      \
	{ .name = "bind_if", .fn = conf_check_bind_if },                               \
		{ .name = "bind_port", .fn = conf_check_bind_port },                   \
	{                                                                              \
		.name = "bindto", .fn = conf_check_bindto                              \
	}
#define CONNECT_C                                                                      \
	{ .name = "connect_ip", .fn = conf_check_connect_ip },                         \
		{ .name = "connect_port", .fn = conf_check_connect_port },             \
	{                                                                              \
		.name = "connect_timeout", .fn = conf_check_connect_timeout            \
	}
#define COMMON_D                                                                       \
	{ .name = "delay_before_retry", .fn = conf_check_delay_before_retry },         \
	{                                                                              \
		.name = "delay_loop", .fn = conf_check_delay_loop                      \
	}
#define CONNECT_F                                                                      \
	{                                                                              \
		.name = "fwmark", .fn = conf_check_fwmark                              \
	}
#define COMMON_L                                                                       \
	{                                                                              \
		.name = "log_all_failures", .fn = conf_check_log_all_failures          \
	}
#define COMMON_R                                                                       \
	{                                                                              \
		.name = "retry", .fn = conf_check_retry                                \
	}
#define COMMON_W                                                                       \
	{                                                                              \
		.name = "warmup", .fn = conf_check_warmup                              \
	}

#endif
