#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that a group of tasks needs. What is there already is left alone: a second run does nothing and
# needs neither network nor root.
set -euo pipefail

readonly BUILD_PACKAGES="g++ cmake ninja-build ccache libboost1.81-dev libsqlite3-dev zlib1g-dev libmbedtls-dev libtomlplusplus-dev libcli11-dev python3 catch2"
readonly TEST_PACKAGES="catch2"
readonly CROSS_PACKAGES="g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user-static"
readonly PEERS_PACKAGES="dcmtk openssl orthanc dicom3tools libgdcm-tools curl python3 python3-pydicom python3-numpy python3-pil valgrind"
readonly BENCH_PACKAGES="dcmtk openssl libgdcm-tools libdcmtk-dev python3 python3-pydicom python3-numpy valgrind"
readonly DEMO_PACKAGES="dcmtk python3 python3-pil"
readonly DEMO_ORTHANC_PACKAGES="$DEMO_PACKAGES orthanc curl"
readonly FUZZ_PACKAGES="clang-19 libclang-rt-19-dev"
readonly CORTEX_M_PACKAGES="gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib qemu-system-arm"

# A mirror that stalls is asked again; another apt that is at work is waited for.
readonly APT_OPTIONS="-o Acquire::Retries=5 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o DPkg::Lock::Timeout=300"
readonly ATTEMPTS_MAX=3
readonly PAUSE_SECONDS=5

usage() {
  cat <<TEXT
Usage: toolchains/bootstrap.sh [build|test|cross|peers|bench|demo|demo-orthanc|fuzz|cortex-m]...
Installs what is missing of the named groups; of build alone when none is named.
  build  compiler, CMake and libraries: $BUILD_PACKAGES
  test   what the tests are written with: $TEST_PACKAGES
  cross  compilers and emulator for arm64 and armhf: $CROSS_PACKAGES
  peers  what the tests talk to and read with: $PEERS_PACKAGES
  bench  what tests/bench measures beside and with: $BENCH_PACKAGES
  demo   what the demo shows the product with: $DEMO_PACKAGES
  demo-orthanc  the same with Orthanc as the PACS: $DEMO_ORTHANC_PACKAGES
  fuzz   compiler with fuzzer: $FUZZ_PACKAGES
  cortex-m  compiler and emulator for bare metal, 2.5 GB: $CORTEX_M_PACKAGES
TEXT
}

fail() {
  echo "bootstrap: $*" >&2
  exit 1
}

packages_of() {
  case "$1" in
    build) echo "$BUILD_PACKAGES" ;;
    test) echo "$TEST_PACKAGES" ;;
    cross) echo "$CROSS_PACKAGES" ;;
    peers) echo "$PEERS_PACKAGES" ;;
    bench) echo "$BENCH_PACKAGES" ;;
    demo) echo "$DEMO_PACKAGES" ;;
    demo-orthanc) echo "$DEMO_ORTHANC_PACKAGES" ;;
    fuzz) echo "$FUZZ_PACKAGES" ;;
    cortex-m) echo "$CORTEX_M_PACKAGES" ;;
    *) fail "there is no group '$1'; the groups are build, test, cross, peers, bench, demo, demo-orthanc, fuzz and cortex-m" ;;
  esac
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_of() {
  local package
  for package in "$@"; do
    is_installed "$package" || echo "$package"
  done | sort --unique
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

check_machine() {
  command -v apt-get >/dev/null || fail "there is no apt-get: this works on Debian 12; elsewhere install by hand: $*"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "not root and no sudo: run it as root once, or install by hand: $*"
}

apt_get() {
  local attempt
  for ((attempt = 1; attempt <= ATTEMPTS_MAX; attempt++)); do
    # shellcheck disable=SC2086  # options, one word each
    as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes $APT_OPTIONS "$@" </dev/null && return
    echo "bootstrap: apt-get $1 failed (attempt $attempt of $ATTEMPTS_MAX)" >&2
    [ "$attempt" = "$ATTEMPTS_MAX" ] || sleep "$PAUSE_SECONDS"
  done
  fail "apt-get $1 failed; its messages above say why"
}

# A package that brings a daemon (Orthanc) starts it when it is installed; the tests start their own. Debian's way to forbid that
# is policy-rc.d, which works without an init, too. One that the machine has already comes back afterwards.
readonly POLICY=/usr/sbin/policy-rc.d
readonly POLICY_ASIDE=$POLICY.scanferry

forbid_daemons() {
  trap allow_daemons EXIT
  if [ -e "$POLICY" ] && [ ! -e "$POLICY_ASIDE" ]; then as_root mv "$POLICY" "$POLICY_ASIDE"; fi
  as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1" && chmod 755 "$1"' sh "$POLICY"
}

allow_daemons() {
  if [ -e "$POLICY_ASIDE" ]; then as_root mv "$POLICY_ASIDE" "$POLICY"; else as_root rm -f "$POLICY"; fi
}

# Not at the next start of the machine, either.
disable_daemon() {
  as_root update-rc.d "$1" disable >/dev/null 2>&1 || echo "bootstrap: '$1' could not be kept from starting with the machine" >&2
}

install() {
  check_machine "$@"
  echo "bootstrap: installing $*"
  forbid_daemons
  apt_get update
  apt_get install --no-install-recommends "$@"
  case " $* " in *" orthanc "*) disable_daemon orthanc ;; esac
}

main() {
  case "${1:-}" in -h | --help) usage && exit ;; esac
  [ $# -gt 0 ] || set -- build
  local group wanted=""
  for group in "$@"; do
    wanted="$wanted $(packages_of "$group")"
  done
  local missing
  # shellcheck disable=SC2086  # package names, one word each
  missing=$(missing_of $wanted)
  # shellcheck disable=SC2086
  if [ -n "$missing" ]; then install $missing; fi
}

main "$@"
