# The front door: each target works as the only command on a fresh Debian 12.
# Meson and Ninja do the building; scripts/ does the checking.

MAKEFLAGS += --no-builtin-rules
BUILD := build
FUZZ_SECONDS ?= 600

.PHONY: build run check check-full lint fuzz bench install clean setup

build: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja: | setup
	meson setup $(BUILD)

setup:
	scripts/setup

run: build
	scripts/demo

check: setup
	scripts/check

check-full: setup
	scripts/check --full

lint: setup
	scripts/lint

fuzz: setup
	tests/fuzz/run $(FUZZ_SECONDS)

bench: build
	bench/overhead.py

install: build
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD)
