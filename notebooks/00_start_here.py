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
# | **Afterwards you can** | write an expression as a vector; say what flows through the method and why; find your way through the series |
# | **Before this** | nothing; Python and a little linear algebra |
# | **Takes** | twenty minutes to read and to do the two exercises; the cells run for half a minute on a laptop, no GPU needed |
#
# **Simplified against the paper, in the whole series:**
# - the face is a *built-in synthetic actor*, not the people of MEAD; nothing you see here is a real person;
# - its 3D face model is procedural, with the paper's 257 numbers and about as many vertices, not the licensed Basel face;
# - speech comes from a formant synthesiser and moves the lips directly, where the paper uses Wav2Lip and WM3DR;
# - profiles shrink pictures, meshes and training times, so that two CPU cores are enough.
#
# If you have MEAD, the Basel model or the checkpoints, the same code takes them (section 5). New words are explained where they
# first come and in the [glossary](../docs/glossary.md).

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""

# %% [markdown]
# The cell above holds this notebook's three parameters. `profile` sets the sizes: `quick` is what you get when you run it now. The outputs
# that are stored in the file come from the larger `laptop` profile, as the next line says, so your pictures will be smaller.
#
# How a section works: where you see **Predict**, choose an answer before you go on. In an exercise, replace the line
# `raise NotImplementedError(…)`, run the cell, and the line below says whether you are right, and for common mistakes why not.

# %%
import matplotlib.pyplot as plt
from IPython.display import display

from dnt_core.plotting import use_style
from dnt_core.workbook import open_notebook
from dnt_core.workbook.exercises import check_exercise, check_number
from dnt_core.workbook.players import film_player
from dnt_core.workbook.questions import Question

use_style()
run = open_notebook("00_start_here", profile, data_dir, out_dir)
pick = run.profile.pick
print(run)

# %% [markdown]
# ## 1 · A first look
#
# MEAD filmed people with eight expressions, seven of them at three levels. Our actor does the same. Press play:

# %%
from dnt_core.actor.stills import actor_clip

length = pick(nbval=1.0, quick=1.0, laptop=2.5, paper=2.5)  # seconds
side = min(run.profile.image_size, 128)
clip = actor_clip("M003", "happy", 0.67, side, run.folder / "actor.mp4", length)
film_player(clip, 256, "The built-in actor, happy at intensity 0.67 (synthetic, with sound)")

# %% [markdown]
# And one still of each expression, at full intensity, drawn while you wait:

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
ax.set_title("The eight expressions of the built-in actor at full intensity")
run.save_figure(ax.figure, "first_look")

# %% [markdown]
# ### The code for an expression: type and intensity
#
# The paper writes an expression as a **continuous intensity expression code**, CIEC: seven numbers in $[0, 1]$, one per type, at
# most one of them not zero. *Which* one is the type, *how large* it is the intensity. All zeros is neutral. MEAD's
# levels 1, 2, 3 are the intensities 0.33, 0.67, 1. The paper claims that everything between works as well.
#
# **Exercise 0.1 · An expression as a vector.** Write the CIEC of an expression. (Hints and the solution are folded below the cell.)

# %%
from dnt_core.ciec import CIEC_TYPES, encode


def ciec_of(types, expression, intensity):
    r"""Names of the seven types, one of them or "neutral", intensity in [0, 1] → CIEC, seven numbers."""
    raise NotImplementedError("Exercise 0.1: which entry is not zero?")


asked = [(CIEC_TYPES, "happy", 0.67), (CIEC_TYPES, "sad", 1.0), (CIEC_TYPES, "neutral", 0.0)]
answered = {"0.1": check_exercise("0.1", ciec_of, asked)}

# %% [markdown]
# The package's function is called `encode`. Here are three of the types on the way from neutral to full intensity:

# %%
assert (encode("neutral", 0.0) == 0).all() and (encode("happy", 0.67) > 0).sum() == 1
INTENSITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
rows = [[actor_still("M003", name, x, SIZE) for x in INTENSITIES] for name in ("happy", "angry", "fear")]
ax = contact_sheet(rows, row_labels=["happy", "angry", "fear"], col_labels=[f"{x:g}" for x in INTENSITIES])
ax.set_title("Three types, six intensities (columns)")
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
# A slider that looks right can be wrong. So we measure how far the picture moves away from neutral, in grey
# levels (0 to 255) averaged over all pixels, as the intensity rises.

# %%
most_question = Question(
    "Which of these four changes the picture most at full intensity?",
    ["angry", "disgusted", "happy", "surprised"],
)
most_question

# %%
import numpy as np

levels = (0.0, 0.33, 0.67, 1.0)
small = min(SIZE, 128)
change = {}
for name in CIEC_TYPES:
    series = np.stack([actor_still("M003", name, x, small).astype(float) for x in levels])  # (4, S, S, 3)
    change[name] = np.abs(series - series[0]).mean((1, 2, 3))
# %%
from dnt_core.plotting import curve

ax = curve(levels, change, xlabel="intensity", ylabel="mean change of a pixel, grey levels")
ax.set_title("How far each expression moves the picture away from neutral")
run.save_figure(ax.figure, "change_with_intensity")
plt.show()
rising = [bool((np.diff(values) > 0).all()) for values in change.values()]
full = {name: float(values[-1]) for name, values in change.items()}
sentence = "The actor's picture moves away from neutral with every step of the intensity, for all types."
note = "The actor was built so."
display(run.claim("actor_is_monotone", sentence, np.mean(rising), above=0.999, note=note))
asked = {name: full[name] for name in most_question.choices}
said = ", ".join(f"{name} {value:.1f}" for name, value in asked.items())
most_question.answer(max(asked, key=asked.get), f"{said} grey levels.")

# %% [markdown]
# **Exercise 0.2 · Read the figure.** By how many grey levels does the type that changes *least* of all seven move an average pixel at full
# intensity? Write a number in place of `...`.

# %%
from dnt_core.workbook.hints import Hints

least = ...

hints = Hints(2, 1, "Full intensity is the right end.", "Take the lowest curve at 1 and read the y axis.")
known = {"You read the type that changes most.": max(full.values())}
known |= {"You read it at intensity 0.33. Full intensity is 1.": float(min(v[1] for v in change.values()))}
solution = f"{min(full, key=full.get)} changes least: {min(full.values()):.1f} grey levels."
answered["0.2"] = check_number("0.2", least, min(full.values()), 0.35, known, hints, solution)

# %% [markdown]
# ## 2 · The whole method in one picture
#
# The paper's figure 2, drawn again from our actor. Read it from the left: speech and a CIEC come in, a frame goes out. Each of the three
# rows is a claim that a notebook tests.

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
# 1. **Geometry** says where the lips are. A 3D face model turns 257 numbers per frame into a surface. The *decoupling
#    network* takes the expression out of it and leaves the speech in. For every pixel we then look up which point of the surface
#    it shows: that is the **UV map**.
# 2. **Texture** carries the expression. A small network turns the CIEC into weights of learnt texture bases. Their weighted sum is a
#    *neural* texture, new for every frame: the **dynamic neural texture**. The UV map says where each texel lands.
# 3. **Image**: the surface has a hole where the teeth should be, so a *teeth submodule* paints them. A *neural renderer*
#    draws a colour $F$ and a mask $\alpha$, and equation 1 blends them over the background $B$.
#
# Nothing is trained yet: the texture in the picture was taken off the actor's own frame (notebook 01 shows how), and
# the mask is the face's outline. Look at *sampled texture* and *colour F*: the hole between the lips is filled.
#
# **Why textures?** The paper observes that a face mesh of moderate resolution cannot hold the furrows,
# crow's feet and flushes that make an expression readable. A picture on its surface can. Notebook 02 tests this.

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
# changes sizes, never the path through the code. `nbval` is the smallest: it only shows that everything runs, so its numbers mean nothing.

# %%
first_question = Question(
    "Suppose that one answer is no. Which no would make the whole method pointless?",
    ["02: expressions are not in the texture", "05: people do not see the intensity", "08: it is too slow"],
)
first_question

# %%
from dataclasses import asdict

import pandas as pd

from dnt_core.workbook import PROFILES

sizes = pd.DataFrame([asdict(profile) for profile in PROFILES.values()]).set_index("name").T
display(sizes.drop("cell_timeout"))
first_question.answer(
    "02: expressions are not in the texture",
    "The method paints expressions with a texture alone. If a texture could not hold them, nothing that "
    "follows could work. So the series tests this first.",
    {
        "05: people do not see the intensity": "Films with seven expressions would remain, without a knob.",
        "08: it is too slow": "Films could still be made, only not while you drag.",
    },
)

# %% [markdown]
# `make run` executes the series in the `quick` profile; `dnt run 01 --profile laptop` runs one notebook in a larger one.
#
# ## 4 · Three people, none of them real
#
# The actor can be three identities, so that studies can compare people. They are drawn by code: no scan, no
# photograph, no likeness of anyone.

# %%
person_question = Question(
    "What changes a picture more: another expression of one person, or another person with one expression?",
    ["another expression", "another person"],
)
person_question

# %%
from dnt_core.actor import PEOPLE

shown = ["neutral", "happy", "surprised", "disgusted"]
rows = [[actor_still(person, name, 1.0, SIZE) for name in shown] for person in PEOPLE]
ax = contact_sheet(rows, row_labels=list(PEOPLE), col_labels=shown)
ax.figure.set_size_inches(6.2, 4.7)
ax.set_title("Three people (rows), four expressions (columns)")
run.save_figure(ax.figure, "three_people")
plt.show()
faces = np.array(rows).astype(float)  # (3 people, 4 expressions, S, S, 3)
by_expression = float(np.abs(faces[:, 1:] - faces[:, :1]).mean())  # from the neutral face of each person
by_person = float(np.abs(faces - np.roll(faces, 1, axis=0)).mean())
person_question.answer(
    "another person" if by_person > by_expression else "another expression",
    f"On average over all pixels: {by_expression:.1f} grey levels between a person's neutral and another "
    f"expression, {by_person:.1f} between two people with the same expression (hair and clothes included). "
    "So a plain distance of pictures does not measure an expression. Notebook 02 asks classifiers instead.",
)

# %% [markdown]
# ## 5 · What runs on what
#
# Everything runs with what is installed. MEAD's clips, the Basel face model, and the weights of Wav2Lip, WM3DR, SyncNet and VGG-19 are *optional*: none is
# shipped, each has its own licence, and each unlocks something. `dnt doctor` prints what is here, what is missing, where it looked, and what each would
# unlock.

# %%
asset_question = Question(
    "You have none of the optional files. What can you not do?",
    ["train the generator", "compare with the paper's numbers on its own film", "make your own face talk"],
)
asset_question

# %%
from dnt_core.doctor import examine

findings = examine()
needed = [finding.name for finding in findings if finding.state == "missing"]
assert not needed, f"something needed is missing ({', '.join(needed)}); run `dnt doctor`"
optional = [f for f in findings if f.group == "Optional assets"]
there = sum(finding.state == "ok" for finding in optional)
print(f"all that is needed is here; {there} of {len(optional)} optional files found")
asset_question.answer(
    "compare with the paper's numbers on its own film",
    "Its numbers were measured on MEAD, which its authors give to those who ask. Everything else runs on the "
    "built-in actor or on your own film.",
    {
        "train the generator": "Notebook 04 does, on the actor.",
        "make your own face talk": "docs/your_own_face.md says how; it needs a film of your face.",
    },
)

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
# - where observers are simulated, the figure says *simulated*.

# %%
mark_question = Question(
    "Somebody encodes such a film again with another program. What is left: the mark, the record, or both?",
    ["both", "the mark alone", "the record alone"],
)
mark_question

# %%
from dnt_core.clips import provenance_record, read_provenance, read_video, write_video
from dnt_core.plotting import image

record = provenance_record("dnt live", actor="W009", expression="happy", intensity=0.67, seed=0)
still = actor_still("W009", "happy", 0.67, 160)
made = write_video(run.folder / "made.mp4", [still] * 5, 25, provenance=record)
seen = read_video(made).frames
copied = write_video(run.folder / "copied.mp4", seen, 25, mark=False, provenance=False)  # another program
again = read_video(copied).frames[0]
clear = int((np.abs(again.astype(float) - still).mean(-1) > 40).sum())  # pixels of the mark
kept = {"record": read_provenance(copied) is not None, "mark": clear > 50}
ax = image(again)
ax.figure.set_size_inches(2.6, 2.6)
ax.set_title("Encoded again by another program", fontsize=9)
plt.show()
print(record)
mark_question.answer(
    "both" if all(kept.values()) else "the mark alone" if kept["mark"] else "the record alone",
    f"The copy {'has' if kept['record'] else 'has no'} record, and {clear} pixels still differ clearly "
    "from the unmarked face. The mark stays in the picture; it goes only with what is cut off.",
)

# %% [markdown]
# (The actor's own clips have the record but no mark. Classifiers are trained on these clips, and a classifier could read the mark.)
#
# ## 7 · Where the paper disagrees with itself
#
# These points are open; the table after the question says what the workbook does about each.

# %%
best_question = Question(
    "The paper says that its method is best. In how many of the six columns of its table 2 is it not?",
    ["none", "one", "two", "three"],
)
best_question

# %%
from dnt_core.studies.table2.verdicts import papers_contradictions

against = papers_contradictions()
best_question.answer(best_question.choices[len(against)], " ".join(against))

# %% [markdown]
# | the paper says | and also | so we |
# |---|---|---|
# | four baselines (abstract) | section 5.5 defines two, plus EVP (an earlier method for emotional talking faces), whose code cannot be re-run | compare with what can be run, and copy the other rows with their source |
# | *ours* performs best | a classifier names the type less surely (cross-entropy 0.18 against 0.013 without the decoupling network), and lips and sound agree less (CSS, lip-sync confidence: 5.81 against 6.07 without dynamic textures; table 2) | print every column, not only the ones we win |
# | trained on 80 %, tested on 20 % | the split lies *within* clips: a test frame's neighbours were in training | show a split by clip beside it |
# | ten-fold cross-validation | random folds *by frame* put near-duplicates on both sides | show folds grouped by clip beside it |
# | 8 types × 6 levels (figure 5) | neutral has one level | draw seven rows and a neutral column |
# | learning rate 1e-5 | peers with the same parts use 2e-4 and 1e-3 | start there, and say so |
#
# It also leaves open what a builder must decide: channels and size of the textures, the depth of the U-Nets, which VGG
# layers the loss sees, and whether the network that reads the CIEC has biases (notebook 04 shows what they change).

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
# | the paper claims | tested in |
# |---|---|
# | a type and one number describe an expression | here for the actor (the claim above), 05 for people |
# | expression lies mostly in textures | 02 |
# | the method runs in real time | 08 |
#
# What we saw so far is a property of *our actor*, which was built to behave like this. It is no evidence for the paper.
# **Next:** [01 · A face in 257 numbers](01_a_face_in_257_numbers.ipynb) takes a clip apart.
