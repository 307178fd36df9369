#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a picture on a terminal with characters, two pixels high each."""

import sys

from PIL import Image

WIDTH = 76
SHADES = " .:-=+*#%@"


def main():
    picture = Image.open(sys.argv[1]).convert("L")
    height = max(1, round(picture.height * WIDTH / picture.width / 2))
    small = picture.resize((WIDTH, height))
    for y in range(height):
        print("  " + "".join(SHADES[small.getpixel((x, y)) * len(SHADES) // 256] for x in range(WIDTH)))


if __name__ == "__main__":
    main()
