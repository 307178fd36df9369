#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Instructions that scanferry and its peers need for the same work on the same files: valgrind counts them, so that the figures
are the same on a busy machine. Usage: tests/bench/information_model.py SCANFERRY [FILES]

Prints a Markdown table. FILES is the number of CT headers, 1000 when not given."""

import os
import re
import subprocess
import sys
import tempfile

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CONTOURS = 4000
POINTS = 60


def save(data, path):
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.is_implicit_VR, data.is_little_endian = False, True
    pydicom.dcmwrite(path, data, write_like_original=False)


def ct_header(index):
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 100"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.4.{index}"
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = "20240229"
    data.StudyTime = data.SeriesTime = data.AcquisitionTime = data.ContentTime = "120000.123456"
    data.Modality, data.Manufacturer, data.InstitutionName = "CT", "Maker", "Hôpital"
    data.StudyDescription, data.SeriesDescription = "Thorax", "1.0 B30f"
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", "1.2.3"
    data.ReferencedStudySequence = Sequence([reference])
    data.PatientName, data.PatientID, data.PatientBirthDate, data.PatientSex, data.PatientAge = "Doe^Jane", "4711", "19700101", "F", "054Y"
    block = data.private_block(0x0019, "MAKER CT", create=True)
    for low in range(20):
        block.add_new(low, "DS", str(low * 1.5))
    data.SliceThickness, data.KVP, data.ReconstructionDiameter = "1", "120", "350"
    data.PatientPosition, data.StudyInstanceUID, data.SeriesInstanceUID = "HFS", "1.2.3.4", "1.2.3.4.5"
    data.SeriesNumber, data.InstanceNumber = "2", str(index)
    data.ImagePositionPatient, data.ImageOrientationPatient = ["-175", "-175", str(-index)], ["1", "0", "0", "0", "1", "0"]
    data.FrameOfReferenceUID, data.SliceLocation = "1.2.3.4.6", str(-index)
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns, data.PixelSpacing = 512, 512, ["0.68359375", "0.68359375"]
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.WindowCenter, data.WindowWidth, data.RescaleIntercept, data.RescaleSlope = ["40", "-600"], ["350", "1200"], "-1024", "1"
    return data


def structure_set():
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.481.3", generate_uid(entropy_srcs=["rtstruct"])
    data.PatientName, data.PatientID, data.Modality = "Doe^Jane", "4711", "RTSTRUCT"
    contours = []
    for index in range(CONTOURS):
        image = Dataset()
        image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.4.{index}"
        contour = Dataset()
        contour.ContourImageSequence = Sequence([image])
        contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", str(POINTS)
        contour.ContourData = [f"{point * 1.25 - index % 100:.2f}" for point in range(3 * POINTS)]
        contours.append(contour)
    region = Dataset()
    region.ROIDisplayColor, region.ContourSequence, region.ReferencedROINumber = ["255", "0", "0"], Sequence(contours), "1"
    data.ROIContourSequence = Sequence([region])
    return data


def instructions(*command):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if not found:
        sys.exit(f"{command[0]}: {done.stderr[-500:]}")
    return int(found[1])


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as folder:
        headers = [os.path.join(folder, f"ct{index}.dcm") for index in range(count)]
        for index, path in enumerate(headers):
            save(ct_header(index), path)
        contours, out = os.path.join(folder, "rtstruct.dcm"), os.path.join(folder, "out")
        save(structure_set(), contours)
        few = headers[:len(headers) // 10 or 1]

        def slope(*command):
            """For one more file: what a process needs to start is not counted."""
            return (instructions(*command, *headers) - instructions(*command, *few)) // (len(headers) - len(few))

        rows = [
            (f"one of {count} CT headers, shown", slope(binary, "dump"), "dcmdump", slope("dcmdump")),
            ("one CT header, from process start to end", instructions(binary, "dump", headers[0]), "dcmdump", instructions("dcmdump", headers[0])),
            ("one CT header, from process start to end", instructions(binary, "dump", headers[0]), "gdcmdump", instructions("gdcmdump", headers[0])),
            (f"RTSTRUCT of {CONTOURS} contours, shown", instructions(binary, "dump", contours), "dcmdump", instructions("dcmdump", contours)),
            ("the same as JSON", instructions(binary, "json", contours), "dcm2json", instructions("dcm2json", contours)),
            ("the same written anew in Implicit VR", instructions(binary, "convert", contours, "--output", out, "--transfer-syntax", "implicit"),
             "dcmconv", instructions("dcmconv", "+ti", contours, out)),
            ("the same written anew in Implicit VR", instructions(binary, "convert", contours, "--output", out, "--transfer-syntax", "implicit"),
             "gdcmconv", instructions("gdcmconv", "--raw", "--implicit", contours, out)),
        ]
    print("| work | scanferry | peer | its instructions | ratio |\n|---|--:|---|--:|--:|")
    for work, ours, peer, theirs in rows:
        print(f"| {work} | {ours:,} | {peer} | {theirs:,} | {theirs / ours:.1f} |")


if __name__ == "__main__":
    main()
