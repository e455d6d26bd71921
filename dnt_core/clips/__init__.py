r"""A MEAD-layout folder → labelled clips, frames, sound, cached 3DMM parameters; and video out again."""

from dnt_core.clips.cache_rows import stored_frames_of_rows, stored_rows_to_grid
from dnt_core.clips.clip import CELLS, VIEWS, Clip, Problem
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_index import ClipIndex
from dnt_core.clips.clip_reading import iterate_clips, iterate_parts, load_clip
from dnt_core.clips.crop_box import face_box
from dnt_core.clips.face_cache import FaceCache, face_cache_path, read_face_cache, write_face_cache
from dnt_core.clips.loaded_clip import LoadedClip
from dnt_core.clips.provenance import mark_frame, provenance_record, read_provenance
from dnt_core.clips.scanner import scan
from dnt_core.clips.sound import read_audio, write_audio
from dnt_core.clips.splits import (
    frame_rows,
    grouped_folds,
    random_frame_folds,
    split_by_clip,
    split_within_clips,
)
from dnt_core.clips.video import Video, VideoInfo, count_frames, iterate_frames, read_video, video_info
from dnt_core.clips.video_writer import write_video

__all__ = [
    "CELLS",
    "VIEWS",
    "Clip",
    "ClipError",
    "ClipIndex",
    "FaceCache",
    "LoadedClip",
    "Problem",
    "Video",
    "VideoInfo",
    "count_frames",
    "face_box",
    "face_cache_path",
    "frame_rows",
    "grouped_folds",
    "iterate_clips",
    "iterate_frames",
    "iterate_parts",
    "load_clip",
    "mark_frame",
    "provenance_record",
    "random_frame_folds",
    "read_audio",
    "read_face_cache",
    "read_provenance",
    "read_video",
    "scan",
    "split_by_clip",
    "split_within_clips",
    "stored_frames_of_rows",
    "stored_rows_to_grid",
    "video_info",
    "write_audio",
    "write_face_cache",
    "write_video",
]
