# %% [markdown]
# # Dynamic neural textures: a face whose expression is a vector
#
# This is the paper. A generator $g(B, F, E)$ gets a background $B$, a face geometry $F$ without expression, and a vector
# $E$ that says *which* expression and *how much*. It answers with a picture. The expression is nowhere in the geometry;
# it is painted by a texture that changes continuously with $E$. So it should also know intensities that nobody filmed.
#
# | | |
# |---|---|
# | **Paper** | sections 3.1 and 3.3 to 3.7, 4.2, 5.2; equations 1 and 6; figure 5, table 2 |
# | **Afterwards you can** | write the texture, its look-up and equation 1 as loops; train the whole generator; say what a trivial prediction reaches; test a claim about intensities that no data exists for |
# | **Before this** | notebooks 01 (UV map), 02 (the classifiers of sections 6 and 9) and 03 (the decoupling network) |
# | **Takes** | about three minutes in the quick profile, a quarter of an hour in `laptop`; no GPU |
#
# **Simplified against the paper:**
# - the clips are the *built-in synthetic actor's*, and so is everything measured here; MEAD's faces are harder;
# - the shipped generator is narrow and was trained in several rounds on one CPU core (section 8 prints them), the paper's on an A100;
# - it learnt from frames that were made darker and lighter, and from geometry of another λ2 than the paper's (section 11);
# - its loss is not equation 6: section 6 shows what was measured instead, and why;
# - the first three channels of its texture were supervised by unwrapped frames, as peers do and the paper does not say.

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""

# %%
import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from dnt_core.paths import repository_root
from dnt_core.plotting import contact_sheet, curve, use_style
from dnt_core.workbook import clips_folder, open_notebook

use_style()
run = open_notebook("04_dynamic_neural_textures", profile, data_dir, out_dir)
pick = run.profile.pick
print(run)

# %% [markdown]
# ## 1 · The vector: CIEC
#
# *Continuous Intensity Expression Code*: seven entries, one for each type but neutral, at most one of them above zero.
# Its value is the intensity. Levels 1, 2, 3 of the films are 0.33, 0.67 and 1; neutral is the zero vector.

# %%
from dnt_core.ciec import CIEC_TYPES, EXPRESSIONS, encode, level_to_intensity, validate


def naive_ciec(expression, intensity):
    vector = [0.0] * 7
    for k, name in enumerate(CIEC_TYPES):
        if name == expression:
            vector[k] = intensity
    return torch.tensor(vector)


for expression, level in (("happy", 3), ("sad", 1.5), ("neutral", 0)):
    intensity = level_to_intensity(level)
    torch.testing.assert_close(encode(expression, torch.tensor(intensity)), naive_ciec(expression, intensity))
    print(f"{expression:8} level {level:3}: {naive_ciec(expression, intensity).numpy().round(2)}")

# %% [markdown]
# Over time a CIEC moves along a path. From one type to another it goes *through zero*: nobody has said what "half happy,
# half sad" means, and no actor was asked to show it. Figure 1 of the paper, written as text:

# %%
from dnt_core.ciec_path import parse_path

path = parse_path("happy:0→1→0, sad:0→0.8")
vectors = validate(path.vectors(61))  # (61, 7)
moving = {name: vectors[:, k] for k, name in enumerate(CIEC_TYPES) if vectors[:, k].any()}
ax = curve(np.linspace(0, 1, 61), moving, xlabel="share of the clip", ylabel="intensity")

# %% [markdown]
# What is no CIEC is refused, with the reason:

# %%
for wrong in ("happy:0→1, sad:1→0", "bored:0→1", "happy:0→1.2"):
    try:
        parse_path(wrong)
    except ValueError as error:
        print(f"{wrong!r}: {error}")
try:
    validate(torch.tensor([0.5, 0.5, 0, 0, 0, 0, 0]))
except ValueError as error:
    print(error)

# %% [markdown]
# ## 2 · The texture
#
# The simplest idea is a *set*: one texture for each expression and level, 22 of them. But then nothing lies between two
# levels; one can only cross-fade. The paper's idea is a texture that is a *function*: a small **transcoding network** turns $E$
# into weights, the weights mix **texture bases**,
#
# $$T(E) = T_0 + \sum_k w_k(E)\,T_k .$$
#
# All $T_k$ and the network are learnt together. As loops:

# %%
from dnt_core.networks.dynamic_texture import DynamicTexture


def naive_dense(layer, x):
    rows = zip(layer.weight, layer.bias, strict=True)
    return torch.stack([sum(w * v for w, v in zip(row, x, strict=True)) + b for row, b in rows])


def naive_texture(texture, ciec):
    *hidden, last = texture.transcoder.layers
    for layer in hidden:
        ciec = torch.tanh(naive_dense(layer, ciec))
    made = texture.neutral.clone()
    for weight, basis in zip(naive_dense(last, ciec), texture.basis, strict=True):
        for place in np.ndindex(*basis.shape):  # channel, row, column
            made[place] = made[place] + weight * basis[place]
    return made


tiny = DynamicTexture(size=5, channels=4, bases=3, hidden=(8,))
sad = encode("sad", torch.tensor(0.5))
with torch.no_grad():
    torch.testing.assert_close(tiny(sad[None])[0], naive_texture(tiny, sad))

# %% [markdown]
# **What the biases do.** Neutral is $E = 0$. A network without biases turns 0 into 0, and neutral is $T_0$ and nothing else.
# With biases, as in the paper's fully connected layers, neutral has a mixture of its own like every other face, and $T_0$ is
# only what all faces share:

# %%
neutral = torch.zeros(1, 7)
without = DynamicTexture(size=5, channels=4, bases=3, hidden=(8,))
with torch.no_grad():
    for layer in without.transcoder.layers:
        layer.bias.zero_()
    print("weights of neutral, with biases:   ", tiny.weights(neutral)[0].numpy().round(2))
    print("weights of neutral, without biases:", without.weights(neutral)[0].numpy().round(2))
    assert tiny.weights(neutral).abs().sum() > 0 and without.weights(neutral).abs().sum() == 0

# %% [markdown]
# ## 3 · Onto the face
#
# Now real frames. Each brings the background with face and mouth cut out, the UV map of its *decoupled* geometry (notebook
# 03), where that face shows, and where its mouth hole is. This is prepared once for all clips.

# %%
from dnt_core.clips import scan
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_stages import RECIPES
from dnt_core.training.preprocessing import DataConfig, prepare_data

recipe = RECIPES[pick(nbval="nbval", quick="quick", laptop="quick", paper="quick")]
folder = clips_folder(run.profile, data_dir, **({"actors": ("M003",)} if run.synthetic else {}))
clips = scan(folder).clips
clips = [clip for clip in clips if clip.actor == clips[0].actor]
network = (
    load_decoupling_network("M003") if run.synthetic else None
)  # of your own actor: dnt train decoupling
SMALL = recipe.stages[0].image_size
data = prepare_data(clips, run.folder / "prepared" / f"{SMALL}", DataConfig(image_size=SMALL), network)
print(f"{len(clips)} clips of {clips[0].actor}, {len(data):,} frames of {SMALL} px")

# %%
row = next(i for i, (clip, frame) in enumerate(data.rows) if clips[clip].expression == "happy" and frame == 4)
batch = data.batch([row])
frame = batch.frame
uv = torch.cat([frame.uv_map, torch.full_like(frame.mask, 0.35)], 1)
uv = torch.where(frame.mask > 0, uv, 1.0)
shown = {"filmed": batch.target, "background B": frame.background, "UV map": uv, "face": frame.mask}
shown["mouth hole"] = frame.mouth
ax = contact_sheet([[picture[0] for picture in shown.values()]], col_labels=list(shown))

# %% [markdown]
# Each pixel of the UV map says where on the texture its colour lies. Between four texels it is mixed. Naively, for one
# pixel (texel centres are at $(j + ½)/T$; $v$ points up, rows count down):

# %%
from dnt_core.rendering.uv_map import sample_texture


def naive_sample(texture, u, v):
    T = texture.shape[-1]
    x, y = u * T - 0.5, (1 - v) * T - 0.5
    j, i = int(np.floor(x)), int(np.floor(y))
    total = 0.0
    for row, row_weight in ((i, i + 1 - y), (i + 1, y - i)):
        for column, column_weight in ((j, j + 1 - x), (j + 1, x - j)):
            inside = (
                min(max(row, 0), T - 1),
                min(max(column, 0), T - 1),
            )  # the border goes on beyond the edge
            total = total + row_weight * column_weight * texture[:, inside[0], inside[1]]
    return total


with torch.no_grad():
    texture = tiny(sad[None])  # (1, 4, 5, 5)
    sampled = sample_texture(texture, frame.uv_map)  # (1, 4, S, S)
    for y, x in frame.mask[0, 0].nonzero()[::97].tolist():
        u, v = frame.uv_map[0, :, y, x].tolist()
        torch.testing.assert_close(sampled[0, :, y, x], naive_sample(texture[0], u, v))

# %% [markdown]
# Looking up is *linear in the texture*: the sample of a mix is the mix of samples. So when only the slider moves, the bases
# can be put onto the face once, and a new expression costs one small sum. This is what makes notebook 08 fast.

# %%
with torch.no_grad():
    on_face, bases_on_face = tiny.sample_bases(frame.uv_map, frame.mask)  # (N, S, S), (K, N, S, S)
    folded = on_face + torch.einsum("k,knhw->nhw", tiny.weights(sad[None])[0], bases_on_face)
    torch.testing.assert_close(folded, tiny.sample(sad[None], frame.uv_map, frame.mask)[0])

# %% [markdown]
# ## 4 · Teeth
#
# The mesh has a hole where the mouth is, and the texture has nothing to say there. The **teeth submodule** cuts a window
# with the hole in its middle, runs a small U-Net on it that is told $E$, and puts the result back. Cutting and putting back
# are affine and inverse to each other: naively, with whole pixels,

# %%
from dnt_core.networks.mouth_window import cut_window, mouth_window, paste_window


def naive_window(box, size):
    left, top, right, bottom = box
    first_row = round((top + bottom) / 2 - (size[0] - 1) / 2)
    first_column = round((left + right) / 2 - (size[1] - 1) / 2)
    return first_row, first_column


size = (SMALL // 4, SMALL // 4 + 8)
window = mouth_window(frame.mouth_box, size)
cut = cut_window(batch.target, window, size)
row0, column0 = naive_window(frame.mouth_box[0].tolist(), size)
torch.testing.assert_close(cut, batch.target[..., row0 : row0 + size[0], column0 : column0 + size[1]])

back = paste_window(cut, window, batch.target.shape[-2:])
torch.testing.assert_close(cut_window(back, window, size), cut)  # the way there and back loses nothing
ax = contact_sheet([[batch.target[0], back[0]]], col_labels=["filmed", "only the window"])

# %% [markdown]
# ## 5 · The renderer, and equation 1
#
# Sampled texture, teeth and features of the background go into a U-Net with residual blocks. Out come a colour $F$ and an
# **attention mask** α, and the picture is
#
# $$I = \alpha \cdot F + (1 - \alpha) \cdot B \qquad (1)$$

# %%
from dnt_core.networks.neural_renderer import blend

color = torch.rand(1, 3, 4, 4)
alpha = torch.rand(1, 1, 4, 4)
back = torch.rand(1, 3, 4, 4)
naive = torch.empty_like(color)
for _, c, i, j in np.ndindex(*color.shape):
    a = alpha[0, 0, i, j]
    naive[0, c, i, j] = a * color[0, c, i, j] + (1 - a) * back[0, c, i, j]
torch.testing.assert_close(blend(color, alpha, back), naive)
assert torch.equal(blend(color, torch.zeros_like(alpha), back), back)  # α = 0 is the background
assert torch.equal(blend(color, torch.ones_like(alpha), back), color)  # α = 1 is the rendered face

# %% [markdown]
# All parts together, and what they cost. The shipped generator works at *half* the picture's size, a quarter of the work: its
# last convolution gives four pixels for each of its own, and sixteen channels go past the U-Net straight to it, so that the
# skin stays sharp. Where a U-Net's way down meets its way up, the two are added, not concatenated. An earlier one, with
# convolutions at full size, was 0.5 dB better on held-out clips and cost 1.77 GFLOP; notebook 08 needs the speed. (The
# numbers of $g$ are the shipped 256-pixel generator's; section 8 opens it.)

# %%
from dnt_core.networks.generator import Generator, count_gflop
from dnt_core.networks.generator_config import GENERATOR_CONFIGS

SIZES_SHOWN = {"trained below": (recipe.config, SMALL), "shipped": (GENERATOR_CONFIGS["laptop"], 256)}
cost = {}
for name, (config, side) in SIZES_SHOWN.items():
    whole = Generator(config)
    cost[f"{name}, {side} px"] = whole.parameter_count() | {"GFLOP a frame": count_gflop(whole, side)}
pd.DataFrame(cost).T.style.format("{:,.0f}").format("{:.2f}", subset="GFLOP a frame")

# %% [markdown]
# ## 6 · What is minimised
#
# Equation 6 compares VGG-19 *features* of the picture with those of the film,
# $L = \sum_l w_l \lVert \phi_l(I) - \phi_l(\hat I) \rVert_1$. That needs weights of 550 MB which this repository cannot ship.
# (Put torchvision's file where `dnt doctor` says, and `--profile paper` trains with equation 6.) What should stand in for
# them? We trained the same small generator three times, on the same batches, and let the result choose:

# %%
compared = json.loads((repository_root() / "weights" / "loss_comparison.json").read_text())
print(compared["trained"], "·", compared["measured_on"])
losses = pd.DataFrame(compared["losses"]).T
losses[["psnr", "psnr_face", "psnr_mouth", "ssim", "ce_type", "step_s"]].round(3)

# %% [markdown]
# `random_vgg19` has random weights, `learnt_vgg19` was taught on notebook 02's task, `pixel_gradient` has no features: it
# compares pixels and their differences to the neighbours. (`_face`: only inside the face; `_mouth`: only in the mouth hole;
# `step_s`: seconds a step, on a busy machine.) It draws the best picture in each of the four measures and is the cheapest, so
# the recipes use it. Two reservations: a loss made of pixels plays at home where pixels are compared, and after so short a
# training *no* loss draws an expression that the classifier can name (`ce_type`; guessing costs 2.08 nats), so the table
# says nothing about that. Nor does it say how VGG-19 with ImageNet's weights would do.
#
# The loss has two parts that the paper does not have. One counts the mouth more. The other asks the texture's first three
# channels to look like the unwrapped frame, as peers do. Does it help? The same training without it:

# %%
assert compared["best"] == "pixel_gradient" and losses["psnr_face"].idxmax() == "pixel_gradient"
colors = pd.DataFrame(compared["texture_colors"]).T
assert colors.loc["supervised", "psnr_face"] > colors.loc["not supervised", "psnr_face"]
colors[["psnr", "psnr_face", "psnr_mouth", "ssim", "ce_type"]].round(3)

# %% [markdown]
# It helps in every column, so the recipes ask for it. (Both tables were made with that earlier network.)

# %% [markdown]
# ## 7 · Training, live
#
# The small generator from nothing. Above: test frames as drawn now. Below: as filmed. Where the film has one clip a
# cell (the quick one), the test frames are the last fifth of each clip, as in the paper; with more, they are of other
# clips.
#
# A trap, if you write your own: while $F$ is still worth nothing, the quickest way to a smaller loss is α → 0, and from
# there equation 1 has no gradient back. Five of Adam's full steps did that to one of our faces, for good. So the first steps
# are small, and α is told to stay open where the background has its hole. Another: with many clips, each in a light of its
# own, a generator takes the light of a *happy* clip for a part of *happy*. So longer trainings see each frame darker,
# lighter, and lit from the side (`light`).

# %%
from dnt_core.metrics.image_metrics import drawn_by, mean_face, measure, spread
from dnt_core.training.generator_stages import hold_out
from dnt_core.training.generator_training import GeneratorTraining

held = hold_out(data)
small = Generator(recipe.config)
small.texture.set_color(data.mean_texture())  # the mean unwrapped frame
longer = {"steps": 800, "light": 0.2}
plan = replace(recipe.stages[0].plan, **pick(nbval={}, quick={}, laptop=longer, paper=longer))
training = GeneratorTraining(small, data, held.train, held.tested, plan)
print(f"{plan.steps} steps on {len(training.train)} frames, tested on {len(training.test)}")

# %% [markdown]
# Eight test frames are watched while it learns:

# %%
from IPython.display import display

watched = spread(training.test, 8)
truth = list(data.batch(watched).target)
asked = [data.clips[clip].expression for clip in data.rows[watched, 0]]


def picture_now(title):
    ax = contact_sheet([list(training.render(watched).image), truth], ["drawn", "filmed"], asked, title)
    plt.close(ax.figure)
    return ax.figure


screen = display(picture_now("before the first step"), display_id=True)
for progress in training.run():
    screen.update(picture_now(f"step {progress.step}: loss {progress.loss:.4f}, {progress.psnr:.1f} dB"))

# %%
trivial = mean_face(data, held.train)
tested = spread(held.tested, 120)
live = {"generator": measure(drawn_by(small), data, tested), "mean face": measure(trivial, data, tested)}
print(f"{training.step} steps in {training.seconds:.0f} s")
pd.DataFrame(live).T.round(3)

# %% [markdown]
# **Check.** The loss fell, and the generator beats the trivial prediction: the mean face, set into the true background.
# (Without such a line beside it, a PSNR says little.) Look at the names above the faces, too: head, speech and light are
# there, the expressions only begin to show. They are a small part of a picture, and come late in a training.

# %%
history = training.history
assert all(np.isfinite(progress.loss) for progress in history)
assert history[-1].loss < history[0].loss
if pick(nbval=False, quick=True, laptop=True, paper=True):
    assert live["generator"]["psnr"] > live["mean face"]["psnr"] + 1
run.record({"live.psnr": live["generator"]["psnr"], "live.psnr_mean_face": live["mean face"]["psnr"]})

# %% [markdown]
# ## 8 · The shipped weights, from the inside
#
# The same training, longer and at 256 pixels, in rounds that each started from the weights of the one before (the last one with
# the cheaper network, in which what did not fit began anew). From here on all faces are the synthetic actor's, whatever
# clips you gave.

# %%
from dnt_core.studies.dynamic_texture.eval_frames import EvalConfig
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation, shipped_weights

run = replace(run, synthetic=True)
weights = shipped_weights(repository_root() / "weights")
if run.profile.name == "nbval":
    weights = weights.with_name("generator_M003_128.safetensors")
sizes = pick(
    nbval=EvalConfig(1, 1, 1, 1, 1, 1, static_steps=2, neutral=2, train_clips=1),
    quick=EvalConfig(train=2, held=1, within=1, between=1, swept=2, static_steps=40),
    laptop=EvalConfig(train=6, held=5, within=3, between=4, between_clips=1, swept=8, static_steps=400),
    paper=EvalConfig(train=6, held=5, within=3, between=4, between_clips=1, swept=8, static_steps=400),
)
study = GeneratorEvaluation(weights, run.folder / "moments", sizes, progress=False)
g = study.generator
record = study.notes
megabytes = weights.stat().st_size / 1e6
print(f"{weights.name}: {megabytes:.1f} MB · seed {record['seed']} · {record['machine']}")
rounds = [record]
while "started_from" in rounds[0]:
    rounds.insert(0, rounds[0]["started_from"])
for number, one in enumerate(rounds, 1):
    steps = (f"{stage['steps']} steps at {stage['image_size']} px" for stage in one["stages"])
    print(f"round {number}: {' + '.join(steps)}\n   {one['command']}")

# %% [markdown]
# **The bases.** Their first three channels, around grey. What is grey changes nothing.

# %%
from dnt_core.studies.dynamic_texture import figures

half = g.texture.n_bases // 2
pictures = figures.basis_pictures(g.texture)
names = [f"T{k + 1}" for k in range(len(pictures))]
sheet = [pictures[:half], pictures[half:]]
ax = contact_sheet(sheet, col_labels=None, row_labels=[f"{names[0]} …", f"{names[half]} …"])
run.save_figure(ax.figure, "bases")

# %% [markdown]
# They are no "happy" and "sad", one by one: each is a mixture, and the transcoding network knows the recipe.
#
# **The weights** on the way from neutral to full intensity:

# %%
figure, axes = plt.subplots(1, 3, figsize=(10, 2.6), sharey=True, constrained_layout=True)
for ax, name in zip(axes, ("happy", "sad", "surprised"), strict=True):
    asked, mix = figures.weights_on_the_way(g.texture, name)
    ax.plot(asked, mix, lw=1.1)
    for level in (0.33, 0.67, 1.0):
        ax.axvline(level, color="#BBBBBB", lw=0.8, zorder=0)
    ax.set(title=name, xlabel="intensity")
axes[0].set_ylabel("weight of each basis")
run.save_figure(figure, "basis_weights")
ways = [figures.weights_on_the_way(g.texture, name) for name in CIEC_TYPES]
bend = max(figures.bend_between(x.numpy(), mix.numpy(), (0, 0.33, 0.67, 1)) for x, mix in ways)
print(f"largest distance from straight lines between the filmed levels: {bend:.0%} of the longest way")

# %% [markdown]
# Smooth curves through the three filmed levels (grey lines), and nearly straight between them; section 10 comes back to
# that. *Continuous* can be said exactly: how much does the
# texture change at most, for a unit of $E$? The product of the layers' largest singular values is a bound that holds for
# *all* CIECs; the slope on the seven ways is what happens.

# %%
bound, slope = g.texture.lipschitz_bound(), g.texture.measured_slope()
assert 0 < slope <= bound
print(f"Lipschitz bound {bound:.2f}, steepest slope {slope:.2f} (root mean square a texel and channel)")

# %% [markdown]
# **The texture's channels** at full happiness: the first three as colours, then the other thirteen, which only the
# renderer can read.

# %%
full_smile = encode("happy", torch.tensor(1.0))
channels = figures.channel_pictures(g.texture, full_smile)
ax = contact_sheet([channels[:7], channels[7:14]])
run.save_figure(ax.figure, "texture_channels")

# %% [markdown]
# **A frame it never saw**, neutral in the film (of these the one with the mouth widest open, so that we see lips and teeth),
# with other expressions. The geometry and the background are the same in each row.

# %%
def open_mouth(row):
    return float(study.held.batch([row]).frame.mouth.sum())


held_rows = range(len(study.held))
neutral_rows = [i for i in held_rows if study.held.clips[study.held.rows[i, 0]].expression == "neutral"]
still = study.held.batch([max(neutral_rows, key=open_mouth)])
ASKED = (("neutral", 0.0), ("happy", 1.0), ("angry", 0.67), ("surprised", 1.0))
rows = [
    figures.parts_of_a_frame(g, still.frame, encode(name, torch.tensor([value]))) for name, value in ASKED
]
ax = contact_sheet(
    [list(parts.values()) for parts in rows],
    row_labels=[f"{name} {value:g}" for name, value in ASKED],
    col_labels=list(rows[0]),
)
run.save_figure(ax.figure, "inside")

# %% [markdown]
# The attention mask says where the network paints: the face and its mouth, with a grey rim at the jaw where it mixes. Hair
# and shirt are copied. $F$ is only computed in a window around the face; what it shows where α is black (white, orange) is
# never seen and was never corrected.
#
# **The teeth**, before and after, in the frames of three expressions whose teeth show most. The first three features stand
# for red, green and blue. Without them the renderer has to fill the hole from its surroundings; with them it knows where
# teeth end and the dark begins. (In *disgusted* the texture itself paints the upper teeth: the raised lip belongs to the
# expression, and the decoupled geometry does not raise it. Into the thin slit of *contempt* hardly a tooth finds its way.)

# %%
def teeth_seen(row):
    batch = study.held.batch([row])
    return float(((batch.target.mean(1, keepdim=True) > 0.4) * batch.frame.mouth).sum())


shown = {}
for name in ("happy", "disgusted", "contempt"):
    of_it = [row for row in held_rows if study.held.clips[study.held.rows[row, 0]].expression == name]
    mouth = study.held.batch([max(of_it, key=teeth_seen)])
    shown[name] = figures.teeth_pictures(g, mouth.frame, mouth.ciec, mouth.target)
ax = contact_sheet([list(steps.values()) for steps in shown.values()], list(shown), list(shown["happy"]))
run.save_figure(ax.figure, "teeth")

# %% [markdown]
# ## 9 · Frames it never saw
#
# Two tests. *Held-out clips*: whole clips were kept from the training. *Within clips*: the last fifth of clips whose first
# four fifths trained, the paper's split; test frames then lie a thirtieth of a second beside training frames. Beside the
# generator stand those it must beat:
# - **static texture**: the same network with one texture for everything ("w/o DNT"), started from the trained one and
#   fitted on for some steps; its teeth are still told $E$;
# - **colours of each expression**: the naive set of section 2 without any network, unwrapped frames averaged and put back;
# - **copied neutral frame** with the nearest mouth; **mean face**; **mean frame**.
#
# `ce_` are cross-entropies of classifiers as in notebook 02 that have seen filmed frames of the training clips. *Guessing*
# is what an even guess among 8 types and 3 levels costs.

# %%
held_table = pd.DataFrame(study.compare(study.held)).T
within_table = pd.DataFrame(study.compare(study.within)).T
columns = ["psnr", "ssim", "ce_level", "ce_type"]
paper = pd.Series({"psnr": 30.39, "ssim": 0.91, "ce_level": 0.029, "ce_type": 0.18})
both = {"held-out clips": held_table[columns], "within clips": within_table[columns]}
table = pd.concat(both, axis=1)
table.loc["guessing"] = 2 * [np.nan, np.nan, np.log(3), np.log(8)]
table.loc["the paper's, on MEAD"] = [np.nan] * 4 + paper.tolist()
print(f"the synthetic actor, {len(study.held)} and {len(study.within)} frames of {study.size} px")
table.round(3)

# %% [markdown]
# Inside the face and inside the mouth hole the difference is clearer: the background is given, nobody can lose there. The
# classifiers of `face` see the skin and nothing else, those of `mouth` only a window around the mouth hole; each was fitted
# on that part of filmed frames, and the row *filmed frames* says how much can be read there at all. (Shut mouths do not count
# for `_mouth`.)

# %%
inside = [f"{name}_{part}" for part in ("face", "mouth") for name in ("psnr", "ssim", "ce_level", "ce_type")]
held_table[inside].round(3)

# %% [markdown]
# **Check.**

# %%
best, static = held_table.loc["generator"], held_table.loc["static texture"]
copied = held_table.loc["copied neutral frame"]
print(f"generator {best.psnr:.2f} dB, static texture {static.psnr:.2f}, copied {copied.psnr:.2f}")
assert best.psnr == held_table["psnr"].max()
assert best.psnr_face > held_table["psnr_face"].drop("generator").max()
if pick(nbval=False, quick=True, laptop=True, paper=True):
    assert best.psnr > 30.4 and best.ssim > 0.91  # the paper's row: the goal we had set ourselves
    assert best.ce_type < static.ce_type

# %% [markdown]
# PSNR and SSIM are above the paper's, and that means little: our actor's background stands still, and the geometry is known up
# to its noise. The fair reading is down the columns:
# - the *picture*: the generator is first everywhere, by decibels;
# - the *type*: it is as easily read as on film. Where it is even easier, the reason is that it draws a typical face of each
#   type, while a film has unusual takes;
# - the *level* of an unseen clip is hardly readable on *film* (compare with guessing), as in notebook 02, so nobody can be
#   judged by it. The colours of each expression, averaged without any network, do as well there: averages are typical, too;
# - within clips the level costs more than the paper's .029, the type less than its .18.
#
# *Held-out clips are harder than the paper's split*: by how much is the difference between the two halves.

# %%
easier = within_table.loc["generator", "psnr"] - best.psnr
print(f"the paper's split within clips flatters by {easier:.2f} dB")

# %% [markdown]
# ## 10 · Intensities that nobody filmed
#
# Figure 5 as the paper draws it, 8 types × 6 levels. Levels 0.5, 1.5 and 2.5 were in no clip.

# %%
sheet = figures.figure5(g, still.frame)
labels = [f"level {level:g}" + (" *" if level % 1 else "") for level in (0.5, 1, 1.5, 2, 2.5, 3)]
ax = contact_sheet(sheet, row_labels=EXPRESSIONS, col_labels=labels, title="* never filmed")
run.save_figure(ax.figure, "figure5")

# %% [markdown]
# The paper can only look. But our actor can be asked to *act* level 1.5. How far is the generator from that truth? And does
# the network know more than someone who cross-fades the two levels around?

# %%
between = pd.DataFrame(study.compare_between()).T
seen_levels = {level: row for level, row in study.by_level(study.held, drawn_by(g)).items() if level}
seen_psnr = float(np.mean([row["psnr"] for row in seen_levels.values()]))
unseen_psnr = between.loc["generator", "psnr"]
static_levels = [row["psnr"] for x, row in study.by_level(study.held, drawn_by(study.static)).items() if x]
static_seen, static_unseen = float(np.mean(static_levels)), between.loc["static texture", "psnr"]
print(f"filmed levels {seen_psnr:.2f} dB, levels never filmed {unseen_psnr:.2f} dB")
lead = (seen_psnr - static_seen, unseen_psnr - static_unseen)
print(f"ahead of the static texture by {lead[0]:.2f} and {lead[1]:.2f} dB")
between[["psnr", "ssim", "psnr_face", "ssim_face"]].round(3)

# %%
clips = [study.between.clips[clip] for clip in study.between.rows[:, 0]]
halves = [[i for i, c in enumerate(clips) if (c.expression, c.intensity) == (e, 0.5)] for e in CIEC_TYPES]
acted = study.between.batch([rows[len(rows) // 2] for rows in halves])
methods = ("generator", "its frames, blended", "filmed frames, blended", "static texture")
with torch.no_grad():
    sheet = [list(study.between_baselines[name](acted)) for name in methods]
title = "level 1.5, never filmed for training"
ax = contact_sheet([list(acted.target), *sheet], ["acted", *methods], CIEC_TYPES, title)
run.save_figure(ax.figure, "between_levels")

# %% [markdown]
# Read it with care. Levels never filmed cost little: compare the two numbers, and the lead over the static texture, for these
# are other clips, and weaker expressions on average. Blending *filmed* frames costs a lot, because no two
# films have the same head and mouth at the same moment: ghosts. Blending the generator's *own* frames at the two neighbouring levels is as good
# as asking it for the level in between. **So the learnt curve between two levels is no better than a straight line here** (in section 8
# it nearly was one); what the dynamic texture buys is that the line can be drawn at all, on one head with one mouth.

# %%
filmed_blend = between.loc["filmed frames, blended", "psnr"]
if pick(nbval=False, quick=True, laptop=True, paper=True):
    assert unseen_psnr > seen_psnr - 1  # the goal we had set ourselves: within 1 dB
    assert unseen_psnr > filmed_blend + 3

# %% [markdown]
# **The response.** A regressor that saw filmed frames only (the *meter*) reads the intensity of each drawn face. Left: what it reads
# from the generator's pictures, speech and head fixed. Right: what it reads from the *film* itself, at all six levels:
# its own errors.

# %%
sweep = study.sweep
filmed = {name: (list(values), list(values.values())) for name, values in study.filmed_response().items()}
figure, axes = plt.subplots(1, 2, figsize=(9.5, 4), sharey=True, constrained_layout=True)
figures.plot_response(axes[0], figures.response_of(sweep), "the generator's pictures")
figures.plot_response(axes[1], filmed, "the film itself")
axes[0].legend(frameon=False, fontsize=8, loc="upper left")
run.save_figure(figure, "response_curve")

# %%
print(f"steps up in intensity after which the meter reads more: {sweep.monotone_fraction:.0%}")
print(f"distance from y = x: {sweep.mean_deviation:.2f} on average, {sweep.worst_deviation:.2f} at worst")
errors = [abs(x - y) for asked, read in filmed.values() for x, y in zip(asked, read, strict=True)]
print(f"the meter's own, on the film: {np.mean(errors):.2f} on average, {max(errors):.2f} at worst")
assert sweep.monotone_fraction > 0.8

# %% [markdown]
# ## 11 · Decoupled?
#
# ### Which geometry should it learn from?
#
# Notebook 03 ended with a price: λ2 of equation 5 says how much of the lips the decoupling network has to keep. The
# paper's 50000 keeps *all* of them, and a smile is made of lips. What that does to the generator shows only here. In training,
# the geometry of every happy frame brings the smile along, so the texture need not paint it. Then somebody drags the slider
# above a *neutral* geometry, and gets a fraction of a smile. With λ2 = 100 the geometry keeps the speech and lets the smile go. The same
# generator, the same training, on either geometry, measured on one neutral clip:

# %%
lambda2 = json.loads((repository_root() / "weights" / "lambda2_comparison.json").read_text())
own = lambda2.pop("actor_lip_shift_mm")
columns = {("lips moved", name): found["lip_shift_mm"] for name, found in lambda2.items()}
columns |= {("lips moved", "the actor itself"): own}
columns |= {("speech lost", name): found["speech_residual_mm"] for name, found in lambda2.items()}
print("at full intensity, mm; 128 px, synthetic actor")
for name, found in lambda2.items():
    lost = np.mean(list(found["speech_residual_mm"].values()))
    print(f"{name}: {found['psnr']:.2f} dB on held-out clips, {found['psnr_mouth']:.2f} in the mouth hole")
    smile = found["lip_shift_mm"]["happy"] / own["happy"]
    print(f"   {smile:.0%} of the actor's smile; speech lost {lost:.2f} mm on average")
pd.DataFrame(columns).round(1)

# %% [markdown]
# ![happy, contempt and surprised at levels 1 to 3, on the geometry of either λ2](../figures/smile_by_lambda2.png)
#
# It has a price, printed above (all of this section's table with the earlier network of section 5): a little of the speech
# (less than the lip reader's own error, see below) and of the whole picture's
# PSNR, against decibels in the mouth. We pay it: the shipped generators' last rounds were trained on geometry of λ2 = 100
# (`weights/decoupling_*_speech.safetensors`). This contradicts the paper's constant, not its idea: the expression belongs into
# the texture, *all* of it.
#
# ### The lips
#
# Turn the expression with the speech fixed. A *lip reader* (fitted on filmed frames) finds the twenty mouth landmarks in each
# picture. How far are they from where they are at intensity 0, and how far would the actor move them itself?

# %%
shift = pd.DataFrame(sweep.lip_shift_mm, index=CIEC_TYPES, columns=[f"{x:.2f}" for x in sweep.intensities])
shift["the actor's own, at 1"] = pd.Series(study.actor_lip_shift_mm())
shift["speech lost, at 1"] = sweep.speech_residual_mm[:, -1]
reader_error = study.reader.error(study.held, np.arange(len(study.held)))
print(f"mm; the reader's own error on held-out film: {reader_error:.2f};", end="")
print(f" the speech itself moves the lips by {sweep.speech_travel_mm:.2f} over {len(sweep.rows)} moments")
shift.round(2)

# %% [markdown]
# The lips move as an expression moves lips: a smile that left them where they were would be none. The question is whether they
# *go on speaking* there. The last column takes the mean shift of each expression off; what is left differs from moment to
# moment. It is no larger than the reader's own error: speech that was lost, if any was, is too little for this reader to
# see. (It could see it lost: compare with how far the speech moves the lips.)
#
# The other way round: keep the expression, let the speech run. Does the classifier's opinion stay?

# %%
over = study.sweep.opinion_over_speech(1.0)
print(f"{len(sweep.rows)} moments of one held-out clip")
opinion = pd.DataFrame(over, index=CIEC_TYPES)
opinion.columns = ["named right, share of moments", "σ of its probability over the speech"]
opinion.round(2)

# %% [markdown]
# The type stays what was asked for, whatever the mouth says.
#
# ### Ghosts
#
# A mouth shape and an intensity that *never occurred together*: for each expression we look, in held-out clips of the *other*
# expressions, for the mouth that is farthest from all mouths that this one was filmed with at full intensity. (Exactly what a
# system that copies frames cannot do.) In mm: `opening` and `width` of that mouth in the decoupled geometry, whose opening is
# measured between the lips' inner edges and is below zero where pressed lips overlap; `distance` to the nearest mouth of the
# expression; `usual`, the same for its own clips among each other.

# %%
ghosts = study.ghosts()
columns = ("opening", "width", "distance", "usual")
asked = {f"{ghost.expression} on": f"{ghost.shot.expression} {ghost.shot.level}" for ghost in ghosts}
found = pd.DataFrame([{key: getattr(ghost, key) for key in columns} for ghost in ghosts], index=list(asked))
found.assign(source=list(asked.values())).round(2)

# %%
rows, lips_off = [[], []], []
for ghost in ghosts:
    taken = study.draw({ghost.shot: [ghost.frame]}).batch([0])
    asked = encode(ghost.expression, torch.tensor([1.0]))
    with torch.no_grad():
        own, ghostly = g(taken.frame, taken.ciec).image, g(taken.frame, asked).image
    rows[0].append(taken.target[0])
    rows[1].append(ghostly[0])
    box = taken.frame.mouth_box
    lips_off.append(np.linalg.norm(study.reader(ghostly, box) - study.reader(own, box), axis=-1).mean())
names = [ghost.expression for ghost in ghosts]
ax = contact_sheet(rows, ["filmed mouth", "with the ghost"], names)
run.save_figure(ax.figure, "ghosts")
print("lips moved by the ghost, mm:", {n: round(float(x), 1) for n, x in zip(names, lips_off, strict=True)})

# %% [markdown]
# Upper row: the frame the mouth was taken from, with whatever expression it had. Lower row: the same frame with the expression that
# mouth was never seen with.
#
# ## 12 · The numbers

# %%
full = float(sweep.lip_shift_mm[:, -1].mean())
metrics = best[["psnr", "ssim", "psnr_face", "psnr_mouth"]].to_dict() | {
    "psnr_static": static.psnr,
    "psnr_copy": copied.psnr,
    "psnr_mean_face": held_table.loc["mean face", "psnr"],
    "psnr_within": within_table.loc["generator", "psnr"],
    "ssim_within": within_table.loc["generator", "ssim"],
    "ce_type": best.ce_type,
    "ce_level": best.ce_level,
    "psnr_unseen_levels": unseen_psnr,
    "psnr_seen_levels": seen_psnr,
    "psnr_blend_baseline": filmed_blend,
    "psnr_own_frames_blended": between.loc["its frames, blended", "psnr"],
    "monotone_fraction": sweep.monotone_fraction,
    "worst_deviation": sweep.worst_deviation,
    "lip_shift_mm": full,
    "actor_lip_shift_mm": float(shift["the actor's own, at 1"].mean()),
    "speech_lost_mm": float(sweep.speech_residual_mm[:, -1].mean()),
    "ghost_lip_shift_mm": float(np.mean(lips_off)),
}
metrics = {name: float(value) for name, value in metrics.items()}
run.record(metrics)
pd.Series(metrics).round(3)

# %% [markdown]
# ## Exercises
#
# Write the body, run the cell, and the line below it tells you whether you are right. Solutions are in
# `dnt_core/workbook/solutions.py`, for afterwards.
#
# **4.1 · The set approximation.** Textures are known at intensities 0, 0.33, 0.67 and 1. Cross-fade linearly to any other.

# %%
from dnt_core.workbook import solutions
from dnt_core.workbook.exercises import check_answer

KNOTS = torch.tensor([0.0, 0.33, 0.67, 1.0])


def cross_fade(textures, intensity):
    r"""Textures (4, N, T, T) at KNOTS, intensity in [0, 1] → (N, T, T)."""
    raise NotImplementedError("Exercise 4.1: find the neighbours, then their shares")


four = torch.rand(4, 3, 2, 2, generator=torch.Generator().manual_seed(0))
inputs = [(four, x) for x in (0.0, 0.2, 0.33, 0.5, 1.0)]
answered = {"4.1": check_answer("4.1", cross_fade, solutions.cross_fade, inputs)}

# %% [markdown]
# **4.2 · How steep?** The Lipschitz bound of a two-layer network $W_2 \tanh(W_1 x + b_1) + b_2$.

# %%
def bound_of(first, second):
    r"""Weight matrices (h, 7) and (K, h) → L with |f(x) − f(y)| ≤ L |x − y|."""
    raise NotImplementedError("Exercise 4.2: tanh is never steeper than 1")


numbers = torch.Generator().manual_seed(1)
matrices = (torch.randn(8, 7, generator=numbers), torch.randn(3, 8, generator=numbers))
answered["4.2"] = check_answer("4.2", bound_of, solutions.bound_of, [matrices], 1e-4)

# %% [markdown]
# **4.3 · What must α have been?** Equation 1 backwards: picture, colour and background are known.

# %%
def attention_of(picture, color, background):
    r"""Three pictures (3, H, W), colour and background different somewhere in each pixel → α (H, W)."""
    raise NotImplementedError("Exercise 4.3: a least-squares fit in every pixel")


made = torch.rand(2, 3, 4, 4, generator=numbers).double()
mask = torch.rand(1, 4, 4, generator=numbers).double()
mixed = blend(made[0], mask, made[1])
answered["4.3"] = check_answer("4.3", attention_of, solutions.attention_of, [(mixed, made[0], made[1])])

# %% [markdown]
# ## What the paper claims, what we saw
#
# | the paper | here, on the synthetic actor |
# |---|---|
# | a dynamic texture draws better than a static one (table 2: 30.39 against 29.64 dB) | yes, and by more than the paper's 0.75 dB; of clips it never saw, the static one cannot say which expression it draws |
# | a few levels suffice for all intensities (figure 5) | yes: levels never filmed are drawn within a decibel of filmed ones. But a straight line between the generator's own pictures does it too |
# | the intensity follows the vector | monotonically; not exactly along y = x (nor does the regressor on the film itself) |
# | the lips are left alone, λ2 = 50000 | with it a third of a smile is left on neutral lips: the rest stays in the geometry. With λ2 = 100 the texture smiles, and what it costs the speech is below what our lip reader can see |
# | "ours" is the best | not in every column of its own table 2: without the decoupling network the classifier names the type more surely (0.013 against 0.18), and without the dynamic texture lips and sound agree better (6.07 against 5.81) |
# | tested on the last fifth of each clip | that split flatters; clips never seen are harder by the difference shown in section 9 |
#
# "8 types × 6 levels" in the paper's figure 5 counts neutral six times: it has one level.
#
# **Where to go next:** notebook 05 asks people how strong an expression looks; notebook 08 puts the slider into your hand.
# `dnt train generator --data DIR` trains on clips of your own, in MEAD's layout with 3DMM parameters beside them;
# `--profile paper` takes the literature's sizes and equation 6.
