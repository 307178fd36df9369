# SPDX-License-Identifier: Apache-2.0
"""The loads of the wire benchmarks: valid Part 10 files of noise, the same in every run."""

import dataclasses
import io
import os
import random

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

# UIDs of one length, so that a number can be put into a finished header.
UID_ROOT = "2.25.271828182845904523536028747135"
UID_DIGITS = 8
NOISE_BYTES = 1 << 20


@dataclasses.dataclass
class Kind:
    sop_class: str
    modality: str
    rows: int
    columns: int
    samples: int = 1
    bits: int = 16


@dataclasses.dataclass
class Workload:
    name: str
    folder: str
    objects: int
    bytes: int                       # of all files

    def __str__(self):
        return f"{self.name} ({self.objects} x {size_text(self.bytes / self.objects)})"


KINDS = {
    "W1": Kind("1.2.840.10008.5.1.4.1.1.2", "CT", 512, 512),
    "W2": Kind("1.2.840.10008.5.1.4.1.1.3.1", "US", 768, 1024, samples=3, bits=8),
    "W3": Kind("1.2.840.10008.5.1.4.1.1.7", "OT", 54, 54, bits=8),
    "W5": Kind("1.2.840.10008.5.1.4.1.1.1.1", "DX", 3000, 3000),
}
OBJECTS = {"W1": 1000, "W2": 1, "W3": 5000, "W5": 100}
W2_BYTES = 1 << 30
SMALL_OBJECTS = 200                  # W3s: the first of W3; as many at any scale but the tiniest


def size_text(count):
    for unit in ("B", "KB", "MB"):
        if count < 999.5:
            break
        count /= 1000
    else:
        unit = "GB"
    return f"{count:.3g} {unit}"


def uid_of(name, number):
    return f"{UID_ROOT}{name[1]}{number:0{UID_DIGITS}}"


def describe(name, kind, frames):
    data = Dataset()
    data.ImageType = ["ORIGINAL", "PRIMARY"]
    data.SOPClassUID, data.SOPInstanceUID = kind.sop_class, uid_of(name, 0)
    data.StudyDate = data.ContentDate = "20240229"
    data.StudyTime = data.ContentTime = "120000"
    data.AccessionNumber, data.ReferringPhysicianName, data.Manufacturer = "", "", "Bench"
    data.Modality = kind.modality
    data.PatientName, data.PatientID, data.PatientBirthDate, data.PatientSex = "Load^" + name, name, "", "O"
    data.StudyInstanceUID, data.SeriesInstanceUID = uid_of(name, 10 ** UID_DIGITS - 1), uid_of(name, 10 ** UID_DIGITS - 2)
    data.StudyID, data.SeriesNumber, data.InstanceNumber = "1", "1", "1"
    data.SamplesPerPixel = kind.samples
    data.PhotometricInterpretation = "MONOCHROME2" if kind.samples == 1 else "RGB"
    if kind.samples > 1:
        data.PlanarConfiguration = 0
    if frames:
        data.NumberOfFrames, data.FrameTime = str(frames), "20"
        data.FrameIncrementPointer = pydicom.tag.Tag("FrameTime")
    data.Rows, data.Columns = kind.rows, kind.columns
    data.BitsAllocated = data.BitsStored = kind.bits
    data.HighBit, data.PixelRepresentation = kind.bits - 1, 0
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.is_implicit_VR, data.is_little_endian = False, True
    return data


class Template:
    """A file up to its pixels, for any number."""

    def __init__(self, name, frames=0):
        kind = KINDS[name]
        self.name = name
        self.pixel_bytes = kind.rows * kind.columns * kind.samples * kind.bits // 8 * (frames or 1)
        file = io.BytesIO()
        pydicom.dcmwrite(file, describe(name, kind, frames), write_like_original=False)
        # PS3.5 7.1.2: tag, VR, two bytes of nothing, length.
        element = b"\xe0\x7f\x10\x00" + (b"OB" if kind.bits == 8 else b"OW") + b"\0\0" + self.pixel_bytes.to_bytes(4, "little")
        self.header = file.getvalue() + element
        self.noise = random.Random(name).randbytes(NOISE_BYTES)

    def write(self, path, number):
        """Returns the bytes of the file."""
        header = self.header.replace(uid_of(self.name, 0).encode(), uid_of(self.name, number).encode())
        with open(path, "wb") as file:
            file.write(header)
            begin = number * 37 % (NOISE_BYTES // 2)
            left = self.pixel_bytes
            while left > 0:
                left -= file.write(self.noise[begin:begin + left])
                begin = 0
        return len(header) + self.pixel_bytes


def write_small(folder, objects, name_of):
    """As many of W3 as wanted; `name_of` gives the file's name for a SOP Instance UID."""
    template = Template("W3")
    return sum(template.write(os.path.join(folder, name_of(uid_of("W3", number))), number) for number in range(1, objects + 1))


class Workloads:
    """Written when they are first asked for."""

    def __init__(self, folder, scale):
        self.folder = folder
        self.scale = scale
        self.made = {}

    def __getitem__(self, name):
        if name not in self.made:
            self.made[name] = self.make(name)
        return self.made[name]

    def make(self, name):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder)
        if name == "W3s":
            return self.some_of_w3(name, SMALL_OBJECTS if self.scale >= 0.1 else SMALL_OBJECTS // 10)
        objects = max(1, round(OBJECTS[name] * self.scale)) if name != "W2" else 1
        frames = 0
        if name == "W2":
            frames = max(1, round(W2_BYTES * self.scale / Template(name, 1).pixel_bytes))
        template = Template(name, frames)
        size = sum(template.write(os.path.join(folder, f"{number:06}.dcm"), number) for number in range(1, objects + 1))
        return Workload(name, folder, objects, size)

    def some_of_w3(self, name, objects):
        """A folder of its own with the first of them."""
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        return Workload(name, folder, objects, write_small(folder, objects, lambda uid: uid + ".dcm"))
