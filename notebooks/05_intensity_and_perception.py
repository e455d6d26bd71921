# %% [markdown]
# # Intensity and perception: is twice the number twice the smile?
#
# Notebook 04 has a knob that goes from 0 to 1. Do *people* see what the knob says? The paper asked sixteen people. Each of them
# saw four clips of one expression and put them into order, from weak to strong. The paper turns the orders into a score for every clip, and its
# figure 6 shows the scores on the line $y = x$. Here you take such a test, compute the score, and find out what it can tell
# and what it cannot.
#
# | | |
# |---|---|
# | **Paper** | section 5.2, figure 6 |
# | **Afterwards you can** | turn orders into matrices and scores; say why scores lie flatter than the truth, and by how much; put an interval on them; say what a score on the line proves and what it does not; run the study with a class |
# | **Before this** | notebook 00 (the code of an expression's intensity). The clips come from 04's generator, which is only used here |
# | **Takes** | three quarters of an hour to read and to do the exercises; to run: a minute in the `quick` profile, one to four in `laptop`; no GPU |
# | **Words** | [glossary](../docs/glossary.md) |
#
# **Simplified against the paper:**
# - no person was asked for sections 3 to 7. The observers there are **simulated**, and every figure says so. A simulated observer sees
#   what a program measures on the clip, plus noise. The size of the noise is *our assumption*. To ask people, use `dnt study` (section 8);
# - the clips are drawn by the shipped 128 px generators of the *built-in synthetic actor*'s three identities;
# - a clip is represented by a few moments of one sentence; the page of `dnt study` plays whole clips with sound;
# - the real crowd of section 9 watched other clips and gave votes instead of orders.
#
# The stored outputs come from the `laptop` profile. The cell below holds `quick`, so your own numbers differ.

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""
responses = ""  # a CSV of orders that people gave: section 8
crema_d = ""  # a file or folder of CREMA-D's votes: section 9
seed = 0  # of everything that is drawn at random

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from dnt_core.paths import repository_root
from dnt_core.plotting import EXPRESSION_COLORS, contact_sheet, matrix, use_style
from dnt_core.workbook import open_notebook
from dnt_core.workbook.exercises import check_exercise, check_number
from dnt_core.workbook.hints import Hints
from dnt_core.workbook.questions import Question

use_style()
run = open_notebook("05_intensity_and_perception", profile, data_dir, out_dir)
run = replace(run, synthetic=True)  # the shipped weights are the actor's, whatever clips are given
pick = run.profile.pick
print(run)

# %% [markdown]
# ## 1 · Four clips and an order
#
# First the generators. There is one for each identity of the actor.

# %%
from dnt_core.face3d import load_face_model
from dnt_core.studies.perceptual_study.measured import speaking_faces
from dnt_core.training.generator_weights import find_generators

model = load_face_model(
    pick(nbval="procedural:2000", quick="procedural:9000", laptop="procedural:9000", paper="procedural:9000")
)
MANY = (0.1, 0.3, 0.5, 0.7, 0.9)  # moments of the sentence, 0 its beginning and 1 its end
MOMENTS = pick(nbval=(0.5,), quick=(0.2, 0.5, 0.8), laptop=MANY, paper=MANY)
weights = find_generators(size=128)
assert weights, "no generators in weights/: train one with `dnt train generator`"
weights = dict(list(weights.items())[: pick(nbval=1, quick=3, laptop=3, paper=3)])
faces = speaking_faces(weights, model, MOMENTS)
somebody = next(iter(faces.values()))
print(f"generators of {', '.join(faces)}, 128 px, geometry of {model.n_vertices:,} vertices")
print(f"a clip is {len(MOMENTS)} moment{'s' * (len(MOMENTS) > 1)}")

# %% [markdown]
# Here are four of their pictures, A to D. Geometry, light, moment and type (*surprised*) are the same; only the intensity differs. In the study,
# people see clips with sound instead of pictures. One such clip stands below the pictures.

# %%
from dnt_core.live import LiveFace, film_face
from dnt_core.workbook.players import film_player

SHUFFLED = np.random.default_rng(5).permutation([0.1, 0.4, 0.6, 0.9])  # of A, B, C, D; not to be printed
four = somebody.generated(["surprised"] * 4, SHUFFLED)[:, 0]  # (4, 3, S, S)
assert four.shape[1] == 3 and 0 <= four.min() and four.max() <= 1
ax = contact_sheet([list(four)], col_labels=list("ABCD"), title="Which is the weakest, which the strongest?")
plt.show()
speaking = LiveFace(weights[somebody.identity], runtime="torch")
film = film_face(speaking, "surprised:0.6→0.6", run.folder / "study_clip.mp4")
film_player(film, 256, "a clip as the study shows it: surprised at 0.6 (synthetic)")

# %% [markdown]
# **From an order to a score, by an example.** Three clips have the intensities $x = (0.1, 0.4, 0.9)$. An observer puts them into the order 0.1, 0.9, 0.4.
# So the strongest clip stands in second place. Second place belongs to the second-lowest intensity, 0.4. Therefore
# this observer gives the strongest clip the score 0.4, and the middle clip the score 0.9.
#
# The paper writes this with a matrix. The clips are numbered by intensity: clip 1 is the weakest. The matrix $M_i$ of observer $i$ has a row per clip and
# a column per place. It has a 1 where the clip was placed and 0 elsewhere:
#
# $$M_i = \begin{pmatrix} 1 & 0 & 0 \\ 0 & 0 & 1 \\ 0 & 1 & 0 \end{pmatrix}, \qquad
# s = M_i\, x = \begin{pmatrix} 0.1 \\ 0.9 \\ 0.4 \end{pmatrix}.$$
#
# Row 2 says that the middle clip was placed third. Both steps as loops:


# %%
def naive_matrix(order, intensity):
    r"""order (m,): picture numbers from 0, weakest first; intensity (m,) of the pictures → M_i (m, m)."""
    m = len(order)
    M = np.zeros((m, m))
    lowest_first = sorted(range(m), key=lambda picture: intensity[picture])
    for row, picture in enumerate(lowest_first):
        for place in range(m):
            if order[place] == picture:
                M[row, place] = 1
    return M


def naive_score(M, x):
    s = []
    for row in range(len(x)):
        total = 0.0
        for place in range(len(x)):
            total += M[row, place] * x[place]
        s.append(total)
    return np.array(s)


of_the_example = naive_matrix([0, 2, 1], [0.1, 0.4, 0.9])
np.testing.assert_array_equal(of_the_example, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
np.testing.assert_allclose(naive_score(of_the_example, [0.1, 0.4, 0.9]), [0.1, 0.9, 0.4])

# %% [markdown]
# **Your turn.** Drag the four faces into order, weakest left, or use the arrow keys. The table below them follows your hand. When all ones
# stand on the diagonal, you have found the true order. (Without a kernel you see a still: the order in which the pictures came, which is nobody's answer.)

# %%
from dnt_core.studies.perceptual_study.order_toy import OrderToy


def tell(order):
    M, x = naive_matrix(order, SHUFFLED), sorted(SHUFFLED)
    rows = ["x = intensity   placed 1st 2nd 3rd 4th    s = score"]
    for row, x_i, s_i in zip(M, x, naive_score(M, x), strict=True):
        ones = "   ".join("1" if v else "." for v in row)
        rows.append(f"{x_i:8.2f}{'':16}{ones}{s_i:11.2f}")
    return "\n".join(rows)


toy = OrderToy(list(four), tell)
toy

# %% [markdown]
# **Check.** The next cell sets all 24 orders, one after another, as your hand would. The package's functions give the same
# matrices and scores as the loops, and $s = x$ comes out for the right order alone. The package takes *places*: for each clip, weakest clip
# first, the place where it was put.

# %%
from itertools import permutations

from dnt_core.studies.perceptual_study.orders import order_matrix
from dnt_core.studies.perceptual_study.score import score

x = np.sort(SHUFFLED)
yours = list(toy.order)
for order in permutations(range(4)):
    toy.order = list(order)  # as the page sets it
    places = [1 + order.index(picture) for picture in np.argsort(SHUFFLED)]
    M_i = naive_matrix(toy.order, SHUFFLED)
    np.testing.assert_array_equal(M_i, order_matrix(places))
    np.testing.assert_allclose(naive_score(M_i, x), score(M_i, x), rtol=1e-12)
    assert toy.said == tell(order) and np.array_equal(score(M_i, x), x) == (places == [1, 2, 3, 4])
toy.order = yours

# %% [markdown]
# ### More observers
#
# $M$ is the mean of the $M_i$ of all observers, and the score is $s = Mx$. Here are three classmates beside you. One is right, one exchanges the middle two
# clips, and one the first two. Until you drag, your answer is the order in which the pictures came, and that is a bad one. (Drag and run from here, and $M$ changes.)

# %%
classmates = order_matrix([[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3, 4]])  # (3, 4, 4)
M = np.mean([naive_matrix(toy.order, SHUFFLED), *classmates], axis=0)
s = score(M, x)
places = ["1st", "2nd", "3rd", "4th"]
title = "M: the share of four observers\nwho put a clip in a place"
ax = matrix(M, [f"{v:.1f}" for v in x], places, title=title, xlabel="placed", ylabel="clip of intensity $x$")
plt.show()
pd.DataFrame({"s": s}, index=pd.Index(x, name="x")).round(3)

# %% [markdown]
# **Check.** An observer gives every clip one place and every place one clip. So the rows and the columns of $M$ sum to 1. Such a matrix is called
# *doubly stochastic*. Three facts follow, and the next cell tests them.

# %%
np.testing.assert_allclose(M.sum(axis=0), 1)
np.testing.assert_allclose(M.sum(axis=1), 1)
np.testing.assert_allclose(s.mean(), x.mean())  # 1. the mean score is the mean intensity
assert (x.min() <= s + 1e-12).all() and (s <= x.max() + 1e-12).all()  # 2. scores stay inside
guess = np.full((4, 4), 1 / 4)  # 3. guessing puts every clip on every place equally often:
np.testing.assert_allclose(score(guess, x), x.mean())  # all scores are the mean, the *chance line*

# %% [markdown]
# When all observers are right, $s = x$. Is the reverse true as well? For two observers, the cell after the question tries all $24 \times 24$ pairs of orders.

# %%
only_question = Question(
    "Two observers, s = x. Must both have given the true order, or can two mistakes cancel?",
    ["both gave the true order", "mistakes can cancel"],
)
only_question

# %%
every = order_matrix(list(permutations([1, 2, 3, 4])))  # (24, 4, 4)
unanimous = 0
for first in every:
    for second in every:
        if np.allclose(score((first + second) / 2, x), x):
            unanimous += 1
            assert np.array_equal(first, np.eye(4)) and np.array_equal(second, np.eye(4))
assert unanimous == 1
only_question.answer(
    "both gave the true order",
    f"Of {len(every) ** 2} pairs only {unanimous} gives s = x. Section 2 shows why, for any number of "
    f"observers.",
    {"mistakes can cancel": "A mean of different orders always lies nearer to the mean intensity."},
)

# %% [markdown]
# **Exercise 5.1 · Order and places.** The page of the study stores an *order*: clip numbers, weakest first. The matrix needs *places*. Clips are
# numbered from 0 in increasing order of intensity.


# %%
def places_of(order):
    r"""order (m,): clip numbers from 0, weakest first → (m,) place in 1 … m of clip 0, 1, …"""
    raise NotImplementedError("Exercise 5.1: an order is a permutation, places are its inverse")


answered = {"5.1": check_exercise("5.1", places_of, [(list(order),) for order in permutations(range(4))])}

# %% [markdown]
# ## 2 · Why scores lie flatter than the truth
#
# Three clips have six orders. Each order is a point with three coordinates: the scores that it gives to the three clips. All six points lie in one plane, because the three scores
# always have the same sum. All six are equally far from the point $\bar x$ where all three scores are the mean. So they lie on a circle about $\bar x$, and they can be drawn.
#
# The score $s$ of many observers is the mean of their points, and the mean of different points of a circle lies *inside* it. In the figure, five of eight people
# are right. Two exchange the stronger two clips, and one exchanges the weaker two.

# %%
from dnt_core.studies.perceptual_study.study_plots import plot_permutations

eight = [[1, 2, 3]] * 5 + [[1, 3, 2]] * 2 + [[2, 1, 3]]
ax = plot_permutations(plt.subplots(figsize=(4.2, 3.6))[1], np.array([0.1, 0.4, 0.9]), eight)
title = ax.set_title("The mean of orders lies inside their circle")

# %% [markdown]
# The same holds for any number of clips. An order $P_i$ only rearranges $x$, so $\lVert P_i x - \bar x\rVert = \lVert x - \bar x\rVert$. By the triangle inequality, a mean is
# at most as long as the mean length:
#
# $$\lVert s - \bar x\rVert = \Big\lVert \tfrac1k \sum_i (P_i x - \bar x)\Big\rVert \le \tfrac1k \sum_i \lVert P_i x - \bar x\rVert = \lVert x - \bar x\rVert.$$
#
# Both sides are equal only when all $P_i$ are the same. If the score is $x$, all observers therefore gave one and the same order, the true one. This is the
# reverse that section 1 asked for.
#
# So **observers who make mistakes give a slope below 1 even to perfect clips**. (The slope is that of a line through the scores over $x$.) A flat figure 6 can mean bad clips or
# careless people, and the score alone does not say which.
#
# How much flatter? The simplest mistake is a **lapse**: with probability ε an observer guesses, and otherwise the order is right.

# %%
lapse_question = Question(
    "Every fifth order is a pure guess (ε = 0.2), all others are right. What is the slope of s over x?",
    ["1", "0.9", "0.8", "0.2"],
)
lapse_question

# %%
from dnt_core.studies.perceptual_study.score import slope
from dnt_core.studies.perceptual_study.shrinkage import lapse_order_matrix

rng = np.random.default_rng(seed)
for _ in range(500):  # the inequality above, for random orders
    k = rng.integers(1, 20)
    some = order_matrix(rng.permuted(np.tile([1, 2, 3, 4], (k, 1)), axis=1))  # k random orders
    s = score(some.mean(axis=0), x)
    assert np.linalg.norm(s - x.mean()) <= np.linalg.norm(x - x.mean()) + 1e-12
for lapse in (0.0, 0.2, 0.5, 1.0):
    s = score(lapse_order_matrix(4, lapse), x)
    np.testing.assert_allclose(s, (1 - lapse) * x + lapse * x.mean())
    np.testing.assert_allclose(slope([x], [s]), 1 - lapse)
lapse_question.answer(
    "0.8",
    "A guess gives every clip the mean x̄, a right order gives it x. So s = (1 − ε) x + ε x̄, and the slope is "
    "1 − ε.",
    {"0.2": "That is the share of guesses. The slope is the share of right orders.",
     "1": "Guesses pull all scores to the mean."},
)  # fmt: skip

# %% [markdown]
# The second kind of mistake is **noise** (Thurstone 1927). To an observer, a clip looks like $x_i + \sigma z_i$, where $z_i$ is a standard normal number. The
# observer orders the clips by how they look. So clips that are closer than about σ are often exchanged, and distant clips rarely. The mean of $M$ over
# endlessly many such observers is an integral that the package computes. The naive way is to ask twenty thousand of them:

# %%
from dnt_core.studies.perceptual_study.shrinkage import thurstone_order_matrix

NOISE = 0.2
seen = x + NOISE * rng.standard_normal((20_000, 4))
places = seen.argsort(axis=1).argsort(axis=1) + 1  # rank of each clip, observer by observer
naive = order_matrix(places).mean(axis=0)
np.testing.assert_allclose(thurstone_order_matrix(x, NOISE), naive, atol=0.015)
pd.DataFrame(
    {f"s, σ = {n}": score(thurstone_order_matrix(x, n), x) for n in (0, 0.1, 0.2, 0.5, 2)},
    index=pd.Index(x, name="x"),
).round(3)

# %% [markdown]
# Read a row from left to right: more noise moves a score towards the mean, 0.5.
#
# **Exercise 5.2 · A pair is exchanged.** How often does such an observer put two clips in the wrong order whose intensities differ by $d$?
# What you need: the two clips look like $x_1 + \sigma z_1$ and $x_2 + \sigma z_2$. Their difference is $x_2 - x_1$ plus a normal number. Variances
# of independent numbers add, so the standard deviation of that number is $\sqrt{\sigma^2 + \sigma^2} = \sqrt2\,\sigma$. And a normal number lies more than $c$ standard deviations below its mean with
# probability $\tfrac12\operatorname{erfc}(c/\sqrt2)$.

# %%
import math


def swap_probability(distance, noise):
    r"""Distance d > 0 of two intensities, σ > 0 → probability in [0, 1/2]."""
    raise NotImplementedError("Exercise 5.2: what is the spread of the difference of two percepts?")


assert math.isclose(0.5 * math.erfc(0), 0.5)
asked = [(0.1, 0.1), (0.3, 0.1), (0.05, 0.4)]
answered["5.2"] = check_exercise("5.2", swap_probability, asked, 1e-4)

# %% [markdown]
# ## 3 · What an order cannot tell
#
# Now a generator that is *wrong* on purpose: asked for $x$, it shows $x^3$. Asked for a half smile, it shows an eighth of one. Sixteen observers without noise
# order its clips: 21 groups of four clips with random intensities, as in the paper's study.

# %%
cube_question = Question(
    "Observers without noise order clips that show x³. Which slope will figure 6 have?",
    ["1, as for perfect clips", "below 1, because weak clips look too weak", "about 1/3"],
)
cube_question

# %%
from dnt_core.studies.perceptual_study.observers import draw_groups, simulate_observers
from dnt_core.studies.perceptual_study.orders import group_orders
from dnt_core.studies.perceptual_study.score import summarise

design = draw_groups(list(faces), seed=seed)
cubed = design.assign(measured=design["intensity"] ** 3)
blind = summarise(group_orders(simulate_observers(cubed, 16, noise=0.0, seed=seed)))
print(f"slope {blind.slope:.3f}, root mean square distance from y = x (RMSE) {blind.rmse:.3f}")
assert (blind.slope, blind.rmse, blind.tau) == (1, 0, 1)
sentence = "A score on the line y = x shows that the intensity is perceived as asked for."
note = {"whose": "paper", "note": "A generator that shows x³ scores as well: the RMSE of both is the same."}
note |= {"limit_name": "RMSE of x³ less RMSE of x"}
display(run.claim("on_the_line_proves", sentence, blind.rmse, above=0.0, **note))
cube_question.answer(
    "1, as for perfect clips",
    f"The orders are right, and M knows nothing but orders. RMSE {blind.rmse:.3f}.",
    {"below 1, because weak clips look too weak": "How weak they look is not asked.",
     "about 1/3": "The intensities that s is made of are ours, not those that were seen."},
)  # fmt: skip

# %% [markdown]
# The score fills in *our own* $x$ at the places. So a figure 6 on the line says that a higher intensity looks stronger. It does not say
# that 0.5 looks like half. Only *mistakes* tell how far apart two clips look, and when $s$ is near $x$ there are few mistakes.
#
# ## 4 · Clips at intensities nobody filmed
#
# The paper's design: a group of $m = 4$ clips for every identity and expression, $3 \times 7 = 21$ groups, with intensities drawn
# uniformly in $[0, 1]$. The generators were trained at 0, 0.33, 0.67 and 1 alone.
#
# **What do simulated observers see?** They see a *reading*: a regressor reads an intensity from each picture, and the clip's reading is the mean over its moments. There is one regressor per
# expression. It learnt from films of the *actor* at levels 1 to 3 and never saw a generated face. Each face is first flattened into its texture (unwrapped, notebook 01), so that position and
# lips do not matter.

# %%
from dnt_core.ciec import CIEC_TYPES
from dnt_core.studies.perceptual_study.measured import measured_intensities

assert (design.groupby("group").size() == 4).all() and design["intensity"].between(0, 1).all()
table, clips = measured_intensities(design, faces)
assert len(table) == len(design) == len(clips)
assert np.isfinite(table["measured"]).all() and table["measured"].between(0, 1).all()
assert all(c.shape == (len(MOMENTS), 3, 128, 128) and 0 <= c.min() and c.max() <= 1 for c in clips.values())
print(f"{table['group'].nunique()} groups, {len(table)} clips. The first group:")
table.head(4).round(3)

# %%
knob_question = Question(
    "Two clips of one group: how often does the one with the higher knob also get the higher reading?",
    ["nearly always", "in about three of four pairs", "in about half of the pairs"],
)
knob_question

# %% [markdown]
# The first figure shows the clips of one identity at one moment. In every row the weakest stands left, and the intensity that was asked for is written into the picture. The second figure
# shows the readings of all clips. A line joins the four clips of a group.

# %%
from dnt_core.studies.perceptual_study.study_plots import clip_sheet, plot_measured

shown = table[table["identity"] == somebody.identity]
ax = clip_sheet(shown, {name: clips[name][len(MOMENTS) // 2] for name in shown["clip"]})
run.save_figure(ax.figure, "study_clips")
plt.show()
figure, axes = plt.subplots(
    1, len(faces), figsize=(3.7 * len(faces), 4.2), constrained_layout=True, squeeze=False
)
for ax, (who, rows) in zip(axes[0], table.groupby("identity", sort=False), strict=True):
    plot_measured(ax, rows, who)
handles, names = axes[0, 0].get_legend_handles_labels()
figure.legend(handles, names, loc="outside lower center", ncols=7)
figure.suptitle("A higher knob is read higher, but not every expression reaches what was asked")
run.save_figure(figure, "study_measured")

# %% [markdown]
# Two things can be read from the second figure.
#
# **Does the reading rise with the knob?** *Kendall's τ* of a group counts pairs of clips: the pairs in the right order, less the pairs in the wrong order, divided by all pairs. So 1 means that all pairs
# are right, and 0 is what guessing gives. τ does not depend on how far apart the intensities are.
#
# **How high does the reading get?** That differs by expression. The table below divides the reading by what was asked for, in strong clips.


# %%
def naive_tau(places):
    right = wrong = 0
    for i in range(len(places)):
        for j in range(i + 1, len(places)):  # clip j is the stronger one
            right += places[j] > places[i]
            wrong += places[j] < places[i]
    return (right - wrong) / (right + wrong)


from dnt_core.studies.perceptual_study.score import kendall_tau

for order in permutations([1, 2, 3, 4]):
    np.testing.assert_allclose(naive_tau(order), kendall_tau(np.array(order)))

# %%
in_groups = [rows.sort_values("intensity")["measured"].to_numpy() for _, rows in table.groupby("group")]
rising = [float(kendall_tau(readings)) for readings in in_groups]
meter_error = float((table["measured"] - table["intensity"]).abs().mean())
strong = table[table["intensity"] > 0.75]
reached = (strong["measured"] / strong["intensity"]).groupby(strong["expression"]).mean().sort_values()
assert np.mean(rising) > 0.9 and reached.iloc[0] < 0.9  # what the figure's title says
print(f"mean τ of reading and knob: {np.mean(rising):.3f}; mean distance of the two: {meter_error:.3f}")
display(reached.round(2).to_frame("read / asked, where more than 0.75 was asked").T)
pairs = (1 + np.mean(rising)) / 2  # τ is the share of right pairs less that of wrong ones
shares = dict(zip(knob_question.choices, (1.0, 0.75, 0.5), strict=True))
knob_question.answer(
    min(shares, key=lambda choice: abs(shares[choice] - pairs)),
    f"In {pairs:.0%} of the pairs, at intensities that no clip was filmed at.",
)

# %% [markdown]
# Some readings are too low. Is the picture too weak, or does the regressor read too little? To find out, we show it the *actor* at 0.9, an intensity that it was not fitted on. We take the two
# expressions with the lowest readings and the one with the highest.

# %%
ASKED, read = 0.9, {}
for what in (reached.index[0], reached.index[1], reached.index[-1]):
    both = [somebody.acted(what, ASKED), *somebody.generated([what], [ASKED])]
    read[what] = dict(zip(("the actor", "generated"), somebody.read([what] * 2, both), strict=True))
    assert abs(read[what]["the actor"] - ASKED) < 0.15
pd.DataFrame(read).T.round(2).rename_axis(f"{somebody.identity}, read at {ASKED}")

# %% [markdown]
# The regressor reads these three faces of the actor to within 0.15. So where it reads a generated face much lower, the generated face is probably too weak. (Three faces of one identity are no proof, and a generated face is also a little blurred, which may lower a reading.) Orders alone
# would not show this (section 3): observers without noise would still put such clips into the right order.
#
# ## 5 · Figure 6
#
# Now sixteen **simulated observers** order all groups. To each of them a clip looks like its reading plus normal noise of σ = 0.1. That number
# is an assumption: nobody has measured how finely people tell these faces apart.
#
# All slopes below are slopes *within groups*: from every $x$ and every $s$ the mean of its group is subtracted first. Why that matters is seen when all observers guess, three cells below.

# %%
from dnt_core.studies.perceptual_study.figure6 import figure6
from dnt_core.studies.perceptual_study.report import print_scores, score_groups

K, SIGMA = 16, 0.1
RESAMPLES = pick(nbval=200, quick=1000, laptop=2000, paper=2000)
groups = group_orders(simulate_observers(table, K, SIGMA, seed=seed))
scores = score_groups(groups, RESAMPLES, seed)
print_scores(scores)
figure, ax = plt.subplots(figsize=(7.2, 5.2), constrained_layout=True)
figure6(ax, groups, scores.intervals.score, title=f"Simulated observers (σ = {SIGMA}) of generated clips")
run.save_figure(figure, "figure6")

# %% [markdown]
# **The paper's figure 6** shows the scores along $y = x$ and concludes that people perceive the intensities asked for. The paper
# gives neither slope nor RMSE nor interval, so there is no number to put beside ours. To see what our numbers mean, we compare three cases: the same
# observers on our clips, the same observers on *exact* clips, which show just what was asked for, and guessing.

# %%
exact_question = Question(
    "On exact clips: which slope do these observers (σ = 0.1) give?",
    ["exactly 1", "below 1, above that of our clips", "below that of our clips"],
)
exact_question

# %%
from dnt_core.studies.perceptual_study.score import group_score, mean_order_matrix

everything = scores.summary.iloc[0]
exact_groups = group_orders(simulate_observers(design, K, SIGMA, seed=seed))  # they see x itself
exact = summarise(exact_groups)
three = {
    "these observers, generated clips": (everything.slope, everything.rmse, everything.tau),
    "these observers, exact clips": (exact.slope, exact.rmse, exact.tau),
    "endlessly many who guess": (0.0, everything.rmse_guessing, 0.0),
}
display(pd.DataFrame(three, index=["slope", "RMSE", "τ"]).T.round(3))
for g in groups:  # section 1's facts hold in every group
    M, s = mean_order_matrix(g.matrices), group_score(g)
    assert np.allclose(M.sum(axis=0), 1) and np.allclose(M.sum(axis=1), 1)
    np.testing.assert_allclose(s.mean(), g.intensity.mean())
    assert (g.intensity[0] - 1e-9 <= s).all() and (s <= g.intensity[-1] + 1e-9).all()
assert 0.5 < everything.slope < 1 and everything.rmse < everything.rmse_guessing / 2
assert exact.tau > everything.tau  # fewer mistakes
assert all(o.startswith("simulated") for g in groups for o in g.observers)
above = exact.slope > everything.slope
exact_question.answer(
    exact_question.choices[0 if exact.slope == 1 else 1 if above else 2],
    f"{exact.slope:.3f}, and {everything.slope:.3f} for our clips. Mistakes alone (section 2) cost "
    f"{1 - exact.slope:.3f}, the clips {exact.slope - everything.slope:+.3f} more.",
)

# %% [markdown]
# **Can the slope find weak expressions?** When a reading rises at half the speed, two clips look half as far apart. The noise stays the same, so more pairs are exchanged, and the slope falls. But
# the intensities of a group are random, and groups whose intensities lie close together have a lower slope even when the clips are perfect. So we compare each expression with exact clips of the same intensities. The difference is the slope that its clips *lose*.

# %%
by_type = {}
for name in CIEC_TYPES:
    rows = [[g for g in crowd if g.expression == name] for crowd in (groups, exact_groups)]
    by_type[name] = [reached.get(name, np.nan), *(summarise(own).slope for own in rows)]
by_type = pd.DataFrame(by_type, index=["read / asked", "slope", "slope of exact clips"]).T
by_type["slope lost"] = by_type["slope of exact clips"] - by_type["slope"]
rank = by_type["read / asked"].rank().corr(by_type["slope lost"].rank())
display(by_type.sort_values("read / asked").round(3))
sentence = "Expressions that are drawn too weakly lose slope: the weaker they are read, the more."
note = "Rank correlation of read / asked with the slope lost; interval by Fisher's z."
known = np.isfinite(rank) and abs(rank) < 1
half = 1.96 * np.sqrt(1.06 / (len(by_type) - 3))  # of z, for a rank correlation
interval = np.tanh(np.arctanh(rank) + half * np.array([-1, 1])) if known else None
run.claim(
    "weak_types_lose_slope", sentence, rank if np.isfinite(rank) else None, below=0.0, note=note,
    interval=interval, over="7 types",
)  # fmt: skip

# %% [markdown]
# Here we knew σ, because we had chosen it. In a study with people you do not know it, and then you cannot tell weak clips from noisy observers. The report above says which noise would give the same slope to exact clips.
#
# ### Noise turned up, and guessing
#
# In the last panel of the next figure all observers guess. A guessed clip gets the mean $x$ of *its own group*. So the line that joins a group should lie flat, each group at its own height. (This panel has a thousand observers, because sixteen
# guesses per clip still scatter widely.)

# %%
MANY_GUESS = pick(nbval=40, quick=1000, laptop=1000, paper=1000)
kinds = {"σ = 0.05": (0.05, 0.0), "σ = 0.3": (0.3, 0.0), "all guess": (0.0, 1.0)}
crowds = {n: group_orders(simulate_observers(table, K, *k, seed=seed)) for n, k in kinds.items()}
drawn = crowds | {"all guess": group_orders(simulate_observers(table, MANY_GUESS, 0.0, 1.0, seed=seed))}
figure, axes = plt.subplots(1, 3, figsize=(13, 4.4), constrained_layout=True)
for ax, (name, crowd) in zip(axes, drawn.items(), strict=True):
    figure6(ax, crowd, title=name, legend=name == "all guess", join=True)
figure.suptitle("Noise makes the groups flatter; guesses make each of them flat at a height of its own")
run.save_figure(figure, "figure6_noise")
plt.show()
guessing = summarise(crowds["all guess"])
assert abs(guessing.slope) < 0.25 and abs(guessing.tau) < 0.15 and guessing.rmse > 2 * everything.rmse
all_x = np.concatenate([g.intensity for g in groups])
own_mean = np.concatenate([np.full(len(g.intensity), g.intensity.mean()) for g in groups])
one_line = np.polyfit(all_x, own_mean, 1)[0]
assert one_line > 0
Markdown(
    "The heights differ, and groups of strong clips lie higher. With endlessly many guesses, one line "
    f"through *all* points would therefore have the slope {one_line:.2f}, although nobody looked at a clip. "
    "The slope within groups is 0."
)

# %% [markdown]
# **Exercise 5.3 · Chance.** Which RMSE do endlessly many guessing observers get, for several groups? With this number you can judge a study in which the
# intensities of a group lie close together.


# %%
def chance_rmse(groups):
    r"""A list of intensities (m,) of each group → RMSE against y = x of observers who guess."""
    raise NotImplementedError("Exercise 5.3: whose mean does a guessed clip get?")


asked = [([x],), ([x, x / 2],), ([x, np.array([0.8, 0.9, 1.0])],)]
answered["5.3"] = check_exercise("5.3", chance_rmse, asked)

# %% [markdown]
# The next figure shows the slope over the noise. The dots are our clips, the line is exact clips. The gap between dots and line is the slope that our clips lose.

# %%
from dnt_core.studies.perceptual_study.study_plots import plot_slope_by_noise

SOME, MORE = (0.05, 0.1, 0.2, 0.4, 0.7), (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
NOISES = pick(nbval=(0.1, 0.4), quick=SOME, laptop=MORE, paper=MORE)
slopes = [summarise(group_orders(simulate_observers(table, K, n, seed=seed))).slope for n in NOISES]
intensities = [g.intensity for g in groups]
ax = plot_slope_by_noise(plt.subplots(figsize=(5.3, 3.2))[1], intensities, NOISES, slopes, 0.75)
title = ax.set_title("Noisier observers give a flatter score")
assert slopes[0] > slopes[-1] + 0.2

# %% [markdown]
# **Your turn.** Three sliders: the noise, the share of guesses, the number of observers. Which of them change the slope, and which only the scatter? The answer stands in the next text. (Without a kernel you see a still.)

# %%
from dnt_core.studies.perceptual_study.figure6 import figure6_picture
from dnt_core.workbook.sliders import PictureWithSliders


def draw(noise, guessing, observers):
    return figure6_picture(group_orders(simulate_observers(table, observers, noise, guessing, seed)))


for values in ((0.0, 0.0, 1), (0.5, 0.5, 16), (1.0, 1.0, 64)):  # least, middle, most
    assert draw(*values).ndim == 3
PictureWithSliders(
    draw,
    {"noise": (0.0, 1.0, 0.2), "guessing": (0.0, 1.0, 0.0), "observers": (1, 64, 16)},
    {"noise": "σ (more mistakes →)", "guessing": "guess (more often →)", "observers": "observers (more →)"},
    width=560,
)

# %% [markdown]
# Noise and guesses change the slope. The number of observers changes only how far the scores scatter.
#
# **Exercise 5.4 · Break the control.** How noisy must observers be before their slope falls to 0.5 on these clips? Try values of σ with the slider above or in a cell of your
# own, and write the number in place of `...`.

# %%
noise_for_half = ...

tried = np.linspace(0.1, 1.0, pick(nbval=4, quick=10, laptop=19, paper=19))
fallen = [summarise(group_orders(simulate_observers(table, K, n, seed=seed))).slope for n in tried]
half = float(np.interp(-0.5, -np.array(fallen), tried))
known = {"This is the guessing that would do it. Leave guessing at 0 and turn up the noise.": 0.5}
known |= {"Here the slope is still near 0.9.": float(np.interp(-0.9, -np.array(fallen), tried))}
hints = Hints(6, 2, "Set guessing to 0, then drag σ.", "Halve the interval in which the slope passes 0.5.")
solution = f"The slope falls to 0.5 at about σ = {half:.2f}."
answered["5.4"] = check_number("5.4", noise_for_half, half, 0.04, known, hints, solution)

# %% [markdown]
# ## 6 · How sure is a score?
#
# Sixteen *other* people would have given other scores. How far would these differ? The **bootstrap** answers with the orders at hand. It draws sixteen of *these* sixteen observers, with
# replacement, and computes the scores again. It does so many times. The interval is where the middle 95 % of the scores fall. As a loop, for one group:

# %%
from dnt_core.studies.perceptual_study.uncertainty import bootstrap

g = groups[1]
times_asked = np.random.default_rng(seed).multinomial(K, np.full(K, 1 / K), size=RESAMPLES)  # (B, K)
resampled = []
for times in times_asked:
    asked = [g.matrices[o] for o in range(K) for _ in range(times[o])]  # K of them
    resampled.append(score(np.mean(asked, axis=0), g.intensity))
low, high = np.percentile(resampled, (2.5, 97.5), axis=0)
np.testing.assert_allclose(bootstrap([g], RESAMPLES, seed=seed).score[0], [low, high], atol=1e-12)
pd.DataFrame({"s": group_score(g), "low": low, "high": high}, index=pd.Index(g.intensity, name="x")).round(3)

# %% [markdown]
# We draw whole observers, not single orders, because the orders of one person depend on each other. The bootstrap has two limits. It says what *other people of the same kind* would change. It does not know what mistakes do to
# all orders alike (on the average they pull scores towards the mean, though a single clip can move the other way), nor that a clip can be drawn too weakly. So the true $x$ may lie outside of the interval: compare the column $x$ with `low` and `high`. And where all observers agree, the interval has no width, but
# a seventeenth person might still disagree.
#
# **How many are enough?**

# %%
people_question = Question(
    "How many times as many people make the interval half as wide?",
    ["twice as many", "four times as many", "eight times as many"],
)
people_question

# %%
from dnt_core.studies.perceptual_study.study_plots import plot_widths
from dnt_core.studies.perceptual_study.uncertainty import interval_widths, observers_for_width

KS = (4, 8, 16, 32, 64)
crowds = {f"σ = {n}": group_orders(simulate_observers(table, K, n, seed=seed)) for n in (0.05, 0.1, 0.3)}
widths = {name: interval_widths(crowd, KS, RESAMPLES // 2, seed=seed) for name, crowd in crowds.items()}
figure, ax = plt.subplots(figsize=(5.3, 3.4), constrained_layout=True)
plot_widths(ax, KS, widths, "simulated observers")
ax.set_title("More people give narrower intervals, noisier people wider ones")
run.save_figure(figure, "study_widths")
enough = {name: observers_for_width(crowd, 0.1) for name, crowd in crowds.items()}
assert all((np.diff(w) < 0).all() for w in widths.values()) and enough["σ = 0.3"] > enough["σ = 0.05"]
plt.show()
display(pd.Series(enough, name="simulated observers for intervals 0.1 wide").to_frame().T)
factor = np.mean([w[KS.index(16)] / w[KS.index(64)] for w in widths.values()])
people_question.answer(
    "four times as many",
    f"From 16 to 64 observers the interval shrinks {factor:.1f} times. The width falls like 1/√k.",
)

# %% [markdown]
# ## 7 · Another way to score orders
#
# The score is pressed together by mistakes and cannot leave $[x_{min}, x_{max}]$. Statistics has scores without this fault. In the **Plackett–Luce** model, an order comes about as follows: of the clips that are left, one is chosen as the strongest, again and
# again. Each clip has a strength $\lambda_i$, and it is chosen with probability $\lambda_i / \sum_{\text{left}} \lambda$. The strengths are fitted to the orders by maximum likelihood (the package's tests compare the fit with a slow search).
#
# Strengths have no unit. To compare $\log\lambda$ with $x$, we multiply it by one factor, the best one for all groups. Which of the two scores is then nearer to the intensities?

# %%
spacing_question = Question(
    "Observers make few mistakes (σ = 0.05). Which has the smaller RMSE against x?",
    ["s", "log λ", "both the same"],
)
spacing_question

# %%
from dnt_core.studies.perceptual_study.ranking_models import calibrate, plackett_luce
from dnt_core.studies.perceptual_study.score import rmse

rows = {}
for n in (0.05, 0.1, 0.3):
    crowd = group_orders(simulate_observers(table, K, n, seed=seed))
    strengths = calibrate(crowd, [plackett_luce(g.positions) for g in crowd])
    intensities, summary = [g.intensity for g in crowd], summarise(crowd)
    rows[f"σ = {n}"] = {
        "slope of s": summary.slope, "τ": summary.tau, "RMSE of s": summary.rmse,
        "RMSE of log λ, one factor fitted": rmse(intensities, strengths),
    }  # fmt: skip
rows = pd.DataFrame(rows).T
display(rows.round(3))
ratio = rows["RMSE of log λ, one factor fitted"] / rows["RMSE of s"]
ahead = "s is still nearer" if ratio.iloc[-1] > 1 else "log λ is nearer"
spacing_question.answer(
    "s" if ratio.iloc[0] > 1.05 else "log λ" if ratio.iloc[0] < 0.95 else "both the same",
    "s is given x and only has to get the order right. log λ has to find the distances from mistakes alone, "
    "and clips that nobody confuses have no distance. RMSE of log λ over RMSE of s: "
    f"{', '.join(f'{n} {v:.1f}' for n, v in ratio.items())}. The lead of s "
    f"{'shrinks' if ratio.iloc[-1] < ratio.iloc[0] else 'does not shrink'} as the noise grows, because s "
    f"itself becomes flatter; at {ratio.index[-1]} {ahead}.",
)

# %% [markdown]
# ## 8 · Your own answers
#
# ```sh
# dnt study                # draws the clips (two to four minutes, once), serves the page on this machine; Ctrl-C ends it
# dnt study --host 0.0.0.0 # for a class: everybody on the network
# dnt study --export       # the answers so far, as CSV (Ctrl-C writes it, too)
# dnt score runs/study/answers.csv
# ```
#
# The page shows 21 groups of four playing clips, and one group to practise. No two clips of a group are closer than 0.1. At half a minute per group this takes
# eleven minutes. Once the clips are drawn, the page also works in a notebook, as the last line of a cell:
#
# ```python
# from dnt_core.studies.perceptual_study.collecting import OrderStudy
# OrderStudy("../runs/study/answers.sqlite", "../runs/study/clips")
# ```
#
# Then write the CSV's name into the parameter `responses`, for instance `runs/study/answers.csv`. A name may be relative to the repository.

# %%
from dnt_core.studies.perceptual_study.responses import read_responses

if responses:
    people = score_groups(group_orders(read_responses(repository_root() / responses)), RESAMPLES, seed)
    print_scores(people, title="your answers")
    figure, ax = plt.subplots(figsize=(7.2, 5.2), constrained_layout=True)
    figure6(ax, people.groups, people.intervals.score, title="Your answers")
    run.save_figure(figure, "figure6_yours")
else:
    print('no answers were given; after `dnt study`, responses = "runs/study/answers.csv" shows yours')

# %%
limit_question = Question(
    "Your class has a slope of 0.7. Which measurement tells careless people from weak clips?",
    ["the class orders photographs of one lamp, dimmed in known steps",
     "the class orders the same clips once more", "sixteen more people order the clips"],
)  # fmt: skip
display(limit_question)
limit_question.answer(
    limit_question.choices[0],
    "The lamp's steps are certain, so its slope shows what these people's mistakes alone cost. What the "
    "clips lose beyond that is their own.",
    {"the class orders the same clips once more": "Weak clips are hard the second time, too.",
     "sixteen more people order the clips": "The interval becomes narrower, the slope stays where it is."},
)  # fmt: skip

# %% [markdown]
# ## 9 · A real crowd
#
# CREMA-D ([Cao et al. 2014](https://doi.org/10.1109/TAFFC.2014.2336244), Open Database License 1.0) is a collection of clips with votes. 91 actors said one
# sentence in five emotions, and each of them at three *intended* levels: low, medium and high. About ten people saw, heard, or saw and heard each clip. They voted which emotion it is and how strong.
#
# Nobody ordered anything, so we make orders from the votes. Take one actor and one emotion: that is three clips. Their places follow from the **mean intensity that the crowd saw** in them. This is one order, so one matrix
# $M_i$. $M$ is the mean over the 91 actors, and $x$ is 0.33, 0.67 and 1. (In the figure the dots of a level stand a little apart, so that all can be seen.) A vote for another emotion than the intended one counts as intensity 0.
#
# (The votes are your own download: name the file or folder in the parameter `crema_d` or in the environment variable `DNT_CREMA_D`, or put it into `assets/CREMA-D`. Without it the cells say so and show nothing.)

# %%
from dnt_core.studies.perceptual_study.crema_d import (
    ATTRIBUTION,
    MODALITIES,
    crowd_orders,
    find_votes,
    read_votes,
)

found = find_votes(repository_root() / crema_d if crema_d else None)
crowd = {}
if found is None:
    print("CREMA-D's votes were not found: name them with the parameter `crema_d` or DNT_CREMA_D")
else:
    votes = read_votes(found)
    crowd = {name: crowd_orders(votes, modalities=[name]) for name in MODALITIES}
    seen = f"{len(votes):,} clips seen, heard or both, {votes['votes'].sum():,} votes"
    print(f"{ATTRIBUTION}: {votes['actor'].nunique()} actors, {seen}")

# %%
crowd_question = Question(
    "Do people see the intended order of low, medium and high best in the face, in the voice, or in both?",
    list(MODALITIES),
)
crowd_question

# %%
if crowd:
    figure, axes = plt.subplots(1, 3, figsize=(12, 4.4), constrained_layout=True)
    rows = {}
    for ax, (name, actors) in zip(axes, crowd.items(), strict=True):
        interval, summary = bootstrap(actors, RESAMPLES, seed=seed), summarise(actors)
        figure6(ax, actors, interval.score, title=name, shape_of="modality", spread=0.04, legend=False)
        rows[name] = {
            "slope": summary.slope, "τ": summary.tau, "RMSE": summary.rmse, "from": interval.rmse[0],
            "to": interval.rmse[1], "chance": summary.rmse_guessing,
            "RMSE without ties": summarise(crowd_orders(votes, "drop", modalities=[name])).rmse,
            "RMSE, any emotion": summarise(crowd_orders(votes, measure="any", modalities=[name])).rmse,
        }  # fmt: skip
        assert summary.rmse < summary.rmse_guessing and 0 < summary.slope < 1
    handles = [
        plt.Line2D([], [], marker="o", ls="", color=EXPRESSION_COLORS[g.expression], label=g.expression)
        for g in actors
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=5)
    figure.suptitle("Real actors who intend more are seen as showing more, but flatter than $y = x$")
    replace(run, synthetic=False).save_figure(figure, "figure6_crema_d")  # real people
    plt.show()
    run.record(score_rmse_crema_face=rows["face"]["RMSE"])
    display(pd.DataFrame(rows).T.rename_axis(ATTRIBUTION).round(3))

# %%
if crowd:
    faces_only = votes[(votes["modality"] == "face") & (votes["expression"] == "disgusted")]
    named = faces_only.groupby("level")[["intended_votes", "votes"]].sum()
    named = (named["intended_votes"] / named["votes"])[["LO", "MD", "HI"]]
    levels = next(group_score(g) for g in crowd["face"] if g.expression == "disgusted")
    said = ", ".join(f"{name} {row['τ']:.2f}" for name, row in rows.items())
    display(
        Markdown(
            "*Disgusted* in the face, from low to high: the scores are "
            f"{', '.join(f'{v:.2f}' for v in levels)}. "
            f"The intended emotion got {', '.join(f'{v:.0%}' for v in named)} of the votes; the others named "
            f"something else and count 0 ({ATTRIBUTION})."
        ),
        crowd_question.answer(max(rows, key=lambda name: rows[name]["τ"]), f"Kendall's τ: {said}."),
    )

# %% [markdown]
# How to read the table (CREMA-D, Cao et al. 2014, ODbL 1.0), where you have the file. A positive slope means that actors who intend more are seen
# as showing more. `from` and `to` are the interval of the RMSE, over actors. These votes cannot
# say whether the actors play "medium" like "high" or whether the crowd cannot see the difference.
#
# The last two columns count in another way, to show how much depends on it. `without ties` leaves out actors for whom two clips got the same intensity. `any emotion` also counts the votes for another emotion.
#
# Do not compare this RMSE with that of section 5. Here there are three clips instead of four, levels instead of random intensities, and means of ten people instead of one
# person's order. We would expect generated clips to be easier to order, because only one number differs between them. That was not measured.
#
# ## What the paper claims, what we saw
#
# | the paper | here |
# |---|---|
# | scores lie on $y = x$ (figure 6, 16 people, no number given) | simulated observers only: section 5. With people: yours to find out, `dnt study` |
# | so people perceive the intensity that was asked for | does not follow. $s = x$ says that the *order* is perceived; a generator that shows $x^3$ scores as well |
# | intensities that nobody filmed are drawn | section 4: the readings rise with the knob, but some expressions stay too weak |
# | $s = Mx$ | shrinks towards each group's mean when people make mistakes, and cannot leave $[x_{min}, x_{max}]$. Intervals, chance and τ belong beside it |
# | a crowd | a real one with real actors: section 9 (CREMA-D, Cao et al. 2014, ODbL 1.0) |

# %%
metrics = {
    "score_rmse_simulated": everything.rmse,
    "score_slope_simulated": everything.slope,
    "score_rmse_guessing": guessing.rmse,
    "kendall_tau_simulated": everything.tau,
    "score_slope_exact_clips": exact.slope,
    "measured_tau": np.mean(rising),
    "meter_error": meter_error,
    "score_rmse_cubed_clips": blind.rmse,
    "observers_for_width_0_1": enough["σ = 0.1"],
}
run.record(metrics)
sentence = "Simulated observers' scores of generated clips are nearer to y = x than guesses are."
low, high = scores.intervals.rmse
note = {"interval": (min(low, everything.rmse), max(high, everything.rmse)), "over": f"{K} observers"}
note |= {"control": ("exact clips", exact.rmse)}
display(run.claim("scores_beat_guessing", sentence, everything.rmse, below=everything.rmse_guessing, **note))
run.claims()

# %% [markdown]
# What is missing is people. In a class of sixteen each needs about eleven minutes. Its figure 6 then has intervals, which the paper's does not have.
#
# **Where to go next:** notebook [06](06_ablation_and_metrics.ipynb) compares with the baselines; [04](04_dynamic_neural_textures.ipynb) has the generator; [08](08_live_sliders.ipynb) lets you turn the knob yourself.
