"""Every fault, in the order of the table."""

from tests.fidelity.byte_faults import BYTE_FAULTS
from tests.fidelity.fault import Fault
from tests.fidelity.label_faults import LABEL_FAULTS
from tests.fidelity.picture_faults import PICTURE_FAULTS
from tests.fidelity.sound_faults import SOUND_FAULTS
from tests.fidelity.time_faults import TIME_FAULTS

GROUPS: tuple[tuple[str, tuple[Fault, ...]], ...] = (
    ("Labels", LABEL_FAULTS),
    ("Time", TIME_FAULTS),
    ("Sound", SOUND_FAULTS),
    ("Picture", PICTURE_FAULTS),
    ("Bytes", BYTE_FAULTS),
)
FAULTS = tuple(fault for _, faults in GROUPS for fault in faults)


def label(fault: Fault) -> str:
    """Return what tells a fault from every other: its name and its scene."""
    return f"{fault.name} in {fault.scene.name}"
