#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a running Orthanc: `uids PORT` lists the SOP Instance UIDs that it has, `picture PORT UID FILE` saves a rendered frame."""

import json
import sys
import urllib.request


def ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.read()


def instances(port):
    return {i["MainDicomTags"]["SOPInstanceUID"]: i["ID"] for i in json.loads(ask(port, "/instances?expand"))}


def main():
    command, port = sys.argv[1:3]
    if command == "uids":
        print("\n".join(sorted(instances(port))))
    elif command == "picture":
        uid, file = sys.argv[3:5]
        with open(file, "wb") as out:
            out.write(ask(port, f"/instances/{instances(port)[uid]}/frames/10/preview"))


if __name__ == "__main__":
    main()
