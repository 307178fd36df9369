# SPDX-License-Identifier: Apache-2.0
"""What a `Peer` has to give: an archive for C-GET that sends each data set as it lies in its file, and fails as it is told to."""

import pydicom
from pydicom.dataset import Dataset

from dimse_peer import Answer, Field, make_command
from part10 import data_set_of

# PS3.4 C.4.3.1.4.
PENDING, NOT_ALL, CANCELLED = 0xFF00, 0xB000, 0xFE00


def meta_of(path):
    return pydicom.dcmread(path, stop_before_pixels=True, force=True).file_meta


class Shelf:
    """What a Peer sends when it is asked by C-GET: files, each data set as it lies in its file. `lost`: UIDs that it fails to send.
    `claims`: objects more than it says that it sent. `pause`: a function that is called before each object."""

    def __init__(self, paths, lost=(), claims=0, is_silent=False, pause=lambda: None):
        self.paths, self.lost, self.claims, self.is_silent, self.pause = paths, lost, claims, is_silent, pause
        self.statuses = []          # of the answers to our C-STOREs
        self.was_cancelled = False

    def get(self, message):
        association = message.association
        failed, completed = [], 0
        for number, path in enumerate(self.paths):
            self.pause()
            if association.is_cancelled(message.command["MessageID"]):
                self.was_cancelled = True
                yield Answer(CANCELLED, None, self.counts(completed, failed, len(self.paths) - number))
                return
            status = self.store(association, path)
            self.statuses.append(status)
            completed += status == 0
            if status != 0:
                failed.append(str(meta_of(path).MediaStorageSOPInstanceUID))
            if not self.is_silent:
                yield Answer(PENDING, None, self.counts(completed, failed, len(self.paths) - number - 1))
        final = Dataset()
        final.FailedSOPInstanceUIDList = failed
        yield Answer(NOT_ALL if failed else 0, final if failed else None, self.counts(completed + self.claims, failed))

    def store(self, association, path):
        meta = meta_of(path)
        sop_class, instance = str(meta.MediaStorageSOPClassUID), str(meta.MediaStorageSOPInstanceUID)
        context = next((context for context in association.contexts.values()
                        if (context.abstract, context.syntax) == (sop_class, str(meta.TransferSyntaxUID))), None)
        if not context or instance in self.lost:
            return 0xA900
        exchange = association.post(make_command(Field.C_STORE, sop_class, instance, Priority=0), data_set_of(path), context)
        return association.wait(exchange).status

    @staticmethod
    def counts(completed, failed, remaining=None):
        counts = {"NumberOfCompletedSuboperations": completed, "NumberOfFailedSuboperations": len(failed), "NumberOfWarningSuboperations": 0}
        return counts if remaining is None else {**counts, "NumberOfRemainingSuboperations": remaining}
