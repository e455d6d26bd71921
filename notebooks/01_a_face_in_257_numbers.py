# %% [markdown]
# # A face in 257 numbers
#
# A frame of video has about 200,000 numbers: 256 × 256 pixels with three colours each. A **3D morphable model** (3DMM)
# describes the face in the frame with 257 numbers. It leaves out the fine details of the skin, and a **texture** brings them
# back. In this notebook you take a clip apart into the 257 numbers and a texture, put the face together again, and find the
# numbers for a film that comes without them.
#
# | | |
# |---|---|
# | **Paper** | section 3.1 (the 257 numbers), section 3.2 (five renderings, figure 3), the UV map of section 4.1 |
# | **Afterwards you can** | read a clip with its 3DMM parameters; say what each of the 257 numbers does; write a rasteriser; make a UV map, sample a texture with it, and take a texture off a frame; fit the numbers to a film of your own |
# | **Before this** | [00 · Start here](00_start_here.ipynb) |
# | **Takes** | 75 minutes to read and try, 45 more for the exercises. You can stop after section 9: only section 10 fits the numbers to a film, and the next notebooks do not need it. To run: one to two minutes on two cores (the first run films the clips), no GPU needed |
# | **Code** | [`face3d/`](../dnt_core/face3d/), [`rendering/`](../dnt_core/rendering/), [`clips/`](../dnt_core/clips/), [`tracking/`](../dnt_core/tracking/) |
# | **Words** | [glossary](../docs/glossary.md), [symbols](../docs/symbols.md) |
#
# **What is simpler here than in the paper:**
# - The face model is made from formulas. It has the form of the Basel face model, with as many numbers and one hole at the
#   mouth. The Basel model can take its place if you have it ([your own face](../docs/your_own_face.md)).
# - The built-in actor's 257 numbers are known exactly. The paper's come from a network (WM3DR), which makes errors. Therefore
#   each clip holds its numbers twice: as they are, and *with noise* that stands for such errors.
# - There is one actor. From each *condition* (an expression at a level, such as "happy, level 3") we take one clip.
#
# **Letters with two meanings.** In this notebook α is the shape of a person and $T$ the colour of the skin. In notebook 04 α is
# the mask of equation 1 and $T$ is a texture.
#
# The outputs that are stored in this file come from the `laptop` profile. The next cell chooses `quick`, so in your own run
# pictures are smaller and numbers differ. A sentence that depends on such numbers is printed by its cell.

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
# MEAD is a folder of clips, with one file for each sentence: `<actor>/video/<view>/<expression>/level_<n>/<NNN>.mp4`. Our
# actor's clips lie in the same order, so one reader serves both. Beside each clip lies a file with the 257 numbers of every
# frame. The next two cells open one clip and play it.

# %%
from dnt_core.clips import load_clip, read_face_cache, scan

folder = clips_folder(run.profile, data_dir, actors=("M003",), clips_per_cell=1)
index = scan(folder).filter(actor="M003", view="front") if run.synthetic else scan(folder)
print(f"{len(index)} clips, {len(index.problems)} problems, {len(index.missing_cells())} missing conditions")


def first_clip(expression, level):
    r"""A condition's first clip; of a folder without that condition, the nearest that it has."""
    for wanted in ({"expression": expression, "level": level}, {"expression": expression}, {}):
        if clips := [clip for clip in index.filter(**wanted) if clip.face_cache is not None]:
            return clips[0]
    raise ValueError(f"none of {len(index)} clips in {folder} has its 257 numbers beside it")


# what the camera of the numbers sees: the whole frame, or the square that they were made from
crop = None if read_face_cache(first_clip("happy", 3).face_cache).crop is None else "face"
clip = load_clip(first_clip("happy", 3), size=SIZE, crop=crop)
assert clip.face is not None, "this clip has no 257 numbers beside it"
print(f"{clip.clip.name}: {len(clip)} frames of {SIZE} × {SIZE} px, {float(clip.fps):g} per second")

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
for name in ("identity", "expression", "texture", "illumination", "pose"):
    values = getattr(numbers, name)
    scatter = float(values.std(0).mean())
    print(f"{name:12s} {values.shape[-1]:3d} numbers, standard deviation over the frames {scatter:.3f}")
assert numbers.to_vector("paper").shape == (len(clip), 257)
display(kind_guess.answer(
    "expression and pose", "The lips speak, and the head is never quite still. The lamp stands still.",
    {"expression, pose and light": "The 27 numbers of the light do not change in this clip."},
))  # fmt: skip

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
    ax.axvline(left + count - 0.5, color="#555555", lw=1)
    place = {"transform": ax.get_xaxis_transform(), "ha": "center"}  # x in numbers, y in heights of the axes
    ax.text(left + count / 2, 1.04, f"{symbol} {count}", color=color, fontsize=10.5, **place)
    left += count
ax.set(xlabel="the 257 numbers, in the paper's order", ylabel="frame")
ax.set_title("In a column of one colour nothing changes: only β and p change", pad=22)
ax.grid(visible=False)
run.save_figure(figure, "numbers_of_a_clip")

# %% [markdown]
# Now you know a first use of the numbers: they separate what changes in a clip from what stays.
#
# | symbol | numbers | what | changes in a clip |
# |---|---|---|---|
# | α | 80 | shape of the person | no |
# | β | 64 | shape of the expression, **speech included** | yes |
# | δ | 80 | skin colour of the person | no |
# | γ | 27 | light: nine numbers each for red, green and blue | no |
# | p | 6 | pose: three angles, and three lengths in decimetres (the face model's unit) | yes |
#
# **A trap.** The table has the paper's order. Many files store another one: α, β, δ, *angles*, γ, *translation*, where the last
# three are the lengths of the pose. Both orders have 257 numbers, so a program cannot see from a vector which one it has.
#
# **Exercise 1.1 · Two orders.** Turn a vector from the order of the files into the paper's order.

# %%
def storage_to_paper(vector):
    r"""(257,) in storage order → (257,) in the paper's order."""
    raise NotImplementedError("Exercise 1.1: α, β, δ, γ, angles, translation")


in_files = clip.parameters.to_vector("storage")[0]
answered = {"1.1": check_exercise("1.1", storage_to_paper, [(torch.arange(257.0),), (in_files,)])}

# %% [markdown]
# ## 2 · Shape is a sum
#
# $$S = \bar S + B_{id}\,\alpha + B_{exp}\,\beta$$
#
# The face is a mesh: points (*vertices*), joined by triangles. $\bar S$ holds the vertices of the mean face. Each of the 80
# columns of the **basis** $B_{id}$ is one way in which people differ: it says how far every vertex is moved. Each of the 64
# columns of $B_{exp}$ is one way in which a face moves. α and β say how much of each column is added. So the model is *linear*.
# For one vertex, written as loops:

# %%
from dnt_core.face3d import load_face_model

model = load_face_model(run.profile.face_model if run.synthetic else clip.face.face_model)
print(f"{model.n_vertices:,} vertices (the paper has 35,709), {model.n_triangles:,} triangles")


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
# The columns are scaled so that over many people and moments each coefficient has mean 0 and variance 1. A coefficient of 0
# gives the mean face, ±1 is common, and ±3 is rare. (Our actor's full expressions go further, as the figure of section 1
# shows.) So you can *look* at a column: turn its coefficient down and up. The figure does this for the first four columns of
# three bases (the third one, for the skin's colour, comes in section 4). The eyes look closed because the mesh has no holes for
# them. Its only hole is the mouth.
#
# The cell also checks that the columns of a basis are **orthogonal**: the cosine of the angle between any two is 0. No column
# can then be replaced by a mixture of the others, so each number says something of its own.

# %%
from dnt_core.plotting import contact_sheet
from dnt_core.workbook.face_pictures import basis_face

KINDS = ("identity", "expression", "texture")
SHOWN = [(column, value) for column in range(4) for value in (-1.5, 1.5)]
rows = [[basis_face(model, kind, column, value, min(SIZE, 160)) for column, value in SHOWN] for kind in KINDS]
labels = [f"column {column}, {'−' if value < 0 else '+'}1.5" for column, value in SHOWN]
title = "A column of a basis is one way in which faces differ or move"
ax = contact_sheet(rows, row_labels=KINDS, col_labels=labels, title=title)
ax.tick_params(labelsize=8)
run.save_figure(ax.figure, "face_bases")
worst = {}
for kind in KINDS:
    columns = getattr(model, f"{kind}_basis").flatten(0, 1).double()  # (3V, K)
    columns = torch.nn.functional.normalize(columns[:, columns.norm(dim=0) > 0], dim=0)
    worst[kind] = float((columns.T @ columns - torch.eye(columns.shape[1])).abs().max())
print("largest |cosine| between two columns:", {kind: round(value, 3) for kind, value in worst.items()})
assert not run.synthetic or max(worst.values()) < 0.3  # a mesh cut out of its model's is not orthogonal

# %% [markdown]
# **Exercise 1.2 · Read it off the face.** Which of the first ten columns of the expression basis opens the mouth most, at a
# coefficient of +1.2 or −1.2? Find it with the sliders. They count columns from 0. (On the way, find the column of *identity*
# that makes a long face.)

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
# β holds the speech *and* the emotion. The method wants the emotion out of the geometry. Can we simply subtract it? Only if
# speech moves the lips in other directions than emotions do.
#
# Here is what *direction* means. The mouth has twenty **landmarks** (points with a name, such as "left corner"), with three
# coordinates each. So the lips of a frame are one vector of 60 numbers, and a movement of the lips is a direction in 60
# dimensions. A direction of **speech** is a principal component of the neutral clip, where nothing but speech moves the lips.
# The direction of an **emotion** is the mean of its clip minus the mean of the neutral clip.

# %%
overlap_guess = Question(
    "Delete the seven directions of the emotions. How much of the movement of speech is deleted too?",
    ["less than a third", "about half", "more than two thirds"],
)
overlap_guess

# %%
import numpy as np

from dnt_core.ciec import CIEC_TYPES
from dnt_core.face3d import MOUTH

mouth = model.expression_basis[model.landmark_indices[MOUTH]].flatten(0, 1)  # (60, 64)


def mouth_motion(expression, level):
    cache = read_face_cache(first_clip(expression, level).face_cache)
    beta = cache.face_parameters(truth=cache.truth_parameters is not None).expression
    return beta @ mouth.T  # (T, 60) decimetres


neutral = mouth_motion("neutral", 1)
spoken = neutral - neutral.mean(0)
speech = torch.linalg.svd(spoken, full_matrices=False)
share = (speech.S**2 / (speech.S**2).sum())[:4]
print(f"speech: four directions hold {100 * share.sum():.1f} % of the variance of the lips")
emotions = torch.stack([mouth_motion(name, 3).mean(0) - neutral.mean(0) for name in CIEC_TYPES])  # (7, 60)
emotions = torch.nn.functional.normalize(emotions, dim=1)
cosines = emotions @ speech.Vh[:4].T  # (7, 4)
inside = cosines.square().sum(1)  # share of an emotion's movement that lies in the directions of speech
plane = torch.linalg.svd(emotions, full_matrices=False).Vh  # (7, 60) spans the seven directions of emotion
lost = float((spoken @ plane.T).square().sum() / spoken.square().sum())

# %%
lips = model.mean_shape[model.landmark_indices[MOUTH], :2]  # (20, 2)
happy = CIEC_TYPES.index("happy")
shared = int(cosines[happy].abs().argmax())
direction = speech.Vh[shared] * cosines[happy, shared].sign()  # a direction has no sign of its own
fields = {f"speech, direction {shared + 1}": direction, "happy": emotions[happy]}
figure, axes = plt.subplots(1, 2, figsize=(7.8, 2.6))
for ax, (title, field) in zip(axes, fields.items(), strict=True):
    ax.set(title=title, aspect="equal", xticks=[], yticks=[], xlim=(-0.38, 0.38), ylim=(-0.54, -0.22))
    for loop in (slice(0, 12), slice(12, 20)):
        outline = torch.cat([lips[loop], lips[loop][:1]])
        ax.plot(*outline.T, color="#C9A9A2", lw=1.5, marker="o", ms=3)
    arrows = field.view(20, 3)[:, :2]
    arrows = 0.12 * arrows / arrows.norm(dim=1).max()
    ax.quiver(*lips.T, *arrows.T, angles="xy", scale_units="xy", scale=1, width=0.006, color="C1", zorder=3)
    ax.set_axis_off()
cosine = float(cosines[happy, shared].abs())
figure.suptitle(f"The direction of speech that is most like a smile (|cosine| {cosine:.2f})", y=1.04)
run.save_figure(figure, "lip_arrows")

# %%
from dnt_core.plotting import matrix

table = np.hstack([cosines.abs().numpy(), inside[:, None].numpy()])
ax = matrix(table, CIEC_TYPES, [f"speech {k}" for k in (1, 2, 3, 4)] + ["all four"])
ax.set_title("Emotions move the lips along the directions of speech\n|cosine| with each, share in all four")
ax.figure.set_size_inches(6.2, 3.8)
run.save_figure(ax.figure, "speech_and_emotion")

# %%
from dnt_core.metrics.intervals import mean_interval

low, high = mean_interval(inside.numpy())
metrics["speech_emotion_overlap"] = ours = float(inside.mean())
drawn = torch.randn(1000, 64, generator=torch.Generator().manual_seed(0)) @ mouth.T  # any face of the model
any_face = float((torch.nn.functional.normalize(drawn, dim=1) @ speech.Vh[:4].T).square().sum(1).mean())
most, least = (CIEC_TYPES[int(i)] for i in (inside.argmax(), inside.argmin()))
display(
    overlap_guess.answer(
        overlap_guess.choices[0 if lost < 1 / 3 else 1 if lost <= 2 / 3 else 2],
        f"{lost:.0%} of its variance. And of an emotion {ours:.0%} lies in the directions of speech, from "
        f"{float(inside.min()):.0%} ({least}) to {float(inside.max()):.0%} ({most}).",
    ),
    run.claim("speech_and_emotion_overlap", "The lips of an emotion move along the directions of speech more "
              "than four random directions would hold.", ours, above=4 / 60, limit_name="4 of 60 directions",
              interval=(low, min(high, 1.0)), over="7 expressions of one actor", whose="paper",
              control=("any face of the model", any_face)),
    run.claim("speech_lost_with_emotions", "Deleting the directions of seven emotions deletes more than half "
              "of what speech does to the lips.", lost, above=0.5, limit_name="half",
              control=("expected of seven random directions", 7 / 60)),
)  # fmt: skip
assert not run.synthetic or min(ours, lost, any_face) > 0.5

# %% [markdown]
# Two things follow. First, the emotion cannot be deleted by deleting directions, because most of the speech would go with it.
# This is why the paper *trains* a decoupling network (notebook 03). Second, the overlap is not special to emotions. A mouth has
# few ways to move, so *any* face of the model lies mostly in the directions of speech. The claim's control says how much.
#
# ## 4 · Light in nine bands
#
# The colour of the skin is a sum too: $T = \bar T + B_{tex}\,\delta$, three numbers per vertex. Then light falls on it:
# $\text{colour} = T \cdot Y(n)\,\gamma$. Here $n$ is the **normal**, the direction in which the surface looks at the vertex.
# $Y(n)$ are nine functions of it, the **spherical harmonics**. γ has nine numbers for each of red, green and blue; they say how
# much of each function is in the light. The first function is a constant: light from all sides. The next three are $-y$, $z$
# and $-x$ of the normal: light from above or below, from the front, from a side. The last five are quadratic in the normal, and
# let the light change faster across the face. For one normal, with the usual constants of the field (0.8 is the light of a face
# whose γ is 0):

# %%
import math

from dnt_core.face3d import spherical_harmonics, spherical_harmonics_shading


def naive_shading(n, gamma):
    x, y, z = n
    zero, one, two = (math.sqrt(math.pi) * scale for scale in (1 / 2, 1, math.sqrt(15 / 8)))
    bands = [zero, -one * y, one * z, -one * x, two * x * y, -two * y * z]
    bands += [two / (2 * math.sqrt(3)) * (3 * z * z - 1), -two * x * z, two / 2 * (x * x - y * y)]
    light = [[g + (0.8 if k == 0 else 0) for k, g in enumerate(color)] for color in gamma.view(3, 9).tolist()]
    return torch.tensor([sum(b * g for b, g in zip(bands, color, strict=True)) for color in light])


normals = model.normals(model.posed(frame))
torch.testing.assert_close(
    naive_shading(normals[tip].tolist(), frame.illumination),
    spherical_harmonics_shading(normals[tip : tip + 1], frame.illumination)[0],
)

# %%
from dnt_core.workbook.face_pictures import face_picture, lit_face

face = frame.replace(pose=torch.zeros(6))
bands = spherical_harmonics(model.normals(model.posed(face)))  # (V, 9)
pictures = []
for k in range(9):
    band = bands[:, k] / bands[:, k].abs().max()
    warm, cool = torch.tensor([0.92, 0.55, 0.25]), torch.tensor([0.25, 0.47, 0.80])
    paint = 1 - band.clamp(min=0)[:, None] * (1 - warm) - (-band).clamp(min=0)[:, None] * (1 - cool)
    pictures.append(face_picture(model, face, min(SIZE, 160), paint))
names = ["constant", "−y", "z", "−x", "xy", "−yz", "3z²−1", "−xz", "x²−y²"]
title = "Nine functions of the normal make the light: orange adds light, blue takes it away"
run.save_figure(contact_sheet([pictures], col_labels=names, title=title).figure, "light_bands")
plt.show()
draw = partial(lit_face, model, face, image_size=200)
least, middle, most = draw(-90.0, -90.0, 0.0), draw(0.0, 0.0, 0.5), draw(90.0, 90.0, 1.0)
assert all(picture.isfinite().all() for picture in (least, middle, most))
PictureWithSliders(
    draw,
    {"azimuth": (-90.0, 90.0, -40.0), "height": (-90.0, 90.0, 30.0), "strength": (0.0, 1.0, 0.8)},
    {"azimuth": "azimuth (to the right →)", "height": "height (up →)", "strength": "lamp, not sky (more →)"},
)

# %% [markdown]
# ## 5 · Pose, camera, and where landmarks land
#
# The head turns by three angles ($R = R_z R_y R_x$) and is shifted. The camera stands still, 10 dm in front of the face, and
# divides by the depth: what is twice as far away looks half as large. Programs that use the Basel model agree on a focal length
# of 1015 px for a picture of 224 px, and so do we. In the model y goes up, but the rows of a picture are counted from the top,
# 0 to 223. Therefore the row is 223 minus a number. The halves below keep the *centres* of pixels at whole numbers when the
# picture is scaled.
#
# Below the code you can move the head. Turn it by 80°: which parts of the face can the camera no longer see? Section 8 will
# need to know.

# %%
from dnt_core.face3d import PerspectiveCamera

camera = PerspectiveCamera(SIZE)
points = model.posed(frame)  # (V, 3)


def naive_projection(x, y, z):
    depth, s = 10 - z, SIZE / 224
    column, row = 1015 * x / depth + 112, 223 - (1015 * y / depth + 112)
    return [s * (column + 0.5) - 0.5, s * (row + 0.5) - 0.5, depth]


torch.testing.assert_close(torch.tensor(naive_projection(*points[tip].tolist())), camera.project(points)[tip])

# %%
from dnt_core.workbook.face_pictures import STUDIO, lamp, turned_face

draw = partial(turned_face, model, face.replace(illumination=lamp(*STUDIO)), image_size=200)
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
# Do the numbers describe *the frame*? We compute 68 landmarks from the 257 numbers alone (with their noise) and draw them over
# the film. Look at the lips first, then at the brows.

# %%
from dnt_core.plotting import landmarks

computed = camera.project(model.posed_landmarks(numbers))[..., :2]  # (T, 68, 2), from the true numbers
figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.7), layout="constrained")
for ax, (name, level) in zip(axes, (("happy", 3), ("surprised", 3), ("angry", 3)), strict=True):
    other = load_clip(first_clip(name, level), size=SIZE, crop=crop)
    t = len(other) // 2
    ax.imshow(other.frames[t])
    landmarks(camera.project(model.posed_landmarks(other.parameters[t : t + 1]))[0], ax, size=5)
    ax.set(xlabel=name, xticks=[], yticks=[])
    ax.grid(visible=False)
figure.suptitle("The 257 numbers put the landmarks on eyes, nose and lips")
run.save_figure(figure, "landmarks_on_frames")

# %% [markdown]
# The dots lie on the eyes, the nose and the lips. The brows of the angry face have moved down *below* their dots: the 257
# numbers of our actor hold only a part of what its brows do, and the rest is painted (section 8 says why).
#
# Two numbers support what the eye sees. First, the landmarks with which the film was made are known. The true numbers must give
# the same ones; otherwise our model, pose or camera would differ from the film's. The noisy numbers show how far the noise
# moves them. Second, a test that needs no truth, and so works for MEAD too: inside the computed lips the picture should be
# *redder* than in the skin around them.

# %%
from dnt_core.workbook.lip_redness import lip_redness

error = {"true": computed, "noisy": camera.project(model.posed_landmarks(clip.parameters))[..., :2]}
if clip.landmarks is not None:
    error = {k: float((v - torch.from_numpy(clip.landmarks)).norm(dim=-1).mean()) for k, v in error.items()}
    for name, distance in error.items():
        print(f"from the {name} numbers, landmarks are {distance:.2f} px from those of the film")
    assert not run.synthetic or (error["true"] < 0.5 and error["noisy"] < 0.02 * SIZE)
    metrics |= {"landmark_error_px": error["true"], "landmark_error_px_reconstructed": error["noisy"]}
redder = [lip_redness(clip.frames[t], computed[t].numpy()) for t in range(len(clip))]
metrics["lips_redder_share"] = float(np.mean(np.array(redder) > 0))
assert not run.synthetic or metrics["lips_redder_share"] > 0.9
run.claim(
    "landmarks_on_the_lips",
    "Inside the computed lips the film is redder than around them in more than nine of ten frames.",
    metrics["lips_redder_share"], above=0.9, limit_name="nine of ten", over="",
)  # fmt: skip

# %% [markdown]
# **Exercise 1.3 · Find the planted error.** A colleague computes landmarks with this function, but they do not lie on the film.
# Where do they lie, and why? Write the function without the error.
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
    raise NotImplementedError("Exercise 1.3: find the error first")


answered["1.3"] = check_exercise("1.3", projected, [(0.3, -0.2, 0.5, 224), (0.1, 0.4, -0.3, 128)], 1e-3)

# %% [markdown]
# ## 6 · A rasteriser, built once by hand
#
# The camera gives each vertex a place on the screen. A **rasteriser** then answers two questions for every pixel: *which
# triangle does it show, and where in the triangle?* It needs three steps.
#
# 1. *Is the pixel inside?* For the edge from corner $a$ to corner $b$, the **edge function** of a pixel $q$ is
#    $(b_x-a_x)(q_y-a_y)-(b_y-a_y)(q_x-a_x)$. Its sign says on which side of the edge $q$ lies, and $q$ is inside when all three
#    edges give the same sign.
# 2. *Where?* Take the edge function of the edge $bc$ at $q$, and divide it by its value at $a$, the corner opposite. The result
#    is the weight of $a$: it is 0 on the edge and 1 at $a$. The other two corners have such weights too. The three weights are
#    the **barycentric coordinates** of $q$ on the screen, and their sum is 1.
# 3. *Which one is in front?* If several triangles cover the pixel, it shows the one with the smallest depth.
#
# One thing is missing: places on the screen are not places in space.

# %%
halfway_guess = Question(
    "A pole leads away from you. You mark its middle in a photograph. Which point of the real pole is it?",
    ["the middle", "a point nearer to you than the middle", "a point farther than the middle"],
)
halfway_guess

# %%
near, far = 5.0, 20.0  # depths of the two ends
weights = torch.tensor([0.5 / near, 0.5 / far])
weights /= weights.sum()
halfway_guess.answer(
    "a point nearer to you than the middle",
    f"If the ends are {near:g} and {far:g} away, the marked point is "
    f"{float(weights @ torch.tensor([near, far])):.3g} away, and the middle {(near + far) / 2:g}. The far "
    "half looks shorter, so the middle of the photograph lies in the near half.",
)

# %% [markdown]
# **Exercise 1.4 · Perspective.** Given the barycentric coordinates of a pixel on the screen and the depths of the three
# corners, return the weights with which to mix the corners *in space*. Use this fact: along a straight line in space, 1/depth
# changes evenly on the screen, but the depth does not. The weights sum to 1.

# %%
def perspective_weights(flat, depths):
    r"""Barycentrics on the screen (3,), depths of the corners (3,) → weights in space (3,)."""
    raise NotImplementedError("Exercise 1.4: what counts less?")


an_edge = (torch.tensor([0.5, 0.5, 0.0]), torch.tensor([5.0, 10.0, 7.0]))
a_point = (torch.tensor([0.2, 0.3, 0.5]), torch.tensor([8.0, 9.0, 11.0]))
answered["1.4"] = check_exercise("1.4", perspective_weights, [an_edge, a_point])

# %% [markdown]
# Now the whole rasteriser: three loops, over triangles, rows and columns. `bent` are the weights of exercise 1.4 before they
# are made to sum to 1. The cell after it checks that the package's rasteriser gives the same, and measures how much faster it
# is.

# %%
def edge(a, b, q):
    return (b[0] - a[0]) * (q[1] - a[1]) - (b[1] - a[1]) * (q[0] - a[0])


def naive_rasterize(screen, triangles, size):
    shown, depth = torch.full((size, size), -1), torch.full((size, size), math.inf, dtype=torch.float64)
    weights = torch.full((size, size, 3), -1.0, dtype=torch.float64)
    for f, (a, b, c) in enumerate(screen[triangles].tolist()):
        area = edge(a, b, c)
        columns, rows, _ = zip(a, b, c, strict=True)
        for row in range(max(0, math.ceil(min(rows))), min(size - 1, math.floor(max(rows))) + 1):
            for column in range(max(0, math.ceil(min(columns))), min(size - 1, math.floor(max(columns))) + 1):
                q = (column, row)
                flat = [edge(b, c, q) / area, edge(c, a, q) / area, edge(a, b, q) / area] if area else [-1]
                if min(flat) < 0:
                    continue  # outside
                bent = [w / corner[2] for w, corner in zip(flat, (a, b, c), strict=True)]
                z = 1 / sum(bent)
                if z < depth[row, column]:
                    shown[row, column], depth[row, column] = f, z
                    weights[row, column] = torch.tensor(bent, dtype=torch.float64) * z
    return shown, depth, weights

# %%
from timeit import repeat

from dnt_core.rendering.rasterizer import rasterize

coarse = load_face_model("procedural:500")
tiny = 96
screen = PerspectiveCamera(tiny).project(coarse.posed(face)).double()  # (V, 3)
shown, depth, weights = naive_rasterize(screen, coarse.triangles, tiny)
package = rasterize(screen[None], coarse.triangles, tiny)

same = shown == package.pix_to_face[0, ..., 0]
both = same & (shown >= 0)
torch.testing.assert_close(depth[both], package.zbuf[0, ..., 0][both])
torch.testing.assert_close(weights[both], package.bary_coords[0, ..., 0, :][both])
slow = min(repeat(lambda: naive_rasterize(screen, coarse.triangles, tiny), number=1, repeat=1))
fast = min(repeat(lambda: rasterize(screen[None], coarse.triangles, tiny), number=1, repeat=5))
print(f"{coarse.n_triangles} triangles: {1e3 * slow:.0f} ms by hand, {1e3 * fast:.1f} ms by the package")
metrics["rasterizer_agreement"] = float(same.double().mean())
assert metrics["rasterizer_agreement"] > 0.999
run.claim(
    "rasterizer_agrees", "Our loops and the package show the same triangle in more than 999 of 1000 pixels.",
    metrics["rasterizer_agreement"], above=0.999,
)  # fmt: skip

# %%
colors = torch.tensor(plt.get_cmap("Set2").colors).float()  # eight colours in turn
near, far = depth[shown >= 0].min(), depth[shown >= 0].max()
pictures = [colors[(5 * shown) % 8], ((far - depth) / (far - near)).clamp(0, 1).float(), weights.float()]
pictures[1] = 0.15 + 0.85 * pictures[1]
titles = ("which triangle: a colour each", "how near: white is nearest", "where in it: a colour per corner")
figure, axes = plt.subplots(1, 3, figsize=(9.4, 3.8), layout="constrained")
for ax, picture, title in zip(axes, pictures, titles, strict=True):
    picture[shown < 0] = 1.0  # no triangle, as in the open mouth
    ax.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.triplot(*screen[:, :2].T, coarse.triangles, lw=0.5, color="black")
    ax.set(xlabel=title, xticks=[], yticks=[], xlim=(27.5, 67.5), ylim=(73.5, 33.5))  # nose and mouth
    ax.grid(visible=False)
figure.suptitle("Three answers for each pixel (nose and mouth, 40 × 40 px)")
run.save_figure(figure, "rasterizer_by_hand")

# %% [markdown]
# ## 7 · The UV map
#
# A texture is a flat picture. Every vertex has a place $(u, v)$ in it. Mix the $(u, v)$ of a triangle's corners with the
# weights of a pixel, and you know which point of the texture the pixel shows. Done for all pixels, this is the **UV map**. The
# paper gives this map to its network instead of a mesh.
#
# Why not mix the *colours* of the corners? Because then there is one colour per vertex. With a UV map the picture on the
# surface can be as fine as you like, and it can be anything: a photograph, the 16 learnt channels of notebook 04, or the
# texture of another expression. The mesh of a frame is rasterised once, and any number of textures is looked up with the same
# map.

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
figure, axes = plt.subplots(1, 3, figsize=(10.4, 4.0), layout="constrained")
axes[0].triplot(*coarse.uv.T, coarse.triangles, lw=0.4, color="C0")
landmarks(coarse.uv[coarse.landmark_indices], axes[0], size=9)
axes[0].set(xlabel="the texture, with vertices at (u, v)", aspect="equal", xlim=(0, 1), ylim=(0, 1))
uv_image(coordinates[0], on_face[0], None, axes[1])
axes[1].set_xlabel("the UV map: red is u, green is v")
image(worn[0], None, axes[2])
axes[2].set_xlabel("a chequered texture on the face")
figure.suptitle("The UV map says for each pixel which point of the texture it shows")
run.save_figure(figure, "uv_map")
plt.show()
steps = (256 * coordinates[0].diff(dim=-1)).norm(dim=0)[1:]  # texels (of 256) from one pixel to the next
depth_in = torch.from_numpy(distance_transform_edt(on_face[0, 0].numpy()))[1:, 1:]  # px from the rim
near_rim, inside = (depth_in > 1) & (depth_in < 4), depth_in > SIZE / 8
rim, middle = float(steps[near_rim].median()), float(steps[inside].median())
right = "at the rim" if rim > 1.2 * middle else "in the middle" if middle > 1.2 * rim else "everywhere alike"
texel_guess.answer(right, f"The next pixel is {middle:.1f} texels away in the middle, {rim:.1f} at the rim.")

# %% [markdown]
# At the rim the surface turns away from the camera. Seen at a slant the squares of the chequered texture are narrow, so each
# pixel has to cover more of them.
#
# **Exercise 1.5 · One texel look-up.** A texture has $T \times T$ texels, row 0 at the top ($v = 1$). Texel $(i, j)$ has its
# centre at $u = (j + \frac12)/T$, $v = 1 - (i + \frac12)/T$. Return the colour at $(u, v)$, mixed from the four texels around.

# %%
def look_up(texture, u, v):
    r"""Texture (C, T, T) at one point, u and v in [0, 1] and not at the rim → (C,), bilinear."""
    raise NotImplementedError("Exercise 1.5: four texels, four weights")


patch = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
answered["1.5"] = check_exercise("1.5", look_up, [(patch, 0.5, 0.5), (patch, 0.3, 0.8), (patch, 0.71, 0.22)])

# %% [markdown]
# ## 8 · A frame, laid flat
#
# Now we go the other way, and take the texture off a frame. It needs nothing new:
#
# 1. Rasterise the mesh *in the texture*, as if $(u, v)$ were the screen. So you know for each texel in which triangle it lies,
#    and where.
# 2. Mix the triangle's corners *in space* with these weights, and project the point. So you know the texel's place on the
#    screen.
# 3. Fetch the colour that the frame has there.
# 4. Is the texel hidden, behind the nose for example? Then the frame shows something nearer at this place. So compare depths.
#
# What cannot be seen stays black.

# %%
from dnt_core.rendering.unwrap import unwrap

TEXELS, t = run.profile.texture_size, len(clip) // 2
picture = torch.from_numpy(clip.frames[t]).permute(2, 0, 1)[None].float() / 255  # (1, 3, S, S)
screen = camera.project(points)[None]
u, v = model.uv.T
sheet = torch.stack([TEXELS * u - 0.5, TEXELS * (1 - v) - 0.5, torch.ones_like(u)], 1)  # (V, 3)
flat = rasterize(sheet[None], model.triangles, TEXELS)
corners = points[model.triangles[flat.pix_to_face[0, ..., 0]]]  # (T, T, 3 corners, 3)
places = (flat.bary_coords[0, ..., 0, :, None] * corners).sum(-2)  # (T, T, 3) in space
column, row, depth = camera.project(places.flatten(0, 1)).view(TEXELS, TEXELS, 3).unbind(-1)
where = torch.stack([(2 * column + 1) / SIZE - 1, (2 * row + 1) / SIZE - 1], -1)[None]  # -1 to 1
by_hand = torch.nn.functional.grid_sample(picture, where, padding_mode="border", align_corners=False)
column, row = (place.round().long().clamp(0, SIZE - 1) for place in (column, row))
ours = ((fragments.zbuf[0, row, column, 0] - depth).abs() < 0.05) & (flat.pix_to_face[0, ..., 0] >= 0)  # 5 mm

texture, visible = unwrap(picture, screen, model.triangles, model.uv, TEXELS)
shared = visible[0, 0] > 0
torch.testing.assert_close(by_hand[0, :, shared], texture[0, :, shared], atol=2e-3, rtol=0)
print(f"{100 * float(shared.double().mean()):.0f} % of the texels can be seen in this frame")
print(f"by hand and the package agree on {100 * float((ours == shared).double().mean()):.0f} % of them")

# %% [markdown]
# The rest lies outside the face, in the mouth hole or on the sides of the head. (The package also leaves out what is seen at
# too sharp a slant.)
#
# **Round trip.** Frame → texture → frame should give back what could be seen. How well it does depends on the number of texels.
# We measure it by the **PSNR**, $-10 \log_{10}$ of the mean squared difference, in decibels (dB): at 30 dB colours typically
# differ by 3 % of full scale, at 40 dB by 1 %.

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
again = sample_texture(texture, coordinates, on_face)
difference = (again - picture).abs().mean(1, keepdim=True) * 8 * on_face
pictures = [picture, texture, visible.expand(-1, 3, -1, -1), again, difference.expand(-1, 3, -1, -1)]
resized = [torch.nn.functional.interpolate(p, size=(SIZE, SIZE), mode="nearest")[0] for p in pictures]
labels = ["frame", "texture", "visible texels", "put back on", "difference × 8"]
ax = contact_sheet([resized], col_labels=labels, title="What a frame loses when laid flat and put back on")
ax.figure.set_size_inches(10.4, 2.7)
run.save_figure(ax.figure, "unwrap")

# %% [markdown]
# ### The paper's observation, in one picture
#
# Texture and geometry are separate now, so we can swap them: a happy texture on a neutral surface, and so on. When the figure
# comes, cover its labels and ask yourself which expression you *read*.

# %%
swap_guess = Question(
    "A happy texture on a disgusted surface: where will you see which expression?",
    ["happy everywhere", "disgusted everywhere", "happy at the eyes and cheeks, disgusted at the mouth"],
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
ax = contact_sheet(rows, *labels, title="The mouth follows the geometry, the skin the texture")
ax.figure.set_size_inches(6.4, 5.5)
run.save_figure(ax.figure, "swapped_textures")
plt.show()
display(swap_guess.answer(
    "happy at the eyes and cheeks, disgusted at the mouth",
    "This is what we see in the middle of the bottom row. Nothing is measured here, so you may see it "
    "otherwise.",
))  # fmt: skip

# %% [markdown]
# In each row the surface is the same, in each column the texture. Compare the mouths of the first column: with one and the same
# texture, the second smiles. So the shape of the *mouth* comes from the surface. Now compare eyes, folds and cheeks within a
# row: they come from the texture, and so does most of what you read. The paper is built on this observation.
#
# But one eye is one observer, and our actor was *built* to carry expression in its skin. (Its parameter `geometry_share` is the
# part of an expression around brows, eyes and cheeks that its geometry holds.) Notebook 02 asks classifiers, and changes this
# parameter.
#
# ## 9 · The five renderings of section 3.2
#
# Which part of a picture shows the expression? The paper gives a classifier the same moment in five versions (its figure 3):
#
# | name in the paper | what it is | geometry | coarse colour | fine texture |
# |---|---|---|---|---|
# | **Frames** | the film | yes | yes | yes |
# | **Rd w/o color** | the surface in grey | yes | no | no |
# | **Rd with vc** | the surface with the face model's colours and light | yes | yes | no |
# | **Rd with textures** | the surface with the frame's texture | yes | yes | yes |
# | **Textures** | the texture alone | no | yes | yes |

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
# Cover the labels and read the two columns without a texture from top to bottom. Can you tell the four expressions apart? In
# the paper a classifier can, but less surely. The paper measures this by the **cross-entropy**, the mean of −ln of the
# probability that the classifier gives to the right expression: it is 0 for a classifier that is sure and right, and ln 8 =
# 2.08 for one that guesses among eight. The paper's table 1 has 0.001 to 0.002 for the three versions with a texture, and 0.033
# and 0.044 for the two without.
#
# Why could that be? Let us see how much of the frame each version holds. Grey levels alone would be unfair, because a grey
# surface is far from the frame only because it is grey. So we predict the colours of the frame's pixels from those of the
# rendering by linear regression, within the face. The share of the variance that it explains is $R^2$. Regression can give the
# grey surface a skin colour, but it cannot invent a fold.

# %%
share_guess = Question(
    "Which share of the variance do the face model's own colours and light explain (Rd with vc)?",
    ["less than a third", "about half", "more than two thirds"],
)
share_guess

# %%
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score


def explained(rendering, frame, inside):
    r"""R² of the frame's colours inside the face, from the rendering's."""
    colors, wanted = (p.permute(1, 2, 0)[inside].double().numpy() for p in (rendering, frame))  # (n, 3)
    fitted = LinearRegression().fit(colors, wanted).predict(colors)
    return r2_score(wanted, fitted, multioutput="variance_weighted")


every = slice(None, None, max(1, len(clip) // 8))
five = render(clip.frames[every], clip.parameters[every])
masks = five["rd_textures"].sum(1) > 0  # (t, S, S)
shares = {}
for key in ("rd_textures", "rd_vertex_color", "rd_no_color"):
    triples = zip(five[key], five["frames"], masks, strict=True)
    shares[key] = np.array([explained(*triple) for triple in triples])
    away = (five[key] - five["frames"]).abs()[masks[:, None].expand(-1, 3, -1, -1)].mean() * 255
    metrics[f"difference_{key}"], metrics[f"explained_{key}"] = float(away), float(shares[key].mean())
    print(f"{RENDERINGS[key]:17s} explains {shares[key].mean():.0%} of the frame", end="; ")
    print(f"without regression it is {away:.1f} grey levels away")

# %%
lost = shares["rd_textures"] - shares["rd_vertex_color"]
assert not run.synthetic or lost.min() > 0
own = float(shares["rd_vertex_color"].mean())
display(share_guess.answer(
    share_guess.choices[0 if own < 1 / 3 else 1 if own <= 2 / 3 else 2],
    f"{own:.0%}. The frame's own texture explains {shares['rd_textures'].mean():.0%}. Whether the missing "
    "part is the expression, this number cannot say. Notebook 02 asks.",
))  # fmt: skip
run.claim(
    "renderings_without_texture_lose",
    "By linear regression, the model's own colours explain less of the frame than its texture does.",
    lost.mean(), above=0, interval=mean_interval(lost), over=f"{len(lost)} frames of one clip",
    baseline=("grey surface explains", shares["rd_no_color"].mean()),
    control=("texture explains", shares["rd_textures"].mean()),
)  # fmt: skip

# %% [markdown]
# ## 10 · From a video to 257 numbers
#
# So far the numbers came with the clip. A film of your own has none, so now we find them. You can skip this section and come
# back when you need it.
#
# What can be seen is where the landmarks are. For a film of your own a detector finds them. Here we take the true ones and move
# each at random, by about 3 px to the side and 3 px up or down (in a picture of 256 px). A detector errs less than that on a
# good picture.
#
# The fit needs a second ingredient. One frame gives 136 numbers (68 landmarks with two coordinates), but 150 are unknown: α, β
# and p. Many faces fit equally well, and among them are very unlikely ones. So we also use what we know beforehand, the
# **prior**: coefficients have mean 0 and variance 1. Together, we look for the numbers $x = (\alpha, \beta, p)$ that make this
# sum smallest:
#
# $$\sum_i \frac{\lVert y_i - \pi_i(x)\rVert^2}{\sigma^2} + \lVert\alpha\rVert^2 + \lVert\beta\rVert^2$$
#
# $y_i$ is where landmark $i$ was seen and $\pi_i(x)$ where the face $x$ has it (sections 2 and 5: shape, pose, camera). σ is
# the noise of the landmarks in px. With *one* coefficient the sum can be solved on paper: if one unit moves the landmark by $J$
# px, then $x=Jy/(J^2+\sigma^2)$. With $J = 2$ and $y = 4$ px you get 2 without noise, but only 1 with σ = 2. The less we
# believe the landmarks, the nearer the face stays to the mean.

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
# Because the head turns and the camera divides, $\pi$ is not linear. But for a small step $d$ it nearly is:
# $\pi(x+d)\approx\pi(x)+Jd$. The matrix $J$ of derivatives, the **Jacobian**, says by how many px each of the 150 numbers moves
# each of the 136 coordinates. With it the best step is the solution of a linear system, as in the example with one number. Take
# the step, compute $J$ again at the new face, and repeat. This is the **Gauss–Newton** method. One refinement: a landmark that
# is many σ off is probably a mistake of the detector. So each landmark gets a weight $1/(1+(\text{distance}/3\sigma)^2)$.

# %%
PRIOR = torch.cat([torch.ones(144), torch.zeros(6)]).double()  # the pose has none


def landmark_system(x, seen, sigma):
    r"""(136,) px seen → matrix (150, 150) and right side (150,) of the best step."""
    off = seen - marks_of(x)
    jacobian = torch.func.jacrev(marks_of)(x)  # (136, 150)
    distance = off.view(68, 2).norm(dim=1)
    weight = (1 / (1 + (distance / (3 * sigma)) ** 2)).repeat_interleave(2) / sigma**2
    matrix = jacobian.T @ (weight[:, None] * jacobian) + PRIOR.diag()
    return matrix, jacobian.T @ (weight * off) - PRIOR * x  # the prior pulls x back to 0


def fit_by_hand(seen, sigma, steps=8):
    x = torch.zeros(150, dtype=torch.float64)
    for _ in range(steps):
        x = x + torch.linalg.solve(*landmark_system(x, seen, sigma))
    return x

# %%
from dnt_core.tracking import OWN_LANDMARKS, fit_landmarks


def apart(one, other):
    return float((one - other).view(68, 2).norm(dim=1).mean()) * 256 / SIZE  # px of 256


t = len(clip) // 2
seen, true = seen_marks[t].flatten(), true_marks[t].flatten()
steps = [marks_of(fit_by_hand(seen, NOISE, n)) for n in range(6)]
for n, marks in enumerate(steps):
    off = f"{apart(marks, seen):5.2f} px to the seen landmarks, {apart(marks, true):5.2f} to the true ones"
    print(f"after {n} steps {off}")
print(f"the last step moves the landmarks by {apart(steps[4], steps[5]):.3f} px")
package = fit_landmarks(model, seen_marks[t : t + 1].numpy(), camera, OWN_LANDMARKS)
packages = FaceParameters.from_vector(torch.from_numpy(package.parameters[0]), order="storage")
by_hand = fit_by_hand(seen, package.noise, 20)
print(f"the package estimates σ from the distances left: {package.noise * 256 / SIZE:.2f} px; it is 3 px")
torch.testing.assert_close(marks_of(by_hand), marks_of(torch.cat([
    packages.identity, packages.expression, packages.angles, packages.translation
]).double()), atol=0.05 * SIZE / 256, rtol=0)  # fmt: skip

# %% [markdown]
# With the package's σ, our loop and the package agree on every landmark (to 0.05 px of 256; the cell stops otherwise).
#
# How strongly should the prior pull? That depends on σ, the noise that we *believe* in. So we fit the same frame with nine
# values of σ.

# %%
believed = [0.03, 0.1, 0.3, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0]  # px of 256
fits = [marks_of(fit_by_hand(seen, sigma * SIZE / 256)) for sigma in believed]
to_seen, to_true = ([apart(fit, goal) for fit in fits] for goal in (seen, true))
distances = {"from the seen landmarks": to_seen, "from the true ones": to_true}
ax = curve(believed, distances, xlabel="believed noise σ, px of 256", ylabel="distance, px of 256")
ax.axvline(3, color="#8A8A8A", lw=1, ls=":")
ax.set_xscale("log")
ax.set_xticks([0.1, 1, 3, 10], ["0.1", "1", "3 (right)", "10"])
ax.set_title("Who believes too much in the landmarks fits their noise")
run.save_figure(ax.figure, "believed_noise")
plt.show()
even, loose = (to_true[k] for k in (believed.index(3.0), 0))
answer = "With σ = {:g} px the fit is {:.2f} px from the seen landmarks and {:.2f} from the true ones. "
answers = [answer.format(believed[k], to_seen[k], to_true[k]) for k in (0, believed.index(3.0))]
display(
    prior_guess.answer("nearer to the seen ones, farther from the true ones", "".join(answers)),
    run.claim("prior_beats_noise", "A prior brings one frame's landmarks nearer to the truth.", even,
              below=loose, limit_name="hardly any prior", unit="px"),
)  # fmt: skip
assert not run.synthetic or (even < loose and to_seen[0] < to_seen[believed.index(3.0)])

# %% [markdown]
# **Your turn.** Left: green are the seen landmarks, red the fitted ones. Right: the face that the fitted numbers describe. At
# which end of the slider does it become a caricature, and at which does it lose its expression?

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
# **Light.** Landmarks say nothing of the light γ, but pixels do. By section 4, $\text{colour} = T\,Y(n)\,\gamma$. Once shape
# and skin are known, this is *linear* in γ, so least squares find its nine numbers for each colour. We test it on colours that
# the model itself made: γ must come back.

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
print(f"largest error of the 27 numbers: {float((gamma - frame.illumination).abs().max()):.1e}")

# %% [markdown]
# Pixels also help to find the shape: where the model's colour differs from the picture's, the points should move to where the
# colour fits. [Fit to pixels](../docs/fit_to_pixels.md) takes one such step by hand.
#
# **The whole clip.** In one frame, a person with a wide mouth looks like one who smiles. In a clip the person stays the same.
# So the package uses one α for all frames, and lets β and p change only little from one frame to the next. It solves all frames
# as one system, first with the landmarks alone, then four times with the pixels. On the command line it is
#
# ```
# dnt track clips/*.mp4 --out data/ann --actor ann
# ```
#
# and [your own face](../docs/your_own_face.md) says how to film and whose consent you need. In the next table the result is
# compared with the truth. The first row is the *mean face* in the fitted pose, which knows nothing of the person or the
# expression. The columns are:
#
# - `lip_mm`, `landmark_px`: how far the lips and all landmarks are from the true ones, in mm and in px of 256;
# - `expression_correlation`: of the 64 numbers of β with the true ones, over time;
# - `movement_correlation`: the same for what β does to the landmarks;
# - `uv_texels`: how far the UV map is from the true one, in texels of 256.

# %%
from dnt_core.tracking.fit_quality import fit_quality, mean_face
from dnt_core.tracking.pixel_fit import fit_pixels

part = slice(0, 75)  # enough for a user's long clip
target = seen_marks[part].numpy()
landmark_fit = fit_landmarks(model, target, camera, OWN_LANDMARKS)
fit = fit_pixels(model, target, clip.frames[part], landmark_fit, camera, OWN_LANDMARKS)
truth = numbers.to_vector("storage")[part].numpy()
rows = {"landmarks": landmark_fit.parameters, "then pixels": fit.parameters}
rows = {"mean face": mean_face(fit.parameters)} | rows
quality = {name: fit_quality(model, row, truth, SIZE) for name, row in rows.items()}
display(pd.DataFrame({name: row.to_dict() for name, row in quality.items()}).T.round(2))
reach = model.expression_basis[model.landmark_indices].square().sum(1).mean(0).sqrt()  # (64,) dm per unit
reach = reach * 256 / 224 * 1015 / (10 - float(frame.translation[2]))  # px of 256
print(f"{int((reach < 0.1).sum())} of the 64 columns move the landmarks by less than 0.1 px per unit, "
      f"so no picture can show their values; the first moves them by {float(reach[0]):.1f} px.")  # fmt: skip

# %%
wanted = ("lip_mm", "landmark_px", "expression_correlation", "uv_texels")
metrics |= {f"track.{name}": getattr(quality["then pixels"], name) for name in wanted}
trivial, tracked = quality["mean face"], quality["then pixels"]
over = f"{len(truth)} frames of one clip"
display(
    run.claim("tracked_lips", "The tracked lips are nearer to the true ones than the mean face's.",
              tracked.lip_mm, below=trivial.lip_mm, limit_name="mean face", unit="mm", over=over,
              note="Landmarks are the truth's with 3 px of noise."),
    run.claim("tracked_expression", "The numbers of the tracked expression correlate with the true ones by "
              "more than 0.7.", tracked.expression_correlation, above=0.7, limit_name="our aim",
              baseline=("mean face", 0.0), over=over),
    run.claim("tracked_movement", "What the tracked expression does to the landmarks correlates with the "
              "truth by more than 0.7.", tracked.movement_correlation, above=0.7, limit_name="our aim",
              baseline=("mean face", 0.0), over=over),
)  # fmt: skip
assert not run.synthetic or tracked.lip_mm < trivial.lip_mm

# %%
from dnt_core.clips import FaceCache
from dnt_core.tracking.fit_picture import fit_picture

source = run.profile.face_model if run.synthetic else clip.face.face_model
cache = FaceCache(fit.parameters, clip.fps, source, "this notebook", (SIZE, SIZE), clip.face.crop, target)
figure, ax = plt.subplots(figsize=(10.4, 3.6), layout="constrained")
ax.imshow(fit_picture(clip.clip.video, cache))
ax.set_axis_off()
ax.set_title("Above: seen landmarks (green) and fitted ones (red). Below: the fitted face lies on the film")
run.save_figure(figure, "tracked_face")

# %% [markdown]
# **Exercise 1.6 · One person, many frames.** This is the step of the fit in which all frames share α. Near a guess, α moves the
# landmarks of frame $t$ by $J_t \alpha$ px. They were seen displaced by $r_t$ px, with noise σ. α has mean 0 and variance 1,
# and it is the *same* in all frames. Return the most probable α.

# %%
def shared_identity(jacobians, residuals, sigma):
    r"""(T, n, k) and (T, n) px, noise σ px → the most probable α (k,)."""
    raise NotImplementedError("Exercise 1.6: one α, one prior, all frames")


drawn = torch.Generator().manual_seed(0)
some_frames = torch.randn(5, 6, 3, generator=drawn), torch.randn(5, 6, generator=drawn)
answered["1.6"] = check_exercise("1.6", shared_identity, [(*some_frames, 2.0), (*some_frames, 0.5)])

# %% [markdown]
# ## In short
#
# - **A frame's face is 257 numbers of five kinds.** In a clip β and p change; α, δ and γ stand still. A sum, a light and a
#   camera put the face back.
# - **β mixes speech and emotion.** A mouth moves in few directions, and they share them. So the emotion cannot be subtracted.
# - **A UV map and a texture make the picture.** Frame → texture → frame returns the seen face, and better with more texels.
# - **In swapped pictures the skin shows the texture's expression and the mouth the surface's.** Nothing is measured yet.
# - **A film gives the numbers back as far as they can be seen.** The fit needs a prior. Columns of β that hardly move anything
#   cannot be found.
#
# You built the linear model, the light, the camera, the rasteriser, the unwrapping and the fit to landmarks by hand, and the
# package agrees. All clips here are the actor's, whose skin was built to carry expression. Real skin is a question for notebook
# 02, if you have MEAD.
#
# **Next:** [02 · Where are expressions?](02_where_are_expressions.ipynb) gives the five versions of a frame to a classifier.
# The cell below lists the claims of this notebook.

# %%
metrics["basis_largest_cosine"] = max(worst.values())
run.record(metrics)
run.claims()
