r"""What reading a file had to do beside decoding it, in short phrases for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dnt_core.clips.standard_colors import TRANSFER_NAMES, needs_conversion

if TYPE_CHECKING:
    from dnt_core.clips.media_reading import MediaReading
    from dnt_core.clips.sound_track import SoundTrack

WORTH_SAYING = 0.005  # s that a frame is moved in time
OFFSET_WORTH_SAYING = 0.04  # s between the beginnings of sound and picture


def picture_remarks(reading: MediaReading) -> list[str]:
    r"""On the picture: turned, squared, moved in time, cut, converted."""
    said, grid = [], reading.timeline
    if not reading.orientation.is_plain:
        said.append(str(reading.orientation))
    if reading.clock.hidden:
        said.append(
            f"{reading.clock.hidden} of {reading.clock.hidden + grid.stored} frames hidden by an edit list"
        )
    if not grid.one_to_one or grid.moved > WORTH_SAYING:
        moved = f", moved by up to {grid.moved * 1000:.0f} ms" if grid.moved > WORTH_SAYING else ""
        kept = f", {grid.skipped} left out" if grid.skipped else ""
        said.append(
            f"resampled in time: {grid.stored} frames at irregular times on {grid.n_frames} rows at "
            f"{float(grid.fps):.4g} fps{moved}{kept}"
        )
    if reading.clock.assumed:
        said.append(f"it stores no times of its frames: taken as regular, at {float(grid.fps):.4g} fps")
    if reading.transparent:
        said.append("its transparency left out")
    if reading.interlaced:
        said.append(
            "interlaced: odd and even rows are of two moments, which combs a face that moves (a picture per "
            "moment: ffmpeg -i IN -vf bwdif OUT.mp4)"
        )
    if needs_conversion(reading.transfer, reading.primaries):
        name = TRANSFER_NAMES.get(reading.transfer)
        said.append(f"tone-mapped from {name} (HDR)" if name else "colours taken from a wider gamut")
    return said


def sound_remarks(reading: MediaReading, track: SoundTrack | None) -> list[str]:
    r"""On the sound: offset, cancelling channels, formats that change, packets that were damaged."""
    said = []
    if reading.video_start is not None and reading.sound_start is not None:
        late = reading.sound_start - reading.video_start
        if abs(late) > OFFSET_WORTH_SAYING:
            which = "after" if late > 0 else "before"
            said.append(f"offset: sound begins {abs(late):.2f} s {which} the picture")
    if track is not None and track.cancels:
        said.append("its channels cancel each other, the louder one taken alone")
    if track is not None and track.aside:
        said.append("its sound is in channels that a mix to stereo leaves out; they are taken")
    if track is not None and len(track.formats) > 1:
        formats = ", then ".join(f"{rate} Hz {name}" for rate, name in track.formats)
        said.append(f"its sound changes on the way: {formats}")
    if reading.recordings > 1:
        said.append(f"{reading.recordings} recordings, one behind the other")
    if reading.bad_packets:
        said.append(f"damaged packets passed over: {reading.bad_packets}")
    return said
