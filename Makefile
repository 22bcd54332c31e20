# Vigil: `make help` lists the targets.  Settings first; each can be given on the command line.
CC      ?= cc
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
DESTDIR ?=
BUILD   ?= build
MODE    ?= release
JOBS    ?= $(shell nproc)
OPT      = -O2 -g
WARN     = -Wall -Wextra -Wconversion -Wshadow -Werror
VERSION := $(shell sed -n 's/^\#define VIGIL_VERSION_TEXT "\(.*\)"/\1/p' include/vigil.h)
SONAME   = libvigil.so.0

# Debian packages: to build and run, and (TOOLS) to test and lint.
PACKAGES = build-essential pkg-config liblua5.4-dev libsqlite3-dev libcjson-dev nettle-dev libxxhash-dev libunistring-dev \
           libmicrohttpd-dev libgnutls28-dev libjose-dev libcurl4-gnutls-dev zlib1g-dev libzstd-dev
TOOLS    = libcunit1-dev clang clang-format clang-tidy libclang-rt-14-dev jq gcovr cppcheck curl openssl lua5.4 lua-check
LIBS     = lua5.4 sqlite3 libcjson nettle libxxhash
SERVICE  = libmicrohttpd jose jansson libcurl gnutls

# As many compilers as processors, unless several goals are named: those follow each other.
ifeq ($(MAKELEVEL)$(word 2,$(MAKECMDGOALS)),0)
  MAKEFLAGS += -j$(JOBS)
endif

FLOORS_LIBRARY = base knowledge record rule script evaluation library
FLOORS         = $(FLOORS_LIBRARY) store service cli

ifeq ($(MODE),asan)
  OPT = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(MODE),tsan)
  OPT = -O1 -g -fsanitize=thread
else ifeq ($(MODE),cover)
  OPT = -O0 -g --coverage
endif
ifneq ($(MODE),release)
  WARN += -Wno-format-truncation # instrumented code hides from the compiler how long a text can be
  override BUILD := build/$(MODE)
endif

CFLAGS   += -std=c11 -D_GNU_SOURCE -DVIGIL_BUILD -fPIC -fvisibility=hidden -Iinclude -Iengine $(OPT) $(WARN) $(shell pkg-config --cflags $(LIBS))
LDLIBS   += $(shell pkg-config --libs $(LIBS)) -lunistring -lm -lpthread
MORELIBS  = $(shell pkg-config --libs $(SERVICE)) -lz -lzstd
sources   = $(sort $(foreach floor,$(1),$(wildcard engine/$(floor)/*.c)))
objects   = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))
upto      = $(if $(filter $(1),$(FLOORS)),$(call upto_,$(1),$(FLOORS)))
upto_     = $(firstword $(2)) $(if $(filter-out $(1),$(firstword $(2))),$(call upto_,$(1),$(wordlist 2,99,$(2))))
THREADED  = knowledge library store service # what ThreadSanitizer has to look at: the other floors start no thread
TESTED    = $(sort $(foreach floor,$(if $(filter tsan,$(MODE)),$(THREADED),$(FLOORS)),$(if $(wildcard tests/$(floor)/*.c),$(floor))))
COMMAND   = $(if $(filter release,$(MODE)),vigil,$(BUILD)/vigil)

.PHONY: all deps demo test lint format fuzz cover asan tsan bench install uninstall deb clean help
all: $(COMMAND) $(BUILD)/libvigil.a $(BUILD)/$(SONAME) ## the command ./vigil and both libraries

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/libvigil.a: $(call objects,$(FLOORS_LIBRARY))
	@rm -f $@; ar rcs $@ $^
$(BUILD)/$(SONAME): $(call objects,$(FLOORS_LIBRARY))
	$(CC) $(OPT) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--no-undefined -o $@ $^ $(LDLIBS)
	@ln -sf $(SONAME) $(BUILD)/libvigil.so
$(COMMAND): $(call objects,$(FLOORS))
	$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(MORELIBS)

# One CUnit program a floor: tests/FLOOR/*.c with the floors below it.  `make check-record` builds no more than it needs.
define test_program
$(BUILD)/tests/$(1)/run: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/$(1)/*.c) $(wildcard tests/support/*.c)) $(call objects,$(call upto,$(1)))
	@mkdir -p $$(@D)
	$(CC) $(OPT) -o $$@ $$^ $(LDLIBS) $(MORELIBS) -lcunit
.PHONY: check-$(1)
check-$(1): $(BUILD)/tests/$(1)/run
	$$<
endef
$(foreach floor,$(TESTED),$(eval $(call test_program,$(floor))))
$(BUILD)/tests/%.o: CFLAGS += -Itests

# tests/run.sh runs every program, adds the counts up and ends with `N passed, N failed, N skipped`.
PROGRAMS = $(patsubst %,$(BUILD)/tests/%/run,$(TESTED))
test: all $(PROGRAMS) ## build and pass the tests
	MODE=$(MODE) BUILD=$(BUILD) COMMAND=$(COMMAND) CC="$(CC)" tests/run.sh $(PROGRAMS)
asan tsan: ## the tests under AddressSanitizer and UBSan, or ThreadSanitizer
	$(MAKE) MODE=$@ test
cover: ## line and branch coverage of the tests, build/cover/index.html
	$(MAKE) MODE=cover test
	gcovr -r . --object-directory build/cover -e tests --html-details build/cover/index.html --print-summary
demo: deps ## install what is needed, build, and check a shipped record with an order
	$(MAKE) all
	./vigil check fixtures/demo/record.json --order fixtures/demo/order-ibuprofen.json --order fixtures/demo/order-hba1c.json --as-of 2026-03-01
deps: ## Debian packages, through apt, only what is missing
	@missing=$$(for p in $(PACKAGES) $(TOOLS); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q ' installed' || echo $$p; done); \
	[ -z "$$missing" ] || { sudo=$$([ $$(id -u) = 0 ] || echo sudo); $$sudo apt-get update -q && $$sudo apt-get install -y -q --no-install-recommends $$missing; }
lint: all ## floors, exported symbols, the header alone, static analysis, file lengths
	BUILD=$(BUILD) tests/lint.sh
format: ## clang-format over all C files
	clang-format -i $(wildcard include/*.h engine/*/*.[ch] tests/*/*.[ch] bench/*.c docs/examples/*.c)
fuzz: ## libFuzzer over rule files, for SECONDS_EACH (60) seconds
	BUILD=$(BUILD) tests/fuzz/fuzz.sh
bench: all ## measurements beside peers, as ratios; bench/README.md tells what was learnt
	bench/run.sh

install: all ## into $(DESTDIR)$(PREFIX)
	install -D -m 755 vigil $(DESTDIR)$(PREFIX)/bin/vigil
	install -D -m 644 include/vigil.h $(DESTDIR)$(PREFIX)/include/vigil.h
	install -D -m 644 build/libvigil.a $(DESTDIR)$(LIBDIR)/libvigil.a
	install -D -m 755 build/$(SONAME) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libvigil.so
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/share/vigil
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' docs/vigil.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/vigil.pc
	cp -R rules $(DESTDIR)$(PREFIX)/share/vigil/
	install -m 644 docs/service/openapi.json $(DESTDIR)$(PREFIX)/share/vigil/openapi.json
	for page in docs/man/*.1; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man1/$${page##*/}; done
	install -D -m 644 docs/completion/vigil.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vigil
	install -D -m 644 docs/completion/_vigil $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_vigil
uninstall: ## takes away what install put there
	rm -rf $(DESTDIR)$(PREFIX)/share/vigil $(DESTDIR)$(PREFIX)/share/man/man1/vigil*.1
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,libvigil.a $(SONAME) libvigil.so pkgconfig/vigil.pc)
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/vigil include/vigil.h \
	  share/bash-completion/completions/vigil share/zsh/site-functions/_vigil)
deb: ## Debian packages, into the folder above
	dpkg-buildpackage -us -uc -b
clean: ## removes what was built
	rm -rf build vigil
help: ## this list
	@sed -n 's/^\([a-z ]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

-include $(patsubst %.o,%.d,$(call objects,$(FLOORS)) $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/*/*.c)))
