#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Promises of the code that no compiler checks: one function each. What breaks one is printed as file:line, with what to do.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

readonly LINES_MAX=600
readonly CODE_FOLDERS=(core dimse platform firmware tests)

usage() {
  cat <<TEXT
Usage: toolchains/check.sh [BUILD_FOLDER]
Checks the sources, and the libraries of core and dimse in BUILD_FOLDER (build/host when not given).
Exits 1 if any promise is broken.
TEXT
}

# Passes the violations of standard input on, with what to do about them. It runs at the end of pipes, in a process of its own:
# only its output tells the rest of the script that there was something.
report() {
  local found
  found=$(cat)
  [ -z "$found" ] || printf '%s\n  -> %s\n' "$found" "$1"
}

# C++ files below the folders.
sources() {
  find "$@" -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.inc' \) | LC_ALL=C sort
}

# Lines of the files named by standard input whose code (not its comments) matches $1, unless it matches $2, too.
matching() {
  local files
  mapfile -t files
  [ ${#files[@]} -gt 0 ] || return 0
  # shellcheck disable=SC2016  # awk's own variables
  PATTERN=$1 UNLESS=${2:-} awk '
    { code = $0; sub(/\/\/.*/, "", code) }
    code ~ ENVIRON["PATTERN"] && (ENVIRON["UNLESS"] == "" || code !~ ENVIRON["UNLESS"]) { print FILENAME ":" FNR ": " $0 }' "${files[@]}"
}

# grep for which finding nothing is no failure; a wrong expression or an unreadable file still is one.
find_lines() {
  grep --extended-regexp "$@" || [ $? = 1 ]
}

# A regular expression for an include of the paths that $1 matches.
including() {
  printf "%s" "^[ \t]*#[ \t]*include[ \t]*[<\"]($1)"
}

includes_go_down() {
  sources core/include core/src | matching "$(including 'scanferry/|boost/')" "$(including 'scanferry/core/')" |
    report "core includes nothing of the other layers and no Boost"
  sources core/model/include | matching "$(including 'scanferry/|boost/')" "$(including 'scanferry/(core|model)/')" |
    report "the model includes only core and itself, and of Boost JSON in its sources alone"
  sources core/model/src | matching "$(including 'scanferry/|boost/')" "$(including 'scanferry/(core|model)/|boost/json/')" |
    report "the model includes only core and itself, and of Boost JSON in its sources alone"
  sources dimse | matching "$(including 'scanferry/|boost/')" "$(including 'scanferry/(core|dimse)/')" |
    report "dimse includes only core and dimse, and no Boost"
  sources platform |
    matching "$(including 'scanferry/')" "$(including 'scanferry/(platform/|core/(bytes|fixed_string|result|time)[.]hpp)')" |
    report "platform knows no DICOM: of core it takes the basic types alone"
  { sources platform/include platform/tls && ls platform/*.cpp; } | matching "$(including 'scanferry/platform/(linux|sim)/')" |
    report "the seam does not know its ports"
  sources platform/linux | matching "$(including 'scanferry/platform/sim/')" | report "one port does not know another"
  sources platform/sim | matching "$(including 'scanferry/platform/linux/')" | report "one port does not know another"
  sources firmware/agent | matching "$(including 'scanferry/platform/(linux|sim)/')" |
    report "the agent sees the seam alone: ask for what it needs through Platform"
  sources firmware | matching "$(including 'scanferry/platform/sim/')" | report "the simulator is never part of the device"
}

freestanding_layers_use_no_heap_types() {
  local types='string|vector|deque|list|forward_list|map|set|unordered_map|unordered_set|memory|functional|any|[a-z]*stream'
  sources core/include core/src dimse | matching "$(including "($types)>")" |
    report "core and dimse have no heap: use spans, views, arrays and FixedString"
}

nothing_from_outside() {
  local before='(^|[^A-Za-z0-9_])'
  { sources core dimse firmware platform/include platform/sim platform/tls && ls platform/*.cpp; } |
    matching "$before(getenv|secure_getenv|random_device|s?rand[ ]*[(]|std::time[ ]*[(]|gettimeofday|clock_gettime|localtime|setlocale|(system|steady|high_resolution)_clock::now)" |
    report "time, chance and environment come through the seam (Clock, Random, the configuration)"
  { sources core dimse firmware platform/include platform/sim platform/tls && ls platform/*.cpp; } | matching "$(including 'iostream>')" |
    report "<iostream> brings static objects and locales: write through Log or Console"
}

system_headers_stay_in_the_port() {
  { sources core dimse firmware platform/include platform/sim platform/tls && ls platform/*.cpp; } |
    matching "$(including '(unistd|fcntl|poll|netdb|pthread|signal|dirent|sched|termios)[.]h|sys/|netinet/|arpa/|linux/')" |
    report "the operating system's headers belong to platform/linux"
}

# g++ 12 destroys some temporaries of a co_await expression twice: lambdas with captures and aggregates with members to destroy.
# The types in `plain` have none. A co_await expression is looked at up to its first semicolon, over several lines.
nothing_is_made_inside_co_await() {
  local files
  mapfile -t files < <(sources "${CODE_FOLDERS[@]}")
  # shellcheck disable=SC2016  # awk's own variables
  awk '
    function judge(   rest) {
      rest = expression
      gsub(/(ByteView|ByteBuffer|Millis|FileRange|Instant)[{]/, "plain(", rest)
      if (rest ~ /[(,= ]\[[^]]+\] *([(]|[{]|mutable)/ || rest ~ /[{] *[.][a-z]/ || rest ~ /[A-Z][A-Za-z0-9]*[{]/)
        print FILENAME ":" begun ": " first
      expression = ""
    }
    FNR == 1 { expression = "" }
    {
      code = $0; sub(/\/\/.*/, "", code)
      if (expression != "") expression = expression " " code
      else if (match(code, /(^|[^A-Za-z0-9_])co_await[^A-Za-z0-9_]/)) { expression = substr(code, RSTART); begun = FNR; first = $0 }
      if ((end = index(expression, ";")) > 0) { expression = substr(expression, 1, end); judge() }
    }' "${files[@]}" | report "g++ 12 may destroy this temporary twice: give it a name before the co_await"
}

licence_heads() {
  { sources "${CODE_FOLDERS[@]}" && find "${CODE_FOLDERS[@]}" toolchains .ci CMakeLists.txt -type f \( -name '*.py' -o -name '*.sh' -o -name '*.cmake' \
    -o -name CMakeLists.txt -o -path .ci/run \); } | xargs awk 'FNR == 1 { if (file != "" && !has) print file; file = FILENAME; has = 0 }
      FNR <= 2 && /SPDX-License-Identifier: Apache-2.0/ { has = 1 }
      END { if (!has) print file }' |
    sed 's/$/:1:/' | report "begin the file with the line: SPDX-License-Identifier: Apache-2.0 (as a comment)"
}

files_are_short() {
  # shellcheck disable=SC2016
  { sources "${CODE_FOLDERS[@]}" && find tests firmware toolchains -type f \( -name '*.py' -o -name '*.sh' \); } | xargs wc -l |
    awk -v max="$LINES_MAX" '$2 != "total" && $1 > max { print $2 ":" $1 ": " $1 " lines" }' |
    report "at most $LINES_MAX lines a file: look for the second noun"
}

# A file that no target names is not built, and a test in it never runs.
every_source_is_built() {
  local file folder
  sources "${CODE_FOLDERS[@]}" | find_lines '[.]cpp$' | while read -r file; do
    folder=$(dirname "$file")
    # The list is in the file's folder or in one above; some lists name it from there.
    while [ "$folder" != . ] && ! { [ -e "$folder/CMakeLists.txt" ] &&
      grep --quiet --fixed-strings --word-regexp "${file#"$folder"/}" "$folder/CMakeLists.txt"; }; do
      folder=$(dirname "$folder")
    done
    [ "$folder" != . ] || echo "$file:1:"
  done | report "name it in the CMakeLists.txt of its target, or remove it"
}

# The same for the tests against peers, which are Python.
every_interop_test_is_run() {
  local file
  for file in tests/interop/*_test.py; do
    grep --quiet --word-regexp "$(basename "$file" .py)" tests/interop/CMakeLists.txt || echo "$file:1:"
  done | report "name it in tests/interop/CMakeLists.txt, or remove it"
}

# A page that says by which test something is shown. "test_this..." stands for the one that begins so.
tests_that_pages_name_exist() {
  local page name module
  for page in docs/*.md; do
    find_lines --only-matching --word-regexp '[a-z0-9_]+_(test|fuzz)' "$page" | sort --unique | while read -r name; do
      [ -n "$(find tests \( -name "$name.py" -o -name "$name.cpp" \) -print -quit)" ] || echo "$page:1: $name"
    done
    # A function belongs to the module before it in its cell. The page's own backticks stand for the end of a name.
    functions_that_a_page_names "$page" | while read -r module name; do
      case $name in *...) name="${name%...}[a-z0-9_]*" ;; esac
      grep --quiet "def $name(" "tests/interop/$module.py" 2>/dev/null || echo "$page:1: $module $name"
    done
  done | report "no such test: name the one that shows it"
  # shellcheck disable=SC2016  # awk's own variables
  awk -F '|' '
    !/^\|/ { head = 0; next }
    !head { head = 1; for (i in judged) delete judged[i]; for (i = 2; i < NF; i++) if ($i ~ /^ (DCMTK|Orthanc|peer|SCU|SCP) $/) judged[i] = 1; next }
    /^\| ---/ { next }
    { for (i in judged) if ($i !~ /^ *-? *$/ && $i !~ /_(test|fuzz)|tests\/dimse/) print FILENAME ":" FNR ":" $i }' docs/services.md |
    report "a cell without a test: name the one that shows it, or leave it empty"
}

# "module function" for each function that a page names in backticks.
functions_that_a_page_names() {
  # shellcheck disable=SC2016  # the page's own backticks
  tr '|' '\n' <"$1" | awk '
    {
      module = "-"
      while (match($0, /[a-z0-9_]+_test[^a-z0-9_]|`test_[a-z0-9_]+(\.\.\.)?`/)) {
        found = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + (found ~ /^`/ ? RLENGTH : RLENGTH - 1))
        if (found !~ /^`/) module = substr(found, 1, length(found) - 1)
        else { gsub(/`/, "", found); print module, found }
      }
    }' | sort --unique
}

nothing_is_left_for_later() {
  # The words are split so that this line is not found itself.
  local words='(^|[^A-Za-z0-9])(TO''DO|FIX''ME|XX''X)([^A-Za-z0-9]|$)'
  find_lines --recursive --line-number --binary-files=without-match --exclude-dir=__pycache__ \
    "$words" "${CODE_FOLDERS[@]}" toolchains docs .ci ./*.md CMakeLists.txt | report "do it now, or open an issue"
}

# Functions of the heap and of exceptions that the freestanding layers would call.
libraries_are_freestanding() {
  local library
  for library in "$1"/core/libscanferry_core.a "$1"/dimse/libscanferry_dimse.a; do
    if [ ! -e "$library" ]; then
      echo "$library:1: is not there" | report "build it first: cmake --preset host && cmake --build --preset host"
      continue
    fi
    # shellcheck disable=SC2016
    nm --print-file-name --undefined-only "$library" |
      find_lines ' U (malloc|calloc|realloc|_Znw|_Zna|__cxa_throw|__cxa_allocate|__cxa_rethrow)' |
      report "core and dimse neither allocate nor throw: use the caller's buffers and Result"
  done
}

every_check() {
  includes_go_down
  freestanding_layers_use_no_heap_types
  nothing_from_outside
  system_headers_stay_in_the_port
  nothing_is_made_inside_co_await
  licence_heads
  files_are_short
  every_source_is_built
  every_interop_test_is_run
  tests_that_pages_name_exist
  nothing_is_left_for_later
  libraries_are_freestanding "$1"
}

main() {
  case "${1:-}" in -h | --help) usage && exit ;; esac
  local found
  found=$(every_check "${1:-build/host}")
  if [ -n "$found" ]; then
    printf '%s\n' "$found" >&2
    echo "check: broken promises, see above" >&2
    exit 1
  fi
  echo "check: every promise kept"
}

main "$@"
