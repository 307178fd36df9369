#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints the sizes of the program as a Markdown table, one line per target and kind of linking.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

readonly DOCUMENT=docs/size.md
readonly BEGIN_MARK="<!-- sizes: begin -->"
readonly END_MARK="<!-- sizes: end -->"

# Target, preset, prefix of its tools, goals in bytes of the stripped program: dynamic, static; 0: built for speed, no goal.
readonly TARGETS="\
amd64-O2 host - 0 0
amd64 amd64 - 1800000 4400000
arm64 arm64 aarch64-linux-gnu- 1800000 4000000
armhf armhf arm-linux-gnueabihf- 1200000 2800000"

usage() {
  cat <<TEXT
Usage: toolchains/size.sh [--update]
Prints the sizes of the programs that are built; what is not built is left out.
  --update  writes the table into $DOCUMENT, too; then all of them must be built
Exits 1 if a program is larger than its goal.
TEXT
}

fail() {
  echo "size: $*" >&2
  exit 1
}

# One line of the table: target, linking, program, prefix, goal.
row() {
  local stripped=$scratch/stripped sections
  "${4#-}strip" -o "$stripped" "$3"
  sections=$("${4#-}size" "$stripped" | awk 'NR == 2 { print $1, $2, $3 }')
  # shellcheck disable=SC2086  # three numbers
  printf '| %s | %s | %d | %s | %d | %d | %d |\n' "$1" "$2" "$(stat --format=%s "$stripped")" "${5/#0/none}" $sections
}

table() {
  echo "| target | linked | stripped | goal | text | data | bss |"
  echo "|---|---|--:|--:|--:|--:|--:|"
  local target preset prefix dynamic_goal static_goal folder
  while read -r target preset prefix dynamic_goal static_goal; do
    folder=build/$preset/firmware
    if [ ! -e "$folder/scanferry" ] || [ ! -e "$folder/scanferry-static" ]; then continue; fi
    row "$target" dynamic "$folder/scanferry" "$prefix" "$dynamic_goal"
    row "$target" static "$folder/scanferry-static" "$prefix" "$static_goal"
  done <<<"$TARGETS"
}

update() {
  [ "$(wc -l <<<"$1")" = $((2 + 2 * $(wc -l <<<"$TARGETS"))) ] || fail "build the presets host, amd64, arm64 and armhf first"
  grep --quiet --fixed-strings "$BEGIN_MARK" "$DOCUMENT" || fail "$DOCUMENT has no line '$BEGIN_MARK'"
  grep --quiet --fixed-strings "$END_MARK" "$DOCUMENT" || fail "$DOCUMENT has no line '$END_MARK'"
  # shellcheck disable=SC2016  # awk's own variables
  TABLE=$1 awk -v begin="$BEGIN_MARK" -v end="$END_MARK" '
    $0 == end { inside = 0 }
    !inside { print }
    $0 == begin { print ENVIRON["TABLE"]; inside = 1 }' "$DOCUMENT" >"$scratch/document"
  cat "$scratch/document" >"$DOCUMENT"
}

main() {
  case "${1:-}" in
    -h | --help) usage && exit ;;
    "" | --update) ;;
    *) usage >&2 && exit 2 ;;
  esac
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  local sizes
  sizes=$(table)
  echo "$sizes"
  if [ "${1:-}" = --update ]; then update "$sizes"; fi
  # shellcheck disable=SC2016
  awk -F'|' 'NR > 2 && $5 + 0 > 0 && $4 + 0 > $5 + 0 { print "size:" $2 $3 "is" $4 "bytes, its goal is" $5; missed = 1 } END { exit missed }' <<<"$sizes" >&2
}

main "$@"
