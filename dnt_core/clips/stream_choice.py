r"""Which of a file's tracks is the clip: the picture and the sound that a player would take."""

from __future__ import annotations

from functools import cache

import av
from av.codec.context import Flags2

_NO_FILM = ("attached_pic", "timed_thumbnails", "still_image")
_ASIDE = ("comment", "hearing_impaired", "visual_impaired", "descriptions", "dub", "karaoke", "non_diegetic")


def video_track(container: av.container.InputContainer) -> av.VideoStream | None:
    r"""The track marked as default, else the one with most pixels, else the first; never a cover picture."""
    tracks = [track for track in container.streams.video if _usable(track) and not _is(track, _NO_FILM)]
    if len(tracks) == 1:
        return tracks[0]
    return max(tracks, key=lambda t: (_rank(t), t.width * t.height, -t.index), default=None)


def sound_track(container: av.container.InputContainer) -> av.AudioStream | None:
    r"""The track marked as default, else the one with most channels, else the first; no commentary.

    A track whose codec FFmpeg has no decoder for (some phones write a second one for spatial sound) is passed
    over.
    """
    tracks = [track for track in container.streams.audio if _usable(track)]
    if len(tracks) > 1:
        tracks.sort(key=lambda t: (_rank(t), t.codec_context.layout.nb_channels, -t.index), reverse=True)
    track = tracks[0] if tracks else None
    if track is not None and (container.format.name, track.codec_context.name) == ("caf", "alac"):
        # the decoder leaves the last packet's filling out, and FFmpeg 8 would take as much off once more
        track.codec_context.flags2 |= Flags2.skip_manual
    return track


def choice_remark(track: av.stream.Stream | None, all_tracks: list | tuple, kind: str) -> str | None:
    r"""``"sound track 2 of 2 taken"`` where the choice is not the only one there is."""
    if track is None or len(all_tracks) < 2:
        return None
    others = [other for other in all_tracks if not _is(other, _NO_FILM)]
    if len(others) < 2:
        return None
    return f"{kind} track {[t.index for t in others].index(track.index) + 1} of {len(others)} taken"


def _rank(track: av.stream.Stream) -> tuple[bool, bool]:
    return not _is(track, _ASIDE), _is(track, ("default",))


def _usable(track: av.stream.Stream) -> bool:
    context = track.codec_context
    if context is None:
        return False
    return _can_decode(context.name) and (
        not isinstance(track, av.AudioStream) or context.layout.nb_channels > 0
    )


@cache
def _can_decode(codec: str) -> bool:
    try:
        av.Codec(codec, "r")
    except (av.codec.codec.UnknownCodecError, ValueError):
        return False
    return True


def _is(track: av.stream.Stream, names: tuple[str, ...]) -> bool:
    return bool(int(track.disposition) & _mask(names))


@cache
def _mask(names: tuple[str, ...]) -> int:
    known = av.stream.Disposition
    return sum(int(known[name]) for name in names if name in known.__members__)
