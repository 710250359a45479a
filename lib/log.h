/*
 * Messages for people: levels, errno kept, one line each.
 *
 * log_warn() and fatal() append ": " and the text of errno; the forms in x do
 * not. All of them leave errno as they found it. fatal and fatalx are for
 * start-up only: they write the message and exit.
 */
#ifndef HALB_LOG_H
#define HALB_LOG_H

#include <stdbool.h>

enum log_level { LOG_LVL_ERR, LOG_LVL_WARN, LOG_LVL_INFO, LOG_LVL_DEBUG };

enum log_flags {
	LOG_TO_STDERR = 1 << 0,
	LOG_TO_SYSLOG = 1 << 1,
	LOG_STAMP = 1 << 2, /* monotonic seconds before each line on stderr */
	LOG_MARK = 1 << 3,  /* "<6>" before each line on stderr, for log_relay() */
};

/*
 * Sets the program's name (borrowed; shown before each line), the most verbose
 * level shown and where lines go (enum log_flags). Before the first call:
 * no name, INFO, stderr.
 */
void log_init(const char *ident, enum log_level level, unsigned int flags);
void log_set_ident(const char *ident);
bool log_enabled(enum log_level level);

void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Passes a line on that another process wrote with LOG_MARK, to where this
 * process's own go. `line` has no newline; a line without a mark counts as INFO.
 */
void log_relay(const char *line);

/* Write the message at ERR level and exit with `status`. */
void fatal(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
void fatalx(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
