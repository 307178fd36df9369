#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A synthetic ultrasound scanner: writes a loop of a beating heart to standard output, as raw RGB frames of a fixed size."""

import argparse
import math
import random
import sys

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

COLUMNS, ROWS = 640, 480
FRAMES_A_BEAT = 30

# The probe sits at the top; beams leave it in a fan.
APEX_X, APEX_Y = 320.0, 18.0
DEPTH = 425.0
HALF_ANGLE = math.radians(41)

# The texture is made beam by beam and then bent into the fan, so that speckle widens with depth as it does in a real scanner.
BEAMS, SAMPLES = 512, 512
BLOCK = 16

GREEN, AMBER, GREY = (60, 220, 90), (235, 190, 70), (150, 150, 150)


def polar(x, y):
    """Where a point of the picture lies in the texture of beams and samples."""
    dx, dy = x - APEX_X, max(y - APEX_Y, 1.0)
    beam = (math.atan2(dx, dy) / (2.4 * HALF_ANGLE) + 0.5) * (BEAMS - 1)
    sample = math.hypot(dx, dy) / (1.3 * DEPTH) * (SAMPLES - 1)
    return min(max(beam, 0.0), BEAMS - 1.0), min(sample, SAMPLES - 1.0)


def bend(texture):
    """Scan conversion, block by block."""
    mesh = []
    for top in range(0, ROWS, BLOCK):
        for left in range(0, COLUMNS, BLOCK):
            right, bottom = left + BLOCK, top + BLOCK
            corners = ((left, top), (left, bottom), (right, bottom), (right, top))
            mesh.append(((left, top, right, bottom), [value for corner in corners for value in polar(*corner)]))
    return texture.transform((COLUMNS, ROWS), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def speckle(seed):
    """Grain around mid-grey: fine along the beam, coarse across."""
    across, along = 110, 250
    grain = Image.frombytes("L", (across, along), random.Random(seed).randbytes(across * along))
    texture = grain.resize((BEAMS, SAMPLES), Image.Resampling.BICUBIC)
    # Echoes are shown on a logarithmic scale: interference leaves dark gaps rather than bright peaks.
    level = [min(255, int(128 + 46 * math.log(0.12 + 2.2 * value / 255))) for value in range(256)]
    return bend(texture.point(level))


def fan_mask():
    mask = Image.new("L", (COLUMNS, ROWS), 0)
    box = (APEX_X - DEPTH, APEX_Y - DEPTH, APEX_X + DEPTH, APEX_Y + DEPTH)
    half = math.degrees(HALF_ANGLE)
    draw = ImageDraw.Draw(mask)
    draw.pieslice(box, 90 - half, 90 + half, fill=255)
    draw.ellipse((APEX_X - 22, APEX_Y - 22, APEX_X + 22, APEX_Y + 22), fill=0)
    return mask.filter(ImageFilter.GaussianBlur(0.8))


def contraction(phase):
    """How far the ventricles are emptied, 0 to 1, at a moment of the beat."""
    if phase < 0.12 or phase > 0.72:
        return 0.0
    if phase < 0.42:
        return math.sin((phase - 0.12) / 0.30 * math.pi / 2) ** 2
    return math.cos((phase - 0.42) / 0.30 * math.pi / 2) ** 2


def ecg(phase):
    """Height of the electrocardiogram's trace, in pixels."""
    waves = ((0.02, 0.020, 3), (0.085, 0.008, -4), (0.10, 0.008, 26), (0.118, 0.008, -7), (0.34, 0.035, 6))
    return sum(height * math.exp(-(((phase - at) / width) ** 2)) for at, width, height in waves)


class Heart:
    """A four-chamber view from the apex: how strongly each place reflects, at a moment of the beat."""

    def __init__(self, phase):
        self.emptied = contraction(phase)
        self.image = Image.new("L", (COLUMNS, ROWS), 112)
        self.draw = ImageDraw.Draw(self.image)

    def oval(self, x, y, width, height, level):
        self.draw.ellipse((x - width, y - height, x + width, y + height), fill=level)

    def reflections(self):
        e = self.emptied
        base_y = 292 - 20 * e  # the plane of the valves moves towards the apex
        self.oval(324, 256, 160 - 4 * e, 180 - 3 * e, 232)  # pericardium
        self.oval(324, 256, 154 - 4 * e, 174 - 3 * e, 160)  # muscle
        self.oval(366, 214, 66 - 22 * e, 96 - 15 * e, 0)    # left ventricle
        self.oval(260, 230, 38 - 12 * e, 76 - 13 * e, 0)    # right ventricle
        self.oval(368, 346, 56 + 8 * e, 54 + 6 * e, 0)      # atria
        self.oval(268, 348, 42 + 7 * e, 50 + 5 * e, 0)
        self.valve(367, base_y, 50 - 10 * e)
        self.valve(263, base_y + 6, 34 - 6 * e)
        return self.image.filter(ImageFilter.GaussianBlur(2.2))

    def valve(self, x, y, reach):
        """Two leaflets, closed while the ventricle empties, else hanging into it."""
        opening = 1.0 - min(1.0, self.emptied * 3)
        for side in (-1, 1):
            hinge = (x + side * reach, y)
            tip = (x + side * (3 + 0.55 * reach * opening), y - 6 - 38 * opening)
            self.draw.line((hinge, tip), fill=240, width=5)


class Scanner:
    def __init__(self):
        self.still, self.moving = speckle(1), speckle(2)
        self.mask = fan_mask()
        self.near_heart = Image.new("L", (COLUMNS, ROWS), 0)
        ImageDraw.Draw(self.near_heart).ellipse((150, 84, 502, 440), fill=255)
        self.near_heart = self.near_heart.filter(ImageFilter.GaussianBlur(12))
        self.font = ImageFont.load_default()
        self.noise = random.Random(3)

    def grain(self, emptied):
        """The muscle's speckle moves with it."""
        scale = 1.0 + 0.06 * emptied
        shift_x, shift_y = 324 * (1 - scale), 256 * (1 - scale)
        moved = self.moving.transform((COLUMNS, ROWS), Image.Transform.AFFINE, (scale, 0, shift_x, 0, scale, shift_y),
                                      Image.Resampling.BILINEAR)
        return Image.composite(moved, self.still, self.near_heart)

    def electronic_noise(self):
        small = Image.frombytes("L", (COLUMNS // 2, ROWS // 2), self.noise.randbytes(COLUMNS * ROWS // 4))
        return small.point([value // 14 for value in range(256)]).resize((COLUMNS, ROWS), Image.Resampling.NEAREST)

    def frame(self, number):
        phase = number % FRAMES_A_BEAT / FRAMES_A_BEAT
        heart = Heart(phase)
        echoes = ImageChops.add(heart.reflections(), self.grain(heart.emptied), 1, -142)
        echoes = ImageChops.add(echoes, self.electronic_noise())
        picture = Image.merge("RGB", [ImageChops.multiply(echoes, self.mask)] * 3)
        self.annotate(picture, number)
        return picture

    def annotate(self, picture, number):
        draw = ImageDraw.Draw(picture)
        draw.text((8, 6), "SCANFERRY DEMO\nSYNTHETIC, NO PATIENT", AMBER, self.font)
        draw.text((548, 6), f"FRAME {number + 1:4d}\nHR 60  15 CM", AMBER, self.font)
        for level in range(128):  # the grey scale
            draw.line((614, 230 - level, 624, 230 - level), fill=(2 * level,) * 3)
        for depth in range(16):
            y = APEX_Y + depth / 15 * DEPTH
            draw.line((632, y, 636 if depth % 5 else 639, y), fill=GREY)
        # One sweep shows two beats; the dot is now.
        sweep = 2 * FRAMES_A_BEAT
        now = number % sweep / sweep * COLUMNS
        trace = [(x, 462 - ecg(x / COLUMNS * 2 % 1)) for x in range(0, int(now) + 1, 2)]
        if len(trace) > 1:
            draw.line(trace, fill=GREEN, width=1)
        draw.ellipse((now - 3, 459 - ecg(now / COLUMNS * 2 % 1), now + 3, 465 - ecg(now / COLUMNS * 2 % 1)), fill=GREEN)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2 * FRAMES_A_BEAT)
    frames = parser.parse_args().frames
    scanner = Scanner()
    try:
        for number in range(frames):
            sys.stdout.buffer.write(scanner.frame(number).tobytes())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads has gone and says itself why.
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
