r"""The quick way draws what the generator draws."""

import numpy as np
import torch

from dnt_core.audio.blinks import blink_expression
from dnt_core.audio.mouth_movements import widest_mouth
from dnt_core.ciec import CIEC_TYPES
from dnt_core.networks.frame_inputs import frame_inputs
from dnt_core.rendering.masks import dilate
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.uv_map import sample_texture, uv_map
from dnt_core.talking import SpeakingFace, speaking_face
from dnt_core.talking.split_renderer import SplitRenderer
from tests.talk.conftest import WEIGHTS, LoudnessLips


def happy(intensity):
    code = np.zeros(7, np.float32)
    code[4] = intensity
    return code


def expected(face, frame, expression, ciec):
    r"""The generator told all about one frame."""
    scene = face._scene
    seen = scene.seen[frame : frame + 1]
    drawn = seen.replace(expression=torch.from_numpy(np.asarray(expression, np.float32))[None])
    with torch.inference_mode():
        inputs = frame_inputs(scene.model, scene.picture(frame), seen, drawn)
        image = face.generator(inputs, torch.from_numpy(ciec)[None]).image[0]
    return (image.permute(1, 2, 0).clamp(0, 1) * 255 + 0.5).to(torch.uint8).numpy()


def psnr(a, b):
    return 10 * np.log10(255**2 / np.square(a.astype(float) - b).mean())


def test_a_face_with_a_hole_of_its_own_is_the_generators(face, short_clip):
    exact = SpeakingFace(WEIGHTS, short_clip, closed=True, reuse=False)
    lips = 0.8 * LoudnessLips().jaw
    picture, wanted = exact(7, lips, happy(0.6)), expected(face, 7, lips, happy(0.6))
    assert np.abs(picture.astype(int) - wanted).max() <= 2


def test_a_prepared_frame_is_drawn_as_well(face):
    for frame, jaw, level in ((0, 0.0, 0.0), (7, 0.5, 0.6), (20, 1.0, 1.0)):
        lips = jaw * LoudnessLips().jaw
        wanted = expected(face, frame, lips, happy(level))
        assert psnr(face(frame, lips, happy(level)), wanted) > 35
        assert psnr(face(frame, 0 * lips, happy(1 - level)), wanted) < 35  # and not just any face


def test_a_closed_mouth_has_one_chin(short_clip, monkeypatch):
    r"""The hole is cut for an open mouth; what it has below the closed one's chin is not drawn as another."""
    monkeypatch.setattr(speaking_face, "HOLES", (1.0,))
    face = SpeakingFace(WEIGHTS, short_clip, closed=True)
    exact = SpeakingFace(WEIGHTS, short_clip, closed=True, reuse=False)
    draw = SplitRenderer.draw

    def draw_all_of_the_hole(renderer, texture, stem, seen, code, hole, faces, *rest):
        return draw(renderer, texture, stem, seen, code, hole, np.ones_like(faces), *rest)

    for jaw, level in ((0.0, 0.0), (0.0, 0.8), (0.3, 0.0)):
        asked = 7, jaw * widest_mouth("procedural"), happy(level)
        pictures = [face(*asked), exact(*asked)]
        with monkeypatch.context() as patch:
            patch.setattr(SplitRenderer, "draw", draw_all_of_the_hole)
            pictures.append(face(*asked))
        one, wanted, two = (picture[96:125, 25:105] for picture in pictures)  # chin and neck
        assert psnr(one, wanted) > max(30, psnr(two, wanted) + 3)


def test_closed_lips_of_a_surprised_face_are_drawn_closed(face, short_clip, monkeypatch):
    r"""In a hole for the widest mouth the generator paints them dark."""
    exact = SpeakingFace(WEIGHTS, short_clip, closed=True, reuse=False)
    monkeypatch.setattr(speaking_face, "HOLES", (1.0,))
    widest = SpeakingFace(WEIGHTS, short_clip, closed=True)
    code = np.zeros(7, np.float32)
    code[CIEC_TYPES.index("surprised")] = 0.8
    for share, before in ((0.0, 6), (0.3, 4), (0.6, 1.5), (0.9, 0)):
        asked = 7, share * widest_mouth("procedural"), code
        mine, old, wanted = (drawn(*asked)[75:105, 45:85].astype(int) for drawn in (face, widest, exact))
        assert np.abs(old - wanted).mean() > before and np.abs(mine - wanted).mean() < 2.5


def test_a_mouth_wider_than_foreseen_gets_a_hole_of_its_own(face):
    lips = 3.0 * widest_mouth("procedural")
    picture, wanted = face(5, lips, happy(0.0)), expected(face, 5, lips, happy(0.0))
    assert np.abs(picture.astype(int) - wanted).max() <= 2


def test_the_texture_of_one_pass_is_the_generators(face):
    with torch.inference_mode():
        screen = face._screen([3], torch.from_numpy(LoudnessLips().jaw)[None])
        model = face._scene.model
        coordinates, mask = uv_map(rasterize(screen, model.triangles, face.size), model.triangles, model.uv)
        code = torch.from_numpy(happy(0.7))[None]
        wanted = sample_texture(face.generator.texture(code), coordinates, mask)
        mesh, pixels, _ = face._raster(screen)
        size = (face.size, face.size)
        change = face._lookup.changes(code)[0]
        found = face._lookup(pixels, mesh, face._uv, (0, 0), size, change)
        found = torch.from_numpy(found).permute(2, 0, 1)[None]
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() < 0.02 * wanted.abs().max()


def test_only_eyes_move_in_a_blink(face):
    open_eyes = face(0, np.zeros(64), happy(0.0)).astype(int)
    closed = face(0, blink_expression("procedural"), happy(0.0)).astype(int)
    rows = np.abs(open_eyes - closed).max(axis=(1, 2))
    assert rows[:64].max() > 40 and rows[80:].max() < 25


def test_threads_draw_the_same(face):
    from concurrent.futures import ThreadPoolExecutor

    asked = [(k % 12, 0.1 * (k % 7) * LoudnessLips().jaw, happy(k % 5 / 5)) for k in range(30)]
    alone = [face(*one) for one in asked]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: face(*one), asked))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_several_pictures_are_those_drawn_one_by_one(face):
    too_wide = 3.0 * widest_mouth("procedural")
    asked = [(k, 0.3 * k * LoudnessLips().jaw, happy(k / 4)) for k in range(4)] + [(5, too_wide, happy(0.5))]
    for one, picture in zip(asked, face.pictures(asked), strict=True):
        assert np.abs(face(*one).astype(int) - picture).max() <= 1


def test_the_split_graphs_draw_what_the_whole_graph_draws(short_clip, monkeypatch):
    r"""The same hole, the same texture: equal to the renderer's own way where a face is, but for what
    rounding makes of a tie; beside the faces between that and the film, beyond the hole's margin the film."""
    from dnt_core.live.prepared_frame import look_at_mouth
    from dnt_core.networks.neural_renderer import blend

    monkeypatch.setattr(speaking_face, "HOLES", (1.0,))
    face = SpeakingFace(WEIGHTS, short_clip, closed=True)
    renderer = face.generator.renderer
    for frame, jaw, level in ((0, 0.0, 0.0), (7, 0.5, 0.6), (20, 1.0, 1.0)):
        place, code = face._place(frame, 0), torch.from_numpy(happy(level))[None]
        lips = torch.from_numpy(np.asarray(jaw * LoudnessLips().jaw, np.float32))
        (row, column), (h, w) = place.window.corners[0].tolist(), place.window.size
        with torch.inference_mode():
            seen = face.inputs(frame, lips).inside(place.window)
            hole = place.hole.float()
            shown = torch.from_numpy(face._scene.frames[frame][row : row + h, column : column + w])
            background = torch.where(place.hole, 0.5, shown.permute(2, 0, 1)[None] / 255)
            texture = sample_texture(face.generator.texture(code), seen.uv_map, seen.mask)
            look, corner = look_at_mouth(face.generator, seen.mask, seen.mouth, seen.mouth_box, (h, w))
            looked = look + face.generator.teeth.look(
                texture[..., corner[0] :, :][..., corner[1] :][..., : look.shape[-2], : look.shape[-1]]
            )
            teeth = face.generator.teeth.features(looked, code)
            stem = place.stem.float() + renderer.stem.share("texture", texture)
            stem = stem + renderer.stem.share_of_patch("teeth", teeth, corner, (h, w))
            wanted = blend(*renderer.finish(hole, stem), background)[0].permute(1, 2, 0).numpy()
        drawn = face(frame, lips.numpy(), happy(level))[row : row + h, column : column + w].astype(int)
        wanted, shown = np.floor(wanted * 255 + 0.5).astype(int), shown.numpy().astype(int)
        faces = torch.from_numpy(place.filmed)[None, None] | seen.mask.bool() | seen.mouth.bool()
        beyond = dilate(faces.float(), face._margin + 1)[0, 0].numpy() == 0
        assert np.abs(drawn - wanted)[faces[0, 0].numpy()].max() <= 1
        assert (drawn[beyond] == shown[beyond]).all()
        low, high = np.minimum(wanted, shown) - 1, np.maximum(wanted, shown) + 1
        assert ((low <= drawn) & (drawn <= high)).all()
