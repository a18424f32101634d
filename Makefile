# Two commands are enough: `make demo` and `make test`. The rest is for whoever works on the code.

export STILE_TEST_PYTHON := $(CURDIR)/.build/python/bin/python3

.PHONY: help demo test build release check format bench generate setup

help:
	@echo 'make demo           the story on real parts: builds, starts everything, leaves it up (Ctrl-C ends it)'
	@echo 'make demo CHECK=1   the same, each outcome checked; ends everything and exits 0 or 1'
	@echo 'make test           every test and check'
	@echo 'make build          debug build'
	@echo 'make release        release build of the three programs'
	@echo 'make check          imports and formatting'
	@echo 'make format         formats the code'
	@echo 'make bench          the benchmarks'

setup:
	@dev/setup

build: setup
	swift build

release: setup
	@dev/build-release

demo: setup release
	@python3 examples/demo/demo.py $(if $(CHECK),--check)

test:
	@dev/test

check:
	dev/check-imports
	dev/check-format

format:
	git ls-files '*.swift' | grep -v /Generated/ | xargs swift format -i --parallel

bench: setup
	@dev/bench

generate:
	dev/generate
