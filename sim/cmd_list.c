/* halbsim list: what there is to run. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "block.h"
#include "cmd.h"
#include "log.h"
#include "paths.h"
#include "run.h"
#include "span.h"

struct item {
	char *name, *about;
};

struct items {
	struct item *v;
	size_t n;
	int width;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

/* The `about` line of the block `what` in a file; "" when it cannot be read. */
static char *about_of(const char *path, const char *what)
{
	struct block_diag d = { .out = fopen("/dev/null", "we") };
	struct block *b = d.out ? block_read(path, &d) : NULL;
	const struct block_stmt *s = b ? block_find(b, what, NULL) : NULL;
	char *about = NULL;

	if (s && s->body)
		s = block_find(s->body, "about", NULL);
	if (s && s->nword > 1)
		about = strdup(s->word[1].text);
	else if (d.errors || !b)
		about = textf("(in error: halbsim check %s)", path);
	block_free(b);
	if (d.out)
		fclose(d.out);
	return about ? about : strdup("");
}

static void add(struct items *l, const char *name, const char *file, const char *what)
{
	struct item *v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return;
	l->v = v;
	v[l->n] = (struct item){ .name = strdup(name), .about = about_of(file, what) };
	if (!v[l->n].name || !v[l->n].about)
		return;
	if (text_width(name) > l->width)
		l->width = text_width(name);
	l->n++;
}

/* Folders with FILE in them; a folder without one is a theme with cases in it. */
static void scan(struct items *l, const char *dir, const char *prefix, const char *file,
		 const char *what, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *sub, *conf, *name;

		if (e->d_name[0] == '.')
			continue;
		sub = path_join(dir, e->d_name);
		conf = sub ? path_join(sub, file) : NULL;
		name = textf("%s%s", prefix, e->d_name);
		if (conf && name && path_is_file(conf)) {
			add(l, name, conf, what);
		} else if (sub && name && depth > 0 && path_is_dir(sub)) {
			char *deeper = textf("%s/", name);

			if (deeper)
				scan(l, sub, deeper, file, what, depth - 1);
			free(deeper);
		}
		free(sub);
		free(conf);
		free(name);
	}
	if (d)
		closedir(d);
}

static int columns(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) ||
	    w.ws_col < 40)
		return 10000; /* for grep: a line each */
	return w.ws_col;
}

/* As much of a text as fits, with an ellipsis. */
static void fit(const char *s, int width)
{
	int n = text_width(s);
	const char *p;

	if (n <= width) {
		puts(s);
		return;
	}
	n = 0;
	for (p = s; *p && (n < width - 1 || (*p & 0xc0) == 0x80); p++)
		n += (p[1] & 0xc0) != 0x80;
	printf("%.*s…\n", (int)(p - s), s);
}

static void print(const char *title, struct items *l, int width, int cols)
{
	size_t i;

	qsort(l->v, l->n, sizeof(*l->v), by_name);
	printf("%s\n", title);
	for (i = 0; i < l->n; i++) {
		printf("  %-*s  ", width, l->v[i].name);
		fit(l->v[i].about, cols - width - 4);
		free(l->v[i].name);
		free(l->v[i].about);
	}
	if (!l->n)
		puts("  (none)");
	free(l->v);
}

static int main_(const struct verb *v, int argc, char **argv)
{
	struct items cases = { 0 }, topos = { 0 };
	char *root, *dir;
	int r, width, cols = columns();

	r = opts_read(v, NULL, 0, &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc)
		return opts_usage_error(v, "takes no words, got '%s'", argv[0]);
	root = data_root();
	if (!root) {
		log_warnx("no topologies/ here nor beside halbsim: run it where they are");
		return EXIT_USAGE_ERROR;
	}
	dir = path_join(root, "cases");
	if (dir)
		scan(&cases, dir, "", "case.conf", "case", 1);
	free(dir);
	dir = path_join(root, "topologies");
	if (dir)
		scan(&topos, dir, "", "topology.conf", "topology", 0);
	free(dir);
	width = cases.width > topos.width ? cases.width : topos.width;
	print("cases", &cases, width, cols);
	print("topologies", &topos, width, cols);
	free(root);
	return EXIT_HELD;
}

const struct verb verb_list = {
	.name = "list",
	.args = "",
	.summary = "cases and topologies, a line each",
	.run = main_,
};
