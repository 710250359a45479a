/*
 * The files of a configuration: the one named, those it includes, and their raw
 * lines in order. Only the conf_lex files use this.
 */
#ifndef HALBD_CONF_FILE_H
#define HALBD_CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct conf_frame;

struct conf_files {
	const char *path; /* as given (borrowed) */
	const char *text; /* (borrowed) instead of a file; NULL: read files */
	size_t text_len;
	char **name; /* (owned) of every file read, NULL-terminated; "" at worst */
	char **dir;  /* (owned) where each lies; NULL: here */
	size_t nname;
	struct conf_frame *top; /* innermost file being read */
	unsigned int depth;
	unsigned int check; /* enum conf_include_check, in force now */
	bool failed;	    /* memory ran out */
	/* An include that cannot be read; required: reading must be given up. */
	void (*fault)(void *arg, bool required, const char *text);
	void *arg;
};

/* One raw line, or a piece of one that is too long. */
struct conf_raw {
	size_t file;
	int line;     /* of its beginning, 1-based */
	int piece;    /* pieces of this file so far, this one included */
	int newlines; /* newlines of this file so far, its own included */
};

void conf_files_init(struct conf_files *f, const char *path, const char *text, size_t len);
void conf_files_finish(struct conf_files *f);

/*
 * Opens the file named. 0; -ENOENT: nothing that keepalived would read;
 * -EACCES: not readable; -EMFILE: several match (all will be read); -ENOMEM.
 */
int conf_files_open(struct conf_files *f);
/* Opens what `pattern` names, to be read next; -ELOOP when too deep. */
int conf_files_include(struct conf_files *f, const char *pattern, unsigned int type);
/* The next piece into buf (CONF_LINE_MAX bytes), no line end; false at the end. */
bool conf_files_line(struct conf_files *f, char *buf, struct conf_raw *raw);
/*
 * The same without a copy, where the line can be had whole: its bytes (without the
 * newline; valid until the file ends), or NULL: ask conf_files_line().
 * conf_files_took() then goes past it; until then nothing has happened.
 */
const char *conf_files_peek(const struct conf_files *f, size_t *len,
			    struct conf_raw *raw);
void conf_files_took(struct conf_files *f, size_t len);
/* Where the innermost file is being read, and how much of it is left; NULL: none is. */
const char *conf_files_at(const struct conf_files *f, size_t *left, size_t *file, int *line);
/* Goes on `len` bytes further, which are `lines` whole lines. */
void conf_files_skip(struct conf_files *f, size_t len, int lines);
/* The folder of a file by its name. */
const char *conf_files_dir(const struct conf_files *f, const char *name);
char **conf_files_take_names(struct conf_files *f);

#endif
