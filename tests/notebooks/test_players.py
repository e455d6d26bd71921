r"""Players hold their data themselves, and a film too large for a notebook is refused."""

import base64
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from dnt_core.clips import read_audio, read_provenance, read_video, write_video
from dnt_core.workbook.players import LARGEST_FILM, film_player, sound_player

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FILMS = {  # notebook → the films that its reader can play
    "00_start_here": ["actor.mp4"],
    "01_a_face_in_257_numbers": ["clip.mp4"],
    "03_decoupling_network": ["before_after.mp4"],
    "04_dynamic_neural_textures": ["between_levels.mp4", "teeth.mp4"],
    "05_intensity_and_perception": ["study_clip.mp4"],
    "07_audio_to_video": ["talk.mp4", "yours.mp4"],
    "08_live_sliders": ["path.mp4"],
}


def cells_of(notebook):
    read = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4)
    return [cell for cell in read.cells if cell.cell_type == "code"]


def data_of(page, kind):
    return base64.b64decode(re.search(f'src="data:{kind};base64,([^"]+)"', page.data)[1])


def test_what_is_played_is_what_was_given(tmp_path):
    tone = (0.3 * np.sin(np.arange(8000) / 5)).astype(np.float32)
    (tmp_path / "sound.flac").write_bytes(data_of(sound_player(tone, 16000, "a tone"), "audio/flac"))
    np.testing.assert_allclose(read_audio(tmp_path / "sound.flac"), tone, atol=1e-4)

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


@pytest.mark.parametrize("notebook", FILMS)
def test_the_notebooks_films_have_players(notebook):
    sources = [cell.source for cell in cells_of(notebook) if "film_player(" in cell.source]
    for film in FILMS[notebook]:
        assert any(film in source for source in sources), film


@pytest.mark.parametrize("notebook", FILMS)
def test_a_stored_film_plays_without_a_kernel_is_small_and_says_that_it_is_synthetic(notebook, tmp_path):
    ran = [c for c in cells_of(notebook) if re.search(r"film_player\(\w", c.source) and c.outputs]
    for cell in ran:
        pages = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
        players = re.findall(r'<video controls[^>]* src="data:video/mp4;base64,([^"]+)"', pages)
        assert players, cell.source
        for data in map(base64.b64decode, players):
            assert len(data) <= LARGEST_FILM
            film = tmp_path / "film.mp4"
            film.write_bytes(data)
            assert len(read_video(film).frames) > 3 and np.abs(read_audio(film)).max() > 0.01
            assert read_provenance(film)["synthetic"] is True
