# Vigil: `make help` lists the targets.  Settings first; each can be given on the command line.
CC      ?= cc
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
MODE    ?= release
OPT      = -O2 -g
WARN     = -Wall -Wextra -Wconversion -Wshadow -Werror
VERSION := $(shell sed -n 's/^\#define VIGIL_VERSION_TEXT "\(.*\)"/\1/p' include/vigil.h)
SONAME   = libvigil.so.0

# Debian packages: to build and run, and (TOOLS) to test and lint.
PACKAGES = build-essential pkg-config liblua5.4-dev libsqlite3-dev libcjson-dev nettle-dev libxxhash-dev libunistring-dev
TOOLS    = libcunit1-dev clang clang-format clang-tidy libclang-rt-14-dev jq gcovr
LIBS     = lua5.4 sqlite3 libcjson nettle

FLOORS_LIBRARY = base knowledge record rule script evaluation library
FLOORS         = $(FLOORS_LIBRARY) cli

ifeq ($(MODE),asan)
  OPT = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(MODE),tsan)
  OPT = -O1 -g -fsanitize=thread
else ifeq ($(MODE),cover)
  OPT = -O0 -g --coverage
endif
ifneq ($(MODE),release)
  override BUILD := build/$(MODE)
endif

CFLAGS   += -std=c11 -D_GNU_SOURCE -DVIGIL_BUILD -fPIC -fvisibility=hidden -Iinclude -Iengine $(OPT) $(WARN) $(shell pkg-config --cflags $(LIBS))
LDLIBS   += $(shell pkg-config --libs $(LIBS)) -lunistring -lm -lpthread
sources   = $(sort $(foreach floor,$(1),$(wildcard engine/$(floor)/*.c)))
objects   = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))
upto      = $(if $(filter $(1),$(FLOORS)),$(call upto_,$(1),$(FLOORS)))
upto_     = $(firstword $(2)) $(if $(filter-out $(1),$(firstword $(2))),$(call upto_,$(1),$(wordlist 2,99,$(2))))
TESTED    = $(sort $(foreach floor,$(FLOORS),$(if $(wildcard tests/$(floor)/*.c),$(floor))))
COMMAND   = $(if $(filter release,$(MODE)),vigil,$(BUILD)/vigil)

.PHONY: all deps demo test lint format cover asan tsan bench install uninstall clean help
all: $(COMMAND) $(BUILD)/libvigil.a $(BUILD)/$(SONAME) ## the command ./vigil and both libraries

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c $< -o $@
$(BUILD)/libvigil.a: $(call objects,$(FLOORS_LIBRARY))
	@rm -f $@; ar rcs $@ $^
$(BUILD)/$(SONAME): $(call objects,$(FLOORS_LIBRARY))
	$(CC) $(OPT) -shared -Wl,-soname,$(SONAME) -Wl,--no-undefined -o $@ $^ $(LDLIBS)
	@ln -sf $(SONAME) $(BUILD)/libvigil.so
$(COMMAND): $(call objects,$(FLOORS))
	$(CC) $(OPT) -o $@ $^ $(LDLIBS)

# One CUnit program a floor: tests/FLOOR/*.c with the floors below it.  `make check-record` builds no more than it needs.
define test_program
$(BUILD)/tests/$(1)/run: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/$(1)/*.c) $(wildcard tests/support/*.c)) $(call objects,$(call upto,$(1)))
	@mkdir -p $$(@D)
	$(CC) $(OPT) -o $$@ $$^ $(LDLIBS) -lcunit
.PHONY: check-$(1)
check-$(1): $(BUILD)/tests/$(1)/run
	$$<
endef
$(foreach floor,$(TESTED),$(eval $(call test_program,$(floor))))
$(BUILD)/tests/%.o: CFLAGS += -Itests

-include $(patsubst %.o,%.d,$(call objects,$(FLOORS)) $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/*/*.c)))
