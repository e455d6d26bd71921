r"""Whence the 257 numbers of a video come: other people's tracks, or a fit to its landmarks and pixels."""

from dnt_core.tracking.foreign_track import ForeignTrack, TrackError
from dnt_core.tracking.importing import Imported, import_track
from dnt_core.tracking.landmark_fit import OWN_LANDMARKS, FitOptions, LandmarkFit, fit_landmarks
from dnt_core.tracking.registry import FORMATS, TrackFormat, read_track

__all__ = [
    "FORMATS",
    "FitOptions",
    "ForeignTrack",
    "Imported",
    "LandmarkFit",
    "TrackError",
    "TrackFormat",
    "OWN_LANDMARKS",
    "fit_landmarks",
    "import_track",
    "read_track",
]
