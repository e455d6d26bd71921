# %% [markdown]
# # Start here
#
# **Dynamic Neural Textures**, the workbook. The method of the paper ([Ye et al., 2022](https://arxiv.org/abs/2204.06180)) is meant
# to make the face in a video say any sentence, with any of seven expressions, *at any intensity* between neutral and full. These
# notebooks rebuild the method step by step and test the paper's claims.
#
# | | |
# |---|---|
# | **Paper** | section 1, section 3.1 (the expression code), figure 2 (the whole method) |
# | **Afterwards you can** | write an expression as a vector; say what flows through the method and why; find your way through the series |
# | **Before this** | nothing; Python and a little linear algebra |
# | **Takes** | 50 minutes, with four short exercises and an experiment; no GPU needed |
#
# **What is simpler here than in the paper, in the whole series:**
# - *The people.* The paper uses MEAD, a data set of filmed actors who say sentences neutrally and with seven expressions. Here a
#   **built-in synthetic actor** takes their place. It is drawn by code, so no picture shows a real person.
# - *The face model.* The method describes every face by a 3D model. The paper's model was made from scans of people, and needs
#   a licence. Ours is made from formulas. Like the paper's, it takes 257 numbers per frame.
# - *The speech.* In the paper one ready-made network (Wav2Lip) gives the person in the film lips for a sound, and another one (WM3DR) reads
#   the numbers of the face model off the pictures. Our actor speaks with a synthesiser, so these numbers are known.
# - *The sizes.* Pictures and trainings are small, so that two CPU cores are enough. In the profile `laptop`
#   (a set of sizes, see below) the face has about as many points as the paper's, and in `quick` about a quarter of them.
#
# The same code takes the paper's data, face model and networks if you have them (section 6). New words are explained where they
# first come and in the [glossary](../docs/glossary.md).

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""

# %% [markdown]
# The cell above holds the three parameters that every notebook of the series has.
# - `profile` sets the sizes. `quick` (pictures of 128 px) is for your own run. The outputs that are stored in this file come from `laptop`
#   (256 px), so your numbers will differ a little. There are two more: `paper` is the largest of the four, and `nbval` only shows that everything runs.
# - `data_dir` is a folder with clips of your own, and `out_dir` one for results. Empty means the built-in actor and `runs/<profile>`.
#
# Where you see **Predict**, choose an answer before you go on. In an exercise, put your answer in place of the line that begins
# with `raise`, or in place of the dots `...`, and run the cell. The line below it says whether you are right, and what went wrong if your
# mistake is a common one.

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
# Our actor speaks as the actors of MEAD do: neutrally, and with seven expressions, each of them weak, medium and strong. (MEAD calls
# these *levels* 1, 2 and 3.) Press play:

# %%
from dnt_core.actor.stills import actor_clip

length = pick(nbval=1.0, quick=1.0, laptop=2.5, paper=2.5)  # seconds
side = min(run.profile.image_size, 128)
clip = actor_clip("M003", "happy", 0.67, side, run.folder / "actor.mp4", length)
film_player(clip, 256, "The built-in actor, happy at intensity 0.67 (synthetic, with sound)")

# %% [markdown]
# Here is another built-in person: one still picture per expression, at full intensity, and a neutral one:

# %%
from dnt_core.actor.stills import actor_still
from dnt_core.ciec import EXPRESSIONS
from dnt_core.plotting import contact_sheet

SIZE = run.profile.image_size
stills = {name: actor_still("W009", name, 1.0, SIZE) for name in EXPRESSIONS}
names, pictures = list(stills), list(stills.values())
ax = contact_sheet([pictures[:4], pictures[4:]], names=[names[:4], names[4:]])
ax.figure.set_size_inches(7.6, 3.9)
ax.set_title("One face: seven expressions at full intensity, and neutral (last)")
run.save_figure(ax.figure, "first_look")

# %% [markdown]
# ### The code for an expression: type and intensity
#
# The paper writes an expression as a **continuous-intensity expression code**, CIEC for short. It has seven numbers between 0
# and 1, one for each type: angry, contempt, disgusted, fear, happy, sad, surprised. At most one of the numbers is above 0, so the code
# mixes no types. The place of this number says which type is meant, and its value is the **intensity**. In the code of a neutral
# face all seven are 0. MEAD's levels 1, 2 and 3 become the intensities 0.33, 0.67 and 1. MEAD has no other intensity
# above 0, but the paper claims that its method can draw every intensity between 0 and 1.
#
# **Exercise 0.1 · An expression as a vector.** Write a function that returns the CIEC of an expression.

# %%
from dnt_core.ciec import CIEC_TYPES, encode


def ciec_of(types, expression, intensity):
    r"""Names of the seven types, one of them or "neutral", intensity in [0, 1] → CIEC, seven numbers."""
    raise NotImplementedError("Exercise 0.1: return seven numbers")


asked = [(CIEC_TYPES, "happy", 0.67), (CIEC_TYPES, "sad", 1.0), (CIEC_TYPES, "neutral", 0.0)]
answered = {"0.1": check_exercise("0.1", ciec_of, asked)}

# %% [markdown]
# The package's function for this is called `encode`. The next cell prints its code for *happy 0.67*. Below it you see three of the
# seven types, each drawn at five intensities from neutral (left) to full (right).
#
# The name neutral is in the list `EXPRESSIONS` (eight names) and not in `CIEC_TYPES` (seven). The classifiers of notebook 02 have eight
# *classes*: the seven types and neutral. A vector of eight numbers with a single 1 names a class. It is no CIEC, because it has a place for
# neutral and no intensity.

# %%
code = dict(zip(CIEC_TYPES, encode("happy", 0.67).tolist(), strict=True))
print({name: round(value, 2) for name, value in code.items()})
assert list(code) == "angry contempt disgusted fear happy sad surprised".split()
assert (encode("neutral", 0.0) == 0).all() and [name for name in code if code[name]] == ["happy"]
INTENSITIES = (0.0, 0.25, 0.5, 0.75, 1.0)
close = (slice(SIZE // 6, SIZE - SIZE // 8), slice(SIZE // 7, SIZE - SIZE // 7))  # the face: rows, columns
ROWS = ("happy", "angry", "fear")
by_step = [[actor_still("W009", name, x, SIZE)[close] for x in INTENSITIES] for name in ROWS]
ax = contact_sheet(by_step, row_labels=list(ROWS), col_labels=[f"{x:g}" for x in INTENSITIES])
ax.set_title("One number moves the face from neutral to full intensity")
run.save_figure(ax.figure, "first_look_intensities")

# %% [markdown]
# **An experiment with one observer: you.** The faces A, B and C (from left to right) show three different types of the seven. Drag the intensity
# up from 0, one step at a time. As soon as you are sure of the type of a face, write the type and the intensity on paper. (Where no kernel
# runs, as on GitHub, you see a still picture at full intensity, and can still name the types.)

# %%
import numpy as np

from dnt_core.workbook.sliders import PictureWithSliders

hidden = dict(zip("ABC", np.random.default_rng(3).permutation(CIEC_TYPES).tolist(), strict=False))


def hidden_faces(intensity):
    r"""A, B and C from left to right."""
    return np.hstack([actor_still("M003", name, intensity, min(SIZE, 160)) for name in hidden.values()])


least, middle, most = (hidden_faces(intensity) for intensity in (0.0, 0.5, 1.0))
assert (least != middle).any() and (middle != most).any()
type_question = Question("Which type is face A, on the left?", CIEC_TYPES)
display(type_question)
knob = PictureWithSliders(
    hidden_faces, {"intensity": (0.0, 1.0, 1.0)}, {"intensity": "intensity (more →)"}, width=600
)
display(knob)  # without a kernel it stays at full intensity
knob.controls["intensity"].value = 0.0

# %% [markdown]
# Write your three intensities into the next cell, in place of the dots, run it, and open the answer. If you named a face wrongly, put its dots
# back and run the cell again.

# %%
noted = {"A": ..., "B": ..., "C": ...}

seen_at = {hidden[face]: float(value) for face, value in noted.items() if value is not ...}
print("noted:", seen_at if seen_at else "nothing yet")
type_question.answer(
    hidden["A"],
    f"B is {hidden['B']} and C is {hidden['C']}. The next figure uses your intensities.",
)

# %% [markdown]
# ### How much does the picture change?
#
# We compare each picture with the neutral one. Person and light stay the same, and nobody speaks. But the head turns a little with an
# expression, by less than 3°, so a part of the change is this turn. For each pixel and each of its three colours we take the difference of the
# two pictures, without its sign. Then we take the mean over all pixels and colours. A colour goes from 0 to 255; the unit is called grey level.
# The figure has one curve per type, and some of them nearly coincide.
#
# The black dots are your own intensities, if you noted some. If you became sure at a fixed amount of change, the dots lie at about the same height.

# %%
import torch

from dnt_core.actor.stills import actor_numbers
from dnt_core.plotting import curve

full = torch.stack([actor_numbers("M003", name, 1.0).angles for name in EXPRESSIONS])  # neutral is the last
assert (full - full[-1]).abs().max().rad2deg() < 3
levels = (0.0, 0.33, 0.67, 1.0)
side = min(SIZE, 128)
series = {name: [actor_still("M003", name, x, side).astype(float) for x in levels] for name in CIEC_TYPES}
change = {name: np.array([np.abs(one - at[0]).mean() for one in at]) for name, at in series.items()}
ax = curve(levels, change, xlabel="intensity", ylabel="mean change of a pixel, grey levels")
rising = [bool((np.diff(values) > 0).all()) for values in change.values()]
ax.set_title(f"More intensity, more change, for {sum(rising)} of {len(rising)} types")
heights = {name: float(np.interp(x, levels, change[name])) for name, x in seen_at.items()}
ax.plot(list(seen_at.values()), list(heights.values()), "ko", zorder=5)
run.save_figure(ax.figure, "change_with_intensity")
plt.show()
if heights:
    print("Change at which you were sure:", {name: round(value, 1) for name, value in heights.items()})

# %%
metrics = {
    "smallest_change_at_full_intensity": min(float(values[-1]) for values in change.values()),
    "monotone_share": float(np.mean(rising)),
    "expressions": len(stills),
}
run.record(metrics)
assert metrics["monotone_share"] == 1  # the actor is built so

# %% [markdown]
# If your dots lie at clearly different heights, the amount of change alone may not have decided. Did you look at the eyes? Here a
# pixel of the cheek counts as much as a pixel of the eye. But three faces and one observer prove nothing: it can also be chance. Notebook 05
# plans a study with many observers.
#
# **Exercise 0.2 · Equal change.** Draw a horizontal line through the right end of the *lowest* curve. At which intensity does it meet the
# *highest* curve? Read the intensity off the figure, and write it in place of `...`.

# %%
from dnt_core.workbook.hints import Hints

equal_at = ...

ends = {name: float(values[-1]) for name, values in change.items()}
top, bottom = max(ends, key=ends.get), min(ends, key=ends.get)
right = float(np.interp(ends[bottom], change[top], levels))
hints = Hints(3, 1, "First read the height at which the lowest curve ends, at the right.",
              "Go left at this height until you meet the highest curve. Read the x axis there.")  # fmt: skip
known = {
    "These are grey levels, from the y axis. Asked is the intensity, from the x axis.": ends[bottom],
    "This is where the lowest curve ends. The line meets the highest curve further left.": 1.0,
    "This would be right if the highest curve were straight.": ends[bottom] / ends[top],
}
solution = f"{top} at {right:.2f} changes the picture as much as {bottom} at 1."
answered["0.2"] = check_number("0.2", equal_at, right, 0.06, known, hints, solution)

# %% [markdown]
# So two types can differ in how much they change the picture at the same intensity. But the curves do not say *where* the picture changes. Are
# *happy* and *angry* alike, because their curves nearly coincide?
#
# How far is the happy picture from the angry one? This depends on how much the two changes have in *common*. Take one colour of one pixel. If
# both expressions make it brighter, or both darker, the smaller of the two changes is common to both. Else nothing is. The share in common is
# the sum of this over the picture, divided by half the sum of both
# changes. So 0 % means nothing in common, and 100 % the same change. (The bright outline of the hair in the next figure is the turn of the
# head.)

# %%
apart_question = Question(
    "Happy and angry are nearly equally far from neutral. How far are the two from each other?",
    ["hardly apart", "about half as far as from neutral", "at least as far as from neutral"],
)
apart_question

# %%
by_happy, by_angry = (series[name][-1] - series[name][0] for name in ("happy", "angry"))  # with their signs
apart = float(np.abs(by_happy - by_angry).mean())
size_happy, size_angry = np.abs(by_happy), np.abs(by_angry)
from_neutral, both = float(min(size_happy.mean(), size_angry.mean())), float((size_happy + size_angry).mean())
shared = np.where(by_happy * by_angry > 0, np.minimum(size_happy, size_angry), 0)
alike = 2 * float(shared.mean()) / both
assert abs(apart - (1 - alike) * both) < 1e-6  # what is not common lies between happy and angry
changes = [np.repeat((8 * one.mean(-1, keepdims=True)).clip(0, 255).astype(np.uint8), 3, axis=-1)
           for one in (size_happy, size_angry, shared)]  # fmt: skip
ax = contact_sheet([changes], col_labels=["changed by happy", "changed by angry", "common to both"])
ax.figure.set_size_inches(6.4, 2.6)
ax.set_title(f"Happy and angry have {alike:.1%} of their changes in common (shown × 8)", fontsize=9)
plt.show()
close_by = apart < 0.25 * from_neutral
apart_question.answer(
    apart_question.choices[0 if close_by else 1 if apart < from_neutral else 2],
    f"Happy is {size_happy.mean():.2f} grey levels from neutral, angry {size_angry.mean():.2f}, and the two "
    f"are {apart:.2f} apart. So a distance from neutral cannot say which expression it is. The third picture "
    "shows what the two have in common.",
)

# %% [markdown]
# ## 2 · The whole method in one picture
#
# This is the paper's figure 2, drawn again with pictures of our actor. Three things go in, at the left: **speech**, a **CIEC**, and
# a **film of the person** who shall speak. A frame comes out on the right. The method has three parts: geometry (blue), texture (orange)
# and image (green). Look at the figure first.

# %%
from dnt_core.actor.stills import actor_sound
from dnt_core.face3d import load_face_model
from dnt_core.plotting import pipeline
from dnt_core.workbook.pipeline_pictures import pipeline_pictures

model = load_face_model(run.profile.face_model)
in_figure = pipeline_pictures(model, "M003", "happy", 0.67, SIZE)
sound = actor_sound("M003", "happy", 0.67)
ax = pipeline(in_figure, sound, dict(zip(CIEC_TYPES, encode("happy", 0.67).tolist(), strict=True)))
run.save_figure(ax.figure, "figure2_pipeline")

# %% [markdown]
# Nothing in this figure is learnt yet. The texture was taken off one picture of our actor, *happy* and
# speaking. The bases are copies of it in other colours, and the weights are made up.
#
# A **texture** is a picture that is laid onto a surface; here it is the skin, laid onto the surface of the face.
# A **UV map** belongs to one frame. It says for each pixel which point of the texture is seen there. ($u$ and $v$ are the two coordinates of
# this point; the figure shows them by a colour.)
#
# **1. Geometry (blue)** says where the face is and how its lips move. A 3D face model turns 257 numbers per frame into a surface.
# The numbers form five groups:
#
# | group | numbers | describes |
# |---|---|---|
# | α | 80 | the shape of the person |
# | β | 64 | the expression, and the lips while they speak |
# | δ | 80 | the colour of the skin |
# | γ | 27 | the light |
# | p | 6 | the pose of the head |
#
# All groups come from the film of the person, with one exception: the part of β that moves the lips comes from the speech (notebook 07).
#
# β also holds the film's own expression. So if the person smiles in the film and you ask for *sad*, the smile would stay. Therefore the
# **decoupling network** turns β into the β of a neutral face that says the same sentence (notebook 03). The network that moves the lips in
# notebook 07 gives such a β at once, so there this step falls away.
#
# The surface then gives the UV map. Only α, β and p are needed for it. δ and γ are grey in the figure because no later part uses
# them: the network of part 3 learns colour and light from the film.
#
# **2. Texture (orange)** carries the new expression. Several textures, the **texture bases**, are learnt in training.
# The **transcoder**, a small network, turns the CIEC into one weight per basis. Each basis is multiplied by its weight, and all are
# added. To this our generator adds one more learnt texture, $T_0$, which is the same for every CIEC. The weights change little by little with
# the intensity, and so does the sum. The sum is the **dynamic neural texture**:
# - *Neural* means that its points, the **texels**, hold learnt numbers instead of colours. (The networks that come with the
#   workbook have 8 bases, with 16 numbers per texel.)
# - *Dynamic* means that it changes with the CIEC.
#
# Then the texture is **sampled**: each pixel gets what the texture holds at the point that the UV map names.
#
# **3. Image (green)** puts the frame together. The surface has a hole at the open mouth. The **teeth submodule** is a network that
# paints the inside of the mouth. It gets the CIEC and the sampled texture around the mouth. The **neural renderer** is the network
# that draws. It gets the sampled texture, the mouth, and features of a **background frame** $B$, which is a frame of the film with the face
# cut out. It gives two pictures: the colours $F$ and a mask (the **attention mask**), one number between 0 and 1 per pixel. Equation 1 mixes $F$ and $B$ to
# the frame:
#
# $$\text{frame} = \alpha F + (1-\alpha) B$$
#
# The α of equation 1 is the mask, not the shape; the paper uses the letter twice (and $F$ as well: in notebook 03 it is β). Where the mask is
# 1 you see what the network drew. Where it is 0 you see what was filmed.
#
# In the figure, the film is neutral, so the decoupling network would have nothing to remove from it. $F$ is a drawn face, and the mask is 1
# there and 0 elsewhere.
#
# *What is trained for whom?* In this workbook each person has a decoupling network and a *generator* of their own. The generator is all that
# draws: $T_0$, bases, transcoder, teeth submodule and renderer. The face model and the network from sound to lips serve all people.
#
# **Exercise 0.3 · One pixel by hand.** Write a function that computes one pixel of the frame. The UV map names one texel for this
# pixel. The function gets the value of this texel in each of three bases, and the three weights. It also gets the mask and the
# background at the pixel. Three things are simpler than in our method: $T_0$ is left out, a texel is one number, and no renderer draws, so $F$
# is the sampled texture itself. (Learnt numbers can be negative, so a texel can be, too.)

# %%
def pixel_of(texels, weights, mask, background):
    r"""Texels and weights of K bases (K,) each, mask in [0, 1], background in grey levels → the pixel."""
    raise NotImplementedError("Exercise 0.3: first F, then equation 1")


three = torch.tensor([120.0, 40.0, -60.0]), torch.tensor([1.0, 0.5, 0.25])
answered["0.3"] = check_exercise("0.3", pixel_of, [(*three, 0.25, 200.0), (*three, 1.0, 200.0)])
if answered["0.3"]:
    print(f"Your pixel: {float(pixel_of(*three, 0.25, 200.0)):g} grey levels")

# %% [markdown]
# **Check yourself.** Cover the text and look at the figure alone. (a) You ask for *sad* in place of *happy*. Which of these change: UV map,
# weights, bases, sampled texture? (b) The light in the film changes, and nothing else. Does the UV map change? (c) The person smiles in the
# film. What would go wrong without the decoupling network?
#
# <details><summary>Answers</summary>(a) The weights, and with them the sampled texture. (b) No: it needs α, β and p alone, and the light is in
# γ. (c) The smile would stay in the geometry, whatever you ask for.</details>
#
# **Why textures?** The paper says that most of an expression lies in textures: a surface of a moderate number of points is too coarse for
# furrows, crow's feet and blushes (a colour, not a shape), and a texture can show them. Notebook 02 tests this with
# *classifiers*, networks that name the expression in a picture.
#
# ## 3 · The map
#
# | notebook | asks | paper |
# |---|---|---|
# | **00 Start here** | what is this? | section 1, figure 2 |
# | [**01 A face in 257 numbers**](01_a_face_in_257_numbers.ipynb) | what is a frame made of, and how does it become a texture? | section 3.1, 3.2, figure 3 |
# | [**02 Where are expressions?**](02_where_are_expressions.ipynb) | does geometry or texture carry them? | section 3.2, table 1 |
# | [**03 Decoupling network**](03_decoupling_network.ipynb) | can the expression go and the speech stay? | sections 3.4, 4.1, equations 2–5 |
# | [**04 Dynamic neural textures**](04_dynamic_neural_textures.ipynb) | does one network draw every intensity, also those never filmed? | sections 3.3–3.7, 4.2, figure 5 |
# | [**05 Intensity and perception**](05_intensity_and_perception.ipynb) | how does one find out whether people see the intensity that was asked for? | section 5.2, figure 6 |
# | [**06 Ablation and metrics**](06_ablation_and_metrics.ipynb) | what is each part worth? | sections 5.3–5.5, table 2, figure 7 |
# | [**07 Audio to video**](07_audio_to_video.ipynb) | how does a sound file become a film? | section 3.4, figures 1, 2 |
# | [**08 Live sliders**](08_live_sliders.ipynb) | does the face follow your hand at once? | section 5 |
#
# `make run` executes the whole series in the profile `quick`. `dnt run 01 --profile laptop` runs one notebook in another profile.
#
# Why does notebook 02 come before the method? It tests the reason for the design: if geometry showed every expression, the method would not
# need all its parts.

# %%
first_question = Question(
    "Suppose that a grey face without texture shows a classifier every expression as well as the film does. "
    "Which part would the method then not need?",
    ["the background frame", "the transcoder and all bases but one", "the teeth submodule"],
)
first_question

# %%
first_question.answer(
    "the transcoder and all bases but one",
    "Then the geometry would be enough for this classifier. One texture is still needed for the colours of "
    "the skin, but it would not have to change with the CIEC. The CIEC would change the geometry instead.",
    {
        "the background frame": "Hair, neck and wall are not part of the face model, with any expression.",
        "the teeth submodule": "The surface has a hole at the mouth with every expression.",
    },
)

# %% [markdown]
# ## 4 · Three people, none of them real
#
# The built-in actor comes as three people, with names as in MEAD (M for a man, W for a woman). Section 1 took the mean over the whole picture,
# with wall, hair and clothes. Here we compare three expressions with neutral, in the middle of the face alone (nose and mouth), so the numbers
# are larger.

# %%
person_question = Question(
    "What changes the pixels in the middle of the face more: an expression in place of neutral, or another "
    "of our three people?",
    ["an expression", "another person"],
)
person_question

# %%
from dnt_core.actor import PEOPLE
from dnt_core.assets import find_asset

four = ["neutral", "happy", "surprised", "disgusted"]
actors = [*PEOPLE, *(["ICT"] if find_asset("ict_facekit") else [])]  # `dnt film --face-model ict` films it
by_actor = [[actor_still(actor, name, 1.0, SIZE) for name in four] for actor in actors]
faces = np.array(by_actor[: len(PEOPLE)]).astype(float)  # (3 people, 4 expressions, S, S, 3)
inner = faces[:, :, SIZE * 3 // 8 : SIZE * 3 // 4, SIZE * 3 // 8 : SIZE * 5 // 8]  # between the cheeks
by_expression = float(np.abs(inner[:, 1:] - inner[:, :1]).mean())  # from the neutral face of each person
by_person = float(np.abs(inner - np.roll(inner, 1, axis=0)).mean())
ax = contact_sheet(by_actor, row_labels=actors, col_labels=four)
ax.figure.set_size_inches(6.2, 0.2 + 1.5 * len(actors))
title = "Middle of the face: an expression changes a pixel\n"
title += "by {:.0f} grey levels, another person by {:.0f}"
ax.set_title(title.format(by_expression, by_person))
run.save_figure(ax.figure, "three_people")

# %%
person_question.answer(
    "another person" if by_person > by_expression else "an expression",
    f"A pixel there differs by {by_expression:.1f} grey levels between neutral and one of three "
    f"expressions, and by {by_person:.1f} between two people. We gave the three very different skins, so the "
    "second number says little about real people. But a network that reads expressions from people whom it "
    "has not seen must do more than compare pixels.",
)

# %% [markdown]
# ## 5 · Does the paper's table support its abstract?
#
# The abstract ends with: "Experimental results including
# a user study show that our method has the best performance." The next cell prints four rows of the paper's table 2. *Ours* is the whole
# method. In each of the others one part is left out: the dynamic neural texture (*w/o DNT*: one texture for all expressions), the decoupling
# network (*w/o DeNet*) or the teeth submodule (*w/o TS*). The columns measure three things (notebook 06 explains how), and an arrow says
# whether higher or lower is better.
# - *Likeness to the film*: PSNR and SSIM.
# - *Expression*: CE level is low if a classifier reads the right level off the pictures, and CE type if it reads the right type. (CE is the
#   cross-entropy of notebook 02.)
# - *Speech*: LMD, the distance of the lips from where they should be, and CSS, how well lips and sound agree.
#
# **Exercise 0.4 · The best in every column?** In how many of the six columns is another row better than *Ours*? Count, and write the number
# in place of `...` in the cell below the table.

# %%
import pandas as pd

from dnt_core.studies.table2 import results as table2
from dnt_core.studies.table2.row import LABELS, METRICS

columns = [f"{LABELS[name]} {'↑' if higher else '↓'}" for name, higher in METRICS.items()]
shortened = [name for name in table2.ORDER if name.startswith("without_")]
of_paper = {table2.LABELS[name]: table2.PAPER[name] for name in (*shortened, "ours")}
pd.DataFrame(of_paper, index=columns).T

# %%
from dnt_core.studies.table2.verdicts import papers_contradictions

better_elsewhere = ...

against = papers_contradictions()  # of all rows of the paper's table, also those of other people's methods
assert all(any(table2.LABELS[name] in line for name in shortened) for line in against)
without, ours = table2.PAPER["without_denet"], table2.PAPER["ours"]
highest = sum(max(row) > row[-1] for row in zip(*of_paper.values(), strict=True))  # as if without arrows
hints = Hints(2, 1, "Go through the columns one by one. In which direction does the arrow point?",
              "In three columns the lowest number is the best. Compare all four rows.")  # fmt: skip
known = {"You took the highest number as the best in every column. Look at the arrows.": highest,
         "One column is missing. Compare Ours with each of the other three rows.": len(against) - 1,
         "These are too many. Check each column against its arrow.": len(against) + 1}  # fmt: skip
solution = f"{len(against)}. {' '.join(against)} So the whole method is not always ahead of its parts."
answered["0.4"] = check_number("0.4", better_elsewhere, len(against), 0.1, known, hints, solution)

# %%
from IPython.display import Markdown

signs = np.array([1 if higher else -1 for higher in METRICS.values()])
rivals = signs * np.array([table2.PAPER[name] for name in ("stargan", "exprgan", "evp")])
ahead = signs * np.array(ours) > rivals.max(axis=0)
behind = [name for name, best in zip(columns, ahead, strict=True) if not best]
assert without[3] < ours[3] and without[2] > ours[2]  # without DeNet: CE type is better, CE level is worse
Markdown(
    f"Against the three methods of other people in the same table, *Ours* is ahead in {sum(ahead)} of "
    f"{len(ahead)} columns (not in {', '.join(behind)}). Why is the type read *better* without the "
    "decoupling network? One guess: in this test the film already has the expression that is asked for, and "
    "without the network it stays in the geometry, so geometry and texture both show it. But then the level "
    f"should be read better, too, and it is read worse ({without[2]:g} against {ours[2]:g}): we do not know."
)

# %% [markdown]
# So the table supports the abstract for the most part. Of all its rows *Ours* is the best in four of six columns. In CE type and CSS another
# row is better. The abstract's "best performance" does not say this. (*w/o DeNet* is better than *Ours* in CE type, but
# its CSS of 4.19 is the lowest of the four rows; *Ours* has 5.81.) Notebook 06 prints the whole table, and says
# for each column whether our version of the method is ahead. The paper's tests also use pictures that look much like those of its training, so
# they may be easier than a test on new clips. This has two causes:
#
# - The paper trains on the first 80 % of each clip and tests on the rest of the *same* clip. We also test on whole clips that were never
#   seen.
# - The classifiers of its table 1 get single *frames* at random for training or test, and neighbouring frames look nearly alike. Notebook
#   02 measures what this changes.
#
# [Open points of the paper](../docs/open_points.md) lists more, and what we do about each.

# %% [markdown]
# ## 6 · Optional files and responsible use
#
# Some files are *optional*: MEAD's clips, the paper's face model (Basel) and the trained weights of other people's networks. Each has a licence
# of its own, so none of them comes with this workbook. You need them only to repeat the paper's own experiments on MEAD. The command
# `dnt doctor` lists them.
#
# A method that puts words and feelings into a face can be used against people. So these rules hold here:
#
# - The videos that the workbook *generates* carry a visible mark. The file also holds a record: a line of text that says how it was made,
#   such as "made_by: notebook 00". Both are on by default. (The clips that networks are trained on have no mark, so that no network
#   learns it.)
# - To make a real person's face speak you need that person's consent, and the licence of the data.
# - The optional files stay out of this repository and its figures. You get them from their owners, under their terms.
# - Where observers are simulated, the figure says *simulated*.

# %%
mark_question = Question(
    "Somebody wants to hide that a film was generated. Do the mark and the record prevent it?",
    ["yes, both would have to be broken", "the mark does, the record does not", "neither does"],
)
mark_question

# %%
from PIL import Image

from dnt_core.clips import provenance_record, read_provenance, read_video, write_video

record = provenance_record("notebook 00", actor="W009", expression="happy", intensity=0.67, seed=0)
still, edge = actor_still("W009", "happy", 0.67, 160), 160 // 8
made = write_video(run.folder / "made.mp4", [still] * 5, 25, provenance=record)
seen = read_video(made).frames
gif = [Image.fromarray(frame[edge:-edge, edge:-edge]) for frame in seen]  # cut an eighth off each side
gif[0].save(run.folder / "copied.gif", save_all=True, append_images=gif[1:], duration=40)  # with Pillow
copied = np.array(Image.open(run.folder / "copied.gif").convert("RGB"))
marked = np.abs(seen[0].astype(float) - still).mean(-1) > 40  # pixels of the mark
kept = int(marked[edge:-edge, edge:-edge].sum())
padded = np.pad(copied, ((edge, edge), (edge, edge), (0, 0)), constant_values=255)
ax = contact_sheet([[seen[0], padded]], col_labels=["as written", "cut, saved as GIF"])
ax.figure.set_size_inches(5.2, 3.1)
ax.set_title(f"An eighth off each side: {kept} of the mark's {int(marked.sum())} pixels left", fontsize=9)
plt.show()
print("records of the two:", read_provenance(made), read_provenance(run.folder / "copied.gif"), sep="\n")
mark_question.answer(
    "neither does" if kept < 0.2 * marked.sum() else "the mark does, the record does not",
    f"The mark lies in a corner, so a cut takes it: {kept} of its pixels are left. The program that saved "
    "the copy did not copy the record. So mark and record inform people who meet the film as it was made, "
    "but they do not stop somebody who wants to deceive. That is why the other rules are needed.",
)

# %% [markdown]
# ## In short
#
# | the paper claims | tested in |
# |---|---|
# | a type and one number are enough to ask for an expression | 04 (does the drawn face follow the number?) and 05 (how to find out whether people see it; its observers are simulated) |
# | expression lies mostly in textures | 02 |
# | the method runs in real time (the abstract; 8 frames in 245 ms on an A100) | 08, which asks for 30 pictures per second and a lag below 100 ms |
#
# Nothing in this notebook is evidence for the paper: the actor's picture changes with the intensity because it was built so. And no notebook
# shows how the method does on filmed people. Our actor's skin was built to carry expression, and β holds only a part of the movement of its
# brows, eyes, nose and cheeks (02).
#
# **Next:** [01 · A face in 257 numbers](01_a_face_in_257_numbers.ipynb) takes a clip apart.
