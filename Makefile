# halbsim. `make help` lists the targets.
#
# DEVELOPER=1 turns warnings into errors; SANITIZE=address,undefined instruments
# everything; V=1 shows the commands.

VERSION := 0.1.0
BUILD ?= build
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
CC ?= gcc
PKG_CONFIG ?= pkg-config

ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif

LIBS_ENGINE := libnl-3.0 libnl-route-3.0 libnl-genl-3.0 libcap libssl libcrypto libpcre2-8
LIBS_SIM := libnl-3.0 libnl-route-3.0 libnl-genl-3.0 libcap libarchive jansson zlib
LIBS_TEST := cmocka

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wundef -Wvla -Wwrite-strings \
	-Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wmissing-declarations -Wold-style-definition -fno-common
CFLAGS ?= -O2 -g
CFLAGS_ALL := -std=gnu11 -D_GNU_SOURCE -DHALB_VERSION='"$(VERSION)"' -Ilib $(WARN) $(CFLAGS)
LDFLAGS_ALL := $(LDFLAGS)
ifeq ($(DEVELOPER),1)
CFLAGS_ALL += -Werror
endif
ifneq ($(SANITIZE),)
CFLAGS_ALL += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
LDFLAGS_ALL += -fsanitize=$(SANITIZE)
endif

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)';)

# A program is its main file plus an archive of everything else in its folder.
ENGINE_MAIN := engine/main.c
SIM_MAINS := sim/main.c sim/halbweb.c
# A program without a C library, at an address where nobody else is (frozen.h).
THAW_MAIN := sim/thaw.c
THAW := $(if $(filter x86_64-% x86_64,$(shell $(CC) -dumpmachine)),halbthaw)
# Not in the archive, which says that there is none (web_tls_none.c).
SIM_APART := sim/web_tls.c sim/web_heap.c
LIB_SRC := $(sort $(wildcard lib/*.c))
ENGINE_SRC := $(filter-out $(ENGINE_MAIN),$(sort $(wildcard engine/*.c)))
SIM_SRC := $(filter-out $(SIM_MAINS) $(THAW_MAIN) $(SIM_APART),$(sort $(wildcard sim/*.c)))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ALL_OBJ := $(call obj,$(LIB_SRC) $(ENGINE_SRC) $(ENGINE_MAIN) $(SIM_SRC) $(SIM_MAINS) $(SIM_APART) $(UNIT_SRC) tests/tools/guest-sh.c tests/tools/ipvs-watch.c tests/tools/answer.c tests/tools/told.c tests/tools/site-bench.c tests/tools/probe-bench.c \
	$(wildcard tests/fuzz/*.c tests/differential/*.c))
ARCHIVES := $(BUILD)/libsim.a $(BUILD)/libengine.a $(BUILD)/libhalb.a
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

# Apart, so that building the programs needs no test library.
pkg_cflags := $(shell $(PKG_CONFIG) --cflags $(LIBS_ENGINE) $(LIBS_SIM) 2>/dev/null) \
	$(shell $(PKG_CONFIG) --cflags $(LIBS_TEST) 2>/dev/null)
pkg_engine = $(shell $(PKG_CONFIG) --libs $(LIBS_ENGINE)) -lm
pkg_tls = $(shell $(PKG_CONFIG) --libs libssl libcrypto)
pkg_sim = $(shell $(PKG_CONFIG) --libs $(LIBS_SIM)) -lm
pkg_test = $(shell $(PKG_CONFIG) --libs $(LIBS_ENGINE) $(LIBS_SIM) $(LIBS_TEST)) -lm

.PHONY: all demo check differential deb deb-check bench bench-engine bench-sweep help clean unit e2e
.PHONY: sanitize setup compdb install results
.DEFAULT_GOAL := all
# Objects of tests are kept, so that the second make has nothing to do.
.SECONDARY:

PROGRAMS := $(addprefix $(BUILD)/,halbsim halbd halbweb halbweb-tls $(THAW))
all: $(PROGRAMS) halbsim halbd halbweb ## build the programs

# Links in the top folder, so that ./halbsim works.
halbsim halbd halbweb: %: | $(BUILD)/%
	$(Q)ln -sfn $(BUILD)/$@ $@

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS_ALL) $(pkg_cflags) -MMD -MP -c $< -o $@

# It takes these in as they are.
$(BUILD)/obj/sim/html_asset.o: sim/report.css sim/report.js
$(BUILD)/obj/sim/guest_rehearsal.o: $(addprefix topologies/lvs_dr/,topology.conf \
	lvs1/keepalived.conf lvs2/keepalived.conf)

$(BUILD)/libhalb.a: $(call obj,$(LIB_SRC))
$(BUILD)/libengine.a: $(call obj,$(ENGINE_SRC))
$(BUILD)/libsim.a: $(call obj,$(SIM_SRC))
$(BUILD)/%.a:
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^

$(BUILD)/halbd: $(call obj,$(ENGINE_MAIN)) $(BUILD)/libengine.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_engine)
# halbsim reads keepalived.conf with the engine's own reader.
$(BUILD)/halbsim: $(call obj,sim/main.c) $(BUILD)/libsim.a $(BUILD)/libengine.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_sim)
# Static, so that it can be run in the harness's memory (sim/beside.h); instrumented
# programs cannot be static.
WEB_STATIC := $(if $(SANITIZE),,sim/web_heap.c)
$(BUILD)/halbweb: $(call obj,sim/halbweb.c $(WEB_STATIC)) $(BUILD)/libsim.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) $(if $(WEB_STATIC),-static-pie) -o $@ $^
$(BUILD)/halbweb-tls: $(call obj,sim/halbweb.c sim/web_tls.c) $(BUILD)/libsim.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_tls)
$(BUILD)/halbthaw: $(THAW_MAIN) sim/frozen.h Makefile
	$(call say,LD,$@)$(CC) -std=gnu11 $(WARN) -O2 -g -ffreestanding -fno-builtin -fno-pie \
		-fno-stack-protector -mgeneral-regs-only -mcmodel=large -static -nostdlib \
		-no-pie -Wl,-Ttext-segment=0x3f0000000000,-z,noexecstack -o $@ $<

# Unit tests see the headers of all three folders.
$(BUILD)/obj/tests/unit/%.o: CFLAGS_ALL += -Iengine -Isim
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_test)

# Tests of error paths: allocations and system calls fail on demand.
INJECT_WRAP := malloc calloc realloc strdup strndup asprintf vasprintf mmap \
	socket socketpair setsockopt getsockopt bind connect send sendmsg recv read write \
	epoll_create1 epoll_ctl timerfd_create signalfd pipe2 fork open fopen fdopen opendir \
	fstat rename mkfifo glob getifaddrs nl_socket_alloc nl_cb_alloc nlmsg_alloc_size \
	nlmsg_alloc_simple nl_send_auto nl_send_simple nl_sendto nl_recvmsgs \
	nl_recvmsgs_default nl_wait_for_ack genl_ctrl_resolve genl_send_simple \
	SSL_CTX_new SSL_new SSL_set_fd EVP_MD_CTX_new pcre2_compile_8 \
	pcre2_match_data_create_from_pattern_8 pcre2_match_context_create_8
INJECT := $(BUILD)/obj/tests/unit/inject.o
INJECT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*_errors.c))
$(INJECT_BIN): $(INJECT)
$(INJECT_BIN): LDFLAGS_ALL += $(foreach f,$(INJECT_WRAP),-Wl,--wrap=$(f))

# Tests that run the backend in real namespaces.
$(BUILD)/unit/test_site $(BUILD)/unit/test_beside $(BUILD)/unit/test_fault \
	$(BUILD)/unit/test_fault_net $(BUILD)/unit/test_halbweb: | $(BUILD)/halbweb $(BUILD)/halbweb-tls
# One that has it put a frozen process in its own place.
$(BUILD)/unit/test_freeze: | $(addprefix $(BUILD)/,$(THAW))

# A command in the guest, for developers: build/guest-sh -- sh -c '…'
$(BUILD)/obj/tests/tools/%.o: CFLAGS_ALL += -Isim -Iengine
$(BUILD)/guest-sh: $(BUILD)/obj/tests/tools/guest-sh.o $(BUILD)/libsim.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_sim)
# Every IPVS command in a namespace, whoever gives it (tests/differential/servers.sh).
$(BUILD)/ipvs-watch: $(BUILD)/obj/tests/tools/ipvs-watch.o $(BUILD)/libengine.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_engine)

# Servers for checks that do as they are told, and scripts (tests/differential).
$(BUILD)/answer: $(BUILD)/obj/tests/tools/answer.o
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^
$(BUILD)/told: $(BUILD)/obj/tests/tools/told.o
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -static -o $@ $^

# VRRP without an engine: what the kernel asks for it, and packets of every kind.
$(BUILD)/vrrp-raw: $(BUILD)/obj/tests/tools/vrrp-raw.o $(BUILD)/libengine.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_engine)

# The judge of `make differential`.
JUDGE_OBJ := $(call obj,$(filter-out %/main.c,$(wildcard tests/differential/*.c)))
$(BUILD)/obj/tests/unit/test_judge.o: CFLAGS_ALL += -Itests/differential
$(BUILD)/unit/test_judge: $(call obj,tests/unit/test_judge.c) $(JUDGE_OBJ) $(BUILD)/libhalb.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_test)
$(BUILD)/differential-judge: $(call obj,$(wildcard tests/differential/*.c)) $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ -lm

# Built before tests run, several of which may want the same one.
.PHONY: test-tools
test-tools: $(addprefix $(BUILD)/,differential-judge vrrp-raw ipvs-watch answer told)

# What an engine's IPVS side takes (tests/bench/engine_lvs.sh).
$(BUILD)/lvs-bench: $(BUILD)/obj/tests/tools/lvs-bench.o $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^

# How long a site takes to build: build/site-bench 10 100 1000
$(BUILD)/site-bench: $(BUILD)/obj/tests/tools/site-bench.o $(BUILD)/libsim.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_sim)

# What a request costs its client: build/probe-bench build/halbweb
$(BUILD)/probe-bench: $(BUILD)/obj/tests/tools/probe-bench.o $(BUILD)/libsim.a $(BUILD)/libengine.a $(BUILD)/libhalb.a
	$(call say,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(pkg_sim)

.PHONY: guest
guest: ## fetch a stock kernel for the guest and unpack it in build/guest
	$(Q)tools/fetch-kernel $(BUILD)/guest

# --- the two commands of the README ---

# Package queries happen when make reads this file, so the real work is done by
# a second make, after the set-up.
demo: ## set up, build, cut the master's power, show what the client saw
	$(Q)tools/setup run
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all guest
	./halbsim run cases/master_down

check: ## set up, build and run every test; T=word picks some
	$(Q)tools/setup check
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) DEVELOPER=1 all guest unit-bins sanitize test-tools
	$(Q)$(MAKE) --no-print-directory DEVELOPER=1 check-built

E2E := $(sort $(wildcard tests/e2e/*.sh))
E2E := $(filter-out tests/e2e/%lib.sh,$(E2E))
pick = $(if $(T),$(foreach t,$(1),$(if $(findstring $(T),$(t)),$(t))),$(1))

# One runner for everything, so that there is one line of totals. One test more at a time
# than there are processors: some wait for a wall clock (live.sh, test_fault_net).
.PHONY: check-built
check-built: all $(UNIT_BIN) sanitize
	$(Q)tests/run -j $$(($(JOBS) + 1)) -l $(BUILD)/test-logs \
		$(call pick,$(UNIT_BIN) $(SAN_UNIT_BIN) $(E2E))

e2e: all ## end-to-end tests only; T=word picks some
	$(Q)tests/run -j $(JOBS) -l $(BUILD)/test-logs $(call pick,$(E2E))

# Programs, unit tests and what fuzzes them, instrumented: one build for all three.
SAN_BUILD := $(BUILD)/san
SAN_UNIT_BIN := $(patsubst tests/unit/%.c,$(SAN_BUILD)/unit/%,$(UNIT_SRC))
SAN_MAKE = $(MAKE) --no-print-directory BUILD=$(SAN_BUILD) CC=clang \
	SANITIZE=fuzzer-no-link,address,undefined \
	CFLAGS='-O1 -g -Wno-format-nonliteral -Wno-missing-field-initializers'
sanitize: ## build everything with ASan and UBSan under build/san
	+$(Q)$(SAN_MAKE) DEVELOPER=1 programs unit-bins fuzz-bins
.PHONY: programs unit-bins
programs: $(PROGRAMS)
unit-bins: $(UNIT_BIN)

# libFuzzer harnesses, one a file of tests/fuzz.
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(FUZZ_SRC))
FUZZ_SECONDS ?= 600
$(BUILD)/obj/tests/fuzz/%.o: CFLAGS_ALL += -Iengine -Isim
$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(ARCHIVES)
	$(call say,LD,$@)$(CC) -fsanitize=fuzzer,address,undefined -o $@ $^ \
		$(pkg_engine) $(pkg_sim)
.PHONY: fuzz fuzz-build fuzz-bins
fuzz-bins: $(FUZZ_BIN)
fuzz-build:
	+$(Q)$(SAN_MAKE) fuzz-bins
fuzz: ## fuzz what reads files and packets, FUZZ_SECONDS=600 each; T=word picks some
	$(Q)tools/setup check
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) fuzz-build
	$(Q)tools/fuzz -s $(FUZZ_SECONDS) $(SAN_BUILD) \
		$(patsubst tests/fuzz/fuzz_%.c,%,$(call pick,$(FUZZ_SRC)))

install: programs ## DESTDIR and PREFIX (/usr/local) are honoured
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
		$(DESTDIR)$(PREFIX)/libexec/halbsim $(DESTDIR)$(PREFIX)/share/halbsim \
		$(DESTDIR)$(PREFIX)/share/doc/halbsim
	$(Q)install -m 755 $(BUILD)/halbsim $(DESTDIR)$(PREFIX)/bin/
	$(Q)install -m 755 $(BUILD)/halbd $(DESTDIR)$(PREFIX)/sbin/
	$(Q)install -m 755 $(BUILD)/halbweb $(BUILD)/halbweb-tls $(addprefix $(BUILD)/,$(THAW)) \
		$(DESTDIR)$(PREFIX)/libexec/halbsim/
	$(Q)install -m 755 tools/fetch-kernel $(DESTDIR)$(PREFIX)/libexec/halbsim/
	$(Q)cp -R topologies cases $(DESTDIR)$(PREFIX)/share/halbsim/
	$(Q)install -D -m 644 packaging/completion/halbsim.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/halbsim
	$(Q)install -D -m 644 packaging/completion/_halbsim \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_halbsim
	$(Q)install -m 644 README.md LICENSE docs/report.schema.json docs/event.schema.json \
		$(DESTDIR)$(PREFIX)/share/doc/halbsim/
	$(Q)for m in man/*.[1-8]; do \
		s=$${m##*.}; \
		install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$$s/$${m##*/}; \
	done

deb: ## Debian packages halbsim and halbd, under build/deb; lintian judges them
	$(Q)tools/setup deb
	$(Q)tools/make-deb $(VERSION) $(BUILD)/deb

deb-check: deb ## install them on a clean root (debootstrap) and run a case there
	$(Q)tools/setup deb-check
	$(Q)tools/check-deb $(BUILD)/deb

differential: ## thirty behaviours, keepalived beside halbd (docs/DIFFERENTIAL.md); T=word picks scripts
	$(Q)tools/setup check
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all guest test-tools
	$(Q)tests/differential/run -j $(JOBS) $(if $(T),$(T),-d)

bench: ## the figures of README, each with its command
	$(Q)tools/setup bench
	$(Q)$(MAKE) --no-print-directory all guest $(BUILD)/probe-bench $(BUILD)/site-bench
	$(Q)tools/bench

bench-engine: ## what engines cost: VRRP and IPVS, halbd beside keepalived
	$(Q)tools/setup check
	$(Q)$(MAKE) --no-print-directory all guest
	$(Q)tools/bench-engine

bench-sweep: ## what a sweep costs; BENCH_TRIALS=N for a shorter one
	$(Q)tools/setup check
	$(Q)$(MAKE) --no-print-directory all guest
	$(Q)tools/bench-sweep

results: ## the sweeps behind docs/results, and their tables
	$(Q)tools/setup check
	$(Q)$(MAKE) --no-print-directory all guest
	$(Q)tools/results

setup: ## install the packages that building, running and testing need
	$(Q)tools/setup check

unit: $(UNIT_BIN) ## unit tests only; T=vrrp picks those with that in their name
	$(Q)set -e; for t in $(call pick,$(UNIT_BIN)); do $$t; done

compdb: ## compile_commands.json, by bear
	$(Q)bear -- $(MAKE) -B all $(UNIT_BIN)

clean: ## remove what was built (the fetched kernel in build/guest stays)
	$(Q)rm -rf $(BUILD)/obj $(BUILD)/unit $(BUILD)/*.a $(BUILD)/halb* halbsim halbd halbweb

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

-include $(ALL_OBJ:.o=.d)
