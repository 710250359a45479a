/*
 * Scripts: how they are written, as whom they run, and whether they may.
 *
 * keepalived runs them as the user keepalived_script where there is one, as
 * itself otherwise. One that root runs must not lie where anybody else can
 * write; enable_script_security drops those that do.
 */
#include "conf_int.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_USER "keepalived_script"

void conf_script_clear(struct conf_script *s)
{
	free(s->name);
	conf_words_free(s->argv);
	free(s->user);
	free(s->group);
	memset(s, 0, sizeof(*s));
}

/* Words of the line by the rule for scripts; NULL when there are none. */
static char **line_words(struct conf_ctx *c, const char *text, size_t i)
{
	char **words = conf_words_escaped(text);

	if (words)
		return words;
	if (errno == ENOMEM)
		conf_nomem(c);
	else if (text[strspn(text, " \t")] && text[strlen(text) - 1] != '\\')
		conf_say(c, K_QUOTE, i, "a quote is not closed here; ignored");
	return NULL;
}

/* The words inside word `text`: the script and its arguments. */
static char **inner_words(struct conf_ctx *c, const char *text)
{
	return text ? line_words(c, text, 1) : NULL;
}

char **conf_script_argv(struct conf_ctx *c)
{
	char **words = line_words(c, c->line->text, 1), **argv = NULL;

	if (words && words[1]) {
		argv = inner_words(c, words[1]);
		if (words[2])
			conf_say(c, K_NOTE, 2,
				 "only '%s' is run, without '%s'; put the whole command in "
				 "quotes",
				 words[1], words[2]);
	}
	conf_words_free(words);
	return argv;
}

/* --- users --- */

static bool lookup(const char *user, const char *group, unsigned int *uid,
		   unsigned int *gid)
{
	const struct passwd *pw = getpwnam(user);
	const struct group *gr;

	if (!pw)
		return false;
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	if (!group)
		return true;
	gr = getgrnam(group);
	if (!gr)
		return false;
	*gid = gr->gr_gid;
	return true;
}

static bool set_user(struct conf_ctx *c, const char *user, const char *group,
		     struct conf_script *s, unsigned int *uid, unsigned int *gid)
{
	if (!lookup(user, group, uid, gid))
		return false;
	if (!s)
		return true;
	free(s->user);
	free(s->group);
	s->user = conf_strdup(c, user);
	s->group = group ? conf_strdup(c, group) : NULL;
	s->uid = *uid;
	s->gid = *gid;
	return true;
}

bool conf_script_user(struct conf_ctx *c, size_t i, struct conf_script *s,
		      unsigned int *uid, unsigned int *gid)
{
	const char *user = conf_word(c, i);

	if (c->give_up)
		return false;
	return set_user(c, user, i + 1 < conf_nword(c) ? conf_word(c, i + 1) : NULL, s, uid,
			gid);
}

bool conf_script_default_user(struct conf_ctx *c, struct conf_script *s,
			      unsigned int *uid, unsigned int *gid)
{
	struct conf_defaults *d = &c->def;

	if (d->script_user_failed)
		return false;
	if (!d->script_user_set) {
		d->script_user_set = true;
		d->script_uid = geteuid();
		d->script_gid = getegid();
		if (!lookup(DEFAULT_USER, NULL, &d->script_uid, &d->script_gid) &&
		    c->conf->global.enable_script_security) {
			conf_say(c, K_USER, 0,
				 "there is no user %s to run scripts as; name one with "
				 "script_user",
				 DEFAULT_USER);
			d->script_user_failed = true;
			return false;
		}
	}
	*uid = d->script_uid;
	*gid = d->script_gid;
	if (s) {
		s->uid = *uid;
		s->gid = *gid;
	}
	return true;
}

void conf_notify_script(struct conf_ctx *c, struct conf_script *s, const char *what)
{
	char **words = line_words(c, c->line->text, 1);
	unsigned int uid, gid;
	bool known;

	if (!words)
		return;
	s->argv = inner_words(c, words[1]);
	if (!s->argv) {
		conf_say(c, K_NOTE, 1, "%s names no script; ignored", what);
		goto out;
	}
	if (words[1] && words[2])
		known = set_user(c, words[2], words[3], s, &uid, &gid);
	else
		known = conf_script_default_user(c, s, &uid, &gid);
	if (!known) {
		conf_say(c, K_NOTE, 2,
			 words[2] ? "there is no such user; %s will not run (arguments "
				    "belong in quotes with the script)" :
				    "there is nobody to run it as; %s will not run",
			 what);
		conf_script_clear(s);
	}
out:
	conf_words_free(words);
}

void conf_set_notify(struct conf_ctx *c, const char *whose, struct conf_script *s)
{
	if (s->argv)
		conf_say(c, K_DUPLICATE, 0, "(%s) '%s' was set before; '%s' is ignored", whose,
			 conf_word(c, 0), conf_word(c, 1));
	else
		conf_notify_script(c, s, conf_word(c, 0));
}

/* --- may it be run? --- */

static bool executable(const struct stat *st, unsigned int uid, unsigned int gid)
{
	if (!uid && st->st_mode & 0111)
		return true;
	if (uid == st->st_uid)
		return st->st_mode & S_IXUSR;
	return st->st_mode & (gid == st->st_gid ? S_IXGRP : S_IXOTH);
}

static bool replace_command(struct conf_ctx *c, struct conf_script *s, const char *path)
{
	char *copy;

	if (!strcmp(s->argv[0], path))
		return true;
	copy = conf_strdup(c, path);
	if (!copy)
		return false;
	free(s->argv[0]);
	s->argv[0] = copy;
	return true;
}

/* A bare name: looks for it in PATH and puts the place found in argv[0]. */
static bool search_path(struct conf_ctx *c, struct conf_script *s)
{
	const char *path = getenv("PATH"), *p, *end;
	char full[PATH_MAX];
	struct stat st;

	if (!path)
		path = "/bin:/usr/bin";
	if (!*s->argv[0])
		return false;
	for (p = path;; p = end + 1) {
		end = p + strcspn(p, ":");
		if (snprintf(full, sizeof(full), "%.*s%s%s", (int)(end - p), p,
			     end > p ? "/" : "", s->argv[0]) < (int)sizeof(full) &&
		    !stat(full, &st) && S_ISREG(st.st_mode) &&
		    executable(&st, s->uid, s->gid))
			return replace_command(c, s, full);
		if (!*end)
			return false;
	}
}

/* May the user pass through every folder of an absolute path? */
static bool reachable(const char *path, unsigned int uid, unsigned int gid)
{
	char dir[PATH_MAX];
	const char *slash;
	struct stat st;

	if (!uid)
		return true;
	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);

		if (len >= sizeof(dir))
			return false;
		memcpy(dir, path, len);
		strcpy(dir + len, len ? "" : "/");
		if (stat(dir, &st) || !executable(&st, uid, gid))
			return false;
	}
	return true;
}

/* Does anything on the way to `path` belong to, or may be written by, others? */
static unsigned int path_security(const char *path, bool strict)
{
	const char *p = path, *slash;
	char part[PATH_MAX];
	struct stat st;
	size_t len;
	bool last;

	do {
		slash = strchr(p, '/');
		last = !slash;
		len = last ? strlen(path) : slash == path ? 1 : (size_t)(slash - path);
		if (len >= sizeof(part))
			return SC_NOT_FOUND;
		memcpy(part, path, len);
		part[len] = '\0';
		if (lstat(part, &st))
			return SC_NOT_FOUND;
		if (last ? !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode) :
			   !S_ISDIR(st.st_mode))
			return SC_INHIBIT;
		if (st.st_uid ||
		    (((S_ISDIR(st.st_mode) && !(st.st_mode & S_ISVTX)) ||
		      S_ISREG(st.st_mode)) &&
		     ((st.st_gid && st.st_mode & S_IWGRP) || st.st_mode & S_IWOTH)))
			return SC_INSECURE | (strict ? SC_INHIBIT : 0);
		if (!last)
			p = slash + 1;
	} while (!last);
	return 0;
}

/*
 * The real path, but with the name that the script is called by, where that is
 * the same file: some programs act upon their name. NULL: not accessible.
 */
static char *resolve(struct conf_ctx *c, const struct conf_script *s, char **real)
{
	char *path = realpath(s->argv[0], NULL), *kept;
	const char *called = strrchr(s->argv[0], '/'), *name;
	struct stat a, b;

	*real = NULL;
	if (!path || !reachable(path, s->uid, s->gid)) {
		free(path);
		return NULL;
	}
	name = strrchr(path, '/');
	if (!called || !name || !strcmp(called, name))
		return path;
	if (asprintf(&kept, "%.*s%s", (int)(name - path), path, called) < 0) {
		conf_nomem(c);
		free(path);
		return NULL;
	}
	if (!stat(path, &a) &&
	    (stat(kept, &b) || a.st_dev != b.st_dev || a.st_ino != b.st_ino)) {
		free(kept);
		return path;
	}
	*real = path;
	return kept;
}

/* Whether root's rights are at stake when this runs. */
static bool needs_protection(const struct conf_script *s, const struct stat *st)
{
	return !s->uid || !s->gid ||
	       (!st->st_uid && st->st_mode & S_IXUSR && st->st_mode & S_ISUID) ||
	       (!st->st_gid && st->st_mode & S_IXGRP && st->st_mode & S_ISGID);
}

unsigned int conf_script_check(struct conf_ctx *c, struct conf_script *s,
			       const struct conf_pos *pos)
{
	bool strict = c->conf->global.enable_script_security;
	unsigned int flags = SC_IS_SCRIPT;
	const char *cmd = s->argv[0];
	char *path, *real;
	struct stat st;

	/* "</path" only asks whether a file can be opened. */
	if (cmd[0] == '<' && cmd[1 + strspn(cmd + 1, " \t")] == '/')
		return SC_SYSTEM;
	if (!strchr(cmd, '/') && !search_path(c, s))
		return SC_NOT_FOUND;
	path = resolve(c, s, &real);
	if (!path)
		return SC_NOT_FOUND;
	if (!replace_command(c, s, path) || stat(real ? real : path, &st)) {
		flags = SC_NOT_FOUND;
		goto out;
	}
	if (!executable(&st, s->uid, s->gid)) {
		conf_say_at(c, K_NOTE, pos, "'%s' is not executable; it will not run", path);
		goto out;
	}
	flags |= SC_EXECUTABLE;
	if (!needs_protection(s, &st))
		goto out;
	flags |= path_security(path, strict);
	if (real)
		flags |= path_security(real, strict);
	if (flags & SC_INSECURE)
		conf_say_at(c, K_NOTE, pos,
			    "others than root can change '%s' or a folder above it%s", path,
			    strict ? "; it will not run" : ", and root runs it");
out:
	free(path);
	free(real);
	return flags;
}

unsigned int conf_notify_check(struct conf_ctx *c, struct conf_script *s,
			       const struct conf_pos *pos)
{
	unsigned int flags;

	if (!s->argv)
		return 0;
	flags = conf_script_check(c, s, pos);
	if (flags & (SC_INHIBIT | SC_NOT_FOUND) || !(flags & SC_EXECUTABLE)) {
		if (flags & SC_NOT_FOUND)
			conf_say_at(c, K_NOTE, pos, "'%s' is not there; it will not run",
				    s->argv[0]);
		conf_script_clear(s);
	}
	return flags;
}
