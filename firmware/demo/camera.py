#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A camera-like source: puts a sequence of JPEG frames and then its sidecar into a folder, as an endoscope's grabber would."""

import argparse
import json
import math
import os

from PIL import Image, ImageDraw, ImageFilter

COLUMNS, ROWS = 640, 480


def frame(number, frames):
    """Looking down a tube that turns."""
    turn = 2 * math.pi * number / frames
    picture = Image.new("RGB", (COLUMNS, ROWS), (60, 18, 14))
    draw = ImageDraw.Draw(picture)
    for ring in range(24, 0, -1):
        radius = 14 * ring
        x = COLUMNS / 2 + (24 - ring) * 3 * math.cos(turn + ring / 7)
        y = ROWS / 2 + (24 - ring) * 3 * math.sin(turn + ring / 7)
        draw.ellipse((x - radius * 1.3, y - radius, x + radius * 1.3, y + radius), fill=(40 + 8 * ring, 20 + 4 * ring, 16 + 3 * ring))
    draw.text((10, 10), f"SCANFERRY DEMO CAMERA\nSYNTHETIC  {number + 1:03d}", (255, 240, 200))
    return picture.filter(ImageFilter.GaussianBlur(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--frames", type=int, default=25)
    options = parser.parse_args()
    names = [f"camera-{number:03d}.jpg" for number in range(options.frames)]
    for number, name in enumerate(names):
        frame(number, options.frames).save(os.path.join(options.folder, name), quality=85)
    sidecar = {
        "object": "sc-multiframe",
        "format": "jpeg",
        "frames": names,
        "frame_time_ms": 40,
        "patient": {"name": "Demo^Camera", "id": "DEMO-2"},
        "study": {"description": "scanferry demo"},
        "series": {"description": "Camera sequence", "modality": "ES"},
    }
    # The sidecar comes last, and whole: until it is there, the frames are nobody's acquisition.
    unfinished = os.path.join(options.folder, ".camera.json.new")
    with open(unfinished, "w", encoding="utf-8") as file:
        json.dump(sidecar, file)
    os.rename(unfinished, os.path.join(options.folder, "camera.json"))


if __name__ == "__main__":
    main()
