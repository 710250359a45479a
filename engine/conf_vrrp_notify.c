/* vrrp_instance: what it tracks, and whom it tells. */
#include "conf_vrrp_words.h"

/* --- tracking --- */

static void track_if_line(struct conf_ctx *c)
{
	conf_track_if_line(c, name(c), &cur(c)->v.track_if, &cur(c)->v.ntrack_if);
}

static void track_interface(struct conf_ctx *c)
{
	conf_value_block(c, track_if_line);
}

static void track_script_line(struct conf_ctx *c)
{
	conf_track_script_line(c, name(c), &cur(c)->v.track_script, &cur(c)->v.ntrack_script);
}

static void track_script(struct conf_ctx *c)
{
	conf_value_block(c, track_script_line);
}

static void track_file_line(struct conf_ctx *c)
{
	conf_track_named_line(c, name(c), NAMED_TRACK_FILE);
}

static void track_file(struct conf_ctx *c)
{
	conf_value_block(c, track_file_line);
}

static void track_process_line(struct conf_ctx *c)
{
	conf_track_named_line(c, name(c), NAMED_TRACK_PROCESS);
}

static void track_process(struct conf_ctx *c)
{
	conf_value_block(c, track_process_line);
}

static void track_bfd_line(struct conf_ctx *c)
{
	conf_track_named_line(c, name(c), NAMED_BFD);
}

static void track_bfd(struct conf_ctx *c)
{
	conf_value_block(c, track_bfd_line);
}

static void virtual_routes(struct conf_ctx *c)
{
	conf_value_block(c, conf_route_line);
}

static void virtual_rules(struct conf_ctx *c)
{
	conf_value_block(c, conf_rule_line);
}

/* --- notify --- */

static void notify(struct conf_ctx *c, struct conf_script *s)
{
	conf_set_notify(c, name(c), s);
}

static void notify_master(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_master);
}

static void notify_backup(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_backup);
}

static void notify_fault(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_fault);
}

static void notify_stop(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_stop);
}

static void notify_any(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify);
}

static void notify_lower(struct conf_ctx *c)
{
	notify(c, &cur(c)->v.notify_master_rx_lower_pri);
}

static void notify_deleted(struct conf_ctx *c)
{
	if (conf_nword(c) > 1)
		notify(c, &cur(c)->v.notify_deleted);
}

static const struct conf_kw words[] = {
	{ .name = "notify", .fn = notify_any },
	{ .name = "notify_backup", .fn = notify_backup },
	{ .name = "notify_deleted", .fn = notify_deleted },
	{ .name = "notify_fault", .fn = notify_fault },
	{ .name = "notify_master", .fn = notify_master },
	{ .name = "notify_master_rx_lower_pri", .fn = notify_lower },
	{ .name = "notify_stop", .fn = notify_stop },
	TRACK_BFD(track_bfd),
	TRACK_FILE(track_file),
	{ .name = "track_interface", .fn = track_interface },
	TRACK_PROCESS(track_process),
	{ .name = "track_script", .fn = track_script },
	{ .name = "virtual_routes", .fn = virtual_routes,
	  .later = "move these routes with the addresses",
	  .unsafe = "what is reached by them is lost on failover" },
	{ .name = "virtual_rules", .fn = virtual_rules,
	  .later = "move these rules with the addresses",
	  .unsafe = "what is routed by them is lost on failover" },
};

const struct conf_words conf_vrrp_notify_words = CONF_WORDS(words);
