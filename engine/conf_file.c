#include "conf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_file_priv.h"
#include "conf_lex.h"

#define DEPTH_MAX 64
#define FILE_MAX  (256L << 20)
#define FILES_MAX 60000

/* What one pattern matched, and the file of it that is being read. */
struct conf_frame {
	struct conf_frame *outer;
	char **path; /* (owned) NULL-terminated */
	size_t next;
	unsigned int type, saved_check;
	size_t file; /* in conf_files.name */
	char *own;   /* (owned) text read; NULL: borrowed */
	const char *p, *end;
	int line, piece, newlines;
};

/* --- names --- */

static bool add_name(struct conf_files *f, const char *path, size_t *index)
{
	char **name = realloc(f->name, (f->nname + 2) * sizeof(*name));
	const char *slash = strrchr(path, '/');
	char **dir;

	if (name) {
		f->name = name;
		f->name[f->nname] = NULL; /* the end, for those who take them */
	}
	dir = name ? realloc(f->dir, (f->nname + 2) * sizeof(*dir)) : NULL;
	if (!dir)
		return false;
	f->dir = dir;
	f->dir[f->nname] = NULL;
	f->name[f->nname] = strdup(path);
	f->name[f->nname + 1] = NULL;
	if (!f->name[f->nname])
		return false;
	if (slash) {
		f->dir[f->nname] = strndup(path, (size_t)(slash - path) + 1);
		if (!f->dir[f->nname]) {
			free(f->name[f->nname]);
			f->name[f->nname] = NULL;
			return false;
		}
	}
	*index = f->nname++;
	return true;
}

const char *conf_files_dir(const struct conf_files *f, const char *name)
{
	static _Thread_local char cwd[4096];
	size_t i;

	if (!getcwd(cwd, sizeof(cwd)))
		return "";
	for (i = 0; i < f->nname; i++) {
		const char *dir = f->name[i] == name ? f->dir[i] : NULL;
		char joined[2 * sizeof(cwd)], *real;

		if (!dir)
			continue;
		snprintf(joined, sizeof(joined), "%s", dir);
		real = realpath(joined, NULL);
		if (real && strlen(real) < sizeof(cwd))
			strcpy(cwd, real);
		free(real);
		break;
	}
	return cwd;
}

char **conf_files_take_names(struct conf_files *f)
{
	char **names = f->name;
	size_t i;

	for (i = 0; i < f->nname; i++)
		free(f->dir[i]);
	free(f->dir);
	f->dir = NULL;
	f->name = NULL;
	f->nname = 0;
	return names ? names : calloc(1, sizeof(*names));
}

/* --- frames --- */

/* Reads a whole file; NULL with errno set. */
static char *slurp(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;
	char *text = NULL;
	ssize_t n = 0;

	*len = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st))
		goto fail;
	if (st.st_size > FILE_MAX) {
		errno = EFBIG;
		goto fail;
	}
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		goto fail;
	while (*len < (size_t)st.st_size) {
		n = read(fd, text + *len, (size_t)st.st_size - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	if (n < 0)
		goto fail;
	close(fd);
	return text;
fail:
	err = errno;
	free(text);
	close(fd);
	errno = err;
	return NULL;
}

/* The next file of a frame; false when there is none. */
static bool frame_open(struct conf_files *f, struct conf_frame *fr)
{
	while (fr->path && fr->path[fr->next] && f->nname < FILES_MAX) {
		const char *path = fr->path[fr->next++];
		size_t len;

		free(fr->own);
		fr->own = NULL;
		if (!conf_files_suit(f, path, fr->type))
			continue;
		fr->own = slurp(path, &len);
		if (!fr->own && conf_files_shortage(errno)) {
			f->failed = true;
			return false;
		}
		if (!fr->own) {
			conf_files_say(f, INCLUDE_READABLE, fr->type, "cannot read '%s'", path);
			continue;
		}
		if (!add_name(f, path, &fr->file)) {
			f->failed = true;
			return false;
		}
		fr->p = fr->own;
		fr->end = fr->own + len;
		fr->line = fr->piece = fr->newlines = 0;
		return true;
	}
	return false;
}

static void frame_free(struct conf_frame *fr)
{
	size_t i;

	for (i = 0; fr->path && fr->path[i]; i++)
		free(fr->path[i]);
	free(fr->path);
	free(fr->own);
	free(fr);
}

static void pop(struct conf_files *f)
{
	struct conf_frame *fr = f->top;

	f->top = fr->outer;
	f->depth--;
	f->check = fr->saved_check;
	frame_free(fr);
}

/* Moves what glob found into a frame of our own. */
static struct conf_frame *frame_new(struct conf_files *f, const glob_t *g,
				    unsigned int type)
{
	struct conf_frame *fr = calloc(1, sizeof(*fr));
	size_t n = g ? g->gl_pathc : 0, i;

	if (fr && n)
		fr->path = calloc(n + 1, sizeof(*fr->path));
	if (!fr || (n && !fr->path))
		goto fail;
	for (i = 0; i < n; i++) {
		fr->path[i] = strdup(g->gl_pathv[i]);
		if (!fr->path[i])
			goto fail;
	}
	fr->type = type;
	fr->saved_check = f->check;
	fr->outer = f->top;
	return fr;
fail:
	if (fr)
		frame_free(fr);
	f->failed = true;
	return NULL;
}

static int push(struct conf_files *f, struct conf_frame *fr)
{
	f->top = fr;
	f->depth++;
	if (!frame_open(f, fr)) {
		pop(f);
		return f->failed ? -ENOMEM : -ENOENT;
	}
	return 0;
}

static int open_text(struct conf_files *f)
{
	struct conf_frame *fr = frame_new(f, NULL, 0);

	if (!fr || !add_name(f, f->path, &fr->file)) {
		if (fr)
			frame_free(fr);
		return -ENOMEM;
	}
	fr->p = f->text;
	fr->end = f->text + f->text_len;
	f->top = fr;
	f->depth = 1;
	return 0;
}

int conf_files_open(struct conf_files *f)
{
	struct conf_frame *fr;
	size_t i, n;
	int ret = 0;
	glob_t g;

	if (f->text)
		return open_text(f);
	if (!conf_files_match(f, f->path, 0, &g))
		return f->failed ? -ENOMEM : -ENOENT;
	n = g.gl_pathc;
	for (i = 0; i < n && !ret; i++) {
		if (!conf_files_suit(f, g.gl_pathv[i], 0))
			ret = -ENOENT;
		else if (access(g.gl_pathv[i], R_OK))
			ret = -EACCES;
	}
	fr = ret ? NULL : frame_new(f, &g, INCLUDE_READABLE | INCLUDE_MATCH | INCLUDE_WILDCARD);
	globfree(&g);
	if (!fr)
		return ret ? ret : -ENOMEM;
	ret = push(f, fr);
	return ret ? ret : n > 1 ? -EMFILE : 0;
}

int conf_files_include(struct conf_files *f, const char *pattern, unsigned int type)
{
	const char *dir = f->top ? f->dir[f->top->file] : NULL;
	struct conf_frame *fr = NULL;
	char *joined = NULL;
	glob_t g;

	if (f->text)
		return -ENOENT; /* text has no place to be relative to */
	if (f->depth >= DEPTH_MAX)
		return -ELOOP;
	if (dir && *pattern != '/') {
		if (asprintf(&joined, "%s%s", dir, pattern) < 0) {
			f->failed = true;
			return -ENOMEM;
		}
		pattern = joined;
	}
	if (conf_files_match(f, pattern, type, &g)) {
		fr = frame_new(f, &g, type);
		globfree(&g);
	}
	free(joined);
	if (!fr)
		return f->failed ? -ENOMEM : -ENOENT;
	return push(f, fr);
}

/* Takes up to CONF_LINE_MAX - 1 bytes of the line at fr->p into buf. */
static void take_piece(struct conf_frame *fr, char *buf, struct conf_raw *raw)
{
	size_t left = (size_t)(fr->end - fr->p), len;
	const char *nl;

	if (left > CONF_LINE_MAX - 1)
		left = CONF_LINE_MAX - 1;
	nl = memchr(fr->p, '\n', left);
	len = nl ? (size_t)(nl - fr->p) + 1 : left;
	memcpy(buf, fr->p, len);
	buf[len] = '\0';
	fr->p += len;
	raw->file = fr->file;
	raw->line = fr->line + 1;
	raw->piece = ++fr->piece;
	if (nl)
		fr->line++;
	/* A NUL byte hides what follows it, the newline too. */
	len = strlen(buf);
	if (len && buf[len - 1] == '\n')
		fr->newlines++;
	raw->newlines = fr->newlines;
	while (len && (buf[len - 1] == '\n' || buf[len - 1] == '\r'))
		len--;
	buf[len] = '\0';
}

bool conf_files_line(struct conf_files *f, char *buf, struct conf_raw *raw)
{
	while (f->top && !f->failed) {
		if (f->top->p < f->top->end) {
			take_piece(f->top, buf, raw);
			return true;
		}
		f->check = f->top->saved_check;
		if (!frame_open(f, f->top))
			pop(f);
	}
	return false;
}

const char *conf_files_peek(const struct conf_files *f, size_t *len,
			    struct conf_raw *raw)
{
	const struct conf_frame *fr = f->top;
	const char *nl;
	size_t left;

	if (!fr || f->failed || fr->p == fr->end)
		return NULL;
	left = (size_t)(fr->end - fr->p);
	nl = memchr(fr->p, '\n', left < CONF_LINE_MAX - 1 ? left : CONF_LINE_MAX - 1);
	if (!nl)
		return NULL;
	*len = (size_t)(nl - fr->p);
	raw->file = fr->file;
	raw->line = fr->line + 1;
	raw->piece = fr->piece + 1;
	raw->newlines = fr->newlines + 1;
	return fr->p;
}

const char *conf_files_at(const struct conf_files *f, size_t *left, size_t *file, int *line)
{
	const struct conf_frame *fr = f->top;

	if (!fr || f->failed)
		return NULL;
	*left = (size_t)(fr->end - fr->p);
	*file = fr->file;
	*line = fr->line;
	return fr->p;
}

void conf_files_skip(struct conf_files *f, size_t len, int lines)
{
	f->top->p += len;
	f->top->line += lines;
	f->top->piece += lines;
	f->top->newlines += lines;
}

void conf_files_took(struct conf_files *f, size_t len)
{
	f->top->p += len + 1;
	f->top->line++;
	f->top->piece++;
	f->top->newlines++;
}

void conf_files_init(struct conf_files *f, const char *path, const char *text, size_t len)
{
	memset(f, 0, sizeof(*f));
	f->path = path;
	f->text = text;
	f->text_len = len;
}

void conf_files_finish(struct conf_files *f)
{
	size_t i;

	while (f->top)
		pop(f);
	for (i = 0; i < f->nname; i++) {
		free(f->name[i]);
		free(f->dir[i]);
	}
	free(f->name);
	free(f->dir);
	f->name = f->dir = NULL;
	f->nname = 0;
}
