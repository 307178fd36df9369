# SPDX-License-Identifier: Apache-2.0
"""Acquisitions as a device would leave them: frames that are a function of a seed, and the sidecar that describes them."""

import dataclasses
import io
import json
import os
import random

import numpy
from PIL import Image

from product import write_file

SAMPLES = {"MONOCHROME1": 1, "MONOCHROME2": 1, "RGB": 3, "YBR_FULL": 3}
MULTI_FRAME = ("us-multiframe", "sc-multiframe")


@dataclasses.dataclass
class Acquired:
    name: str
    sidecar: dict
    files: dict                      # file name -> content
    frames: list                     # each frame's bytes, in order
    toml: bool = False

    @property
    def is_multi_frame(self):
        return self.sidecar["object"] in MULTI_FRAME

    @property
    def objects(self):
        """How many objects come of it."""
        return 1 if self.is_multi_frame else len(self.frames)

    @property
    def sidecar_name(self):
        return f"{self.name}.{'toml' if self.toml else 'json'}"

    def sidecar_text(self):
        if not self.toml:
            return json.dumps(self.sidecar, indent=1, ensure_ascii=False)
        tables = {k: v for k, v in self.sidecar.items() if isinstance(v, dict)}
        lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in self.sidecar.items() if k not in tables]
        for name, table in tables.items():
            lines += [f"[{name}]"] + [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in table.items()]
        return "\n".join(lines) + "\n"

    def write(self, folder):
        """Frames first, the sidecar last and at once: as a careful device does. Returns the sidecar's path."""
        os.makedirs(folder, exist_ok=True)
        for name, content in self.files.items():
            write_file(os.path.join(folder, name), content)
        hidden = write_file(os.path.join(folder, "." + self.sidecar_name), self.sidecar_text())
        path = os.path.join(folder, self.sidecar_name)
        os.rename(hidden, path)
        return path

    def expected_pixels(self, index=0):
        """Native Pixel Data of object `index`, padded to an even length."""
        pixels = b"".join(self.frames) if self.is_multi_frame else self.frames[index]
        return pixels + b"\0" * (len(pixels) % 2)


def native_frame(rows, columns, samples, allocated, stored, seed):
    count = rows * columns * samples
    noise = random.Random(seed).randbytes(count * allocated // 8)
    if allocated == 8 and stored == 8:
        return noise
    values = numpy.frombuffer(noise, "<u2" if allocated == 16 else "u1")
    return (values & ((1 << stored) - 1)).astype(values.dtype).tobytes()


def raw(name, kind, rows=24, columns=32, photometric="MONOCHROME2", frames=1, bits=(8, 8), seed=None, one_file=False, toml=False,
        **text):
    """Native pixels. `text` extends the sidecar, for example patient={"id": "1"}."""
    allocated, stored = bits
    samples = SAMPLES[photometric]
    pixels = [native_frame(rows, columns, samples, allocated, stored, f"{seed or name} {n}") for n in range(frames)]
    files = {f"{name}.raw": b"".join(pixels)} if one_file else {f"{name}-{n:04}.raw": frame for n, frame in enumerate(pixels)}
    sidecar = {"object": kind, "format": "raw", "frames": list(files), "rows": rows, "columns": columns, "photometric": photometric,
               "bits_allocated": allocated, "bits_stored": stored}
    return Acquired(name, _complete(sidecar, kind, text), files, pixels, toml)


def picture(rows, columns, channels, seed):
    """Something smooth that moves with the seed: what a camera sees, and what JPEG is made for."""
    y, x = numpy.mgrid[0:rows, 0:columns]
    planes = [128 + 100 * numpy.sin((x * (c + 1) + y * (3 - c) + 9 * seed) / 17.0) for c in range(channels)]
    pixels = numpy.stack(planes, axis=-1).round().astype("u1")
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels)


def jpeg_bytes(image, subsampling=None):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, **({} if subsampling is None else {"subsampling": subsampling}))
    return out.getvalue()


def as_rgb(stream):
    """The same JPEG, but for the marker that says how colours are coded: Adobe's "no transformation" instead of JFIF."""
    if stream[2:4] != b"\xff\xe0":
        raise AssertionError("no JFIF")
    length = int.from_bytes(stream[4:6], "big")
    return stream[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00" + stream[4 + length:]


def jpeg(name, kind, rows=48, columns=64, subsampling=None, frames=1, toml=False, **text):
    """JPEG Baseline as a camera sends it: gray without `subsampling`, else "4:2:0", "4:2:2" or "4:4:4"."""
    channels = 1 if subsampling is None else 3
    pictures = [jpeg_bytes(picture(rows, columns, channels, n), subsampling) for n in range(frames)]
    files = {f"{name}-{n:04}.jpg": frame for n, frame in enumerate(pictures)}
    sidecar = {"object": kind, "format": "jpeg", "frames": list(files)}
    return Acquired(name, _complete(sidecar, kind, text), files, pictures, toml)


def _complete(sidecar, kind, text):
    if kind in MULTI_FRAME:
        sidecar["frame_time_ms"] = 33.333
    sidecar.update(text)
    return sidecar


def acquire_options(acquired):
    """The command line of `acquire` that says what the sidecar says."""
    side = acquired.sidecar
    options = ["--object", side["object"], "--rows", side["rows"], "--columns", side["columns"], "--photometric", side["photometric"],
               "--bits-allocated", side["bits_allocated"], "--bits-stored", side["bits_stored"]]
    if "frame_time_ms" in side:
        options += ["--frame-time-ms", side["frame_time_ms"]]
    if "patient" in side:
        options += ["--patient-id", side["patient"]["id"]]
    return [str(option) for option in options]


RICH_TEXT = {
    "date": "20240229", "time": "235959.5", "timezone": "+0100", "instance_number": 7, "burned_in_annotation": False,
    "patient": {"name": "Doe^John^Q^Dr^III", "id": "4711", "birth_date": "19700101", "sex": "M"},
    "study": {"instance_uid": "1.2.3.4.5", "id": "S1", "accession_number": "ACC-1", "description": "Abdomen",
              "referring_physician": "House^Gregory", "date": "20240229", "time": "2300"},
    "series": {"instance_uid": "1.2.3.4.5.6", "number": 3, "description": "Liver", "body_part": "ABDOMEN"},
}

FOREIGN_TEXT = {
    "patient": {"name": "Wang^XiaoDong=王^小东", "id": "患者-42", "sex": "F"},
    "study": {"id": "Prüfung", "accession_number": "Ä-1", "description": "Müller-Lüdenscheidt: große Übersicht",
              "referring_physician": "Müller^Jürgen"},
    "series": {"description": "超声检查 肝脏", "body_part": "ABDOMEN"},
}
