# %% [markdown]
# # A face in 257 numbers
#
# A frame of video has 200,000 numbers. A 3D morphable model (3DMM) describes the same face, without the details of its
# skin, in 257. This notebook takes a clip apart into them and puts the face together again. It ends where the paper
# begins: with a frame laid flat into a **texture**.
#
# | | |
# |---|---|
# | **Paper** | section 3.1 (the 257 numbers), section 3.2 (five renderings, figure 3), the UV map of section 4.1 |
# | **Afterwards you can** | read a clip with its 3DMM parameters; say what each of the 257 numbers does; write a rasteriser; make a UV map, sample a texture with it, and take a texture off a frame; fit the numbers to a film of your own |
# | **Before this** | [00 · Start here](00_start_here.ipynb) |
# | **Takes** | 75 minutes to read and try, 45 more for the exercises. To run: one to two minutes on two cores (the first run films the clips), no GPU needed |
# | **Code** | [`face3d/`](../dnt_core/face3d/), [`rendering/`](../dnt_core/rendering/), [`clips/`](../dnt_core/clips/), [`tracking/`](../dnt_core/tracking/) |
# | **Words** | [glossary](../docs/glossary.md), [symbols](../docs/symbols.md) |
#
# **Simplified against the paper:**
# - the face model is procedural, with the form of the Basel face model (80 + 64 + 80 + 27 + 6 numbers, one mouth hole); the Basel model takes its place when you have it ([your own face](../docs/your_own_face.md));
# - the actor's 257 numbers are known, so nothing has to be reconstructed before section 10, which does it. A network's numbers have errors, so the clips carry numbers *with noise*, and the truth beside them. (The paper's own come from a network, WM3DR; section 10 fits them to landmarks and pixels instead.)
# - one actor, one clip per condition (a *condition* is an expression and a level, such as "happy, level 3").
#
# **Letters with two meanings.** Here α is the shape of a person and $T$ the skin's colour. In notebook 04 α is the attention
# mask of equation 1 and $T$ a texture. δ, γ and p keep their meaning.
#
# The outputs that are stored in this file come from the `laptop` profile. The cell below chooses `quick`, so your
# own run uses smaller pictures and a coarser face, and its numbers differ. Sentences that depend on numbers are therefore
# printed by the cells.

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""

# %%
import pandas as pd
import torch
from IPython.display import display

from dnt_core.plotting import use_style
from dnt_core.workbook import clips_folder, open_notebook
from dnt_core.workbook.exercises import check_exercise, check_number
from dnt_core.workbook.hints import Hints
from dnt_core.workbook.questions import Question

use_style()
run = open_notebook("01_a_face_in_257_numbers", profile, data_dir, out_dir)
SIZE, metrics = run.profile.image_size, {}
print(run)

# %% [markdown]
# ## 1 · A clip and its numbers
#
# MEAD is a folder: `<actor>/video/<view>/<expression>/level_<n>/<NNN>.mp4`, with the sound in a folder beside it. The
# actor is filmed into the same layout, so one reader serves both. (The first run films; later ones find the clips.)

# %%
from dnt_core.clips import scan

folder = clips_folder(run.profile, data_dir, actors=("M003",), clips_per_cell=1)
index = scan(folder).filter(actor="M003", view="front") if run.synthetic else scan(folder)
print(f"{len(index)} clips, {len(index.problems)} problems, {len(index.missing_cells())} missing cells")
index.to_frame().groupby(["expression", "level"], sort=False).size().unstack(fill_value=0)

# %% [markdown]
# One clip, opened: frames, sound, labels, and from the file beside it the 257 numbers of every frame.

# %%
from dnt_core.clips import load_clip, read_face_cache
from dnt_core.plotting import film_strip


def first_clip(expression, level):
    r"""A condition's first clip; of a folder without that condition, the nearest that it has."""
    for wanted in ({"expression": expression, "level": level}, {"expression": expression}, {}):
        if clips := [clip for clip in index.filter(**wanted) if clip.face_cache is not None]:
            return clips[0]
    raise ValueError(f"none of {len(index)} clips in {folder} has its 257 numbers beside it")


# what the cache's camera sees: the whole frame, or the square that it was made from
crop = None if read_face_cache(first_clip("happy", 3).face_cache).crop is None else "face"
clip = load_clip(first_clip("happy", 3), size=SIZE, crop=crop)
assert clip.face is not None, "this clip has no cached 257 numbers beside it"
shown = torch.linspace(0, len(clip) - 1, 8).round().long().tolist()
ax = film_strip([clip.frames[t] for t in shown], labels=[f"{t / float(clip.fps):.2f} s" for t in shown])
run.save_figure(ax.figure, "clip_strip")

# %% [markdown]
# The same clip as a film with its sound. (Every film that this project makes carries the mark SYNTHETIC. The clips on
# the disk have none, because networks are trained on them.)

# %%
from dnt_core.clips import write_video
from dnt_core.workbook.players import film_player

film = write_video(run.folder / "clip.mp4", clip.frames, clip.fps, clip.audio, mark=run.synthetic)
film_player(film, 256, clip.clip.name)

# %%
kind_guess = Question(
    "Shape, expression, skin colour, light, pose: which of these numbers change while a person speaks?",
    ["expression alone", "expression and pose", "expression, pose and light"],
)
kind_guess

# %%
numbers = clip.face.face_parameters(truth=clip.face.truth_parameters is not None)
print(numbers)
for name in ("identity", "expression", "texture", "illumination", "pose"):
    values = getattr(numbers, name)
    print(f"{name:13s} {values.shape[-1]:3d} numbers, moving by {values.std(0).mean():.3f} within the clip")
assert numbers.to_vector("paper").shape == (len(clip), 257)
display(kind_guess.answer(
    "expression and pose", "The head is never quite still. The lamp is, within one clip.",
    {"expression, pose and light": "The 27 numbers of light do not move in this clip."},
))  # fmt: skip

# %% [markdown]
# Who it is (α, δ) and the light (γ) stand still within a clip; the expression (β) and the pose (p) move. This is the
# first use of the 257 numbers: they separate what changes from what stays.
#
# | symbol | numbers | what | moves |
# |---|---|---|---|
# | α | 80 | shape of the person | no |
# | β | 64 | shape of the expression, **speech included** | yes |
# | δ | 80 | skin colour of the person | no |
# | γ | 27 | light: nine bands for red, green and blue | no |
# | p | 6 | three angles, three decimetres | yes |

# %%
import matplotlib.pyplot as plt

from dnt_core.plotting.pipeline import PARTS

figure, ax = plt.subplots(figsize=(10.5, 2.6), layout="constrained")
vector = numbers.to_vector("paper")  # (T, 257)
most = float(vector.abs().quantile(0.995))
picture = ax.imshow(vector, aspect="auto", interpolation="nearest", cmap="RdBu_r", vmin=-most, vmax=most)
figure.colorbar(picture, ax=ax, extend="both", pad=0.01, label="value")
left = 0
for symbol, (count, color) in PARTS.items():
    ax.axvline(left + count - 0.5, color="white", lw=2)
    place = {"transform": ax.get_xaxis_transform(), "ha": "center"}  # x in numbers, y in heights of the axes
    ax.text(left + count / 2, 1.04, f"{symbol} {count}", color=color, fontsize=10.5, **place)
    left += count
ax.set(xlabel="the 257 numbers, in the paper's order", ylabel="frame")
ax.set_title("Only β and p change from frame to frame", pad=22)
ax.grid(visible=False)
run.save_figure(figure, "numbers_of_a_clip")


# %% [markdown]
# **A trap.** The paper writes {α, β, δ, γ, p}. Files of the Deep3DFaceRecon and WM3DR families store α, β, δ, *angles*,
# γ, *translation*. Both have 257 numbers, so nothing but the name tells them apart.
#
# **Exercise 1.1 · Two orders.** Turn a vector in storage order (α, β, δ, angles, γ, translation) into the paper's order
# (α, β, δ, γ, angles, translation). (Write the body and run the cell. The line below it says whether
# you are right, and of some wrong answers what is wrong. Hints and the solution are folded below; one click opens each.)

# %%
def storage_to_paper(vector):
    r"""(257,) in storage order → (257,) in the paper's order."""
    raise NotImplementedError("Exercise 1.1: put the angles behind the light")


in_files = clip.parameters.to_vector("storage")[0]
answered = {"1.1": check_exercise("1.1", storage_to_paper, [(torch.arange(257.0),), (in_files,)])}

# %% [markdown]
# ## 2 · Shape is a sum
#
# $$S = \bar S + B_{id}\,\alpha + B_{exp}\,\beta$$
#
# A mean face, plus 80 ways in which people differ, plus 64 ways in which a face moves. Nothing else: the model is
# *linear*. Built naively, for one vertex:

# %%
from dnt_core.face3d import load_face_model

model = load_face_model(run.profile.face_model if run.synthetic else clip.face.face_model)
print(model, "with", len(model.mouth_loop), "vertices round the mouth")
if run.synthetic:
    asked = run.profile.mesh_vertices
    made = f"the mesh is made of rings, and the nearest one has {len(model.mean_shape):,}"
    print(f"asked for {asked:,} vertices (the paper has 35,709); {made}")


def naive_vertex(v, alpha, beta):
    point = model.mean_shape[v].clone()  # (3,) decimetres: x to the right, y up, z to the camera
    for k in range(80):
        point += model.identity_basis[v, :, k] * alpha[k]
    for k in range(64):
        point += model.expression_basis[v, :, k] * beta[k]
    return point


frame = numbers[len(clip) // 2]
vertices = model.shape(frame.identity, frame.expression)  # (V, 3)
tip = int(model.landmark_indices[30])
torch.testing.assert_close(naive_vertex(tip, frame.identity, frame.expression), vertices[tip])
print("tip of the nose, in decimetres:", vertices[tip].numpy().round(3))

# %% [markdown]
# The coefficients are scaled so that they are about N(0, 1): 0 is the mean, ±1 is common, ±3 is rare. So a column of a
# basis can be *looked at*: turn its coefficient down and up and see what the face does. The figure shows the first four
# columns of each kind, those that move the face most. (The eyes look closed because the face model has no eye openings.
# Its only hole is the mouth. In the films the eyes are painted where the lids part.)

# %%
from dnt_core.plotting import contact_sheet
from dnt_core.workbook.face_pictures import basis_face

KINDS = ("identity", "expression", "texture")
SHOWN = [(column, value) for column in range(4) for value in (-1.5, 1.5)]
rows = [[basis_face(model, kind, column, value, min(SIZE, 160)) for column, value in SHOWN] for kind in KINDS]
labels = [f"{'−' if value < 0 else '+'}1.5 of #{column + 1}" for column, value in SHOWN]
title = "A column of a basis is one way in which faces differ or move"
ax = contact_sheet(rows, row_labels=KINDS, col_labels=labels, title=title)
run.save_figure(ax.figure, "face_bases")

# %% [markdown]
# Columns of a basis are *orthogonal*: no number repeats what another one says. (This is exact on the mesh that the basis
# was made on; a coarser mesh samples the same fields.)

# %%
worst = {}
for kind in KINDS:
    columns = getattr(model, f"{kind}_basis").flatten(0, 1).double()  # (3V, K)
    columns = columns[:, columns.norm(dim=0) > 0]
    cosines = torch.nn.functional.normalize(columns, dim=0)
    worst[kind] = float((cosines.T @ cosines - torch.eye(columns.shape[1])).abs().max())
print({kind: round(value, 3) for kind, value in worst.items()})
assert not run.synthetic or max(worst.values()) < 0.3  # a mesh cut out of its model's is not orthogonal

# %% [markdown]
# **Your turn.** Which column of the expression opens the mouth most? Which column of the identity makes a long face?
# (Exercise 1.2 asks for the first one.)

# %%
from functools import partial

from dnt_core.workbook.sliders import PictureWithSliders

draw = partial(basis_face, model, image_size=160)
for kind in KINDS:
    least, middle, most = (draw(kind, 0, value) for value in (-3.0, 0.0, 3.0))
    assert not torch.allclose(least, middle) and not torch.allclose(middle, most)

PictureWithSliders(
    draw,
    {"kind": ["expression", "identity", "texture"], "column": (0, 63, 0), "value": (-3.0, 3.0, 1.5)},
    {"column": "column (rarer →)", "value": "coefficient"},
)

# %% [markdown]
# **Exercise 1.2 · Read it off the face.** Which of the first ten columns of the expression basis (counted from 0, as the slider of
# the cell above does) opens the mouth most at a coefficient of +1.2 or −1.2?

# %%
my_column = ...

upper, lower = (model.expression_basis[model.landmark_indices[k], 1, :10] for k in (62, 66))  # (10,) dm, up
opens = (upper - lower).abs()
wrong = {
    "You counted from 1; the slider counts from 0.": int(opens.argmax()) + 1,
    "This column moves the mouth, but another one opens it more.": int(opens.argsort()[-2]),
}
answered["1.2"] = check_number(
    "1.2", my_column, int(opens.argmax()), 0.1, wrong,
    Hints(4, 1, "Choose expression in the sliders and go through the columns with the value at 1.2 and −1.2.",
          "Landmarks 62 and 66 are the middles of the inner lips. Compare their y in expression_basis."),
    f"Column {int(opens.argmax())}.",
)  # fmt: skip

# %% [markdown]
# ## 3 · Where speech and emotion overlap
#
# β holds the expression *and* the speech. Could we simply delete the emotional part? Only if the two used different
# directions.

# %%
overlap_guess = Question(
    "How much of what an emotion does to the lips lies in the directions in which speech moves them?",
    ["next to nothing", "about as much as of any movement", "a good part of it"],
)
overlap_guess

# %% [markdown]
# We look at the twenty mouth landmarks. What does **speech** do to them (the four largest principal components of the
# neutral clip)? And how much of each **emotion** (mean of its clip minus the neutral mean) lies in those same directions?

# %%
from dnt_core.clips import read_face_cache
from dnt_core.face3d import MOUTH

mouth = model.expression_basis[model.landmark_indices[MOUTH]].flatten(0, 1)  # (60, 64)


def mouth_motion(expression, level):
    cache = read_face_cache(first_clip(expression, level).face_cache)
    beta = cache.face_parameters(truth=cache.truth_parameters is not None).expression
    return beta @ mouth.T  # (T, 60) decimetres


neutral = mouth_motion("neutral", 1)
speech = torch.linalg.svd(neutral - neutral.mean(0), full_matrices=False)
share = (speech.S**2 / (speech.S**2).sum())[:4]
print(f"speech: its four largest directions hold {100 * share.sum():.1f} % of what the lips do")

# %%
import numpy as np

from dnt_core.ciec import CIEC_TYPES
from dnt_core.plotting import matrix

emotions = torch.stack([mouth_motion(name, 3).mean(0) - neutral.mean(0) for name in CIEC_TYPES])  # (7, 60)
cosines = torch.nn.functional.normalize(emotions, dim=1) @ speech.Vh[:4].T  # (7, 4)
inside = cosines.square().sum(1)  # share of the emotion's movement that speech makes too
table = np.hstack([cosines.abs().numpy(), inside[:, None].numpy()])
ax = matrix(table, CIEC_TYPES, [f"speech {k}" for k in (1, 2, 3, 4)] + ["all four"])
title = "Emotions move the lips along the directions of speech"
ax.set_title(f"{title}\n|cosine| with each direction, share in all four")
ax.figure.set_size_inches(6.2, 3.8)
run.save_figure(ax.figure, "speech_and_emotion")

# %%
from dnt_core.metrics.intervals import mean_interval

ours, by_chance = float(inside.mean()), 4 / 60
low, high = mean_interval(inside.numpy())
metrics["speech_emotion_overlap"] = ours
most, least = (CIEC_TYPES[int(i)] for i in (inside.argmax(), inside.argmin()))
display(
    overlap_guess.answer(
        "a good part of it" if ours > 2 * by_chance else "about as much as of any movement",
        f"On average {ours:.0%}, from {float(inside.min()):.0%} ({least}) to {float(inside.max()):.0%} "
        f"({most}). Four random directions of sixty would hold {by_chance:.0%}.",
    ),
    run.claim(
        "speech_and_emotion_overlap",
        "The lips of an emotion move along the directions of speech more than by chance.",
        ours, above=by_chance, limit_name="four random directions of sixty", interval=(low, min(high, 1.0)),
        over="7 expressions of one actor", whose="paper",
    ),
)  # fmt: skip
assert not run.synthetic or by_chance < ours

# %% [markdown]
# So you cannot delete the emotion by deleting directions, because the lips would stop speaking. This is why the paper
# *learns* a decoupling network (notebook 03).
#
# Of the four directions of speech, here is the one that a smile shares most, beside the smile itself:

# %%
lips = model.mean_shape[model.landmark_indices[MOUTH], :2]  # (20, 2)
happy = CIEC_TYPES.index("happy")
shared = int(cosines[happy].abs().argmax())
direction = speech.Vh[shared] * cosines[happy, shared].sign()  # a direction has no sign of its own
fields = {f"speech, direction {shared + 1}": direction, "happy": emotions[happy]}
figure, axes = plt.subplots(1, 2, figsize=(7.8, 2.5))
for ax, (title, field) in zip(axes, fields.items(), strict=True):
    ax.set(title=title, aspect="equal", xticks=[], yticks=[], xlim=(-0.42, 0.42), ylim=(-0.56, -0.18))
    for loop in (slice(0, 12), slice(12, 20)):
        outline = torch.cat([lips[loop], lips[loop][:1]])
        ax.plot(*outline.T, color="#C9A9A2", lw=1.5, marker="o", ms=3)
    arrows = field.view(20, 3)[:, :2]
    arrows = 0.12 * arrows / arrows.norm(dim=1).max()
    ax.quiver(*lips.T, *arrows.T, angles="xy", scale_units="xy", scale=1, width=0.006, color="C1", zorder=3)
    ax.set_axis_off()
cosine = float(cosines[happy, shared].abs())
figure.suptitle(f"A smile and speech pull the same corners (|cosine| {cosine:.2f})", y=1.04)
run.save_figure(figure, "lip_arrows")

# %% [markdown]
# ## 4 · Light in nine bands
#
# Skin colour is a sum too, $T = \bar T + B_{tex}\,\delta$, then light falls on it: $\text{colour} = T \cdot Y(n)\,\gamma$.
# $Y$ are nine **spherical harmonics** of the surface normal $n$: one constant, three for *where* the light is, five for
# *how* it wraps round. Naively, for one normal. (The constants are those that the readers of the Basel model use; 0.8 is
# added to the first band.)

# %%
import math

from dnt_core.face3d import spherical_harmonics, spherical_harmonics_shading


def naive_shading(n, gamma):
    x, y, z = n
    a = (math.pi, 2 * math.pi / math.sqrt(3), 2 * math.pi / math.sqrt(8))
    c = (1 / math.sqrt(4 * math.pi), math.sqrt(3 / (4 * math.pi)), 3 * math.sqrt(5 / (12 * math.pi)))
    one, two = a[1] * c[1], a[2] * c[2]
    bands = [a[0] * c[0], -one * y, one * z, -one * x, two * x * y, -two * y * z]
    bands += [two / (2 * math.sqrt(3)) * (3 * z * z - 1), -two * x * z, two / 2 * (x * x - y * y)]
    light = [[g + (0.8 if k == 0 else 0) for k, g in enumerate(color)] for color in gamma.view(3, 9).tolist()]
    return torch.tensor([sum(b * g for b, g in zip(bands, color, strict=True)) for color in light])


normals = model.normals(model.posed(frame))
torch.testing.assert_close(
    naive_shading(normals[tip].tolist(), frame.illumination),
    spherical_harmonics_shading(normals[tip : tip + 1], frame.illumination)[0],
)

# %%
from dnt_core.workbook.face_pictures import face_picture

face = frame.replace(pose=torch.zeros(6))
bands = spherical_harmonics(model.normals(model.posed(face)))  # (V, 9)
pictures = []
for k in range(9):
    band = bands[:, k] / bands[:, k].abs().max()
    warm, cool = torch.tensor([0.92, 0.55, 0.25]), torch.tensor([0.25, 0.47, 0.80])
    paint = 1 - band.clamp(min=0)[:, None] * (1 - warm) - (-band).clamp(min=0)[:, None] * (1 - cool)
    pictures.append(face_picture(model, face, min(SIZE, 160), paint))
names = ["constant", "−y", "z", "−x", "xy", "−yz", "3z²−1", "−xz", "x²−y²"]
title = "Nine bands of light: orange is brighter, blue is darker"
ax = contact_sheet([pictures], col_labels=names, title=title)
run.save_figure(ax.figure, "light_bands")

# %%
from dnt_core.workbook.face_pictures import lit_face

draw = partial(lit_face, model, face, image_size=200)
places = [(-70.0, 0.0), (-35.0, 35.0), (0.0, 60.0), (35.0, 35.0), (70.0, 0.0), (0.0, -60.0)]
labels = [f"{azimuth:+.0f}°, {height:+.0f}°" for azimuth, height in places]
title = "A lamp from six directions (to the right, up), each a sum of the nine bands"
ax = contact_sheet([[draw(*place, 1.0) for place in places]], col_labels=labels, title=title)
least, middle, most = draw(-90.0, -90.0, 0.0), draw(0.0, 0.0, 0.5), draw(90.0, 90.0, 1.0)
assert all(picture.isfinite().all() for picture in (least, middle, most))
plt.show()
PictureWithSliders(
    draw,
    {"azimuth": (-90.0, 90.0, -40.0), "height": (-90.0, 90.0, 30.0), "strength": (0.0, 1.0, 0.8)},
    {"azimuth": "azimuth (to the right →)", "height": "height (up →)", "strength": "lamp, not sky (more →)"},
)

# %% [markdown]
# ## 5 · Pose, camera, and where landmarks land
#
# The head turns ($R = R_z R_y R_x$) and shifts; the camera stands still, 10 dm away, and divides by the depth. For a
# 224-pixel picture its focal length is 1015 pixels, its centre at 112, and rows count downwards:

# %%
from dnt_core.face3d import PerspectiveCamera

camera = PerspectiveCamera(SIZE)
points = model.posed(frame)  # (V, 3)


def naive_projection(x, y, z):
    depth, s = 10 - z, SIZE / 224
    column, row = 1015 * x / depth + 112, 223 - (1015 * y / depth + 112)
    return [s * (column + 0.5) - 0.5, s * (row + 0.5) - 0.5, depth]  # integers are pixel centres


torch.testing.assert_close(torch.tensor(naive_projection(*points[tip].tolist())), camera.project(points)[tip])

# %%
from dnt_core.workbook.face_pictures import STUDIO, lamp, turned_face

draw = partial(turned_face, model, face.replace(illumination=lamp(*STUDIO)), image_size=200)
poses = {  # nod, turn, tilt in degrees, closer in decimetres
    "turn −80°": (0.0, -80.0, 0.0, 0.0),
    "turn −30°": (0.0, -30.0, 0.0, 0.0),
    "straight": (0.0, 0.0, 0.0, 0.0),
    "nod 25°": (25.0, 0.0, 0.0, 0.0),
    "turn, tilt, away": (0.0, 30.0, 20.0, -3.0),
    "closer": (0.0, 0.0, 0.0, 2.0),
}
ax = contact_sheet([[draw(*place) for place in poses.values()]], col_labels=list(poses))

# %%
PictureWithSliders(
    draw,
    {
        "nod": (-40.0, 40.0, 0.0),
        "turn": (-80.0, 80.0, 25.0),
        "tilt": (-45.0, 45.0, 0.0),
        "closer": (-4.0, 3.0, 0.0),
    },
    {
        "nod": "nod (down →)",
        "turn": "turn (image right →)",
        "tilt": "tilt (anticlockwise →)",
        "closer": "closer (dm →)",
    },
)

# %% [markdown]
# Do the numbers describe *the frame*? The 68 landmarks, computed from the 257 numbers alone, drawn over the film:

# %%
from dnt_core.plotting import landmarks

computed = camera.project(model.posed_landmarks(numbers))[..., :2]  # (T, 68, 2)
figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.3))
for ax, (name, level) in zip(axes, (("happy", 3), ("surprised", 3), ("angry", 3)), strict=True):
    other = load_clip(first_clip(name, level), size=SIZE, crop=crop)
    t = len(other) // 2
    ax.imshow(other.frames[t])
    landmarks(camera.project(model.posed_landmarks(other.parameters[t : t + 1]))[0], ax, size=8)
    ax.set(title=name, xticks=[], yticks=[])
    ax.grid(visible=False)
run.save_figure(figure, "landmarks_on_frames")

# %% [markdown]
# They sit on brows, lids, nose and lips, as far as the eye can tell. We also measure it in two ways.
#
# 1. Against the landmarks that the film was made with (the actor knows them; MEAD does not). From the true numbers the
#    error is zero by construction, so it only says that model, pose and camera here are the film's. The error of the noisy
#    numbers says how good a reconstruction is.
# 2. Without any truth: inside the lips the picture must be *redder* than in the skin around them.

# %%
error = {"truth": computed, "reconstructed": camera.project(model.posed_landmarks(clip.parameters))[..., :2]}
if clip.landmarks is not None:
    error = {k: float((v - torch.from_numpy(clip.landmarks)).norm(dim=-1).mean()) for k, v in error.items()}
    print({k: f"{v:.2f} px" for k, v in error.items()})
    assert not run.synthetic or (error["truth"] < 0.5 and error["reconstructed"] < 0.02 * SIZE)
    metrics["landmark_error_px"] = error["truth"]
    metrics["landmark_error_px_reconstructed"] = error["reconstructed"]

# %%
from matplotlib.path import Path as Polygon

from dnt_core.face3d import INNER_LIP, OUTER_LIP

grid = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), -1).reshape(-1, 2)


def redness(picture, points):
    lips, hole = points[OUTER_LIP].numpy(), points[INNER_LIP].numpy()
    middle = lips.mean(0)
    inside = Polygon(lips).contains_points(grid) & ~Polygon(hole).contains_points(grid)
    around = Polygon(middle + 1.7 * (lips - middle)).contains_points(grid)
    around &= ~Polygon(middle + 1.25 * (lips - middle)).contains_points(grid)
    color = picture.reshape(-1, 3).astype(float)
    ratio = color[:, 0] / (color.sum(1) + 1)
    return ratio[inside].mean() - ratio[around].mean()



# %%
redder = [redness(clip.frames[t], computed[t]) for t in range(len(clip))]
metrics["lips_redder_share"] = float(np.mean(np.array(redder) > 0))
assert not run.synthetic or metrics["lips_redder_share"] > 0.9
run.claim(
    "landmarks_on_the_lips",
    "Inside the computed lips the film is redder than around them in more than nine of ten frames.",
    metrics["lips_redder_share"], above=0.9, limit_name="nine of ten",
)  # fmt: skip


# %% [markdown]
# **Exercise 1.3 · Find the planted error.** A colleague draws landmarks over the film with this function, and they stand on their
# heads. Write it without the error.
#
# ```python
# def projected(x, y, z, size):
#     depth, scale = 10 - z, size / 224
#     column, row = 1015 * x / depth + 112, 1015 * y / depth + 112
#     return torch.tensor([scale * (column + 0.5) - 0.5, scale * (row + 0.5) - 0.5])
# ```

# %%
def projected(x, y, z, size):
    r"""A point in decimetres, side of the picture in px → (column, row), whole numbers are pixel centres."""
    raise NotImplementedError("Exercise 1.3: which way does y go?")


answered["1.3"] = check_exercise("1.3", projected, [(0.3, -0.2, 0.5, 224), (0.1, 0.4, -0.3, 128)], 1e-3)

# %% [markdown]
# ## 6 · A rasteriser, built once by hand
#
# The vertices have places on the screen. For each pixel we want to know: *which triangle does it show, and where on it?* A
# triangle $abc$ covers a point $p$ when $p$ lies on the same side of all three edges. The three **edge functions**, divided
# by the triangle's area, are the **barycentric coordinates**: the weights with which the corners mix at $p$. They are right
# on the screen. In space each weight must be divided by its corner's depth first. And where several triangles cover a pixel,
# the nearest is shown.

# %%
halfway_guess = Question(
    "A pole leads away from you. The point halfway along it on the screen: where is it on the pole?",
    ["in the middle", "nearer to you than the middle", "farther than the middle"],
)
halfway_guess

# %%
near, far = 5.0, 20.0  # depths of the two ends
weights = torch.tensor([0.5 / near, 0.5 / far])
weights /= weights.sum()
halfway_guess.answer(
    "nearer to you than the middle",
    f"With ends at {near:g} and {far:g} the weights in space are {weights[0]:.2f} and {weights[1]:.2f}. The "
    f"depth there is {float(weights @ torch.tensor([near, far])):.3g}; the middle has {(near + far) / 2:g}. "
    "The far half looks short.",
)

# %%
def edge(a, b, p):
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def naive_rasterize(screen, triangles, size):
    shown, depth = torch.full((size, size), -1), torch.full((size, size), math.inf, dtype=torch.float64)
    weights = torch.full((size, size, 3), -1.0, dtype=torch.float64)
    for f, (a, b, c) in enumerate(screen[triangles].tolist()):
        area = edge(a, b, c)
        columns, rows, _ = zip(a, b, c, strict=True)
        for row in range(max(0, math.ceil(min(rows))), min(size - 1, math.floor(max(rows))) + 1):
            for column in range(max(0, math.ceil(min(columns))), min(size - 1, math.floor(max(columns))) + 1):
                p = (column, row)
                flat = [edge(b, c, p) / area, edge(c, a, p) / area, edge(a, b, p) / area] if area else [-1]
                if min(flat) < 0:
                    continue  # outside
                bent = [w / corner[2] for w, corner in zip(flat, (a, b, c), strict=True)]
                z = 1 / sum(bent)
                if z < depth[row, column]:
                    shown[row, column], depth[row, column] = f, z
                    weights[row, column] = torch.tensor(bent, dtype=torch.float64) * z
    return shown, depth, weights


# %% [markdown]
# Three loops: triangles, rows, columns. On a coarse face in a small picture they are fast enough. The package's rasteriser
# must give the same.

# %%
from dnt_core.rendering.rasterizer import rasterize

coarse = load_face_model("procedural:500")
tiny = 96
screen = PerspectiveCamera(tiny).project(coarse.posed(face)).double()  # (V, 3)
shown, depth, weights = naive_rasterize(screen, coarse.triangles, tiny)
package = rasterize(screen[None], coarse.triangles, tiny)

same = shown == package.pix_to_face[0, ..., 0]
metrics["rasterizer_agreement"] = float(same.double().mean())
assert metrics["rasterizer_agreement"] > 0.999
both = same & (shown >= 0)
torch.testing.assert_close(depth[both], package.zbuf[0, ..., 0][both])
torch.testing.assert_close(weights[both], package.bary_coords[0, ..., 0, :][both])
run.claim(
    "rasterizer_agrees", "Our loops and the package show the same triangle in more than 999 of 1000 pixels.",
    metrics["rasterizer_agreement"], above=0.999,
)  # fmt: skip

# %%
colors = 0.35 + 0.6 * torch.rand(coarse.n_triangles, 3, generator=torch.Generator().manual_seed(3))
colors = torch.cat([colors, torch.ones(1, 3)])  # index -1, no triangle, is white
near, far = depth[shown >= 0].min(), depth[shown >= 0].max()
pictures = [colors[shown], ((far - depth) / (far - near)).clamp(0, 1).float(), weights.clamp(min=0).float()]
pictures[1] = torch.where(shown >= 0, 0.15 + 0.85 * pictures[1], 1.0)
pictures[2] = torch.where((shown >= 0)[..., None], pictures[2], 1.0)
figure, axes = plt.subplots(1, 3, figsize=(9.4, 3.4))
for ax, picture, title in zip(axes, pictures, ("which triangle", "how near", "where on it"), strict=True):
    ax.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.triplot(*screen[:, :2].T, coarse.triangles, lw=0.5, color="black")
    ax.set(title=title, xticks=[], yticks=[], xlim=(27.5, 67.5), ylim=(73.5, 33.5))  # nose and mouth
    ax.grid(visible=False)
run.save_figure(figure, "rasterizer_by_hand")

# %% [markdown]
# How slow are the loops? Python runs them for every pixel of every triangle. The package has two rasterisers, a compiled one
# for CPUs and one in torch for any device; both give gradients to the vertices.

# %%
import time


def seconds(function, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


slow = seconds(lambda: naive_rasterize(screen, coarse.triangles, tiny), 1)
full = camera.project(model.posed(face))[None]
fast = seconds(lambda: rasterize(full, model.triangles, SIZE), 5)
print(f"by hand:     {coarse.n_triangles:6,} triangles, {tiny:3d} px: {1e3 * slow:7.1f} ms")
print(f"the package: {model.n_triangles:6,} triangles, {SIZE:3d} px: {1e3 * fast:7.1f} ms")


# %% [markdown]
# **Exercise 1.4 · Perspective.** Halfway along an edge *on the screen* is not halfway along it *in space*. Given barycentrics on the
# screen and the depths of the three corners, return the weights to mix the corners' colours with. They sum to 1.

# %%
def perspective_weights(flat, depths):
    r"""Barycentrics on the screen (3,), depths of the corners (3,) → weights in space (3,)."""
    raise NotImplementedError("Exercise 1.4: a far corner counts less")


an_edge = (torch.tensor([0.5, 0.5, 0.0]), torch.tensor([5.0, 10.0, 7.0]))
a_point = (torch.tensor([0.2, 0.3, 0.5]), torch.tensor([8.0, 9.0, 11.0]))
answered["1.4"] = check_exercise("1.4", perspective_weights, [an_edge, a_point])

# %% [markdown]
# ## 7 · The UV map
#
# Every vertex has a place $(u, v)$ on a flat sheet, the **texture**. Mix the corners' $(u, v)$ with the barycentrics of each
# pixel and you have the **UV map**: for every pixel of the screen, which point of the sheet it shows. The paper gives this
# map to its network instead of a mesh.
#
# Why rasterise coordinates and not colours? Because the texture can then be anything: colours, or the 16 learnt channels of
# notebook 04, or another texture for another expression. The mesh is rasterised once, and each texture is looked up by the
# same map.

# %%
from scipy.ndimage import distance_transform_edt

from dnt_core.plotting import image, uv_image
from dnt_core.rendering.uv_map import sample_texture, uv_map

fragments = rasterize(camera.project(points)[None], model.triangles, SIZE)
coordinates, on_face = uv_map(fragments, model.triangles, model.uv)  # (1, 2, S, S), (1, 1, S, S)
assert coordinates.shape == (1, 2, SIZE, SIZE) and 0 <= coordinates.min() and coordinates.max() <= 1
texel_guess = Question(
    "Where on the face does one pixel of the screen cover most texels (pixels of the texture)?",
    ["in the middle", "at the rim", "everywhere alike"],
)
texel_guess

# %%
squares = (torch.arange(256)[:, None] // 16 + torch.arange(256)[None] // 16) % 2
blue, step = torch.tensor([0.25, 0.45, 0.75]), torch.tensor([0.6, 0.35, 0.0])
checkers = blue[:, None, None] + step[:, None, None] * squares  # (3, 256, 256)
worn = sample_texture(checkers[None], coordinates, on_face) + (1 - on_face)

figure, axes = plt.subplots(1, 3, figsize=(10.4, 3.6))
axes[0].triplot(*coarse.uv.T, coarse.triangles, lw=0.4, color="C0")
landmarks(coarse.uv[coarse.landmark_indices], axes[0], size=9)
axes[0].set(title="the sheet: vertices at (u, v)", xlabel="u", ylabel="v", aspect="equal")
uv_image(coordinates[0], on_face[0], "the UV map: red is u, green is v", axes[1])
image(worn[0], "a chequered sheet, worn", axes[2])
run.save_figure(figure, "uv_map")
plt.show()
steps = (256 * coordinates[0].diff(dim=-1)).norm(dim=0)[1:]  # texels (of 256) from one pixel to the next
depth_in = torch.from_numpy(distance_transform_edt(on_face[0, 0].numpy()))[1:, 1:]  # px from the rim
near_rim, inside = (depth_in > 1) & (depth_in < 4), depth_in > SIZE / 8
rim, middle = float(steps[near_rim].median()), float(steps[inside].median())
texel_guess.answer(
    "at the rim" if rim > 1.2 * middle else "in the middle" if middle > 1.2 * rim else "everywhere alike",
    f"From one pixel to the next: {middle:.1f} texels in the middle and {rim:.1f} near the rim. (Medians, "
    "256 texels.) The surface turns away there, so the squares look narrow.",
)


# %% [markdown]
# **Exercise 1.5 · One texel look-up.** A texture has $T \times T$ texels, row 0 at the top ($v = 1$); texel $(i, j)$ has its centre
# at $u = (j + \frac12)/T$, $v = 1 - (i + \frac12)/T$. Return the colour at $(u, v)$, mixed from the four texels around.

# %%
def look_up(texture, u, v):
    r"""Texture (C, T, T) at one point, u and v in [0, 1] and not at the rim → (C,), bilinear."""
    raise NotImplementedError("Exercise 1.5: four texels, four weights")


patch = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
answered["1.5"] = check_exercise("1.5", look_up, [(patch, 0.5, 0.5), (patch, 0.3, 0.8), (patch, 0.71, 0.22)])

# %% [markdown]
# ## 8 · A frame, laid flat
#
# Now the other way: for every texel, look up in the *frame* where on the screen it lies, and fetch its colour. Texels
# that face away or hide behind the nose cannot be seen; the **visibility** says which can.

# %%
from dnt_core.rendering.unwrap import unwrap

TEXELS = run.profile.texture_size
t = len(clip) // 2
picture = torch.from_numpy(clip.frames[t]).permute(2, 0, 1)[None].float() / 255  # (1, 3, S, S)
screen = camera.project(points)[None]
texture, visible = unwrap(picture, screen, model.triangles, model.uv, TEXELS)
again = sample_texture(texture, coordinates, on_face)
print(f"{100 * float(visible.mean()):.0f} % of the sheet was seen; texture {tuple(texture.shape)}")

# %% [markdown]
# **Round trip.** Frame → texture → frame should give the face back, where it was seen. How well depends on the number of
# texels:

# %%
from dnt_core.plotting import curve


def round_trip(texels):
    texture, visible = unwrap(picture, screen, model.triangles, model.uv, texels)
    seen = sample_texture(visible, coordinates, on_face) > 0.999  # all four texels around were visible
    again = sample_texture(texture, coordinates, on_face)
    difference = (again - picture)[seen.expand_as(picture)]
    return -10 * math.log10(float(difference.square().mean()))


sizes = [TEXELS // 4, TEXELS // 2, TEXELS, 2 * TEXELS]
psnr = [round_trip(n) for n in sizes]
metrics["uv_roundtrip_psnr"] = psnr[2]
ax = curve(sizes, psnr, xlabel="texels along a side", ylabel="PSNR, dB")
ax.set_title(f"More texels, more of the face survives (frame: {SIZE} px)")
ax.set_xscale("log", base=2)
ax.set_xticks(sizes, sizes)
run.save_figure(ax.figure, "uv_roundtrip")
plt.show()
assert all(a < b for a, b in zip(psnr, psnr[1:], strict=False)) and metrics["uv_roundtrip_psnr"] > 20
run.claim(
    "round_trip", "Frame → texture → frame returns the seen part of the face to better than 30 dB.",
    psnr[2], above=30, unit="dB", baseline=(f"a quarter of the texels ({sizes[0]})", psnr[0]),
)  # fmt: skip

# %%
difference = (again - picture).abs().mean(1, keepdim=True) * 8 * on_face
pictures = [picture, texture, visible.expand(-1, 3, -1, -1), again, difference.expand(-1, 3, -1, -1)]
resized = [torch.nn.functional.interpolate(p, size=(SIZE, SIZE), mode="nearest")[0] for p in pictures]
labels = ["frame", "texture", "visible texels", "put back on", "difference × 8"]
ax = contact_sheet([resized], col_labels=labels, title="A frame is laid flat and put back on")
ax.figure.set_size_inches(10.4, 2.7)
run.save_figure(ax.figure, "unwrap")

# %% [markdown]
# ### The paper's observation, in one picture
#
# Texture and geometry are now separate. So swap them: a happy texture on a neutral surface, and the other way round.
# When the figure comes, cover its labels and ask yourself what you *read*.

# %%
swap_guess = Question(
    "A happy texture on a disgusted surface: which expression will you read?",
    ["the texture's", "the surface's", "the texture's at the brows, the surface's at the mouth"],
)
swap_guess

# %%
from dnt_core.actor.stills import actor_numbers, actor_still
from dnt_core.face3d import FaceParameters
from dnt_core.rendering.five_renderings import FiveRenderings

render = FiveRenderings(model, SIZE)


def taken_apart(expression):
    still = torch.from_numpy(actor_still("M003", expression, 1.0, SIZE))[None]
    place = FaceParameters.stack([actor_numbers("M003", expression, 1.0)])
    surface = rasterize(camera.project(model.posed(place)), model.triangles, SIZE)
    return render(still, place)["textures"], uv_map(surface, model.triangles, model.uv)


NAMES = ("neutral", "happy", "disgusted")
parts = {name: taken_apart(name) for name in NAMES}

# %%
cut, side = SIZE // 8, SIZE - SIZE // 4
rows = []
for geometry in NAMES:
    where, mask = parts[geometry][1]
    worn = [sample_texture(parts[texture][0], where, mask)[0] for texture in NAMES]
    rows.append([picture[:, -side:, cut : cut + side] for picture in worn])
labels = [f"geometry: {name}" for name in NAMES], [f"texture: {name}" for name in NAMES]
ax = contact_sheet(rows, *labels)
ax.figure.set_size_inches(6.4, 5.2)
run.save_figure(ax.figure, "swapped_textures")
plt.show()
display(swap_guess.answer(
    "the texture's at the brows, the surface's at the mouth",
    "Look at the middle of the bottom row. Your answer may differ: nothing is measured here, and one reader "
    "is no study. Notebook 02 asks classifiers.",
))  # fmt: skip

# %% [markdown]
# Along a row the surface stays and the picture on it changes; down a column the picture stays and the surface changes.
# The *mouth's* shape follows the surface: down the first column you can still see the smile. Brows, lids, folds and
# flush follow the texture, and most of what you read goes with them. The paper is built on this observation. But
# your eye is one observer, and our actor was *built* to carry expression in its skin. (A parameter of the actor,
# `geometry_share`, says how much.) Notebook 02 asks classifiers and changes this parameter.
#
# ## 9 · The five renderings of section 3.2
#
# To ask where expressions are, the paper shows a classifier the same moment in five ways, figure 3:
#
# | | geometry | moderate colour | fine texture | place in the picture |
# |---|---|---|---|---|
# | **Frames** | yes | yes | yes | yes |
# | **Rd w/o color**: a grey surface | yes | no | no | yes |
# | **Rd with vc**: the model's own colours and light | yes | yes | no | yes |
# | **Rd with textures**: the frame's texture on the surface | yes | yes | yes | yes |
# | **Textures**: the sheet alone | no | yes | yes | no |

# %%
from dnt_core.rendering.five_renderings import RENDERINGS


def open_moment(points):
    r"""(T, 68, 2) landmarks → the frame with the widest eyes and mouth: no blink, no closed lips."""
    gaps = [(points[:, a] - points[:, b]).norm(dim=-1) for a, b in ((37, 41), (44, 46), (62, 66))]
    return int((3 * gaps[0] + 3 * gaps[1] + gaps[2]).argmax())


SHOWN = ("happy", "angry", "surprised", "disgusted")
rows = []
for name in SHOWN:
    other = load_clip(first_clip(name, 3), size=SIZE, crop=crop)
    t = open_moment(camera.project(model.posed_landmarks(other.parameters))[..., :2])
    five = render(other.frames[t : t + 1], other.parameters[t : t + 1])
    assert all(five[key].shape == (1, 3, SIZE, SIZE) and five[key].isfinite().all() for key in RENDERINGS)
    rows.append([five[key][0] for key in RENDERINGS])
title = "The same moments in five ways: can you read the second and third column?"
ax = contact_sheet(rows, row_labels=SHOWN, col_labels=list(RENDERINGS.values()), title=title)
run.save_figure(ax.figure, "figure3_five_renderings")

# %% [markdown]
# Read the columns without a texture ("w/o color", "with vc") from top to bottom: can you tell which is which? They were made
# from the numbers *with* the noise of a reconstruction, as the paper's were. The paper's table 1: cross-entropy of the type
# 0.001–0.002 for the three inputs with a texture, 0.033 and 0.044 for the two without.
#
# How much of the frame is left in each rendering? A distance in grey levels would not tell: a grey surface is far from the
# frame because it is grey. So let each rendering first be *recoloured* as well as one linear map of its colours can, and
# ask which share of the frame's variation inside the face it then explains.

# %%
share_guess = Question(
    "After recolouring: which share of the frame's variation do the model's own colours and light explain?",
    ["less than a third", "about half", "more than two thirds"],
)
share_guess

# %%
def explained(rendering, frame, inside):
    r"""Share of the frame's variance inside the face that a linear map of the rendering explains."""
    colors, wanted = (p.permute(1, 2, 0)[inside].double() for p in (rendering, frame))  # (n, 3)
    colors = torch.cat([colors, torch.ones(len(colors), 1).double()], 1)
    fitted = colors @ torch.linalg.lstsq(colors, wanted, driver="gelsd").solution
    return 1 - float((wanted - fitted).square().sum() / (wanted - wanted.mean(0)).square().sum())


clip_numbers = clip.parameters
every = slice(None, None, max(1, len(clip) // 8))
five = render(clip.frames[every], clip_numbers[every])
masks = five["rd_textures"].sum(1) > 0  # (t, S, S)
shares = {}
for key in ("rd_textures", "rd_vertex_color", "rd_no_color"):
    triples = zip(five[key], five["frames"], masks, strict=True)
    shares[key] = np.array([explained(*triple) for triple in triples])
    away = (five[key] - five["frames"]).abs()[masks[:, None].expand(-1, 3, -1, -1)].mean() * 255
    metrics[f"difference_{key}"], metrics[f"explained_{key}"] = float(away), shares[key].mean()
    print(f"{RENDERINGS[key]:17s} explains {shares[key].mean():.0%} of the frame after recolouring", end="; ")
    print(f"unrecoloured it is {away:.1f} grey levels away")

# %%
lost = shares["rd_textures"] - shares["rd_vertex_color"]
assert not run.synthetic or lost.min() > 0
own = float(shares["rd_vertex_color"].mean())
display(share_guess.answer(
    share_guess.choices[0 if own < 1 / 3 else 1 if own <= 2 / 3 else 2],
    f"{own:.0%}; the frame's texture explains {shares['rd_textures'].mean():.0%}.",
))  # fmt: skip
run.claim(
    "renderings_without_texture_lose",
    "Recoloured, the model's own colours explain less of the frame than its texture does.",
    lost.mean(), above=0, interval=mean_interval(lost), over=f"{len(lost)} frames of one clip",
    baseline=("grey surface explains", shares["rd_no_color"].mean()),
    control=("texture explains", shares["rd_textures"].mean()),
)  # fmt: skip

# %% [markdown]
# This number cannot say whether what is lost is the *expression*. That is the question of notebook 02.
#
# ## 10 · From a video to 257 numbers
#
# So far the numbers came with the clip. Now we take them from the film, as you would from a film of your own. What can be
# seen of a face are its pixels, and 68 **landmarks** that a detector finds in them. We do not use the actor's truth, only
# what it looks like: its landmarks, each moved at random by 3 px of 256 per axis, in place of a detector.
#
# Wanted: the most probable numbers. The landmarks of the face model should lie near the seen ones $y$, which are off by
# σ px; and the coefficients are about N(0, 1), which is the **prior**:
#
# $$\min_x\ \sum_i w_i\,\frac{\lVert y_i - \pi_i(x)\rVert^2}{\sigma^2} + \lVert\alpha\rVert^2 + \lVert\beta\rVert^2,
# \qquad x = (\alpha, \beta, p)$$
#
# $\pi_i$ is what sections 2 and 5 did: shape, pose, camera. One frame gives 136 coordinates for 150 unknowns.

# %%
prior_guess = Question(
    "Fit one frame with hardly any prior, and then with one. Without it the fitted landmarks come…",
    [
        "nearer to the seen ones and nearer to the true ones",
        "nearer to the seen ones, farther from the true ones",
        "farther from both",
    ],
)
prior_guess

# %%
NOISE = 3.0 * SIZE / 256  # px of this picture
true_marks = computed.double()  # (T, 68, 2), of section 5
scatter = torch.randn(true_marks.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
seen_marks = true_marks + NOISE * scatter


def face_of(x):
    r"""(150,) α, β, angles, translation → the face, without skin and light."""
    parts = {"identity": x[:80], "expression": x[80:144], "angles": x[144:147], "translation": x[147:]}
    return FaceParameters.zeros().replace(**parts)


def marks_of(x):
    return camera.project(model.posed_landmarks(face_of(x)))[:, :2].flatten()  # (136,) px


# %% [markdown]
# $\pi$ bends (the head turns, the camera divides), but close to a guess $x$ it is nearly straight:
# $\pi(x + d) \approx \pi(x) + J d$. The best step $d$ is then the solution of a linear system. Take it, straighten $\pi$ anew,
# and repeat: this is **Gauss–Newton**. The weights $w$ let a landmark that is many σ off count less.

# %%
PRIOR = torch.cat([torch.ones(144), torch.zeros(6)]).double()  # the pose has none


def landmark_system(x, seen, sigma):
    r"""(136,) px seen → matrix (150, 150) and right side (150,) of the best step."""
    off = seen - marks_of(x)
    jacobian = torch.func.jacrev(marks_of)(x)  # (136, 150)
    distance = off.view(68, 2).norm(dim=1)
    weight = (1 / (1 + (distance / (3 * sigma)) ** 2)).repeat_interleave(2) / sigma**2
    matrix = jacobian.T @ (weight[:, None] * jacobian) + PRIOR.diag()
    return matrix, jacobian.T @ (weight * off) - PRIOR * x


def fit_by_hand(seen, sigma, steps=8):
    x = torch.zeros(150, dtype=torch.float64)
    for _ in range(steps):
        x = x + torch.linalg.solve(*landmark_system(x, seen, sigma))
    return x


# %%
def apart(one, other):
    return float((one - other).view(68, 2).norm(dim=1).mean()) * 256 / SIZE  # px of 256


t = len(clip) // 2
seen, true = seen_marks[t].flatten(), true_marks[t].flatten()
for steps in range(6):
    x = fit_by_hand(seen, NOISE, steps)
    print(f"{steps} steps: {apart(marks_of(x), seen):6.2f} px from what was seen", end=", ")
    print(f"{apart(marks_of(x), true):6.2f} px from the truth")

# %% [markdown]
# Four or five steps are enough. The package estimates σ from what remains; with its σ our fit must give the same numbers.
# (These landmarks are places of the skin. A detector's jaw is the outline, which slides over the skin as the head turns.)

# %%
from dnt_core.tracking import OWN_LANDMARKS, fit_landmarks

OPTIONS = OWN_LANDMARKS
package = fit_landmarks(model, seen_marks[t : t + 1].numpy(), camera, OPTIONS)
packages = FaceParameters.from_vector(torch.from_numpy(package.parameters[0]), order="storage")
by_hand = fit_by_hand(seen, package.noise, 20)
print(f"σ is estimated as {package.noise * 256 / SIZE:.2f} px of 256; it is 3")
torch.testing.assert_close(marks_of(by_hand), marks_of(torch.cat([
    packages.identity, packages.expression, packages.angles, packages.translation
]).double()), atol=0.05 * SIZE / 256, rtol=0)  # fmt: skip

# %% [markdown]
# How strongly should the prior pull? Only σ decides: the noise that we *believe* in.

# %%
believed = [0.03, 0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0]  # px of 256
fits = [marks_of(fit_by_hand(seen, sigma * SIZE / 256)) for sigma in believed]
to_seen, to_true = ([apart(fit, goal) for fit in fits] for goal in (seen, true))
distances = {"from the seen landmarks": to_seen, "from the true ones": to_true}
ax = curve(believed, distances, xlabel="believed noise σ, px of 256", ylabel="distance, px of 256")
ax.set_xscale("log")
ax.set_title("Without a prior the noise is fitted")
run.save_figure(ax.figure, "believed_noise")

# %%
(loose_seen, loose), (even_seen, even) = ((to_seen[k], to_true[k]) for k in (0, believed.index(3.0)))
display(
    prior_guess.answer(
        "nearer to the seen ones, farther from the true ones",
        f"With σ = 0.03 px the fit is {loose_seen:.2f} px from the seen landmarks and {loose:.2f} from "
        f"the true ones. With σ = 3 px, which is right, it is {even_seen:.2f} and {even:.2f} px.",
    ),
    run.claim("prior_beats_noise", "A prior brings one frame's landmarks nearer to the truth.", even,
              below=loose, limit_name="hardly any prior", unit="px"),
)  # fmt: skip
assert not run.synthetic or (even < loose and loose_seen < even_seen)

# %% [markdown]
# **Your turn.** Green are the seen landmarks, red the fitted ones; the face on the right is what the numbers say. At which end
# is it a caricature, and at which does it lose its expression?

# %%
from dnt_core.workbook.face_pictures import fit_beside_frame


def fit_picture_of(sigma):
    face = face_of(fit_by_hand(seen, sigma * SIZE / 256))
    return fit_beside_frame(model, face, clip.frames[t], seen_marks[t], 256)


least, middle, most = (fit_picture_of(sigma) for sigma in (0.1, 3.0, 30.0))
assert not torch.equal(least, middle) and not torch.equal(middle, most)
PictureWithSliders(
    fit_picture_of, {"sigma": (0.1, 30.0, 3.0)}, {"sigma": "believed noise (nearer to the mean →)"}, width=512
)

# %% [markdown]
# **Now the pixels.** Section 4 said $\text{colour} = T\,Y(n)\,\gamma$. With the shape fitted and the skin $T$ known, that is
# *linear* in the 27 numbers of light. So one least-squares problem per colour finds them. (Of a clip, the package finds $T$
# in the same way, in turns with the light.) On the model's own colours the light must come back exactly:

# %%
def light_from_colors(normals, albedo, colors):
    r"""M points: normals, skin, colours as seen (M, 3) each → γ (27,)."""
    bands = spherical_harmonics(normals)  # (M, 9)
    channels = zip(albedo.T, colors.T, strict=True)
    found = [torch.linalg.lstsq(bands * skin[:, None], seen).solution for skin, seen in channels]
    gamma = torch.stack(found)  # (3, 9)
    gamma[:, 0] -= 0.8  # the constant that section 4 adds
    return gamma.flatten()


skin, lit = model.albedo(frame.texture).double(), model.colors(frame).double()
gamma = light_from_colors(normals.double(), skin, lit)
torch.testing.assert_close(gamma.float(), frame.illumination, atol=2e-3, rtol=0)

# %% [markdown]
# Then the pixels move the face. Where the model's colour differs from the picture's, the picture's **slope** at that point
# says in which direction the colour would fit. So colours become equations for the same $x$, and join those of the
# landmarks in one system. One such step:

# %%
from dnt_core.tracking.surface_points import sample

towards_us = normals[:, 2] > 0.5
M = torch.from_numpy(np.random.default_rng(0).permutation(towards_us.nonzero()[:, 0].numpy())[:800])


def places(x):
    return camera.project(model.posed(face_of(x), M))[:, :2].flatten()  # (2M,) px


def color_off(x):
    r"""The picture's slopes at the points (M, 3, 2), and the model's colours minus the picture's (M, 3)."""
    at = places(x).view(1, -1, 2).numpy()
    shown, slope = (torch.from_numpy(array[0]) for array in sample(clip.frames[t][None], at))
    normal = model.normals(model.posed(face_of(x)))[M].double()
    albedo = model.albedo(frame.texture, M).double()
    gamma = light_from_colors(normal, albedo, shown)
    lit = albedo * spherical_harmonics_shading(normal, gamma)
    return slope, lit - shown


# %%
COLOR_NOISE, COUNTS = 0.05, 0.08  # neighbouring points are wrong together: 800 count like 64
slope, off = color_off(x)
moves = torch.func.jacrev(places)(x).view(-1, 2, 150)
jacobian = torch.einsum("mcx,mxk->mck", slope, moves).flatten(0, 1)  # (3M, 150)
weight = (COUNTS / (1 + (off.norm(dim=1) / (3 * COLOR_NOISE)) ** 2)).repeat_interleave(3) / COLOR_NOISE**2
matrix, right = landmark_system(x, seen, NOISE)
matrix = matrix + jacobian.T @ (weight[:, None] * jacobian)
right = right + jacobian.T @ (weight * off.flatten())
refined = x + torch.linalg.solve(matrix, right)

# %%
spread = [100 * float(d.square().mean().sqrt()) for d in (off, color_off(refined)[1])]
print(f"colours are off by {spread[0]:.2f} % of full scale, then by {spread[1]:.2f} %")
before, after = (apart(marks_of(found), true) for found in (x, refined))
print(f"landmarks are {before:.2f} px from the truth, then {after:.2f} px")
assert not run.synthetic or spread[1] < spread[0]

# %% [markdown]
# **The whole clip.** A single frame cannot tell a wide mouth from a smile. A clip can, because the person stays: one α for
# all frames, and β and $p$ that change little from frame to frame. The package solves all frames as one system, first for
# the landmarks, then four rounds with the pixels. On the command line it is
#
# ```
# dnt track clips/*.mp4 --out data/ann --actor ann
# ```
#
# and [bring your own face](../docs/your_own_face.md) says how to film, whose consent you need, and how results of other
# tools come in. Measured against the truth, beside the *mean face* in the fitted pose, which knows nothing of the person:

# %%
from dnt_core.tracking.fit_quality import fit_quality, mean_face
from dnt_core.tracking.pixel_fit import fit_pixels

part = slice(0, 75)  # enough for a user's long clip
target = seen_marks[part].numpy()
landmark_fit = fit_landmarks(model, target, camera, OPTIONS)
fit = fit_pixels(model, target, clip.frames[part], landmark_fit, camera, OPTIONS)
truth = numbers.to_vector("storage")[part].numpy()
rows = {"landmarks": landmark_fit.parameters, "then pixels": fit.parameters}
rows = {"mean face": mean_face(fit.parameters)} | rows
quality = {name: fit_quality(model, row, truth, SIZE) for name, row in rows.items()}
pd.DataFrame({name: row.to_dict() for name, row in quality.items()}).T.round(2)

# %%
wanted = ("lip_mm", "landmark_px", "expression_correlation", "uv_texels")
metrics |= {f"track.{name}": getattr(quality["then pixels"], name) for name in wanted}
trivial, tracked = quality["mean face"], quality["then pixels"]
display(
    run.claim("tracked_lips", "The tracked lips are nearer to the true ones than the mean face's.",
              tracked.lip_mm, below=trivial.lip_mm, limit_name="mean face", unit="mm",
              over=f"{len(truth)} frames of one clip", note="Landmarks are the truth's with 3 px of noise."),
    run.claim("tracked_expression", "The tracked expression correlates with the true one by 0.7.",
              tracked.expression_correlation, above=0.7, limit_name="asked", baseline=("mean face", 0.0),
              control=("movement of the landmarks", tracked.movement_correlation),
              over=f"{len(truth)} frames of one clip"),
)  # fmt: skip
assert not run.synthetic or tracked.lip_mm < trivial.lip_mm

# %% [markdown]
# What the coefficients *do* (the movement) is met far better than the coefficients. For most columns move next to nothing,
# while each counts as much as the first:

# %%
moves = model.expression_basis[model.landmark_indices].square().sum(1).mean(0).sqrt()  # (64,) dm per unit
reach = moves * 256 / 224 * 1015 / (10 - float(frame.translation[2]))  # px of 256
print(f"{int((reach < 0.1).sum())} of 64 columns move the landmarks by less than 0.1 px of 256 per unit")
print(f"the first one by {float(reach[0]):.1f} px, the twentieth by {float(reach[19]):.2f} px")

# %% [markdown]
# Now look at the fit. Above are frames with the seen landmarks (green) and the fitted ones (red), below the fitted face
# drawn into the same frames:

# %%
from dnt_core.clips import FaceCache
from dnt_core.tracking.fit_picture import fit_picture

source = run.profile.face_model if run.synthetic else clip.face.face_model
cache = FaceCache(fit.parameters, clip.fps, source, "this notebook", (SIZE, SIZE), clip.face.crop, target)
figure, ax = plt.subplots(figsize=(10.4, 3.6), layout="constrained")
ax.imshow(fit_picture(clip.clip.video, cache))
ax.set_axis_off()
ax.set_title("The tracked face lies on the film")
run.save_figure(figure, "tracked_face")


# %% [markdown]
# **Exercise 1.6 · One person, many frames.** Near a guess, frame $t$ says $r_t = J_t \alpha$ with noise σ, for the *same* α in every
# frame; α is N(0, 1). Return the most probable α, of all frames together.

# %%
def shared_identity(jacobians, residuals, sigma):
    r"""(T, n, k) and (T, n) px, noise σ px → the most probable α (k,)."""
    raise NotImplementedError("Exercise 1.6: one α, one prior, all frames")


drawn = torch.Generator().manual_seed(0)
some_frames = torch.randn(5, 6, 3, generator=drawn), torch.randn(5, 6, generator=drawn)
answered["1.6"] = check_exercise("1.6", shared_identity, [(*some_frames, 2.0), (*some_frames, 0.5)])

# %% [markdown]
# ## In short

# %%
metrics["basis_largest_cosine"] = max(worst.values())
run.record(metrics)
display(metrics)
run.claims()

# %% [markdown]
# - **A frame's face is 257 numbers of five kinds.** α, δ, γ stand still in a clip, β and p move. A sum, a light and a camera
#   put the face back, and its landmarks fall on the film.
# - **β mixes speech and expression.** At the lips a good part of every emotion lies in the four directions of speech.
# - **A UV map and a texture make the picture.** Frame → texture → frame returns the seen face; more texels, more of it.
# - **Is expression in the texture rather than in moderate geometry?** In the swapped pictures brows, folds and flush follow the
#   texture, and the mouth follows the surface. Nothing is measured yet.
#
# - **A film gives the numbers back, as far as pixels can tell.** Landmarks, a prior and the pixels' slopes make one linear
#   system per step. The movement comes back; the columns that hardly move anything do not.
#
# **Built by hand and checked against the package:** the linear model, light, camera, rasteriser, the fit to landmarks.
# **Rests on the actor:** every clip here; its skin was built to carry expression. Real skin is notebook 02's question, if
# you have MEAD.
#
# **Next:** [02 · Where are expressions?](02_where_are_expressions.ipynb) hands the five columns of figure 3 to a classifier.
