#include "conf_each.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "log.h"
#include "run.h"
#include "topology.h"
#include "tree.h"

#define MARK "#halbsim"

/* A piece of text that is not NUL-terminated. */
struct piece {
	const char *at;
	size_t len;
};

static struct piece line_at(const char *at)
{
	size_t len = strcspn(at, "\n");

	return (struct piece){ at, len + (at[len] == '\n') };
}

/* The words of one of our comments after MARK; false: it is another line. */
static bool is_mark(const struct piece *line, char word[2][64])
{
	char text[160];
	size_t len = line->len < sizeof(text) ? line->len : sizeof(text) - 1;
	const char *p;

	memcpy(text, line->at, len);
	text[len] = '\0';
	p = text + strspn(text, " \t");
	if (strncmp(p, MARK, strlen(MARK)) != 0)
		return false;
	word[0][0] = word[1][0] = '\0';
	sscanf(p + strlen(MARK), " %63s %63s", word[0], word[1]);
	return true;
}

/* Writes lines for one node. */
static void put(FILE *f, const char *from, const char *to, const struct topo_node *n)
{
	const char *addr = n->nif && n->ifs[0].naddr ? n->ifs[0].addr[0].text : "";

	for (; from < to; from++) {
		if (*from != '%' || from + 1 == to) {
			fputc(*from, f);
			continue;
		}
		from++;
		if (*from == 'a')
			fprintf(f, "%.*s", (int)strcspn(addr, "/"), addr);
		else if (*from == 'n')
			fprintf(f, "%u", n->number);
		else if (*from == '%')
			fputc('%', f);
		else
			fprintf(f, "%%%c", *from);
	}
}

static bool put_all(FILE *f, const char *from, const char *to, const struct topology *t,
		    const char *many)
{
	bool any = false;
	size_t i;

	for (i = 0; i < t->nnode; i++) {
		if (!t->node[i].many || strcmp(t->node[i].many, many) != 0)
			continue;
		put(f, from, to, &t->node[i]);
		any = true;
	}
	return any;
}

/* Goes through the file; *found says whether there was anything to do. */
static int expand(const char *path, const char *text, const struct topology *t,
		  struct block_diag *d, FILE *f, bool *found)
{
	char word[2][64], many[64] = "";
	const char *begin = NULL; /* of what is to be repeated */
	int line = 0, opened = 0;
	struct piece p;

	for (; *text; text += p.len) {
		p = line_at(text);
		line++;
		if (!is_mark(&p, word)) {
			if (!begin)
				fwrite(p.at, 1, p.len, f);
			continue;
		}
		*found = true;
		if (!strcmp(word[0], "each") && word[1][0] && !begin) {
			strcpy(many, word[1]);
			begin = p.at + p.len;
			opened = line;
		} else if (!strcmp(word[0], "end") && begin) {
			if (!put_all(f, begin, p.at, t, many)) {
				block_error(d, path, opened, 1,
					    "topology %s has no '%s' with a number", t->name,
					    many);
				return -1;
			}
			begin = NULL;
		} else {
			block_error(d, path, line, 1,
				    "expected: '" MARK " each NAME' or, after one, '" MARK
				    " end'");
			return -1;
		}
	}
	if (!begin)
		return 0;
	block_error(d, path, opened, 1, "no '" MARK " end' follows");
	return -1;
}

int conf_each_read(const char *path, const struct topology *t, struct block_diag *d,
		   char **text)
{
	char *file = NULL, *out = NULL;
	bool found = false;
	size_t len;
	FILE *f;
	int r;

	*text = NULL;
	if (file_read(path, &file, &len) < 0)
		return 0; /* whoever reads it next says so */
	f = open_memstream(&out, &len);
	if (!f)
		fatal(EXIT_SOFTWARE, "%s", path);
	r = expand(path, file, t, d, f, &found);
	fclose(f);
	free(file);
	if (r == 0 && found) {
		*text = out;
		return 0;
	}
	free(out);
	return r;
}
