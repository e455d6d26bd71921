# %% [markdown]
# # Start here
#
# **Dynamic Neural Textures**, the workbook. The paper
# ([Ye et al., 2022](https://arxiv.org/abs/2204.06180)) makes a face speak any sound with any of seven expressions
# *at any intensity*, in real time. These notebooks rebuild it from the ground and test each of its claims.
#
# | | |
# |---|---|
# | **Paper** | section 1, section 3.1 (the expression code), figure 2 (the whole method) |
# | **Afterwards you can** | say what flows through the method and why; move one face from neutral to happy by a number; find your way through the series |
# | **Before this** | nothing; Python and a little linear algebra |
# | **Takes** | half a minute on a laptop, no GPU needed |
#
# **Simplified against the paper, in the whole series:**
# - the face is a *built-in synthetic actor*, not the people of MEAD; nothing you see here is a real person;
# - its 3D face model is procedural, with the paper's 257 numbers and 35,709 vertices, not the licensed Basel face;
# - speech comes from a formant synthesiser and moves the lips directly, where the paper asks Wav2Lip and WM3DR;
# - profiles shrink pictures, meshes and training times, so that two CPU cores are enough.
#
# If you have MEAD, the Basel model or the checkpoints, the same code takes them (section 5).

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""

# %%
from dnt_core.plotting import use_style
from dnt_core.workbook import open_notebook

use_style()
run = open_notebook("00_start_here", profile, data_dir, out_dir)
print(run)

# %% [markdown]
# ## 1 · A first look
#
# MEAD filmed people with eight expressions, seven of them at three levels. Our actor does the same. One still each,
# at full intensity, drawn while you wait:

# %%
from dnt_core.actor.stills import actor_still
from dnt_core.ciec import EXPRESSIONS
from dnt_core.plotting import contact_sheet

SIZE = run.profile.image_size
stills = {name: actor_still("M003", name, 1.0, SIZE) for name in EXPRESSIONS}
labels, pictures = list(stills), list(stills.values())
ax = contact_sheet([pictures[:4], pictures[4:]])
step = (ax.get_images()[0].get_array().shape[0] + round(0.03 * SIZE)) // 2
for k, name in enumerate(labels):
    ax.text(k % 4 * step + 6, k // 4 * step + 6, name, color="white", va="top", fontsize=9, weight="bold")
ax.figure.set_size_inches(7.6, 3.9)
run.save_figure(ax.figure, "first_look")

# %% [markdown]
# ### The code for an expression: type and intensity
#
# The paper writes an expression as a **continuous intensity expression code**, CIEC: seven numbers in $[0, 1]$, at
# most one of them not zero. *Which* one is the type, *how large* it is the intensity. All zeros is neutral. MEAD's
# levels 1, 2, 3 are the intensities 0.33, 0.67, 1; the paper's claim is that everything between works as well.

# %%
from dnt_core.ciec import CIEC_TYPES, encode

code = encode("happy", 0.67)
print(dict(zip(CIEC_TYPES, code.tolist(), strict=True)))
assert code.shape == (7,) and (code > 0).sum() == 1
assert (encode("neutral", 0.0) == 0).all()

# %%
INTENSITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
rows = [[actor_still("M003", name, x, SIZE) for x in INTENSITIES] for name in ("happy", "angry", "fear")]
ax = contact_sheet(rows, row_labels=["happy", "angry", "fear"], col_labels=[f"{x:g}" for x in INTENSITIES])
run.save_figure(ax.figure, "first_look_intensities")

# %% [markdown]
# **Your turn.** Choose a type, drag the intensity. On GitHub, or without a kernel, you see a still.

# %%
from functools import partial

from dnt_core.workbook.sliders import PictureWithSliders

draw = partial(actor_still, image_size=min(SIZE, 160))
for person, intensity in (("M003", 0.0), ("W009", 0.5), ("M011", 1.0)):  # least, middle, most
    assert draw(person, "happy", intensity).shape == (min(SIZE, 160), min(SIZE, 160), 3)

PictureWithSliders(
    draw,
    {
        "person": ["W009", "M011", "M003"],
        "expression": ["happy", *(name for name in EXPRESSIONS if name != "happy")],
        "intensity": (0.0, 1.0, 0.67),
    },
    {"intensity": "intensity (more →)"},
)

# %% [markdown]
# ### Does the picture really follow the number?
#
# A slider that looks right can be wrong. So we measure: how far does the picture move away from neutral, in grey
# levels averaged over all pixels, as the intensity rises?

# %%
import numpy as np

levels = (0.0, 0.33, 0.67, 1.0)
small = min(SIZE, 128)
change = {}
for name in CIEC_TYPES:
    series = np.stack([actor_still("M003", name, x, small).astype(float) for x in levels])  # (4, S, S, 3)
    change[name] = np.abs(series - series[0]).mean((1, 2, 3))
{name: values.round(2).tolist() for name, values in change.items()}

# %%
from dnt_core.plotting import curve

ax = curve(levels, change, xlabel="intensity", ylabel="mean change of a pixel, grey levels")
ax.set_title("Every expression grows with its number")
run.save_figure(ax.figure, "change_with_intensity")
rising = [bool((np.diff(values) > 0).all()) for values in change.values()]
assert all(rising), f"not monotone: {[n for n, ok in zip(CIEC_TYPES, rising, strict=True) if not ok]}"

# %% [markdown]
# ## 2 · The whole method in one picture
#
# The paper's figure 2, drawn again from our actor. Read it from the left: speech and a CIEC come in, a frame goes out.

# %%
from dnt_core.actor.stills import actor_sound
from dnt_core.face3d import load_face_model
from dnt_core.plotting import pipeline
from dnt_core.workbook.pipeline_pictures import pipeline_pictures

model = load_face_model(run.profile.face_model)
shown = pipeline_pictures(model, "M003", "happy", 0.67, SIZE)
sound = actor_sound("M003", "happy", 0.67)
ax = pipeline(shown, sound, dict(zip(CIEC_TYPES, encode("happy", 0.67).tolist(), strict=True)))
run.save_figure(ax.figure, "figure2_pipeline")

# %% [markdown]
# Three things happen, one a lane, and each is a claim that a notebook tests:
#
# 1. **Geometry** says where the lips are. A 3D face model turns 257 numbers a frame into a surface; the *decoupling
#    network* takes the expression out of it and leaves the speech in. Looking the surface's texture coordinates up at
#    every pixel gives the **UV map**.
# 2. **Texture** carries the expression. The CIEC is transcoded into weights of learnt texture bases; their sum is a
#    *neural* texture, new for every frame: the **dynamic neural texture**. The UV map says which texel lands where.
# 3. **Image**: the mesh has a hole where the teeth should be, so a *teeth submodule* paints them; a *neural renderer*
#    draws colour $F$ and a mask $\alpha$, and equation 1 blends them over the background $B$.
#
# Nothing is trained yet: the texture in the picture was taken off the actor's own frame (notebook 01 shows how), and
# the mask is the face's outline. Look at *sampled texture* and *colour F*: the hole between the lips is filled.
#
# **Why textures?** The observation the paper rests on: a face mesh of moderate resolution cannot hold the furrows,
# crow's feet and flushes that make an expression readable; a picture on its surface can. Notebook 02 tries to break it.

# %% [markdown]
# ## 3 · The map
#
# | notebook | asks | paper |
# |---|---|---|
# | **00 Start here** | what is this? | figures 1, 2 |
# | [**01 A face in 257 numbers**](01_a_face_in_257_numbers.ipynb) | what is a frame made of, and how does it become a texture? | section 3.1, 3.2, figure 3 |
# | [**02 Where are expressions?**](02_where_are_expressions.ipynb) | does geometry or texture carry them? | section 3.2, table 1 |
# | [**03 Decoupling network**](03_decoupling_network.ipynb) | can the expression go and the speech stay? | sections 3.4, 4.1, equations 2–5 |
# | [**04 Dynamic neural textures**](04_dynamic_neural_textures.ipynb) | does one network draw every intensity, also those never filmed? | sections 3.3–3.7, 4.2, figure 5 |
# | [**05 Intensity and perception**](05_intensity_and_perception.ipynb) | do people see the intensity that was asked for? | section 5.2, figure 6 |
# | [**06 Ablation and metrics**](06_ablation_and_metrics.ipynb) | what is each part worth? | sections 5.3–5.5, table 2, figure 7 |
# | [**07 Audio to video**](07_audio_to_video.ipynb) | from a sound file to a film | section 3.4, figures 1, 2 |
# | [**08 Live sliders**](08_live_sliders.ipynb) | the face follows your hand | section 5 |
#
# Every notebook has the same three parameters: `profile` (sizes), `data_dir` (clips of your own), `out_dir`. A profile
# changes sizes, never the path through the code:

# %%
from dataclasses import asdict

import pandas as pd

from dnt_core.workbook import PROFILES

sizes = pd.DataFrame([asdict(PROFILES[name]) for name in ("quick", "laptop", "paper")]).set_index("name").T
sizes.drop("cell_timeout")

# %% [markdown]
# `make run` executes the series in the `quick` profile; `dnt run 01 --profile laptop` one notebook, larger.
#
# ## 4 · Three people, none of them real
#
# The actor can be three identities, so that studies can compare people. They are drawn by code: no scan, no
# photograph, no likeness of anyone.

# %%
from dnt_core.actor import PEOPLE

shown = ["neutral", "happy", "surprised", "disgusted"]
rows = [[actor_still(person, name, 1.0, SIZE) for name in shown] for person in PEOPLE]
ax = contact_sheet(rows, row_labels=list(PEOPLE), col_labels=shown)
ax.figure.set_size_inches(6.2, 4.7)
run.save_figure(ax.figure, "three_people")

# %% [markdown]
# ## 5 · What runs on what
#
# Everything in this workbook runs on what the first table says is here. What is *optional* is listed with what it
# would unlock; none of it is shipped, all of it has its own licence. `dnt doctor` prints the same, with the places it
# looked in.

# %%
from dnt_core.doctor import examine

findings = pd.DataFrame([asdict(f) for f in examine()])
here = findings[findings.group != "Optional assets"]
state = here.state.map({"ok": "✓", "missing": "✗ needed", "optional": "– optional"})
here.assign(state=state)[["name", "state", "detail", "unlocks"]].set_index("name")

# %%
assets = findings[findings.group == "Optional assets"]
found = assets.state.map({"ok": "✓ found", "missing": "✗", "optional": "–"})
assert not (findings.state == "missing").any(), "something needed is missing; run `dnt doctor`"
assets.assign(found=found)[["name", "found", "unlocks"]].set_index("name")

# %% [markdown]
# ## 6 · Responsible use
#
# A method that puts words and feelings into a face can be used against people. This workbook takes the position that
# the tool itself should make honest use the easy one:
#
# - every video it *generates* carries a visible mark and a machine-readable record of how it was made, by default;
# - the actor is nobody. To drive a real face you need that person's consent, and the licence of the data;
# - MEAD, the Basel face model, and the weights of Wav2Lip, WM3DR and SyncNet never enter this repository, its figures or its
#   outputs; each comes from its owners, under their terms;
# - people are asked, not guessed: where observers are simulated, the figure says *simulated*.

# %%
from dnt_core.clips import mark_frame, provenance_record
from dnt_core.plotting import image

marked = mark_frame(actor_still("W009", "happy", 0.67, max(SIZE, 128)))
ax = image(marked)
ax.figure.set_size_inches(2.6, 2.6)
print(provenance_record("dnt live", actor="W009", expression="happy", intensity=0.67, seed=0))

# %% [markdown]
# (The actor's own clips carry the record but not the mark: they train classifiers, which would read it.)
#
# ## 7 · Where the paper disagrees with itself
#
# A good paper deserves a careful reader. These are open in the series, and each notebook says what it saw:
#
# | the paper says | and also | so we |
# |---|---|---|
# | four baselines (abstract) | section 5.5 defines two, plus EVP, whose code cannot be re-run | compare with what can be run, and copy the other rows with their source |
# | *ours* performs best | CE-type 0.18 against 0.013 without the decoupling network; CSS 5.81 against 6.07 without dynamic textures (table 2) | print every column, not only the ones we win |
# | trained on 80 %, tested on 20 % | the split lies *within* clips: a test frame's neighbours were in training | show a split by clip beside it |
# | ten-fold cross-validation | random folds *by frame* put near-duplicates on both sides | show folds grouped by clip beside it |
# | 8 types × 6 levels (figure 5) | neutral has one level | draw seven rows and a neutral column |
# | learning rate 1e-5 | peers with the same parts use 2e-4 and 1e-3 | start there, and say so |
#
# And it leaves open what a builder must decide: channels and size of the textures, the depth of the U-Nets, which VGG
# layers the loss sees, whether the transcoder has a bias (it must: else zero CIEC is no texture at all).

# %%
metrics = {
    "smallest_change_at_full_intensity": min(float(values[-1]) for values in change.values()),
    "monotone_share": float(np.mean(rising)),
    "expressions": len(stills),
}
run.record(metrics)
metrics

# %% [markdown]
# ## In short
#
# | the paper claims | we saw |
# |---|---|
# | a type and one number describe an expression | the actor's picture moves away from neutral monotonically, for all seven types |
# | expression lies mostly in textures | not yet: that is notebook 02 |
# | the method runs in real time | not yet: notebook 08 |
#
# What we saw is so far a property of *our actor*, which was built to behave like this. It is the ground to stand on,
# not evidence. **Next:** [01 · A face in 257 numbers](01_a_face_in_257_numbers.ipynb) takes a clip apart.
