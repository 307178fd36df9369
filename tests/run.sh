#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The one test command: installs what is missing, builds for every target and runs every test. The last line is the sum of all.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly JOBS=2
passed=0
failed=0
skipped=0
SECONDS=0

usage() {
  cat <<TEXT
Usage: tests/run.sh [--quick]
Installs what is missing of a Debian 12, builds, and runs every test: on this machine, with sanitizers, with fuzzers for a short
while, and for arm64 and armhf in an emulator. The last line says 'N passed, N failed, N skipped'; exits 1 if anything failed or nothing ran.
  --quick  this machine only, without sanitizers
SCANFERRY_CORPUS may name a folder of DICOM files that the tests read, too.
TEXT
}

say() {
  printf '\n== %s (%d:%02d) ==\n' "$*" $((SECONDS / 60)) $((SECONDS % 60))
}

# Runs the rest as one step. It is no test, so it does not count as passed: where no test ran, nothing may look as if one had.
step() {
  local name=$1
  shift
  say "$name"
  if "$@" </dev/null; then return; fi
  failed=$((failed + 1))
  echo "FAILED: $name"
  return 1
}

# Builds a preset; further words are options of the build. What cannot go on without it counts it as failed once, and the rest still runs.
build() {
  local preset=$1
  shift
  say "build $preset"
  if cmake --preset "$preset" </dev/null && cmake --build --preset "$preset" -j "$JOBS" "$@" </dev/null; then return; fi
  failed=$((failed + 1))
  echo "FAILED: build $preset"
  return 1
}

# "passed failed skipped" of a JUnit file. ctest calls a test whose program is missing skipped; skipped is here only what a test
# itself left out, or what is disabled.
counts_of() {
  # shellcheck disable=SC2016  # awk's own variables
  awk '
    /^\t<testcase / { if (open) failed++; open = 1; if (/status="run"/) { passed++; open = 0 } else if (/status="disabled"/) { skipped++; open = 0 } }
    open && /^\t\t<skipped message="SKIP_/ { skipped++; open = 0 }
    END { print passed + 0, failed + open + 0, skipped + 0 }' "$1"
}

# Runs the tests of a preset; further words are options of ctest.
run_tests() {
  local preset=$1 result=0 counts
  local junit=$PWD/build/$preset/junit.xml
  shift
  say "test $preset"
  rm -f "$junit"
  ctest --preset "$preset" -j "$JOBS" --output-junit "$junit" "$@" </dev/null || result=$?
  if [ ! -s "$junit" ]; then
    failed=$((failed + 1))
    echo "FAILED: ctest of $preset left no result"
    return
  fi
  read -r -a counts < <(counts_of "$junit")
  passed=$((passed + counts[0]))
  failed=$((failed + counts[1]))
  skipped=$((skipped + counts[2]))
  if [ "$result" != 0 ] && [ "${counts[1]}" = 0 ]; then
    failed=$((failed + 1))
    echo "FAILED: ctest of $preset says $result"
  fi
}

# Always the last words, also after an interrupt.
summary() {
  local status=$?
  printf '\nTotal time: %d:%02d\n' $((SECONDS / 60)) $((SECONDS % 60))
  if [ "$finished" != yes ]; then
    failed=$((failed + 1))
    echo "FAILED: the tests did not come to their end"
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  if [ "$failed" -gt 0 ] || [ "$passed" = 0 ]; then exit 1; fi
  exit "$status"
}

test_host() {
  build host || return 0
  run_tests host
  # ctest keeps to itself what a test that passed has printed.
  step "state table of PS3.8, cell by cell" build/host/tests/dimse/dimse_tests --warn NoTests "in every state every event*" || true
  step "promises of the code" toolchains/check.sh || true
}

# What the sanitizers are for: our own code. The real peers have their turn with the host's program.
test_asan() {
  build asan --target tests_without_peers || return 0
  run_tests asan --label-exclude interop
}

# The parsers, from the corpus where there is one.
test_fuzz() {
  build fuzz || return 0
  run_tests fuzz
}

test_board() {
  step "sysroot $1" toolchains/sysroot.sh "$1" || return 0
  build "$1" || return 0
  run_tests "$1"
}

main() {
  local quick=no
  case "${1:-}" in
    -h | --help) usage && exit ;;
    --quick) quick=yes ;;
    "") ;;
    *) usage >&2 && exit 2 ;;
  esac
  finished=no
  trap summary EXIT
  local groups=(build test peers)
  [ "$quick" = yes ] || groups+=(cross fuzz)
  if step "install ${groups[*]}" toolchains/bootstrap.sh "${groups[@]}"; then
    test_host
    if [ "$quick" = no ]; then
      test_asan
      test_fuzz
      build amd64 || true
      test_board arm64
      test_board armhf
    fi
    step "sizes" toolchains/size.sh || true
  fi
  finished=yes
}

main "$@"
