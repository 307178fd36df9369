#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the folder with the target's libraries that a cross build compiles and links against and that the emulator runs on.
# It asks for no foreign architecture on the host: a private apt state downloads the target's packages, and they are unpacked.
set -euo pipefail

# The C and C++ run-time libraries are for the emulator; headers and archives of those come with the cross compiler.
readonly TARGET_PACKAGES="libc6 libgcc-s1 libstdc++6 libsqlite3-0 libsqlite3-dev zlib1g zlib1g-dev libmbedcrypto7 libmbedx509-1 libmbedtls14 libmbedtls-dev"
# Header-only libraries are the host's. Linked one by one: the host's /usr/include as a whole must never be seen.
readonly HOST_HEADERS="boost catch2 toml++ CLI"
# Raise it when what this script makes of the same packages changes.
readonly LAYOUT=1

readonly APT_OPTIONS="-o Acquire::Retries=5 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30"
readonly ATTEMPTS_MAX=3
readonly PAUSE_SECONDS=5

usage() {
  cat <<TEXT
Usage: toolchains/sysroot.sh arm64|armhf [FOLDER]
Fills FOLDER (build/sysroot/<architecture> when not given) with the target's libraries: $TARGET_PACKAGES
A folder that is complete is left alone.
TEXT
}

fail() {
  echo "sysroot: $*" >&2
  exit 1
}

# The sources of apt that have the main component of release $1, as "[options] address suite"; $2... are files in one-line form.
one_line_sources() {
  # shellcheck disable=SC2016  # awk's own variables
  awk -v codename="$1" '
    $1 == "deb" {
      line = $0; options = ""
      sub(/#.*/, "", line); sub(/^[ \t]*deb[ \t]+/, "", line)
      if (match(line, /^\[[^]]*\]/)) {
        options = substr(line, 2, RLENGTH - 2); line = substr(line, RLENGTH + 1)
        gsub(/arch=[^ ]*/, "", options); gsub(/^ +| +$/, "", options)
      }
      n = split(line, word, " ")
      if (word[2] != codename) next
      for (i = 3; i <= n; i++) if (word[i] == "main") print "[" options "] " word[1] " " word[2]
    }' "${@:2}" /dev/null
}

# The same of files in deb822 form.
deb822_sources() {
  # shellcheck disable=SC2016
  awk -v codename="$1" '
    function has(list, wanted,   n, word, i) {
      n = split(list, word, " ")
      for (i = 1; i <= n; i++) if (word[i] == wanted) return 1
      return 0
    }
    function end_of_stanza(   word) {
      if (has(field["types"], "deb") && field["enabled"] != "no" && has(field["suites"], codename) && has(field["components"], "main")) {
        split(field["uris"], word, " ")
        # A key that is written into the source itself has no one-line form; apt then uses the keys of the machine.
        print "[" (field["signed-by"] ~ /^\/[^ ]*$/ ? "signed-by=" field["signed-by"] : "") "] " word[1] " " codename
      }
      delete field; name = ""
    }
    FNR == 1 { end_of_stanza() }
    /^#/ { next }
    /^[ \t]*$/ { end_of_stanza(); next }
    /^[ \t]/ { field[name] = field[name] " " $0; next }
    {
      colon = index($0, ":"); name = tolower(substr($0, 1, colon - 1)); value = substr($0, colon + 1)
      gsub(/^[ \t]+|[ \t]+$/, "", value); field[name] = value
    }
    END { end_of_stanza() }' "${@:2}" /dev/null
}

# The machine's own archive: its first source with the main component of this release itself. Not the security suite of it: for
# foreign architectures that is at times inconsistent.
own_archive() {
  local lists=() files=() file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [ -e "$file" ]; then lists+=("$file"); fi
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    if [ -e "$file" ]; then files+=("$file"); fi
  done
  { one_line_sources "$1" "${lists[@]}" && deb822_sources "$1" "${files[@]}"; } | sed -n 1p
}

with_retries() {
  local attempt
  for ((attempt = 1; attempt <= ATTEMPTS_MAX; attempt++)); do
    "$@" && return
    echo "sysroot: $1 failed (attempt $attempt of $ATTEMPTS_MAX)" >&2
    [ "$attempt" = "$ATTEMPTS_MAX" ] || sleep "$PAUSE_SECONDS"
  done
  return 1
}

# apt-get with a state of its own below $work, for $architecture alone.
private_apt() {
  # shellcheck disable=SC2086  # options, one word each
  apt-get --quiet $APT_OPTIONS \
    -o Dir::State="$work/state" -o Dir::State::status="$work/state/status" -o Dir::Cache="$work/cache" \
    -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@" </dev/null
}

download() {
  local codename archive
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ -n "$codename" ] || fail "/etc/os-release does not name the release: this works on Debian"
  archive=$(own_archive "$codename")
  [ -n "$archive" ] || fail "no source below /etc/apt has '$codename main': add one, as apt needs it too"
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/packages"
  : >"$work/state/status"
  echo "deb ${archive/\[\] /} main" >"$work/sources.list"
  with_retries private_apt update || fail "the package list of $architecture could not be fetched"
  # shellcheck disable=SC2086  # package names, one word each
  (cd "$work/packages" && with_retries private_apt download $TARGET_PACKAGES) || fail "the packages of $architecture could not be fetched"
}

unpack() {
  local package header
  for package in "$work"/packages/*.deb; do
    dpkg-deb --extract "$package" "$new"
  done
  mkdir -p "$new/usr/include"
  for header in $HOST_HEADERS; do
    [ -e "/usr/include/$header" ] || fail "/usr/include/$header is not there: run toolchains/bootstrap.sh build"
    ln -s "/usr/include/$header" "$new/usr/include/$header"
  done
}

main() {
  case "${1:-}" in
    arm64 | armhf) ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  architecture=$1
  local folder=${2:-$(dirname "$0")/../build/sysroot/$architecture}
  local stamp="layout $LAYOUT: $TARGET_PACKAGES; headers of the host: $HOST_HEADERS"
  [ "$(cat "$folder/.complete" 2>/dev/null)" != "$stamp" ] || exit 0
  echo "sysroot: making $folder"
  mkdir -p "$(dirname "$folder")"
  # Beside its destination, so that the last step is a rename and an interrupted run leaves nothing half-made.
  work=$(realpath "$(mktemp -d "$folder.new.XXXXXX")")
  trap 'rm -rf "$work"' EXIT
  new=$work/root
  mkdir "$new"
  download
  unpack
  echo "$stamp" >"$new/.complete"
  rm -rf "$folder"
  mv "$new" "$folder"
}

main "$@"
