#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Shows the main job on this machine: acquires while the PACS is down, brings the PACS up, and watches everything arrive.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly PYTHON=/usr/bin/python3
readonly WAIT_SECONDS=60
pacs=storescp
keep=no
pids=()
folder=

usage() {
  cat <<TEXT
Usage: firmware/demo.sh [--pacs storescp|orthanc] [--keep]
Installs what is missing of a Debian 12, builds scanferry, and shows its main job with a real PACS on this machine's loopback.
  --pacs orthanc  Orthanc instead of DCMTK's storescp
  --keep          leave the folder with spool, logs and what arrived
SCANFERRY_BINARY may name a program that is built already.
TEXT
}

fail() {
  echo "demo: $*" >&2
  exit 1
}

title() {
  printf '\n=== %s ===\n' "$*"
}

# Ends what was started, by pid, however the demo ends.
clean_up() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  [ "$keep" = yes ] || [ -z "$folder" ] || rm -rf "$folder"
}

read_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --pacs) [ $# -gt 1 ] || fail "--pacs wants storescp or orthanc"; pacs=$2; shift ;;
      --keep) keep=yes ;;
      -h | --help) usage; exit ;;
      *) usage >&2; exit 2 ;;
    esac
    shift
  done
  case "$pacs" in storescp | orthanc) ;; *) fail "--pacs: '$pacs' is not known; storescp or orthanc" ;; esac
}

build() {
  if [ "$pacs" = orthanc ]; then toolchains/bootstrap.sh demo-orthanc; fi
  toolchains/bootstrap.sh build demo
  binary=${SCANFERRY_BINARY:-$PWD/build/demo/firmware/scanferry}
  [ -z "${SCANFERRY_BINARY:-}" ] || return 0
  cmake --preset host -B build/demo -DSCANFERRY_TESTS=OFF >build-demo.log 2>&1 || { cat build-demo.log; fail "cmake failed"; }
  rm -f build-demo.log
  cmake --build build/demo --target scanferry
}

free_port() {
  "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

write_config() {
  cat >"$folder/agent.toml" <<TOML
aet = "DEMO_CART"
[spool]
path = "$folder/spool"
min_free_mb = 64
[listen]
port = $agent_port
address = "127.0.0.1"
[device]
manufacturer = "scanferry demo"
[retry]
first_seconds = 0.5
longest_seconds = 2
[health]
echo_seconds = 2
[[destination]]
name = "pacs"
address = "PACS@127.0.0.1:$pacs_port"
[[watch]]
path = "$folder/camera"
TOML
}

# start LOG COMMAND...
start() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null &
  pids+=($!)
}

start_pacs() {
  mkdir -p "$folder/pacs"
  if [ "$pacs" = storescp ]; then
    start "$folder/pacs.log" storescp --bit-preserving --accept-all --aetitle PACS --output-directory "$folder/pacs" "$pacs_port"
    return
  fi
  cat >"$folder/orthanc.json" <<JSON
{"Name": "demo", "StorageDirectory": "$folder/pacs", "IndexDirectory": "$folder/pacs", "HttpPort": $http_port, "RemoteAccessAllowed": false,
 "AuthenticationEnabled": false, "DicomAet": "PACS", "DicomPort": $pacs_port, "DicomAlwaysAllowEcho": true, "DicomAlwaysAllowStore": true}
JSON
  start "$folder/pacs.log" Orthanc "$folder/orthanc.json"
}

# The SOP Instance UIDs that the PACS has, sorted.
arrived() {
  if [ "$pacs" = storescp ]; then
    find "$folder/pacs" -type f | while read -r file; do dcmdump --quiet --search SOPInstanceUID "$file"; done | sed -n 's/.*\[\(.*\)\].*/\1/p' | sort
  else
    "$PYTHON" firmware/demo/orthanc.py uids "$http_port" 2>/dev/null || true
  fi
}

queued() {
  "$binary" queue list --config "$folder/agent.toml" --json | sed -n 's/.*"sop_instance_uid":"\([^"]*\)".*'"$1"'.*/\1/p' | sort
}

# wait_for WHAT COMMAND...: until the command succeeds, within bounds.
wait_for() {
  local what=$1 tries
  shift
  for ((tries = WAIT_SECONDS * 5; tries > 0; tries--)); do
    if "$@"; then return; fi
    sleep 0.2
  done
  tail -20 "$folder/agent.log" >&2
  fail "$what did not happen within $WAIT_SECONDS s; the end of the agent's log is above"
}

both_queued() { [ "$(queued '' | wc -l)" = 2 ]; }
all_stored() { [ "$(queued '"state":"stored"' | wc -l)" = 2 ]; }
agent_listens() { grep -q 'answers C-ECHO as DEMO_CART' "$folder/agent.log"; }
# storescp names a file before it is complete; the agent's word that it is stored comes after.
same_uids() { [ "$(arrived)" = "$(queued '"state":"stored"')" ]; }

render() {
  local uid
  uid=$(queued '"sop_class_uid":"1.2.840.10008.5.1.4.1.1.3.1"' | head -n 1)
  if [ "$pacs" = orthanc ]; then
    "$PYTHON" firmware/demo/orthanc.py picture "$http_port" "$uid" "$folder/arrived.png"
  else
    dcmj2pnm --write-png --frame 11 "$(find "$folder/pacs" -type f -name "*$uid*" | head -n 1)" "$folder/arrived.png"
  fi
  "$PYTHON" firmware/demo/show.py "$folder/arrived.png"
  echo "  frame 11 of $uid, as it arrived$([ "$keep" = no ] || echo ": $folder/arrived.png")"
}

main() {
  read_options "$@"
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  title "Setting up and building"
  build
  "$binary" version
  folder=$(mktemp -d "${TMPDIR:-/tmp}/scanferry-demo.XXXXXX")
  mkdir "$folder/camera"
  agent_port=$(free_port)
  pacs_port=$(free_port)
  http_port=$(free_port)
  write_config

  title "The agent starts; the PACS (PACS@127.0.0.1:$pacs_port) is down"
  start "$folder/agent.log" "$binary" run --config "$folder/agent.toml" --verbose
  local agent=${pids[-1]}
  wait_for "the agent's start" agent_listens
  echo "Asking the PACS:"
  "$binary" echo "PACS@127.0.0.1:$pacs_port" || echo "  (as expected: it is down)"

  title "Acquiring: an ultrasound loop through a pipe, and a camera's JPEG sequence through a folder"
  "$PYTHON" firmware/demo/ultrasound.py --frames 60 | "$binary" acquire --config "$folder/agent.toml" --rows 480 --columns 640 \
    --photometric RGB --frames 60 --frame-time-ms 33.3 --patient-name 'Demo^Ultrasound' --patient-id DEMO-1 --study-description 'scanferry demo'
  "$PYTHON" firmware/demo/camera.py "$folder/camera"
  wait_for "the acceptance of both acquisitions" both_queued
  sleep 2 # some more tries, to have something to show
  title "Queued, and safe on the disk"
  "$binary" queue list --config "$folder/agent.toml"
  echo "Tries so far: $(grep -c 'next try in' "$folder/agent.log" || true), for example:"
  grep 'next try in' "$folder/agent.log" | tail -n 2 | sed 's/^/  /'

  title "The PACS ($pacs) comes up"
  start_pacs
  wait_for "the delivery" all_stored
  wait_for "the arrival of the same objects" same_uids
  grep -E ' stored ' "$folder/agent.log" | sed 's/^/  /'
  "$binary" queue list --config "$folder/agent.toml"
  echo "The PACS has the same $(arrived | wc -l) SOP Instance UIDs that were queued."

  title "C-ECHO both ways"
  "$binary" echo "PACS@127.0.0.1:$pacs_port"
  echoscu --aetitle PACS --call DEMO_CART 127.0.0.1 "$agent_port" && echo "DEMO_CART@127.0.0.1:$agent_port answers DCMTK's echoscu"

  title "A frame of what arrived"
  render

  title "SIGTERM to the agent"
  kill "$agent"
  wait "$agent" || fail "the agent did not end well: exit status $?"
  tail -n 1 "$folder/agent.log" | sed 's/^/  /'
  [ "$keep" = no ] || echo "Everything is in $folder"
  printf '\nDone: 2 acquired, 2 queued while the PACS was down, 2 stored.\n'
}

main "$@"
