#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"

#define LINE_MAX_BYTES 1024

static struct {
	const char *ident;
	enum log_level level;
	unsigned int flags;
} conf = { NULL, LOG_LVL_INFO, LOG_TO_STDERR };

static const int syslog_priority[] = {
	[LOG_LVL_ERR] = LOG_ERR,
	[LOG_LVL_WARN] = LOG_WARNING,
	[LOG_LVL_INFO] = LOG_INFO,
	[LOG_LVL_DEBUG] = LOG_DEBUG,
};

void log_init(const char *ident, enum log_level level, unsigned int flags)
{
	conf.ident = ident;
	conf.level = level;
	conf.flags = flags;
	if (flags & LOG_TO_SYSLOG)
		openlog(ident, LOG_PID, LOG_DAEMON);
}

void log_set_ident(const char *ident)
{
	conf.ident = ident;
}

bool log_enabled(enum log_level level)
{
	return level <= conf.level;
}

/* One write() a line, so that lines of several processes never interleave. */
static void to_stderr(enum log_level level, const char *text)
{
	char line[LINE_MAX_BYTES + 64];
	char stamp[32] = "", mark[8] = "";
	int64_t now;
	int n;

	if (conf.flags & LOG_STAMP) {
		now = clock_now();
		snprintf(stamp, sizeof(stamp), "%lld.%06lld ",
			 (long long)(now / NS_PER_S),
			 (long long)(now % NS_PER_S / NS_PER_US));
	}
	if (conf.flags & LOG_MARK)
		snprintf(mark, sizeof(mark), "<%d>", syslog_priority[level]);
	n = snprintf(line, sizeof(line), "%s%s%s%s%s\n", mark, stamp,
		     conf.ident ? conf.ident : "", conf.ident ? ": " : "", text);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nowhere left to say it */
}

static void emit(enum log_level level, int err, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void emit(enum log_level level, int err, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	int saved = errno;
	int n;

	if (!log_enabled(level))
		return;
	n = vsnprintf(text, sizeof(text), fmt, ap);
	if (err && n >= 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, ": %s", strerror(err));
	if (conf.flags & LOG_TO_STDERR)
		to_stderr(level, text);
	if (conf.flags & LOG_TO_SYSLOG)
		syslog(syslog_priority[level], "%s", text);
	errno = saved;
}

#define EMIT(level, err)                         \
	do {                                     \
		va_list ap;                      \
		va_start(ap, fmt);               \
		emit((level), (err), fmt, ap);   \
		va_end(ap);                      \
	} while (0)

void log_warn(const char *fmt, ...)
{
	EMIT(LOG_LVL_WARN, errno);
}

void log_warnx(const char *fmt, ...)
{
	EMIT(LOG_LVL_WARN, 0);
}

void log_info(const char *fmt, ...)
{
	EMIT(LOG_LVL_INFO, 0);
}

void log_debug(const char *fmt, ...)
{
	EMIT(LOG_LVL_DEBUG, 0);
}

void fatal(int status, const char *fmt, ...)
{
	EMIT(LOG_LVL_ERR, errno);
	exit(status);
}

void fatalx(int status, const char *fmt, ...)
{
	EMIT(LOG_LVL_ERR, 0);
	exit(status);
}

void log_relay(const char *line)
{
	char text[LINE_MAX_BYTES + 64];
	int priority = LOG_INFO, n;

	if (line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>') {
		priority = line[1] - '0';
		line += 3;
	}
	if (conf.flags & LOG_TO_SYSLOG)
		syslog(priority, "%s", line);
	if (!(conf.flags & LOG_TO_STDERR))
		return;
	n = snprintf(text, sizeof(text), "%s\n", line);
	if (n >= (int)sizeof(text)) {
		n = sizeof(text) - 1;
		text[n - 1] = '\n';
	}
	if (write(STDERR_FILENO, text, (size_t)n) < 0)
		return; /* nowhere left to say it */
}
