/*
 * What the parts of the configuration reader share. Nobody else includes this.
 *
 * keepalived reads its file once in each process, and each process knows other
 * words: the parent global_defs, the checker virtual_server, VRRP its instances.
 * What is inside a block that a process does not know is skipped by counting
 * braces, so a misplaced brace has different effects in each. To be wrong in
 * the same way, conf_load() makes the same passes (enum conf_pass) over the same
 * lines, with one table of words; a message that several passes would give is
 * given once.
 *
 * A handler gets the line that its word begins; where the word opens a block,
 * the block's own table follows. Handlers write into the structures under
 * construction below, which hold "not set" as well; conf_*_complete() fills in
 * defaults and checks what only the whole can tell.
 */
#ifndef HALBD_CONF_INT_H
#define HALBD_CONF_INT_H

#include "conf.h"
#include "conf_lex.h"

enum conf_pass {
	PASS_PARENT = 1 << 0,
	PASS_CHECKER = 1 << 1,
	PASS_VRRP = 1 << 2,
	PASS_BFD = 1 << 3,
	PASS_CHILDREN = PASS_CHECKER | PASS_VRRP | PASS_BFD,
};

/*
 * What a message is about. The differential test compares these with what
 * keepalived says; the table in conf_report.c has their names, and how much
 * each weighs in the exit code.
 */
enum conf_kind {
	K_NOTE,	       /* worth knowing; nothing that keepalived objects to */
	K_UNSUPPORTED, /* keepalived knows it, halbd does not do it */
	K_FILE,	       /* a file that is not there, where that is no error */
	K_UNKNOWN,     /* a word that nobody knows here */
	K_BRACE,
	K_QUOTE,
	K_MISSING, /* a word is missing: reading is given up */
	K_NUMBER,
	K_VALUE, /* not one of the words, or not in the range */
	K_ADDRESS,
	K_INTERFACE,
	K_NO_INTERFACE, /* the configuration names one that does not exist */
	K_DUPLICATE,
	K_DEPRECATED,
	K_AUTH,
	K_STATE,
	K_PREEMPT,
	K_ADVERT,
	K_VIP,
	K_VRID,
	K_UNICAST,
	K_STRICT,
	K_VMAC,
	K_TRACK,
	K_SCRIPT,
	K_SECURITY,
	K_SYNC,
	K_DEFAULT, /* not said, so keepalived's default */
	K_PORT,
	K_QUORUM,
	K_SERVER,  /* a virtual or real server that is left out */
	K_CHECKER, /* a checker that is left out */
	K_CONFLICT,
	K_MANY_FILES,
	K_USER,
	K_COUNT
};

struct conf_pos {
	const char *file;
	int line, col;
};

struct conf_if {
	char name[16];
	unsigned int index, flags; /* IFF_… */
	int hwtype;		   /* ARPHRD_… */
	unsigned int mtu;
	struct in_addr v4;   /* its first; 0: none */
	struct in6_addr ll6; /* its link-local; 0: none */
	bool private_macvlan;
};

struct vrrp_build; /* an instance under construction */
struct sync_build;
struct lvs_build;
struct seen;

struct conf_ctx {
	struct conf *conf;
	struct conf_lex *lex;
	const struct conf_line *line; /* being handled; NULL: after the file */
	const struct conf_options *opt;
	enum conf_pass pass;
	/* how it went */
	FILE *out;
	struct seen *seen; /* messages given */
	unsigned int status;
	unsigned int said; /* messages, those to nowhere included */
	bool give_up;  /* as keepalived's exit(2): nothing more is read or said */
	bool refused;  /* keepalived would not start with this */
	bool nomem;
	bool missing_include;
	unsigned int side_script_flags; /* of startup_script and shutdown_script */
	int skip;     /* as keepalived's skip_sublevel: -1 wait for {, n depth */
	int level;    /* blocks within each other */
	/* this machine */
	struct conf_if *ifs;
	size_t nif;
	bool unknown_if; /* an interface was named that does not exist */
	bool have_v4, have_v6;
	/* globals that only this reader needs */
	struct conf_defaults {
		bool dynamic_interfaces, allow_if_changes;
		char *default_ifname;
		bool strict, skip_check_adv_addr, check_unicast_src;
		bool lower_prio_no_advert, higher_prio_send_advert;
		bool notify_priority_changes;
		unsigned int garp_rep, garp_refresh_rep, garp_lower_prio_rep;
		unsigned int garp_refresh_s;
		int64_t garp_delay_us, garp_lower_prio_delay_us;
		unsigned int down_timer_adverts;
		bool script_user_set, script_user_failed;
		unsigned int script_uid, script_gid;
		bool fifo_failed;
	} def;
	/* under construction */
	struct vrrp_build *vrrp;
	size_t nvrrp;
	struct sync_build *sync;
	size_t nsync;
	struct script_build *script;
	size_t nscript;
	char **named[4]; /* names of blocks that are only known by name */
	size_t nnamed[4];
	struct lvs_build *lvs; /* what LVS needs; NULL before its first word */
	bool track_file_path, garp_group_set; /* of the block being read */
};

/* ctx->named: */
enum { NAMED_TRACK_FILE, NAMED_TRACK_PROCESS, NAMED_BFD, NAMED_TRACK_GROUP };

struct script_build {
	struct conf_script s;
	struct conf_pos pos;
	bool weight_reverse, user_set, remove, insecure, used;
	unsigned int uid, gid;
};

/* --- tables of words --- */

struct conf_block;

struct conf_kw {
	const char *name;
	void (*fn)(struct conf_ctx *c); /* NULL: nothing to do */
	const struct conf_block *sub;	/* NULL: opens no block of words */
	const char *later; /* what keepalived would do, and halbd does not; NULL: it works */
	const char *unsafe; /* why ignoring it is not safe; NULL: it is */
};

struct conf_words {
	const struct conf_kw *kw; /* sorted by name */
	size_t n;
};

struct conf_block {
	struct conf_words words;
	/* Words that other files handle; NULL at the end. */
	const struct conf_words *more[5];
	void (*end)(struct conf_ctx *c); /* at the closing brace; may be NULL */
	/*
	 * Whether there is something that its words could describe: after a block
	 * whose name was refused there need not be. NULL: always.
	 */
	bool (*alive)(const struct conf_ctx *c);
	const char *what;		 /* for messages: "vrrp_instance" */
};

#define CONF_WORDS(table) { (table), sizeof(table) / sizeof((table)[0]) }

#define CONF_BLOCK(table, closing, living, called)                                      \
	{                                                                               \
		.words = CONF_WORDS(table), .end = (closing), .alive = (living),        \
		.what = (called)                                                        \
	}

struct conf_root {
	struct conf_kw kw;
	unsigned int passes; /* enum conf_pass in which it is read */
};

extern const struct conf_block conf_global_block, conf_vrrp_block, conf_sync_block,
	conf_vscript_block, conf_service_block, conf_ssl_block, conf_garp_group_block,
	conf_track_file_block, conf_track_process_block, conf_bfd_block,
	conf_track_group_block;
/* Parts of conf_global_block and conf_vrrp_block. */
extern const struct conf_words conf_global_lvs_words, conf_global_process_words,
	conf_global_rest_words, conf_global_vrrp_words, conf_vrrp_addr_words,
	conf_vrrp_garp_words, conf_vrrp_notify_words;
extern const struct conf_block conf_tcp_block, conf_http_block, conf_misc_block,
	conf_dns_block, conf_smtp_block, conf_udp_block, conf_ping_block, conf_file_block,
	conf_bfd_check_block;
/* Block b's list number i of words (0: its own); NULL beyond the last. */
const struct conf_words *conf_block_words(const struct conf_block *b, size_t i);
/* Every table, for the test that they are sorted; NULL at the end. */
extern const struct conf_block *const conf_all_blocks[];
extern const struct conf_root conf_roots[];
extern const size_t conf_nroots;

/* --- the walk: conf_walk.c --- */

/* Reads the lines of a pass to the end of the file, and acts on their words. */
void conf_walk(struct conf_ctx *c);

/* Skips the block that begins here: its word cannot be used. */
void conf_skip_block(struct conf_ctx *c);

/*
 * Reads `word { … }` where the lines inside are values, not words of a table:
 * each is ctx->line when `fn` is called.
 */
void conf_value_block(struct conf_ctx *c, void (*fn)(struct conf_ctx *c));
/* The same where the word has a name: `nword` words are right. */
void conf_value_lines(struct conf_ctx *c, size_t nword, void (*fn)(struct conf_ctx *c));

/* --- messages: conf_report.c --- */

/* About word i of the line being read. */
void conf_say(struct conf_ctx *c, enum conf_kind kind, size_t i, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* About a place seen earlier, when the whole file has been read. */
void conf_say_at(struct conf_ctx *c, enum conf_kind kind, const struct conf_pos *pos,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* As conf_say, where keepalived counts another line. */
void conf_say_line(struct conf_ctx *c, enum conf_kind kind, const struct conf_pos *pos,
		   int oracle_line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
struct conf_pos conf_here(const struct conf_ctx *c, size_t i);
const char *conf_kind_name(enum conf_kind kind);
/* The lines of a word that opens a block that halbd does not act upon. */
void conf_say_later(struct conf_ctx *c, const struct conf_kw *kw);
void conf_say_unknown(struct conf_ctx *c, const struct conf_block *b);
void conf_seen_free(struct seen *seen);
/* Memory ran out: gives up. */
void conf_nomem(struct conf_ctx *c);

/* --- words and values of the line: conf_value.c --- */

/* Word i, or "" after giving up as keepalived does for a missing parameter. */
const char *conf_word(struct conf_ctx *c, size_t i);
static inline size_t conf_nword(const struct conf_ctx *c)
{
	return c->line->nword;
}
bool conf_is(struct conf_ctx *c, size_t i, const char *word);
/* Copy of word i; NULL when memory ran out (reported). */
char *conf_dup(struct conf_ctx *c, size_t i);
char *conf_strdup(struct conf_ctx *c, const char *s);

/*
 * Numbers as keepalived reads them. `lenient`: keepalived reports what follows
 * the digits and takes them all the same (not under -t). Return whether *out is
 * to be used; otherwise something has been said.
 */
bool conf_int(struct conf_ctx *c, size_t i, int lo, int hi, bool lenient, int *out);
bool conf_uint(struct conf_ctx *c, size_t i, unsigned int lo, unsigned int hi,
	       bool lenient, unsigned int *out);
bool conf_uint_text(struct conf_ctx *c, size_t i, const char *text, unsigned int lo,
		    unsigned int hi, bool lenient, unsigned int *out);
/* Seconds with up to six decimals, in microseconds. */
bool conf_time_us(struct conf_ctx *c, size_t i, uint64_t lo, uint64_t hi, uint64_t *us);
/* 1 for true/on/yes, 0 for false/off/no, -1 else. */
int conf_bool_text(const char *text);
/* Word 1 as a switch, true when it is not there; -1 after saying what is wrong. */
int conf_switch(struct conf_ctx *c);

/* Address of either family; what follows - or / is not looked at. */
bool conf_addr_text(const char *text, struct conf_addr *out);
bool conf_addr_equal(const struct conf_addr *a, const struct conf_addr *b);
const char *conf_addr_str(const struct conf_addr *a, char *buf); /* INET6_ADDRSTRLEN */
bool conf_addr_link_local(const struct conf_addr *a);
bool conf_addr_multicast(const struct conf_addr *a);
/*
 * A port word: 0 (any number of zeros) is "none". Returns false after a
 * complaint about the number.
 */
bool conf_port(struct conf_ctx *c, size_t i, int *port);

/* Room for one more of n things of `size` bytes at *p; NULL: memory ran out. */
void *conf_grow(struct conf_ctx *c, void *p, size_t *n, size_t size);

/* --- this machine: conf_env.c --- */

int conf_env_load(struct conf_ctx *c);
/* NULL: no such interface. */
const struct conf_if *conf_if(const struct conf_ctx *c, const char *name);
/*
 * For words that name an interface: NULL when it does not exist and need not be
 * made up; notes that the file names one that is not there.
 */
const struct conf_if *conf_if_wanted(struct conf_ctx *c, const char *name);

/* --- scripts: conf_script.c --- */

enum conf_script_flags {
	SC_IS_SCRIPT = 1,
	SC_EXECUTABLE = 2,
	SC_INSECURE = 4,
	SC_INHIBIT = 8,
	SC_NOT_FOUND = 16,
	SC_SYSTEM = 32,
};

/*
 * A notify script from the line: `KEYWORD "path args" [user [group]]`. Nothing
 * is set when keepalived would ignore it.
 */
void conf_notify_script(struct conf_ctx *c, struct conf_script *s, const char *what);
/* The same for the instance or group `whose`, which may have it already: said. */
void conf_set_notify(struct conf_ctx *c, const char *whose, struct conf_script *s);
/* The argv of `script`/`misc_path` from the line; NULL: none. */
char **conf_script_argv(struct conf_ctx *c);
/* User and group from words i and i + 1. Returns false when there are none such. */
bool conf_script_user(struct conf_ctx *c, size_t i, struct conf_script *s,
		      unsigned int *uid, unsigned int *gid);
/* The user that scripts run as by default; false when there is none. */
bool conf_script_default_user(struct conf_ctx *c, struct conf_script *s,
			      unsigned int *uid, unsigned int *gid);
/* Whether it may be run; resolves its path. Returns enum conf_script_flags. */
unsigned int conf_script_check(struct conf_ctx *c, struct conf_script *s,
			       const struct conf_pos *pos);
/* The same for a notify script, which is dropped when it may not. */
unsigned int conf_notify_check(struct conf_ctx *c, struct conf_script *s,
			       const struct conf_pos *pos);
void conf_script_clear(struct conf_script *s);

/* --- the parts --- */

void conf_global_init(struct conf_ctx *c);
void conf_global_complete(struct conf_ctx *c);
void conf_vrrp_complete(struct conf_ctx *c);
void conf_lvs_complete(struct conf_ctx *c);
void conf_vrrp_build_free(struct conf_ctx *c);
void conf_lvs_build_free(struct conf_ctx *c);
void conf_vrrp_clear(struct vrrp_conf *v);
void conf_sync_clear(struct vrrp_sync_group_conf *s);
void conf_checker_clear(struct checker_conf *k);
void conf_global_clear(struct conf_global *g);
void conf_real_clear(struct lvs_real_conf *r);
void conf_service_clear(struct lvs_service_conf *s);

/* Words of regex_options, in the order of PCRE2's bits; NULL at the end. */
extern const char *const conf_regex_options[];

/* Handlers of root words. */
void conf_vrrp_start(struct conf_ctx *c);
void conf_sync_start(struct conf_ctx *c);
void conf_vscript_start(struct conf_ctx *c);
void conf_service_start(struct conf_ctx *c);
/* A virtual_server whose block is as it was in c->opt->old. */
void conf_service_reuse(struct conf_ctx *c);
void conf_service_group(struct conf_ctx *c);
void conf_named_start(struct conf_ctx *c, int which);
bool conf_named(const struct conf_ctx *c, int which, const char *name);

/* conf_block.alive of what stands in a real_server. */
bool conf_real_alive(const struct conf_ctx *c);
bool conf_service_alive(const struct conf_ctx *c);

/* The checker being described, and whose it is. */
struct checker_conf *conf_checker(struct conf_ctx *c);
struct lvs_real_conf *conf_real(struct conf_ctx *c);
struct lvs_service_conf *conf_service(struct conf_ctx *c);
struct checker_conf *conf_checker_add(struct conf_ctx *c, enum checker_type type);
void conf_checker_drop(struct conf_ctx *c);

#endif
