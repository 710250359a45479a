/* Which files a name in keepalived.conf stands for, and which of them are read. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf_file_priv.h"
#include "conf_lex.h"

/* What glob found missing on its way; its callbacks take no argument. */
static _Thread_local struct {
	unsigned int dirs, files;
	bool wildcard, shortage;
} missed;

static void *glob_opendir(const char *name)
{
	DIR *dir = opendir(name);

	missed.wildcard = true;
	if (!dir)
		missed.dirs++;
	missed.shortage |= !dir && conf_files_shortage(errno);
	return dir;
}

static struct dirent *glob_readdir(void *dir)
{
	return readdir(dir);
}

static void glob_closedir(void *dir)
{
	closedir(dir);
}

static int glob_lstat(const char *path, struct stat *st)
{
	int ret = lstat(path, st);

	if (ret)
		missed.files++;
	return ret;
}

static int glob_stat(const char *path, struct stat *st)
{
	return stat(path, st);
}

void conf_files_say(struct conf_files *f, unsigned int flag, unsigned int type,
		    const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	if (!f->fault)
		return;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		f->failed = true;
		return;
	}
	f->fault(f->arg, flag & (f->check | type), text);
	free(text);
}

static bool has_brace(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (*pattern == '{')
			return true;
	}
	return false;
}

bool conf_files_match(struct conf_files *f, const char *pattern, unsigned int type,
		      glob_t *g)
{
	int ret;

	memset(g, 0, sizeof(*g));
	memset(&missed, 0, sizeof(missed));
	g->gl_opendir = glob_opendir;
	g->gl_readdir = glob_readdir;
	g->gl_closedir = glob_closedir;
	g->gl_lstat = glob_lstat;
	g->gl_stat = glob_stat;
	ret = glob(pattern, GLOB_MARK | GLOB_BRACE | GLOB_ALTDIRFUNC, NULL, g);
	f->failed |= ret == GLOB_NOSPACE || missed.shortage;
	if (ret == GLOB_NOMATCH) {
		if (missed.dirs || missed.files)
			conf_files_say(f, has_brace(pattern) ? INCLUDE_BRACE : INCLUDE_MATCH, type,
			    "no file '%s'", pattern);
		else if (missed.wildcard && ((f->check | type) & INCLUDE_WILDCARD))
			conf_files_say(f, INCLUDE_WILDCARD, type, "no file matches '%s'", pattern);
		globfree(g);
		return false;
	}
	if (ret) {
		conf_files_say(f, INCLUDE_READABLE, type, "cannot look for '%s'", pattern);
		globfree(g);
		return false;
	}
	if (missed.dirs || missed.files) {
		conf_files_say(f, INCLUDE_BRACE, type, "not all of '%s' exist", pattern);
		if ((f->check | type) & INCLUDE_BRACE) {
			globfree(g);
			return false;
		}
	}
	return true;
}

bool conf_files_suit(struct conf_files *f, const char *path, unsigned int type)
{
	size_t len = strlen(path);
	struct stat st;

	if (len && path[len - 1] == '/') {
		conf_files_say(f, INCLUDE_READABLE, type, "'%s' is a folder; not read", path);
		return false;
	}
	if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_mode & 0111) {
		conf_files_say(f, INCLUDE_READABLE, type,
			       "'%s' is executable or no regular file; not read", path);
		return false;
	}
	return true;
}
