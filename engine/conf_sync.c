/* The words of vrrp_sync_group. */
#include <stdlib.h>
#include <string.h>

#include "conf_build.h"

static struct sync_build *cur(struct conf_ctx *c)
{
	return conf_cur_sync(c);
}

void conf_sync_start(struct conf_ctx *c)
{
	struct sync_build *more;
	size_t i;

	if (conf_nword(c) != 2) {
		conf_say(c, K_VALUE, 1, "vrrp_sync_group needs one name; left out");
		conf_skip_block(c);
		return;
	}
	for (i = 0; i < c->nsync; i++)
		if (!strcmp(c->sync[i].s.name, conf_word(c, 1))) {
			conf_say(c, K_DUPLICATE, 1,
				 "vrrp_sync_group '%s' was defined before; left out",
				 conf_word(c, 1));
			conf_skip_block(c);
			return;
		}
	more = conf_grow(c, c->sync, &c->nsync, sizeof(*more));
	if (!more)
		return;
	c->sync = more;
	more = cur(c);
	more->pos = conf_here(c, 1);
	more->s.file = more->pos.file;
	more->s.line = more->pos.line;
	more->priority_changes = -1;
	more->s.name = conf_dup(c, 1);
	if (!more->s.name)
		c->nsync--;
}

static void member_line(struct conf_ctx *c)
{
	struct sync_build *s = cur(c);
	size_t i;

	for (i = 0; i < conf_nword(c); i++) {
		char **more = conf_grow(c, s->member, &s->nmember, sizeof(*more));

		if (!more)
			return;
		s->member = more;
		more[s->nmember - 1] = conf_dup(c, i);
		if (!more[s->nmember - 1])
			s->nmember--;
	}
}

static void group(struct conf_ctx *c)
{
	struct conf_pos pos = conf_here(c, 0);
	struct sync_build *s = cur(c);

	if (s->nmember) {
		conf_say(c, K_DUPLICATE, 0, "group stands twice in '%s'; ignored", s->s.name);
		conf_skip_block(c);
		return;
	}
	conf_value_block(c, member_line);
	if (!s->nmember)
		conf_say_at(c, K_SYNC, &pos, "group of '%s' is empty", s->s.name);
}

static void if_line(struct conf_ctx *c)
{
	struct sync_build *s = cur(c);

	conf_track_if_line(c, s->s.name, &s->s.track_if, &s->s.ntrack_if);
}

static void track_interface(struct conf_ctx *c)
{
	conf_value_block(c, if_line);
}

static void script_line(struct conf_ctx *c)
{
	struct sync_build *s = cur(c);

	conf_track_script_line(c, s->s.name, &s->s.track_script, &s->s.ntrack_script);
}

static void track_script(struct conf_ctx *c)
{
	conf_value_block(c, script_line);
}

static void file_line(struct conf_ctx *c)
{
	conf_track_named_line(c, cur(c)->s.name, NAMED_TRACK_FILE);
}

static void track_file(struct conf_ctx *c)
{
	conf_value_block(c, file_line);
}

static void process_line(struct conf_ctx *c)
{
	conf_track_named_line(c, cur(c)->s.name, NAMED_TRACK_PROCESS);
}

static void track_process(struct conf_ctx *c)
{
	conf_value_block(c, process_line);
}

static void bfd_line(struct conf_ctx *c)
{
	conf_track_named_line(c, cur(c)->s.name, NAMED_BFD);
}

static void track_bfd(struct conf_ctx *c)
{
	conf_value_block(c, bfd_line);
}

static void notify(struct conf_ctx *c, struct conf_script *s)
{
	conf_set_notify(c, cur(c)->s.name, s);
}

static void notify_master(struct conf_ctx *c)
{
	notify(c, &cur(c)->s.notify_master);
}

static void notify_backup(struct conf_ctx *c)
{
	notify(c, &cur(c)->s.notify_backup);
}

static void notify_fault(struct conf_ctx *c)
{
	notify(c, &cur(c)->s.notify_fault);
}

static void notify_stop(struct conf_ctx *c)
{
	notify(c, &cur(c)->s.notify_stop);
}

static void notify_any(struct conf_ctx *c)
{
	notify(c, &cur(c)->s.notify);
}

static void tracking_weight(struct conf_ctx *c)
{
	cur(c)->s.tracking_weight = true;
}

static void global_tracking(struct conf_ctx *c)
{
	conf_say(c, K_DEPRECATED, 0,
		 "(%s) global_tracking is old; track on the group itself", cur(c)->s.name);
	cur(c)->s.tracking_weight = true;
}

static void priority_changes(struct conf_ctx *c)
{
	int on = conf_switch(c);

	if (on >= 0)
		cur(c)->priority_changes = on;
}

static void check_switch(struct conf_ctx *c)
{
	conf_switch(c);
}

static const struct conf_kw words[] = {
	{ .name = "global_tracking", .fn = global_tracking },
	{ .name = "group", .fn = group },
	{ .name = "notify", .fn = notify_any },
	{ .name = "notify_backup", .fn = notify_backup },
	{ .name = "notify_fault", .fn = notify_fault },
	{ .name = "notify_master", .fn = notify_master },
	{ .name = "notify_priority_changes", .fn = priority_changes },
	{ .name = "notify_stop", .fn = notify_stop },
	{ .name = "smtp_alert", .fn = check_switch,
	  .later = "send mail about what happens here",
	  .unsafe = "whoever waits for it hears nothing; use notify scripts" },
	{ .name = "sync_group_tracking_weight", .fn = tracking_weight },
	TRACK_BFD(track_bfd),
	TRACK_FILE(track_file),
	{ .name = "track_interface", .fn = track_interface },
	TRACK_PROCESS(track_process),
	{ .name = "track_script", .fn = track_script },
};

const struct conf_block conf_sync_block =
	CONF_BLOCK(words, NULL, conf_sync_alive, "vrrp_sync_group");
