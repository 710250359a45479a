/* The words that stand outside every block, and all tables. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf_reuse.h"
#include "conf_build.h"
#include "conf_lvs.h"

static void nothing_line(struct conf_ctx *c)
{
	(void)c;
}

static void value_block(struct conf_ctx *c)
{
	conf_value_block(c, nothing_line);
}

static void static_address(struct conf_ctx *c)
{
	conf_value_block(c, conf_static_address);
}

static void static_routes(struct conf_ctx *c)
{
	conf_value_block(c, conf_route_line);
}

static void static_rules(struct conf_ctx *c)
{
	conf_value_block(c, conf_rule_line);
}

static void name_word(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "'%s' needs a name; ignored", conf_word(c, 0));
}

static void child_wait(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, UINT_MAX, false, &n))
		conf_say(c, K_VALUE, 1, "child_wait_time is ignored");
}

/* --- blocks known by name --- */

static void track_group_start(struct conf_ctx *c)
{
	if (conf_nword(c) != 2 || conf_named(c, NAMED_TRACK_GROUP, conf_word(c, 1))) {
		conf_say(c, conf_nword(c) == 2 ? K_DUPLICATE : K_VALUE, 1,
			 "track_group needs a name of its own; left out");
		conf_skip_block(c);
		return;
	}
	conf_named_start(c, NAMED_TRACK_GROUP);
}

static void track_file_start(struct conf_ctx *c)
{
	conf_named_start(c, NAMED_TRACK_FILE);
	c->track_file_path = false;
}

static void track_file_path(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "file needs a path; ignored");
	else if (c->track_file_path)
		conf_say(c, K_DUPLICATE, 1, "a second file, ignored");
	else
		c->track_file_path = true;
}

static void weight(struct conf_ctx *c)
{
	int n;

	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "weight needs a number; ignored");
	else if (!conf_int(c, 1, -254, 254, true, &n))
		conf_say(c, K_VALUE, 1, "weight is ignored");
	else if (conf_nword(c) > 2 && !conf_is(c, 2, "reverse"))
		conf_say(c, K_VALUE, 2, "weight knows no '%s'", conf_word(c, 2));
}

static void init_file(struct conf_ctx *c)
{
	size_t i;
	int n;

	for (i = 1; i < conf_nword(c); i++) {
		const char *word = conf_word(c, i);

		if (*word == '-' || (*word >= '0' && *word <= '9')) {
			if (!conf_int(c, i, INT_MIN, INT_MAX, false, &n) || n < -254 || n > 254)
				conf_say(c, K_VALUE, i, "init_file: '%s' is no weight", word);
		} else if (strcmp(word, "overwrite")) {
			conf_say(c, K_VALUE, i, "init_file knows no '%s'", word);
		}
	}
}

static void track_file_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_here(c, 0);

	if (c->track_file_path)
		return;
	conf_say_at(c, K_TRACK, &pos, "this track_file names no file; left out");
	if (c->nnamed[NAMED_TRACK_FILE])
		free(c->named[NAMED_TRACK_FILE][--c->nnamed[NAMED_TRACK_FILE]]);
}

static const struct conf_kw track_file_words[] = {
	{ .name = "file", .fn = track_file_path },
	{ .name = "init_file", .fn = init_file },
	{ .name = "weight", .fn = weight },
};

const struct conf_block conf_track_file_block =
	CONF_BLOCK(track_file_words, track_file_end, NULL, "track_file");

static void track_process_start(struct conf_ctx *c)
{
	conf_named_start(c, NAMED_TRACK_PROCESS);
	c->track_file_path = false;
}

static void process(struct conf_ctx *c)
{
	conf_word(c, 1);
	if (c->track_file_path)
		conf_say(c, K_DUPLICATE, 1, "a second process, ignored");
	c->track_file_path = true;
}

static void process_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_here(c, 0);

	if (c->track_file_path)
		return;
	conf_say_at(c, K_TRACK, &pos, "this vrrp_track_process names no process; left out");
	if (c->nnamed[NAMED_TRACK_PROCESS])
		free(c->named[NAMED_TRACK_PROCESS][--c->nnamed[NAMED_TRACK_PROCESS]]);
}

static void process_number(struct conf_ctx *c)
{
	unsigned int n;

	if (!conf_uint(c, 1, 0, 65535, true, &n))
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void process_delay(struct conf_ctx *c)
{
	uint64_t us;

	if (!conf_time_us(c, 1, 1, UINT64_C(3600000000), &us))
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void param_match(struct conf_ctx *c)
{
	if (conf_nword(c) > 1 && !conf_is(c, 1, "initial") && !conf_is(c, 1, "partial"))
		conf_say(c, K_VALUE, 1, "param_match knows no '%s'; ignored", conf_word(c, 1));
}

static const struct conf_kw track_process_words[] = {
	{ .name = "delay", .fn = process_delay },
	{ .name = "fork_delay", .fn = process_delay },
	{ .name = "full_command" },
	{ .name = "param_match", .fn = param_match },
	{ .name = "process", .fn = process },
	{ .name = "quorum", .fn = process_number },
	{ .name = "quorum_max", .fn = process_number },
	{ .name = "terminate_delay", .fn = process_delay },
	{ .name = "weight", .fn = weight },
};

const struct conf_block conf_track_process_block =
	CONF_BLOCK(track_process_words, process_end, NULL, "vrrp_track_process");

static void bfd_start(struct conf_ctx *c)
{
	if (c->pass == PASS_CHECKER || !conf_named(c, NAMED_BFD, conf_word(c, 1)))
		conf_named_start(c, NAMED_BFD);
}

static const struct conf_kw bfd_words[] = {
	{ .name = "checker" },	   { .name = "hoplimit" },  { .name = "idle_tx" },
	{ .name = "max_hops" },	   { .name = "min_rx" },    { .name = "min_tx" },
	{ .name = "multiplier" },  { .name = "neighbor_ip" }, { .name = "neighbour_ip" },
	{ .name = "passive" },	   { .name = "source_ip" }, { .name = "ttl" },
	{ .name = "vrrp" },	   { .name = "weight" },
};

const struct conf_block conf_bfd_block =
	CONF_BLOCK(bfd_words, NULL, NULL, "bfd_instance");

static const struct conf_kw track_group_words[] = {
	{ .name = "group", .fn = value_block },
};

const struct conf_block conf_track_group_block =
	CONF_BLOCK(track_group_words, NULL, NULL, "track_group");

/* --- garp_group --- */

static void garp_group_start(struct conf_ctx *c)
{
	c->garp_group_set = false;
}

static void garp_group_interval(struct conf_ctx *c)
{
	uint64_t us;

	if (conf_time_us(c, 1, 0, INT_MAX, &us))
		c->garp_group_set = true;
	else
		conf_say(c, K_VALUE, 1, "'%s' is ignored", conf_word(c, 0));
}

static void garp_group_if(struct conf_ctx *c)
{
	if (!conf_if_wanted(c, conf_word(c, 1)) && !c->give_up)
		conf_say(c, K_INTERFACE, 1, "there is no interface '%s' here", conf_word(c, 1));
}

static void garp_group_if_line(struct conf_ctx *c)
{
	size_t i;

	for (i = 0; i < conf_nword(c); i++)
		if (!conf_if_wanted(c, conf_word(c, i)))
			conf_say(c, K_INTERFACE, i, "there is no interface '%s' here",
				 conf_word(c, i));
}

static void garp_group_ifs(struct conf_ctx *c)
{
	conf_value_block(c, garp_group_if_line);
}

static void garp_group_end(struct conf_ctx *c)
{
	struct conf_pos pos = conf_here(c, 0);

	if (!c->garp_group_set)
		conf_say_at(c, K_VALUE, &pos, "this garp_group sets no interval; left out");
}

static const struct conf_kw garp_words[] = {
	{ .name = "garp_interval", .fn = garp_group_interval },
	{ .name = "gna_interval", .fn = garp_group_interval },
	{ .name = "interface", .fn = garp_group_if },
	{ .name = "interfaces", .fn = garp_group_ifs },
};

const struct conf_block conf_garp_group_block =
	CONF_BLOCK(garp_words, garp_group_end, NULL, "garp_group");

/* --- SSL --- */

static void ssl_file(struct conf_ctx *c)
{
	if (conf_nword(c) < 2)
		conf_say(c, K_VALUE, 1, "'%s' needs a value", conf_word(c, 0));
}

static const struct conf_kw ssl_words[] = {
	{ .name = "ca", .fn = ssl_file },
	{ .name = "certificate", .fn = ssl_file },
	{ .name = "key", .fn = ssl_file },
	{ .name = "password", .fn = ssl_file },
};

const struct conf_block conf_ssl_block =
	CONF_BLOCK(ssl_words, NULL, NULL, "SSL");

/* --- all --- */

const struct conf_root conf_roots[] = {
	{ { .name = "SSL", .sub = &conf_ssl_block,
	    .later = "show the real servers this certificate in SSL_GET",
	    .unsafe = "a server that asks for one refuses the check, and is taken out" },
	  PASS_CHECKER },
	{ { .name = "bfd_instance", .fn = bfd_start, .sub = &conf_bfd_block,
	    .later = "run BFD with this neighbour",
	    .unsafe = "a dead path is noticed by VRRP and the checkers alone, which "
		      "is slower" },
	  PASS_CHILDREN },
	{ { .name = "child_wait_time", .fn = child_wait }, PASS_PARENT },
	{ { .name = "garp_group", .fn = garp_group_start, .sub = &conf_garp_group_block,
	    .later = "space the gratuitous ARPs of these interfaces together" },
	  PASS_VRRP },
	{ { .name = "global_defs", .sub = &conf_global_block }, PASS_PARENT },
	{ { .name = "instance", .fn = name_word,
	    .later = "put this name into the names of its pid files" },
	  PASS_PARENT },
	{ { .name = "interface_up_down_delays", .fn = value_block,
	    .later = "wait so long before it believes that a link went down or up",
	    .unsafe = "a link that flaps moves the addresses each time" },
	  PASS_VRRP },
	{ { .name = "linkbeat_interfaces", .fn = value_block,
	    .later = "ask these interfaces for their carrier, for kernels that do not "
		     "tell" },
	  PASS_VRRP },
	{ { .name = "linkbeat_use_polling" },
	  PASS_PARENT },
	{ { .name = "namespace_with_ipsets",
	    .later = "use ipsets in a network namespace" },
	  PASS_PARENT },
	{ { .name = "net_namespace", .fn = name_word,
	    .later = "run in this network namespace",
	    .unsafe = "addresses and services would be set up in the wrong one; start "
		      "halbd with -s NAME" },
	  PASS_PARENT },
	{ { .name = "net_namespace_ipvs",
	    .later = "keep the IPVS table in this network namespace",
	    .unsafe = "the services would be set up in the wrong one; start halbd "
		      "with -s NAME" },
	  PASS_PARENT },
	{ { .name = "static_ipaddress", .fn = static_address,
	    .later = "set these addresses for as long as it runs",
	    .unsafe = "they are missing unless the system's network configuration "
		      "sets them" },
	  PASS_VRRP },
	{ { .name = "static_routes", .fn = static_routes,
	    .later = "set these routes for as long as it runs",
	    .unsafe = "they are missing unless the system's network configuration "
		      "sets them" },
	  PASS_VRRP },
	{ { .name = "static_rules", .fn = static_rules,
	    .later = "set these rules for as long as it runs",
	    .unsafe = "they are missing unless the system's network configuration "
		      "sets them" },
	  PASS_VRRP },
	{ { .name = "track_file", .fn = track_file_start, .sub = &conf_track_file_block,
	    .later = "let a number in a file change priorities and weights",
	    .unsafe = "a priority, weight or FAULT that the file asks for does not "
		      "come" },
	  PASS_VRRP | PASS_CHECKER },
	{ { .name = "track_group", .fn = track_group_start, .sub = &conf_track_group_block,
	    .later = "let instances depend on static addresses and routes" },
	  PASS_VRRP },
	{ { .name = "use_pid_dir" },
	  PASS_PARENT },
	{ { .name = "virtual_server", .fn = conf_service_start, .sub = &conf_service_block },
	  PASS_CHECKER },
	{ { .name = "virtual_server_group", .fn = conf_service_group }, PASS_CHECKER },
	{ { .name = "vrrp_instance", .fn = conf_vrrp_start, .sub = &conf_vrrp_block },
	  PASS_VRRP },
	{ { .name = "vrrp_script", .fn = conf_vscript_start, .sub = &conf_vscript_block },
	  PASS_VRRP },
	{ { .name = "vrrp_sync_group", .fn = conf_sync_start, .sub = &conf_sync_block },
	  PASS_VRRP },
	{ { .name = "vrrp_track_file", .fn = track_file_start,
	    .sub = &conf_track_file_block,
	    .later = "let a number in a file change priorities",
	    .unsafe = "a priority or a FAULT that the file asks for does not come" },
	  PASS_VRRP },
	{ { .name = "vrrp_track_process", .fn = track_process_start,
	    .sub = &conf_track_process_block,
	    .later = "watch whether processes run",
	    .unsafe = "an instance stays master when the process dies; a vrrp_script "
		      "with pidof does that" },
	  PASS_VRRP },
};

const size_t conf_nroots = sizeof(conf_roots) / sizeof(conf_roots[0]);

extern const struct conf_block conf_auth_block, conf_url_block,
	conf_host_block;

const struct conf_block *const conf_all_blocks[] = {
	&conf_global_block,	  &conf_vrrp_block,	  &conf_auth_block,
	&conf_sync_block,	  &conf_vscript_block,	  &conf_service_block,
	&conf_real_block,	  &conf_tcp_block,	  &conf_http_block,
	&conf_url_block,	  &conf_misc_block,	  &conf_dns_block,
	&conf_smtp_block,	  &conf_udp_block,	  &conf_ping_block,
	&conf_file_block,	  &conf_bfd_check_block,  &conf_garp_group_block,
	&conf_track_file_block,	  &conf_track_process_block, &conf_bfd_block,
	&conf_track_group_block,  &conf_ssl_block,	  &conf_host_block,
	NULL,
};

void conf_free(struct conf *c)
{
	size_t i;

	if (!c)
		return;
	conf_global_clear(&c->global);
	for (i = 0; i < c->nvrrp; i++)
		conf_vrrp_clear(&c->vrrp[i]);
	free(c->vrrp);
	for (i = 0; i < c->nsync_group; i++)
		conf_sync_clear(&c->sync_group[i]);
	free(c->sync_group);
	for (i = 0; i < c->nscript; i++)
		conf_script_clear(&c->script[i]);
	free(c->script);
	for (i = 0; i < c->nservice; i++)
		conf_service_clear(&c->service[i]);
	free(c->service);
	free(c->real);
	for (i = 0; i < c->nchecker; i++)
		conf_checker_clear(&c->checker[i]);
	free(c->checker);
	for (i = 0; i < c->ngroup; i++) {
		free(c->group[i].name);
		free(c->group[i].entry);
	}
	free(c->group);
	for (i = 0; c->file && c->file[i]; i++)
		free(c->file[i]);
	free(c->file);
	conf_reuse_free(c->reuse);
	free(c);
}
