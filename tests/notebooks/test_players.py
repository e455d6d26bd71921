r"""Players hold their data themselves, and a film too large for a notebook is refused."""

import base64
import re

import numpy as np
import pytest

from dnt_core.clips import read_audio, read_provenance, read_video, write_video
from dnt_core.workbook.players import film_player, sound_player


def data_of(page, kind):
    return base64.b64decode(re.search(f'src="data:{kind};base64,([^"]+)"', page.data)[1])


def test_what_is_played_is_what_was_given(tmp_path):
    tone = (0.3 * np.sin(np.arange(8000) / 5)).astype(np.float32)
    (tmp_path / "sound.m4a").write_bytes(data_of(sound_player(tone, 16000, "a tone"), "audio/mp4"))
    assert np.corrcoef(read_audio(tmp_path / "sound.m4a")[:8000], tone)[0, 1] > 0.99

    film = write_video(tmp_path / "film.mp4", np.zeros((4, 128, 128, 3), np.uint8), 25, tone[:2560])
    page = film_player(film, 64, "black")
    assert "<video controls" in page.data and "black" in page.data
    (tmp_path / "again.mp4").write_bytes(data_of(page, "video/mp4"))
    assert len(read_video(tmp_path / "again.mp4").frames) == 4


def test_a_large_film_is_shown_in_a_lower_quality_and_a_too_large_one_refused(tmp_path):
    noise = np.random.default_rng(0).integers(100, 140, (6, 128, 128, 3)).astype(np.uint8)
    film = write_video(tmp_path / "film.mp4", noise, 25, np.zeros(3840, np.float32) + 0.1)
    limit = film.stat().st_size // 2
    (tmp_path / "again.mp4").write_bytes(data_of(film_player(film, largest=limit), "video/mp4"))
    assert (tmp_path / "again.mp4").stat().st_size <= limit
    again = read_video(tmp_path / "again.mp4")
    assert len(again.frames) == 6 and len(read_audio(tmp_path / "again.mp4")) >= 3840
    assert read_provenance(tmp_path / "again.mp4")["synthetic"] is True
    with pytest.raises(ValueError, match="film.mp4 has .* bytes in the lowest quality, expected at most 100"):
        film_player(film, largest=100)
