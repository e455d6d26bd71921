r"""What the hand does not move is computed once; and the head turns the way the controls say."""

from pathlib import Path

import numpy as np
import pytest

from dnt_core.face3d import PerspectiveCamera
from dnt_core.live import LiveFace
from dnt_core.live.memory_cache import MemoryCache
from dnt_core.live.scene import POSE_LIMIT, check_pose

WEIGHTS = Path(__file__).parents[2] / "weights"
NOSE_TIP, RIGHT_EYE, LEFT_EYE = 30, 36, 45  # of the 68 landmarks; right and left are the person's own


@pytest.fixture(scope="module")
def face():
    return LiveFace(WEIGHTS / "generator_M003_128.safetensors", runtime="torch")


def test_a_move_of_the_hand_makes_no_new_geometry(face, monkeypatch):
    made, inputs = [], face.scene.inputs
    monkeypatch.setattr(face.scene, "inputs", lambda *key: made.append(key) or inputs(*key))
    for k in range(6):
        face(("happy", "sad")[k % 2], k / 6, 9)
    assert face.settle() and len(made) == 1
    face("happy", 0.5, 9, (3.0, 0.0, 0.0))
    face("happy", 0.6, 9, (3.0, 0.0, 0.0))
    face("happy", 0.6, 9)  # kept
    assert len(made) == 2


def test_what_was_not_used_for_long_leaves_first_and_the_newest_stays():
    cache = MemoryCache(10, len)
    for key in "abc":
        cache.get(key, lambda: "1234")
    assert "a" not in cache and cache.bytes == 8
    cache.find("b")
    cache.get("d", lambda: "1234")
    assert "c" not in cache and cache.find("b") == "1234" and cache.find("c") is None
    cache.get("large", lambda: "x" * 100)
    assert len(cache) == 1 and "large" in cache


def test_the_head_turns_nods_and_tilts_the_way_the_controls_say(face):
    def seen(pose):
        vertices = face.scene.model.posed(face.scene.face(0, pose))
        marks = face.scene.model.landmarks(PerspectiveCamera(128).project(vertices))[0, :, :2]
        return marks.numpy()

    straight, turned, nodded, tilted = map(seen, ((0, 0, 0), (9, 0, 0), (0, 7, 0), (0, 0, 7)))
    nose, eyes = NOSE_TIP, [RIGHT_EYE, LEFT_EYE]
    across = lambda marks: marks[nose, 0] - marks[eyes, 0].mean()  # noqa: E731
    assert across(turned) > across(straight) + 1  # px, to the image's right
    below = lambda marks: marks[nose, 1] - marks[eyes, 1].mean()  # noqa: E731
    assert below(nodded) > below(straight) + 0.5
    lean = lambda marks: marks[LEFT_EYE, 1] - marks[RIGHT_EYE, 1]  # noqa: E731
    assert lean(tilted) < lean(straight) - 2  # counter-clockwise: the image's right side goes up


def test_poses_are_cut_to_what_the_background_bears():
    assert check_pose((90, -90, 90)) == (POSE_LIMIT[0], -POSE_LIMIT[1], POSE_LIMIT[2])
    assert check_pose((0.2, 0.3, -0.1)) == (0.0, 0.5, 0.0)


@pytest.mark.slow
def test_at_256_px_too_exported_folded_and_torch_draw_the_same_in_any_pose():
    faces = [LiveFace(WEIGHTS / "generator_M003_256.safetensors", runtime=r) for r in ("torch", "exported")]
    for ask in (("angry", 1.0, 7), ("surprised", 0.4, 7, (6.0, -4.0, 3.0))):
        drawn = [face(*ask) for face in faces]
        for face in faces:
            face(*ask)
            assert face.settle()
            drawn.append(face(*ask))
        others = [np.abs(picture.astype(int) - drawn[0]).max() for picture in drawn]
        assert drawn[0].shape == (256, 256, 3) and max(others) <= 1
