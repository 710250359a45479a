#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "guest_qmp.h"
#include "log.h"

/* Waits until there is something to read. */
static int qmp_wait(struct guest_qmp *q, int64_t deadline)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };
	int64_t left;
	struct timespec ts;
	int n;

	do {
		left = deadline - clock_now();
		if (left <= 0)
			return -ETIMEDOUT;
		ts = (struct timespec){ .tv_sec = left / NS_PER_S,
					.tv_nsec = left % NS_PER_S };
		n = ppoll(&p, 1, &ts, NULL);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

/* The next message, or NULL with *err set. The caller frees it. */
static json_t *qmp_read(struct guest_qmp *q, int64_t deadline, int *err)
{
	char *nl;
	size_t used;
	json_t *msg;
	ssize_t n;

	while (!(nl = memchr(q->line, '\n', q->nline))) {
		if (q->nline == sizeof(q->line)) {
			*err = -EPROTO;
			return NULL;
		}
		*err = qmp_wait(q, deadline);
		if (*err < 0)
			return NULL;
		n = read(q->fd, q->line + q->nline, sizeof(q->line) - q->nline);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			*err = -EIO;
			return NULL;
		}
		if (n > 0)
			q->nline += (size_t)n;
	}
	used = (size_t)(nl - q->line) + 1;
	msg = json_loadb(q->line, used, 0, NULL);
	memmove(q->line, q->line + used, q->nline - used);
	q->nline -= used;
	if (!msg)
		*err = -EPROTO;
	return msg;
}

static void qmp_event(struct guest_qmp *q, const json_t *msg)
{
	const char *name = json_string_value(json_object_get(msg, "event"));

	if (name && strcmp(name, "STOP") == 0)
		q->stopped = true;
	if (name && strcmp(name, "SHUTDOWN") == 0)
		q->ended = true;
}

int guest_qmp_greeting(struct guest_qmp *q, int64_t deadline)
{
	int err = 0;
	json_t *msg = qmp_read(q, deadline, &err);

	if (!msg)
		return err;
	if (!json_object_get(msg, "QMP"))
		err = -EPROTO;
	json_decref(msg);
	return err;
}

static int qmp_send(struct guest_qmp *q, const char *text)
{
	ssize_t n = send(q->fd, text, strlen(text), MSG_NOSIGNAL);

	if (n < 0)
		return errno == EPIPE || errno == ECONNRESET ? -EIO : -errno;
	/* commands are short; the socket's buffer takes them whole */
	return (size_t)n == strlen(text) ? 0 : -EIO;
}

int guest_qmp_command(struct guest_qmp *q, const char *text, int64_t deadline,
		      json_t **result)
{
	int err = qmp_send(q, text);
	json_t *msg, *value;

	while (err == 0) {
		msg = qmp_read(q, deadline, &err);
		if (!msg)
			break;
		value = json_object_get(msg, "return");
		if (value) {
			if (result)
				*result = json_incref(value);
			json_decref(msg);
			return 0;
		}
		value = json_object_get(msg, "error");
		if (value) {
			log_warnx("qemu refused %s: %s", text,
				  json_string_value(json_object_get(value, "desc")));
			err = -EPROTO;
		}
		qmp_event(q, msg);
		json_decref(msg);
		if (err == 0 && q->ended)
			err = -EIO;
	}
	return err;
}

int guest_qmp_simple(struct guest_qmp *q, const char *command, int64_t deadline)
{
	char text[128];

	snprintf(text, sizeof(text), "{\"execute\":\"%s\"}\n", command);
	return guest_qmp_command(q, text, deadline, NULL);
}

int guest_qmp_wait_stop(struct guest_qmp *q, int64_t deadline)
{
	int err = 0;
	json_t *msg;

	while (!q->stopped) {
		if (q->ended)
			return -EIO;
		msg = qmp_read(q, deadline, &err);
		if (!msg)
			return err;
		qmp_event(q, msg);
		json_decref(msg);
	}
	return 0;
}
