#include "live_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "paths.h"
#include "run.h"
#include "span.h"
#include "tree.h"

bool live_name_ok(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";
	size_t len = strlen(name);

	return len && len <= LIVE_NAME_MAX && strspn(name, good) == len &&
	       name[0] != '.' && name[0] != '-';
}

char *live_dir_base(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (run && run[0] == '/')
		return path_join(run, "halbsim");
	if (geteuid() == 0)
		return strdup("/run/halbsim");
	return textf("/tmp/halbsim-%d", (int)geteuid());
}

/* The base folder, made, and nobody else's. 0 or -errno after a message. */
static int make_base(const char *base)
{
	struct stat st;
	int r = tree_make(base);

	if (r == 0 && (lstat(base, &st) < 0 || !S_ISDIR(st.st_mode)))
		r = errno ? -errno : -ENOTDIR;
	if (r == 0 && st.st_uid != geteuid()) {
		log_warnx("%s belongs to somebody else", base);
		return -EPERM;
	}
	if (r == 0 && chmod(base, 0700) < 0)
		r = -errno;
	if (r < 0) {
		errno = -r;
		log_warn("%s", base);
	}
	return r;
}

/* Whether somebody holds the lock. */
static bool is_locked(const char *path)
{
	char *file = path_join(path, "lock");
	int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	free(file);
	return locked;
}

static void init(struct live_dir *d)
{
	*d = (struct live_dir){ .lock_fd = -1, .dir_fd = -1 };
}

void live_dir_finish(struct live_dir *d)
{
	if (d->lock_fd >= 0)
		close(d->lock_fd);
	if (d->dir_fd >= 0)
		close(d->dir_fd);
	free(d->name);
	free(d->path);
	init(d);
}

/* Whether what is there now is still what we have locked. */
static bool is_ours(const struct live_dir *d)
{
	char *file = d->path ? path_join(d->path, "lock") : NULL;
	struct stat a, b;
	bool ours = file && d->lock_fd >= 0 && fstat(d->lock_fd, &a) == 0 &&
		    stat(file, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;

	free(file);
	return ours;
}

void live_dir_remove(struct live_dir *d)
{
	if (is_ours(d))
		tree_remove(d->path);
	live_dir_finish(d);
}

/* --- making --- */

static int lock_new(struct live_dir *d, const char *work)
{
	char *file = path_join(work, "lock");
	int r = 0;

	if (!file)
		return -ENOMEM;
	d->lock_fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (d->lock_fd < 0 || flock(d->lock_fd, LOCK_EX | LOCK_NB) < 0)
		r = -errno;
	free(file);
	return r;
}

/* Renames the locked folder into place; -EEXIST when the name is taken. */
static int take_name(struct live_dir *d, const char *base, const char *work,
		     const char *name)
{
	int r;

	free(d->name);
	free(d->path);
	d->name = strdup(name);
	d->path = path_join(base, name);
	if (!d->name || !d->path)
		return -ENOMEM;
	r = renameat2(AT_FDCWD, work, AT_FDCWD, d->path, RENAME_NOREPLACE) < 0 ? -errno : 0;
	if (r == 0) {
		d->dir_fd = open(d->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = d->dir_fd < 0 ? -errno : 0;
	}
	return r;
}

static int taken(const struct live_dir *d)
{
	if (is_locked(d->path))
		log_warnx("site %s is up already (halbsim status --name %s; halbsim down %s; "
			  "--name gives another one its own name)",
			  d->name, d->name, d->name);
	else
		log_warnx("site %s is gone: its holder was killed; halbsim clean removes "
			  "what it left", d->name);
	return EXIT_USAGE_ERROR;
}

int live_dir_create(struct live_dir *d, const char *name, bool unique)
{
	char *base = live_dir_base(), *work = base ? textf("%s/.new-%d", base, (int)getpid()) : NULL;
	char more[LIVE_NAME_MAX + 16];
	int r = -ENOMEM, i;

	init(d);
	if (!work)
		goto out;
	r = make_base(base);
	if (r < 0) {
		free(base);
		free(work);
		return EXIT_SOFTWARE;
	}
	if (mkdir(work, 0700) < 0)
		r = -errno;
	if (r == 0)
		r = lock_new(d, work);
	if (r == 0)
		r = take_name(d, base, work, name);
	for (i = 2; r == -EEXIST && unique && i < 1000; i++) {
		snprintf(more, sizeof(more), "%s-%d", name, i);
		r = take_name(d, base, work, more);
	}
	if (r < 0)
		tree_remove(work);
out:
	if (r == -EEXIST) {
		r = taken(d);
	} else if (r < 0) {
		errno = -r;
		log_warn("cannot make the folder of site %s", name);
		r = EXIT_SOFTWARE;
	}
	free(base);
	free(work);
	if (r)
		live_dir_finish(d);
	return r;
}

static int write_json(FILE *f, const void *arg)
{
	return json_dumpf(arg, f, JSON_INDENT(2)) < 0 || putc('\n', f) == EOF ? -EIO : 0;
}

int live_dir_describe(const struct live_dir *d, const json_t *about)
{
	char *file = path_join(d->path, "site.json");
	int r = file ? file_write(file, write_json, about) : -ENOMEM;

	free(file);
	return r;
}

json_t *live_dir_about(const char *path)
{
	char *file = path_join(path, "site.json");
	json_t *j = file ? json_load_file(file, 0, NULL) : NULL;

	free(file);
	return j;
}

/* By the folder's descriptor, as a socket's path must be short. */
static void address(const struct live_dir *d, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(sun->sun_path, sizeof(sun->sun_path), "/proc/self/fd/%d/sock", d->dir_fd);
}

int live_dir_listen(const struct live_dir *d)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;
	struct sockaddr_un sun;

	if (fd < 0)
		return -errno;
	address(d, &sun);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 && listen(fd, 64) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* --- finding --- */

/* ".new-PID" too: one that was killed while it made its folder. */
static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.' || !strncmp(e->d_name, ".new-", 5);
}

int live_dir_each(void (*fn)(const char *name, const char *path, bool alive, void *arg),
		  void *arg)
{
	char *base = live_dir_base(), *path;
	struct dirent **list = NULL;
	bool locked;
	int n, i;

	if (!base)
		return -ENOMEM;
	n = scandir(base, &list, visible, alphasort);
	if (n < 0)
		n = errno == ENOENT ? 0 : -errno;
	for (i = 0; i < n; i++) {
		path = path_join(base, list[i]->d_name);
		locked = path && is_locked(path);
		/* (a folder that is just being made is nobody's business yet) */
		if (path && path_is_dir(path) && (!locked || list[i]->d_name[0] != '.'))
			fn(list[i]->d_name, path, locked, arg);
		free(path);
		free(list[i]);
	}
	free(list);
	free(base);
	return n;
}

struct finding {
	char names[400];
	char one[LIVE_NAME_MAX + 16];
	size_t n, dead;
};

static void found(const char *name, const char *path, bool alive, void *arg)
{
	struct finding *f = arg;
	size_t len = strlen(f->names);

	(void)path;
	f->n++;
	f->dead += !alive;
	snprintf(f->one, sizeof(f->one), "%s", name);
	snprintf(f->names + len, sizeof(f->names) - len, "%s%s%s", len ? ", " : "", name,
		 alive ? "" : " (gone)");
}

static int none(const char *name, const struct finding *f)
{
	if (name && f->n)
		log_warnx("no site is called '%s' (there is: %s)", name, f->names);
	else if (name)
		log_warnx("no site is called '%s'; none is up (halbsim up TOPOLOGY)", name);
	else if (f->n)
		log_warnx("which site? --name one of: %s", f->names);
	else
		log_warnx("no site is up (halbsim up TOPOLOGY makes one)");
	return EXIT_USAGE_ERROR;
}

size_t live_dir_count(void)
{
	struct finding f = { .n = 0 };

	live_dir_each(found, &f);
	return f.n;
}

int live_dir_find(struct live_dir *d, const char *name)
{
	struct finding f = { .n = 0 };
	char *base;

	init(d);
	live_dir_each(found, &f);
	if (!name && f.n != 1)
		return none(NULL, &f);
	if (name && !live_name_ok(name))
		return none(name, &f);
	base = live_dir_base();
	d->name = strdup(name ? name : f.one);
	d->path = base && d->name ? path_join(base, d->name) : NULL;
	free(base);
	if (!d->path)
		return EXIT_SOFTWARE;
	d->dir_fd = open(d->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (d->dir_fd < 0) {
		live_dir_finish(d);
		return none(name, &f);
	}
	if (is_locked(d->path))
		return 0;
	log_warnx("site %s is gone: its holder was killed; halbsim clean removes what it "
		  "left", d->name);
	live_dir_finish(d);
	return EXIT_USAGE_ERROR;
}

int live_dir_connect(const struct live_dir *d, pid_t *holder)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct sockaddr_un sun;

	address(d, &sun);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0) {
		if (holder)
			*holder = peer.pid;
		return fd;
	}
	if (errno == ENOENT || errno == ECONNREFUSED)
		log_warnx("site %s is not ready to talk: it is just coming up or going down",
			  d->name);
	else
		log_warn("site %s does not answer", d->name);
	if (fd >= 0)
		close(fd);
	return -1;
}

bool live_dir_wait_gone(const struct live_dir *d, int ms)
{
	int64_t until = clock_now() + ms * NS_PER_MS;

	while (is_locked(d->path)) {
		if (clock_now() >= until)
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}
