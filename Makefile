# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make deps             installs what is missing (uses the network, as deps-vm and check-vm do)
#   make                  build/procmap
#   make check            every test; needs neither root nor a network nor a terminal
#   make check-vm         procmap on kernels of Debian 12 in qemu: see tests/vm; make deps-vm first
#   make install          below $(DESTDIR)$(prefix); uninstall removes just that
#
# Switches: B=DIR (another output folder), CC=clang, CFLAGS=..., SAN=1 (ASan and UBSan),
# WERROR=1, V=1 (shows commands), HAVE_ELF= HAVE_CAP= HAVE_ZLIB= HAVE_SMARTCOLS= HAVE_NCURSES=
# (builds without that library).
#
# The settings come from one file, config.mk. This Makefile makes it by probing, ./configure
# writes the same file, and nothing here asks which of the two it was.

srcdir  := $(patsubst %/,%,$(dir $(realpath $(firstword $(MAKEFILE_LIST)))))
VERSION := $(shell sed -n 's/^AC_INIT.*\[\([0-9][0-9.]*\)\].*/\1/p' $(srcdir)/configure.ac)

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

B := build$(if $(SAN),/san)

# make's own defaults give way, the environment and the command line do not.
ifeq ($(origin CC),default)
CC := cc
endif
ifeq ($(origin AR),default)
AR := ar
endif
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
PROVE      ?= prove
CC32       ?= i686-linux-gnu-gcc

prefix      = /usr/local
exec_prefix = $(prefix)
bindir      = $(exec_prefix)/bin
datarootdir = $(prefix)/share
datadir     = $(datarootdir)
mandir      = $(datarootdir)/man
bashcompdir = $(datadir)/bash-completion/completions
zshcompdir  = $(datadir)/zsh/site-functions
fishcompdir = $(datadir)/fish/vendor_completions.d

# What ./configure wrote here holds for every output folder.
configured := $(shell grep -ls '^\# written by ./configure' build/config.mk)
config     := $(or $(configured),$(if $(findstring command,$(origin B)),$(B),build)/config.mk)
ifneq ($(filter-out clean distclean deps deps-vm check-vm dist configure sources,$(or $(MAKECMDGOALS),all)),)
-include $(config)
endif

# ---------------------------------------------------------------- what the program is made of
SRCS := main.c show.c show_slab.c show_explain.c show_phys.c show_ptes.c show_tui.c \
	source.c source_ptes.c source_refresh.c cli.c terminal.c util.c \
	$(patsubst %,proc/%.c,root caps live files tree scan \
		pid pid_parse maps maps_parse threads surroundings tally vitals \
		pagemap pagetxt kpage frames kframes places slab explain tasks states ask bytes \
		phys phys_iomem phys_zones phys_nodes phys_swap \
		ksrc kmem kmem_kcore kmem_find kmem_task bpf \
		kallsyms bootmsg iomem vmallocinfo modules sysinfo config vmcoreinfo btf btf_members ptdump) \
	$(patsubst %,elf/%.c,image symbol kcore) \
	$(patsubst %,kernel/%.c,layout translate ptwalk pt_format pt_x86 pt_arm pt_arm64 pt_riscv pt_swap pt_apply user_half notes inside x86_64 x86_64_bases \
		x86_64_image linear variant arm64 arm64_bases arm64_places riscv64 \
		bits32 i386 arm) \
	$(patsubst %,model/%.c,space smaps classify kind roles stack account layout \
		pages pages_summary ptes ptes_words frames phys phys_layout kmap slab explain \
		sums expr expr_parse diff snapshot states cells carry) \
	$(patsubst %,render/%.c,out row color flow table words bar tiles text text_user text_object \
		text_kernel header footer pages ptes ptes_kernel summary layouts kernel vmalloc slab slab_draw explain phys phys_tables phys_pools) \
	$(patsubst %,watch/%.c,watch target reading answer pages kgrid page symbol tasks) \
	$(patsubst %,tui/%.c,canvas palette screen screen_cells screen_keys screen_none \
		loop keys columns items kernel_items search goto \
		prompt picker chooser change_list live mouse act tui list list_row popup title status help changes \
		minimap minimap_lines facts detail detail_user detail_kernel where lines grid grid_look \
		grid_detail page physpane)

OBJS    := $(SRCS:%.c=$(B)/src/%.o)
LIBOBJS := $(filter-out $(B)/src/main.o,$(OBJS))

UNIT  := $(patsubst $(srcdir)/%.c,$(B)/%,$(wildcard $(srcdir)/tests/unit/*.c))
SCREENS := $(B)/tests/tui/screens
LIVE  := $(patsubst $(srcdir)/%.c,$(B)/%,$(wildcard $(srcdir)/tests/live/*.c))
FUZZ  := $(patsubst $(srcdir)/%.c,$(B)/%,$(wildcard $(srcdir)/tests/fuzz/fuzz_*.c))
# One of the bench programs is made of the program itself.
REFRESH := $(B)/tests/bench/refresh
BENCH := $(filter-out $(REFRESH),$(patsubst $(srcdir)/%.c,$(B)/%,$(wildcard $(srcdir)/tests/bench/*.c)))
# The helpers once more as 32-bit programs, where a compiler for them is installed.
LIVE32 = $(if $(shell command -v $(firstword $(CC32)) 2>/dev/null),$(LIVE:%=%-32))

# ---------------------------------------------------------------- flags
comma := ,
san   := $(if $(SAN),-fsanitize=$(if $(filter 1,$(SAN)),address$(comma)undefined,$(SAN)) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer)

warnings := -Wall -Wextra -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 \
	-Wwrite-strings -Wpointer-arith -Wcast-qual $(if $(WERROR),-Werror)

# Required whatever CFLAGS say. The prefix maps keep the build's place out of the binary.
all_cflags = -std=gnu17 $(warnings) -pthread $(san) \
	-ffile-prefix-map=$(srcdir)=. -ffile-prefix-map=$(CURDIR)=. \
	-ffile-prefix-map=$(abspath $(B))=build $(CFLAGS)
all_cppflags = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DPROCMAP_VERSION='"$(VERSION)"' \
	$(foreach lib,ELF CAP ZLIB SMARTCOLS NCURSES,$(if $(HAVE_$(lib)),-DHAVE_$(lib)=1 $($(lib)_CFLAGS))) \
	-iquote $(srcdir)/src -iquote $(srcdir)/tests $(CPPFLAGS)
all_ldflags = -pthread $(san) $(CFLAGS) $(LDFLAGS)
all_libs    = $(foreach lib,ELF CAP ZLIB SMARTCOLS NCURSES,$(if $(HAVE_$(lib)),$($(lib)_LIBS))) $(LIBS)

ifeq ($(V),)
say = @printf '  %-7s %s\n' '$1' '$(patsubst $(B)/%,%,$@)';
endif

all: $(B)/procmap

# ---------------------------------------------------------------- settings
# $(call probe,NAME,pkg-config name,header,what to link where pkg-config does not know)
define probe
c=`$(PKG_CONFIG) --cflags $2 2>/dev/null` && l=`$(PKG_CONFIG) --libs $2 2>/dev/null` \
	|| { c=; l=$4; }; \
printf '#include <$3>\nint main(void) { return 0; }\n' >$(@D)/probe.c; \
if $(CC) $(CPPFLAGS) $$c $(CFLAGS) $(@D)/probe.c -o $(@D)/probe $(LDFLAGS) $$l >/dev/null 2>&1; \
then printf '%s\n' 'HAVE_$1 := 1' "$1_CFLAGS := $$c" "$1_LIBS := $$l"; \
else echo '# $2 not found: built without it'; fi
endef

# Probed again when what is asked here may have changed; ./configure's answer is never probed over.
ifeq ($(configured),)
$(config): $(srcdir)/Makefile
	@mkdir -p $(@D)
	@{ echo '# probed by make; "make deps" and "make distclean" remove it'; \
	   $(call probe,ELF,libelf,libelf.h,-lelf); \
	   $(call probe,CAP,libcap,sys/capability.h,-lcap); \
	   $(call probe,ZLIB,zlib,zlib.h,-lz); \
	   $(call probe,SMARTCOLS,smartcols,libsmartcols.h,-lsmartcols); \
	   $(call probe,NCURSES,ncursesw,curses.h,-lncursesw); } >$@
	@rm -f $(@D)/probe $(@D)/probe.c; sed -n 's/^HAVE_/  CONF    HAVE_/p; s/^# \(.*: built without\)/  CONF    \1/p' $@
endif

# Rewritten only when the flags differ from those of the last build; all objects depend on it.
squote = '$(subst ','\'',$1)'
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(call squote,$(CC) $(all_cppflags) $(all_cflags) $(all_ldflags) $(all_libs)) \
		| cmp -s - $@ || printf '%s\n' \
		$(call squote,$(CC) $(all_cppflags) $(all_cflags) $(all_ldflags) $(all_libs)) >$@
FORCE:

# ---------------------------------------------------------------- objects and programs
$(B)/%.o: $(srcdir)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(all_cppflags) $(all_cflags) -MMD -MP -c -o $@ $<

$(B)/procmap: $(OBJS)
	$(call say,LINK)$(CC) $(all_ldflags) -o $@ $^ $(all_libs)
	$(if $(HAVE_ELF),,@echo '  NOTE    built without libelf: no sections, no build-ids, no kcore')
	$(if $(HAVE_CAP),,@echo '  NOTE    built without libcap: capabilities are not narrowed')
	$(if $(HAVE_ZLIB),,@echo '  NOTE    built without zlib: /proc/config.gz is not read')
	$(if $(HAVE_SMARTCOLS),,@echo '  NOTE    built without libsmartcols: tables have tabs, no columns')
	$(if $(HAVE_NCURSES),,@echo '  NOTE    built without ncursesw: no --tui')

# All but main(), for the tests. q: two rooms may each have a pages.o.
$(B)/lib.a: $(LIBOBJS)
	$(call say,AR)rm -f $@ && $(AR) qcs $@ $^

$(UNIT) $(SCREENS) $(REFRESH): $(B)/%: $(B)/%.o $(B)/lib.a
	$(call say,LINK)$(CC) $(all_ldflags) -o $@ $^ $(all_libs)

# It computes how far colours are apart.
$(B)/tests/unit/palette: private LIBS += -lm

$(LIVE) $(BENCH): $(B)/%: $(B)/%.o
	$(call say,LINK)$(CC) $(all_ldflags) -o $@ $^

# Never sanitized: a helper is there to be looked at, and a shadow map is not what it mapped.
$(LIVE) $(BENCH) $(addsuffix .o,$(LIVE) $(BENCH)): private san :=

$(LIVE:%=%-32): $(B)/%-32: $(srcdir)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC32)$(CC32) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -std=gnu17 -O2 -g -pthread \
		-static -iquote $(srcdir)/tests -o $@ $<

# A fuzz target ends in replay.o, a main() that runs the files it is given, or in an engine's.
FUZZ_ENGINE = $(B)/tests/fuzz/replay.o
$(FUZZ): $(B)/%: $(B)/%.o $(B)/lib.a $(filter %.o,$(FUZZ_ENGINE))
	$(call say,LINK)$(CC) $(all_ldflags) -o $@ $(filter %.o %.a,$^) \
		$(filter-out %.o,$(FUZZ_ENGINE)) $(all_libs)

-include $(OBJS:.o=.d) $(addsuffix .d,$(UNIT) $(SCREENS) $(LIVE) $(FUZZ) $(BENCH) $(REFRESH)) $(B)/tests/fuzz/replay.d


# ---------------------------------------------------------------- tests
# Each prints TAP, so that one summary line counts them all. C tests end in nothing, the rest in .sh.
TESTS := $(srcdir)/tests/lint.sh $(UNIT) $(wildcard $(srcdir)/tests/golden/*.sh) \
	$(wildcard $(srcdir)/tests/live/*.sh) $(wildcard $(srcdir)/tests/tui/*.sh) \
	$(srcdir)/tests/fuzz/replay.sh \
	$(srcdir)/tests/deps.sh $(srcdir)/tests/install.sh

# `make check TESTS=tests/lint.sh` runs one; PROVEFLAGS=-v shows every line. RUNNER is put before
# each test: one that hangs fails, and valgrind can stand there.
RUNNER = timeout 300
tap = PERL5LIB=$(srcdir)/tests srcdir=$(srcdir) B=$(abspath $(B)) CC='$(CC)' \
	PROCMAP=$(abspath $(B))/procmap $(PROVE) --formatter Tally $(PROVEFLAGS) --exec '$(RUNNER)'

test-programs: $(UNIT) $(SCREENS) $(LIVE) $(LIVE32) $(FUZZ) $(BENCH) $(REFRESH)

check: all test-programs
	@command -v $(firstword $(PROVE)) >/dev/null || \
		{ echo 'make check needs prove (perl): make deps'; exit 1; }
	@$(tap) $(TESTS)

# For lint.sh, which compares it with what is there.
sources:
	@echo $(SRCS)

# The program is wanted for its --help alone: built on all cores when nobody said how many.
lint:
	+@$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc)) all
	@$(tap) $(srcdir)/tests/lint.sh

check-install: all
	@$(tap) $(srcdir)/tests/install.sh

# The kernel half against what a module in that kernel says: each variant is booted once. Not part
# of check: it downloads kernels, and takes a minute or so for each. VM='i386 arm64' runs those.
VM ?= $(shell $(srcdir)/tests/vm/run.sh -l)
check-vm: private RUNNER = timeout 1800 $(srcdir)/tests/vm/check.sh
check-vm:
	@$(tap) $(VM)

# Figures, not verdicts: run it on a quiet machine.
bench: all $(BENCH) $(REFRESH)
	@srcdir=$(srcdir) B=$(abspath $(B)) PROCMAP=$(abspath $(B))/procmap \
		$(srcdir)/tests/bench/bench.sh

# ---------------------------------------------------------------- fuzzing
FUZZ_SECONDS ?= 180

fuzz-programs: $(FUZZ)

fuzz:
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC=clang SAN=fuzzer-no-link,address,undefined \
		FUZZ_ENGINE=-fsanitize=fuzzer fuzz-programs
	@bad=0; for f in $(FUZZ:$(B)/%=$(B)/fuzz/%); do \
		n=$${f##*/fuzz_}; mkdir -p $(B)/fuzz/found/$$n; echo "  FUZZ    $$n"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 \
			-artifact_prefix=$(B)/fuzz/found/$$n- \
			$(B)/fuzz/found/$$n $(srcdir)/tests/fuzz/corpus/$$n >$(B)/fuzz/$$n.log 2>&1 \
			|| { bad=1; tail -n 40 $(B)/fuzz/$$n.log; }; \
		grep -E '^(Done|stat::number_of_executed_units)' $(B)/fuzz/$$n.log; \
	done; exit $$bad

fuzz-afl:
	@command -v afl-clang-fast >/dev/null || { echo 'make fuzz-afl needs afl-clang-fast'; exit 1; }
	@$(MAKE) --no-print-directory B=$(B)/afl CC=afl-clang-fast \
		FUZZ_ENGINE=-fsanitize=fuzzer fuzz-programs
	@bad=0; for f in $(FUZZ:$(B)/%=$(B)/afl/%); do \
		n=$${f##*/fuzz_}; mkdir -p $(B)/afl/found; echo "  AFL     $$n"; \
		AFL_NO_UI=1 AFL_AUTORESUME=1 AFL_SKIP_CPUFREQ=1 \
		AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 afl-fuzz -V $(FUZZ_SECONDS) \
			-i $(srcdir)/tests/fuzz/corpus/$$n -o $(B)/afl/found/$$n -- $$f \
			>$(B)/afl/$$n.log 2>&1 || { bad=1; tail -n 20 $(B)/afl/$$n.log; }; \
		grep execs_done $(B)/afl/found/$$n/default/fuzzer_stats; \
		! ls $(B)/afl/found/$$n/default/crashes/id* 2>/dev/null || bad=1; \
	done; exit $$bad

# ---------------------------------------------------------------- machine, install, release
# Settings that were probed before are probed again afterwards; ./configure's stay.
deps:
	@$(srcdir)/src/deps.sh
	@grep -ls '^# probed by make' build/config.mk build/*/config.mk $(B)/config.mk \
		| xargs rm -f

deps-vm:
	@$(srcdir)/src/deps.sh vm

installed = $(bindir)/procmap $(mandir)/man1/procmap.1 $(bashcompdir)/procmap \
	$(zshcompdir)/_procmap $(fishcompdir)/procmap.fish

install: all
	$(INSTALL) -d $(addprefix "$(DESTDIR),$(addsuffix ",$(dir $(installed))))
	$(INSTALL) -m 755 $(B)/procmap "$(DESTDIR)$(bindir)/procmap"
	$(INSTALL) -m 644 $(srcdir)/man/procmap.1 "$(DESTDIR)$(mandir)/man1/procmap.1"
	$(INSTALL) -m 644 $(srcdir)/completions/procmap.bash "$(DESTDIR)$(bashcompdir)/procmap"
	$(INSTALL) -m 644 $(srcdir)/completions/_procmap "$(DESTDIR)$(zshcompdir)/_procmap"
	$(INSTALL) -m 644 $(srcdir)/completions/procmap.fish "$(DESTDIR)$(fishcompdir)/procmap.fish"

# Folders stay: they may be another package's.
uninstall:
	rm -f $(addprefix "$(DESTDIR),$(addsuffix ",$(installed)))

# What git tracks, plus configure. Times, order and owners are fixed: the same commit gives the
# same bytes.
dist_name = procmap-$(VERSION)
dist:
	@rm -rf $(B)/dist && mkdir -p $(B)/dist/$(dist_name)
	@cd $(srcdir) && git ls-files -z | tar -c --null -T - | tar -x -C $(abspath $(B))/dist/$(dist_name)
	@cd $(B)/dist/$(dist_name) && autoconf && rm -rf autom4te.cache
	@tar -c --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		--mtime=@$${SOURCE_DATE_EPOCH:-`git -C $(srcdir) log -1 --format=%ct`} \
		-C $(B)/dist $(dist_name) | gzip -9n >$(B)/$(dist_name).tar.gz
	@rm -rf $(B)/dist; echo "  DIST    $(B)/$(dist_name).tar.gz"

configure: configure.ac
	cd $(srcdir) && autoconf

# config.mk stays, or the next build would forget what ./configure was told.
clean:
	rm -rf $(addprefix $(B)/,procmap lib.a flags src tests vm fuzz afl dist $(dist_name).tar.gz) \
		$(if $(findstring command,$(origin B)),,build/san)

distclean: clean
	rm -rf $(B)/config.mk build/config.mk config.log config.status autom4te.cache
	@rmdir $(B) build 2>/dev/null || true

.PHONY: all FORCE test-programs check sources lint check-install check-vm bench fuzz-programs fuzz fuzz-afl deps \
	deps-vm install uninstall dist clean distclean
