# %% [markdown]
# # From a sound to a talking face
#
# The paper's input is a *driving audio*. Its output is a video whose lips say that audio and whose expression follows a
# curve that you draw. This notebook goes the whole way: sound, spectrogram, lips, expression, film.
#
# | | |
# |---|---|
# | **Paper** | section 3.4 (the audio submodule), figure 1 (editing over time), figure 2 (the whole pipeline) |
# | **Afterwards you can** | compute a log-mel spectrogram; say which part of the sound decides the mouth of a frame; build the convolution of the lips' network; judge lips by correlation, millimetres and closures, beside baselines and with intervals; notice a wrong sound and a shift; make a talking-face film from any sound file |
# | **Before this** | notebook 00 (the pipeline, and the CIEC: seven numbers, at most one of them above 0, that name an expression and its intensity); 03 for the neutral, speaking face. For section 7 also 04 (the generator) |
# | **Takes** | an hour and a half to read and to do the exercises; the cells run for about a minute in the quick profile, half a minute more the first time (the actor is filmed once); no GPU |
#
# **Simplified against the paper:**
# - the paper makes lips with Wav2Lip and reads them with WM3DR, a network that fits a face model to a picture. Their licences
#   do not allow us to ship them. Here a small network of our own takes their place. (Those who have the checkpoints can take the paper's
#   route, `lip_motion("wav2lip")`);
# - nobody was filmed. The *built-in synthetic actor* moves its mouth by rules: each sound of speech has a mouth shape, and the rules
#   say when it comes and goes. We call the mouth that the rules give *the truth*. Our network learnt from the same rules. So every error below is an error against the
#   rules, and not against a filmed mouth;
# - the voices in this notebook are synthesisers'. How well the lips follow people's recordings is for you to judge (section 9);
# - the expression read from the voice (section 8) is not in the paper's method, only in its motivation (the paper's section 1).
#
# Unknown words are in the [glossary](../docs/glossary.md).

# %% tags=["parameters"]
profile = "quick"
data_dir = ""
out_dir = ""
sound_file = ""

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from IPython.display import Markdown, display

from dnt_core.ciec import CIEC_TYPES
from dnt_core.metrics.intervals import clip_interval, ratio_interval
from dnt_core.plotting import EXPRESSION_COLORS, contact_sheet, curve, film_strip, matrix, use_style
from dnt_core.workbook import open_notebook
from dnt_core.workbook.players import film_player, sound_player
from dnt_core.workbook.questions import Question

use_style()
run = open_notebook("07_audio_to_video", profile, data_dir, out_dir)
run = replace(run, synthetic=True)  # voices and faces are the actor's, whatever clips are given
pick = run.profile.pick
print(run)

# %% [markdown]
# The stored outputs are the *laptop* profile's. In *quick* the film of section 7 is smaller, and section 8 has fewer phrases.
#
# ## 1 · A sentence whose mouth we know
#
# The actor's synthesiser says a sentence. It knows when each sound begins and ends, and so the rules give the mouth at every moment.
# **This sentence was in no training.** Press play.

# %%
from dnt_core.actor.speech import PHRASES, SENTENCES, VOICES
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.training.lips.evaluation import true_movements
from dnt_core.training.lips.landmarks import opening_mm
from dnt_core.training.lips.shards import HELD_OUT_ACTOR
from dnt_core.training.lips.spoken import from_actor

FPS = 25  # frames per second; Wav2Lip's rate
boots = HELD_OUT_ACTOR[1]
said = from_actor(boots, VOICES["M003"], seed=0)  # M003, W009, M011: the actor's three people
display(sound_player(said.waveform, SAMPLE_RATE, boots.text))
frames = int(np.ceil(said.waveform.size / SAMPLE_RATE * FPS))
movements, closed = true_movements(said, FPS, frames)  # (T, 11) in [0, 1]; (T,) lips shut by p, b, m
truth = opening_mm(movements)  # (T,) mm between the inner lips, against the mouth at rest
assert abs(truth[0]) < 0.1 and truth[closed].max() < 0 < truth.max()
print(f"{frames} frames, {closed.sum()} of them with closed lips; widest {truth.max():.0f} mm")

# %% [markdown]
# The *opening* is how far the inner lips are apart, in mm. At rest the lips touch lightly; this counts as 0. Lips that are pressed together are
# *below* 0. We say that the lips **meet** if the opening is at most 1 mm. (This threshold is ours.)
#
# The rest of the notebook goes this way:
#
# sound → log-mel (section 2) → network → 11 movements of the mouth → 64 numbers of the mesh (section 4) → mesh → generator, which paints what the CIEC asks for → frame (section 7)
#
# The paper's figure 2 (notebook 00 draws it) has one step more: the 64 numbers go through the decoupling network (03), because they are read
# off pictures of a face that may show an expression. Our network gives the numbers of a neutral face, so nothing has to be removed.
# (`lip_motion("wav2lip")` has this step.)
#
# The *64 numbers* say how the face model bends its mesh. (Other notebooks call them expression numbers. Here they only move the mouth.) In this notebook
# *expression* always means the look of a face, such as happy or surprised. The CIEC says which one, and how strong it is.
#
# ## 2 · The log-mel spectrogram by hand
#
# The network does not hear samples. It sees a picture: time to the right, frequency upwards, loudness as brightness. Wav2Lip
# fixed the recipe, and our network uses the same one. It has five steps.
#
# **Step 1, pre-emphasis.** Speech is weaker at high frequencies. Wav2Lip therefore computes $y_n = x_n - 0.97\,x_{n-1}$ first.

# %%
high_question = Question(
    "What does this difference of neighbours do to the highest frequencies?",
    ["they nearly double", "they stay as they are", "they nearly vanish"],
)
high_question

# %%
x = said.waveform.astype(np.float64)
emphasised = x.copy()
emphasised[1:] -= 0.97 * x[:-1]
high = np.abs(np.fft.rfft(emphasised))[-2000:].mean() / np.abs(np.fft.rfft(x))[-2000:].mean()
assert 1.9 < high < 2.0  # the highest frequencies nearly double
high_question.answer(
    "they nearly double",
    f"They grow by a factor of {high:.2f}. At the highest frequency the samples alternate in sign, so their "
    "difference is nearly twice a sample. A constant, the lowest frequency, nearly vanishes.",
)

# %% [markdown]
# **Step 2, short-time Fourier transform.** A window of 800 samples (50 ms) moves along the sound in steps of 200 samples (12.5 ms);
# the sound has 16,000 samples per second. At each place we fade the 800 samples in and out, and the Fourier transform says how strong each frequency is. Both ends of the
# sound are continued by their mirror image, so that the first and the last window are full.

# %%
N, HOP = 800, 200
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N) / N)  # Hann
mirrored = np.pad(emphasised, N // 2, mode="reflect")
columns = []
for centre in range(0, len(x) + 1, HOP):
    piece = mirrored[centre : centre + N]
    columns.append(np.abs(np.fft.rfft(piece * window)))
stft = np.stack(columns, axis=1)  # (401 frequencies, T columns)
assert stft.shape == (N // 2 + 1, 1 + len(x) // HOP)

# %% [markdown]
# **Step 3, Slaney's mel bands.** The ear tells low pitches apart better than high ones. Slaney's *mel* scale is linear up to 1 kHz and
# logarithmic above. From 55 to 7600 Hz lie 80 bands, all of the same width on the mel scale. A band is a weighted sum of the
# 401 frequencies: the weight is largest in the middle of the band, and it falls to zero at the middles of the two neighbours. The figure shows every tenth band.
# In Hz the bands differ in width. Wide bands have lower peaks, so that all triangles have the same area.


# %%
def hertz(mels):
    r"""Slaney's mels → Hz: 200/3 Hz per mel up to 15 mel (1 kHz); beyond, 27 mel multiply by 6.4."""
    return np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))


lowest, highest = 55 / (200 / 3), 15 + 27 * np.log(7600 / 1000) / np.log(6.4)  # mels of 55 and 7600 Hz
edges = hertz(np.linspace(lowest, highest, 82))
bank = np.zeros((80, N // 2 + 1))
for band in range(80):
    left, middle, right = edges[band : band + 3]
    f = np.arange(N // 2 + 1) * SAMPLE_RATE / N
    triangle = np.minimum((f - left) / (middle - left), (right - f) / (right - middle))
    bank[band] = np.maximum(triangle, 0) * 2 / (right - left)  # each has the same area
fig, ax = plt.subplots(figsize=(7, 1.9))
ax.plot(f, bank[::10].T)
ax.set(xlabel="Hz", ylabel="weight", xlim=(0, 8000))
ax.set_title("Mel bands are narrow at low frequencies and wide at high ones")
plt.show()

# %% [markdown]
# **Steps 4 and 5, decibels and normalisation.** To the ear, equal ratios are equal steps of loudness. So we take the logarithm. Wav2Lip then subtracts 20 dB. Values above 0 dB
# count as 0 dB, and values below −100 dB count as silence. The range from −100 to 0 dB is mapped to $[-4, 4]$. Then the package computes the same picture without
# loops, and we compare.

# %%
from dnt_core.audio.mel import log_mel, mel_filter_bank

decibels = 20 * np.log10(np.maximum(bank @ stft, 1e-5)) - 20
by_hand = np.clip(8 * (decibels + 100) / 100 - 4, -4, 4)
mel = log_mel(said.waveform)
np.testing.assert_allclose(mel_filter_bank(), bank, atol=1e-6)
np.testing.assert_allclose(mel, by_hand, atol=2e-3)
print(f"shape {mel.shape}; largest difference {np.abs(mel - by_hand).max():.1e} of a range of 8")

# %%
SHUT = ("P", "B", "M")
fig, ax = plt.subplots(figsize=(9, 3.2))
shade = ax.imshow(mel, origin="lower", aspect="auto", cmap="magma", extent=(0, mel.shape[1] / 80, 0, 80))
fig.colorbar(shade, ax=ax, label="mel value (−4: silence)")
last = -1.0
for segment in said.segments:
    middle = (segment.start + segment.end) / 2
    if segment.symbol != "SIL":
        color = "C1" if segment.symbol in SHUT else "#555555"
        height = 86 if color == "C1" or middle - last < 0.075 else 81
        last = middle if height == 81 else last
        ax.text(middle, height, segment.symbol, ha="center", fontsize=8, color=color)
    ax.axvline(segment.start, color="white", lw=0.8, alpha=0.8)
bands = {10: edges[11], 40: edges[41], 70: edges[71]}  # the middle of a band, Hz
ax.set_yticks(list(bands), [f"band {b}: {hz / 1000:.1f} kHz" for b, hz in bands.items()])
ax.set(xlabel="s")
ax.grid(visible=False)
ax.set_title("The log-mel of the sentence; P, B and M (orange) are said with closed lips", pad=26)
run.save_figure(fig, "audio_log_mel")
plt.show()
t = [s for s in said.segments if s.symbol == "T"][1]  # of boots
opening_at_t = np.interp((t.start + t.end) / 2, np.arange(frames) / FPS, truth)
assert opening_at_t > 4
print(f"At the T of boots, {t.start:.2f} s, the lips are {opening_at_t:.0f} mm apart.")

# %% [markdown]
# The letters above the picture are the sounds of speech (*phonemes*), in the spelling of speech technology: UW is the vowel of *who*, ER that of *purple*. Below each P
# the picture is black: the sound stops while the lips are closed, and it comes back with a burst when they open. At the M of *my* the lips are closed, too. But
# there is sound, because the voice goes on through the nose. And at the T of *boots* the sound stops while the lips are open. So neither silence nor loudness alone tells
# whether the lips are closed.
#
# ## 3 · What one frame is given
#
# The spectrogram has 80 columns per second, the video 25 frames per second. Wav2Lip gives each frame a window of **16 columns, 0.2 s**.
# It begins at the frame's time. Wav2Lip also gets two pictures of the face, six channels together: the film's own frame with its lower half black, and a reference
# frame of the same person. The first one shows the pose, the second one how the person looks. The lower half is the right answer in the
# training: if it were not black, the network could copy it and need not listen. Our own network sees no pictures and has no windows: it slides along the whole
# spectrogram (section 4). But both need the column that belongs to a frame's time: a wrong column shifts the lips.
#
# Why 25 frames and 16,000 samples per second? Wav2Lip wants both. MEAD and the clips of notebooks 01 and 08 have 30 frames per second. Our network
# fits any rate: its mouth comes 80 times per second and is interpolated to the time of each frame. For Wav2Lip the film is first brought to 25.
#
# **Exercise 7.1 · The window's first column.** Which is the first column of a frame? (A fraction is cut off.) Fill in the body and run the
# cell. The line below it says whether you are right.

# %%
from dnt_core.workbook import solutions
from dnt_core.workbook.exercises import check_exercise


def window_start(frame, fps):
    r"""Frame from 0, frames per second → first of the 16 columns that belong to it, a whole number."""
    raise NotImplementedError("Exercise 7.1: the time of the frame, in columns")


asked = [(0, 25), (3, 25), (14, 25), (101, 25), (100, 30), (250, 29.97)]
answered = {"7.1": check_exercise("7.1", window_start, asked)}

# %% [markdown]
# Here is what three frames are given.

# %%
from dnt_core.audio.mel import mel_windows

windows = mel_windows(mel, FPS, frames)  # (T, 80, 16)
second_p = [s for s in said.segments if s.symbol == "P"][1]  # who PUT my PUrple …
first_p = int(np.ceil(second_p.lip_closure[0] * FPS))  # the first frame with closed lips
some = {"before the first sound": 1, "who: the vowel": 7, "purple: the first p": first_p}
for index in some.values():
    start = solutions.window_start(index, FPS)
    np.testing.assert_array_equal(windows[index], mel[:, start : start + 16])
fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.6), sharey=True)
for ax, (name, index) in zip(axes, some.items(), strict=True):
    look = {"origin": "lower", "aspect": "auto", "cmap": "magma", "vmin": -4, "vmax": 4}
    ax.imshow(windows[index], extent=(0, 200, 0, 80), **look)
    ax.set_title(f"{name}\nopening {truth[index]:+.1f} mm", fontsize=9)
    ax.set_xlabel("ms after the frame")
    ax.grid(visible=False)
axes[0].set_ylabel("mel band")
assert max(windows[k][:, :3].mean() for k in (1, first_p)) < -3.5 < windows[7][:, :3].mean()  # silence
fig.suptitle("A pause and a p both begin with silence; here what follows differs")
run.save_figure(fig, "audio_windows")

# %% [markdown]
# The window begins at the frame and looks *ahead*. The third window shows why: the lips are closed already, and the burst of the p comes later.
# The first and the last window both begin with silence, and the lips meet in both. In the first one a breath follows (HH), in the last one a burst and a vowel.
#
# ## 4 · From sound to lips
#
# **What comes out.** Eleven *movements* of the mouth, 80 times per second, each from 0 (not at all) to 1 (as far as possible): the jaw
# opens, the lips close, and so on. The face model knows how each movement changes the 64 numbers.
# So a fixed matrix of 11 × 64, which is not learnt, turns the movements into the 64 numbers of a neutral, speaking face.
#
# **The network** slides small filters along the time:
#
# | step | what it does |
# |---|---|
# | level | looks for the loudest moment from 3 s before to 0.1 s after, and subtracts its loudness from every value. So a quiet recording looks like a loud one. At twice the amplitude every value is 6 dB (0.48 on the scale from −4 to 4) higher, and so is the level. Only where values were cut, at −100 or 0 dB, a difference is left, so the lips can change a little |
# | input | joins two neighbouring columns to one step (25 ms, 2 × 80 numbers). A convolution over 3 steps turns them into 128 numbers per step, the *channels* |
# | 5 blocks | each has a *dilated* convolution (exercise 7.2), a normalisation, a GELU (a smooth ReLU), and a mixing of the channels. The result is added to the block's input. The block with the largest dilation looks only back, the others as far ahead as back |
# | output | 2 × 11 numbers per step, 11 for each of its two columns. So the mouth comes 80 times per second. A sigmoid squeezes each number into 0 to 1 |
# | closing | where the output *mouthClose* is large, the lips are closed, however far the jaw is open (exercise 7.4) |
#
# **The training** has four losses:
# 1. the distance of the mouth's 20 landmarks (marked points of the lips) from the true ones, in mm;
# 2. the difference between the speed of the landmarks and their true speed;
# 3. a cross-entropy for *mouthClose*: are the lips closed or not?
# 4. a cross-entropy for the name of the phoneme. For this loss the network has a second output, which is thrown away after the training.
#
# We never left one of them out, so we cannot say what each of them brings. The training heard the actor's
# synthesiser and others (a cell below names them). For all voices the actor's rules gave the mouth.
#
# **Exercise 7.2 · A dilated convolution.** A filter with three weights looks at three values of its input. With dilation $d$ these values are $d$ steps apart. So three
# weights can span a long piece of sound. Write the filter for one channel: $y_t = w_0 x_t + w_1 x_{t+d} + w_2 x_{t+2d}$, for all $t$ for which the three values exist.


# %%
def dilated(x, weights, step):
    r"""Signal (T,), three weights, steps between the values → (T − 2·step,) filtered signal."""
    raise NotImplementedError("Exercise 7.2: three shifted copies of x, all of the same length")


ramp = torch.arange(12.0) ** 2
asked = [(ramp, torch.tensor([1.0, -2.0, 1.0]), 1), (ramp, torch.tensor([0.5, 0.0, -1.0]), 4)]
answered["7.2"] = check_exercise("7.2", dilated, asked)
reach_question = Question(
    "The input convolution has the dilation 1, the five blocks have 1, 2, 4, 8 and 1. A step is 25 ms. Leave "
    "the level aside: how long is the piece of sound that the convolutions see for one output?",
    ["0.2 s, as Wav2Lip's window", "about 0.45 s", "about 0.9 s"],
)
display(reach_question)

# %%
from dnt_core.audio.lip_motion import lip_motion
from dnt_core.audio.lips_network import (
    BLOCKS,
    FUTURE,
    LEVEL_REACH_FUTURE,
    LEVEL_REACH_PAST,
    NET_FUTURE,
    NET_PAST,
    PAST,
    composed,
    relative_to_level,
    with_silence,
)

lips = lip_motion("built-in")


# %%
def raw_of(mel):
    r"""Spectrogram (80, C) → (C, 11) before the closing step; silence goes on at both ends of the sound."""
    even = mel.shape[1] % 2  # columns go in pairs
    heard = with_silence(torch.tensor(mel.T.copy())[None], PAST, NET_FUTURE + LEVEL_REACH_FUTURE + even)
    with torch.inference_mode():
        hidden = lips.network.hidden(relative_to_level(heard))  # level, input, blocks
        return torch.sigmoid(lips.network.logits(hidden))[0].numpy()[: mel.shape[1]]  # output


def mouth_of(mel):
    r"""Spectrogram (80, C) → (C, 11) movements. The sharpness makes a clear decision: closed or not."""
    return composed(torch.from_numpy(raw_of(mel)), lips.sharpness).numpy()


# %%
import json

from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.paths import weights_folder


def at_frames(mouth, fps, frames):
    r"""(C, 11) at 80 per second → (frames, 11); frame i shows time i / fps."""
    times = np.arange(frames) / fps * 80
    return np.stack([np.interp(times, np.arange(len(mouth)), movement) for movement in mouth.T], axis=1)


ours = lips.movements(said.waveform, SAMPLE_RATE, FPS, frames)  # the package's way, all in one
np.testing.assert_allclose(at_frames(mouth_of(mel), FPS, frames), ours, atol=1e-5)
numbers = lips(said.waveform, SAMPLE_RATE, FPS, frames)
assert numbers.shape == (frames, 64) and 3.5 < PAST / 80 < 3.8 and 0.3 < FUTURE / 80 < 0.4
card = json.loads((weights_folder() / "lips_from_sound.json").read_text(encoding="utf-8"))
print(", ".join(LIP_MOVEMENTS))
weights = sum(p.numel() for p in lips.network.parameters())
steps = 1 + 2 * (1 + sum(step for step, _ in BLOCKS))
print(f"{weights:,} weights; {ours.shape} movements become {numbers.shape} numbers of the mesh")
minutes, hours = card["cpu_seconds"]["all"] / 60, card["data"]["hours_of_items"]
others = [name for name in ("espeak-ng", "festival", "recordings") if name in card["data"]]
print(f"trained for {minutes:.0f} CPU minutes on {hours:.1f} hours of speech: actor, {', '.join(others)}")

# %%
back, ahead = NET_PAST // 2, NET_FUTURE // 2  # steps
assert [step for step, _ in BLOCKS] == [1, 2, 4, 8, 1] and back + 1 + ahead == steps
assert 0.8 < steps * 0.025 < 1.0 and PAST == NET_PAST + LEVEL_REACH_PAST
reach_question.answer(
    "about 0.9 s",
    "A convolution of three values adds 2 × dilation steps. That is 1 + 2 × (1 + 1 + 2 + 4 + 8 + 1) = "
    f"{steps} steps, {steps * 0.025:.2f} s: {back} steps back, the step itself, and {ahead} ahead. (The "
    f"level is found before. It needs {LEVEL_REACH_PAST / 80:.1f} s more of the past and "
    f"{LEVEL_REACH_FUTURE / 80:.1f} s more of the future, but of those only the loudness.)",
    {"about 0.45 s": "You added each dilation once. A filter of three values spans it twice."},
)

# %% [markdown]
# **How much of the future?** For one frame our network hears 0.3 to 0.4 s of the sound that follows, and Wav2Lip 0.2 s. So the lips of live
# speech would be late by at least this time.
#
# **Three baselines** that a good network must beat:
# - **mean mouth**: it never moves;
# - **loudness → jaw**: the louder, the wider, as with a puppet;
# - **vowels by MFCC**: it compares the spectrum with those of five vowels, and shows the mouth of the most similar one. The louder the sound, the wider the mouth. (MFCC are twelve numbers for the
#   shape of a spectrum.)
#
# All are fitted to the actor's *training* sentences. Predict first. Then look at the figure, where the frames with closed lips are grey: which
# curves fall to 1 mm there? (Before the first sound the baselines are open: they subtract the *level*, too, and nothing loud has come yet.)

# %%
from dnt_core.training.lips.baselines import fit_baselines

training = [s for s in (*SENTENCES, *PHRASES) if s not in HELD_OUT_ACTOR]
training_clips = [from_actor(s, v, k) for k, s in enumerate(training) for v in VOICES.values()]
baselines = fit_baselines(clips=training_clips)
ways = {
    "network": lips.movements,
    "loudness → jaw": baselines.loudness,
    "vowels by MFCC": baselines.mfcc_vowels,
    "mean mouth": baselines.mean_mouth,
}
openings = {n: opening_mm(w(said.waveform, SAMPLE_RATE, FPS, frames)) for n, w in ways.items()}
shut_question = Question(
    "In which share of the frames with closed lips does the loudness baseline close the lips, too?",
    ["in nearly all", "in about half", "in hardly any"],
)
shut_question

# %%
COLORS = {"truth": "#222222", "network": "C0", "loudness → jaw": "C1", "vowels by MFCC": "C2"}
seconds = np.arange(frames) / FPS
fig, ax = plt.subplots(figsize=(9.5, 3.2))
shown = {"truth": truth} | {name: openings[name] for name in COLORS if name in openings}
curve(seconds, shown, ax, xlabel="s", ylabel="lips apart, mm", colors=COLORS)
for time in seconds[closed]:
    ax.axvspan(time - 0.5 / FPS, time + 0.5 / FPS, color="#DDDDDD", lw=0, zorder=0)
ax.set_title("In this sentence the network closes the lips at p, b and m (grey); loudness does not")
run.save_figure(fig, "audio_opening_curves")
plt.show()
meets = {name: float((opening[closed] <= 1.0).mean()) for name, opening in openings.items()}
assert meets["network"] > 0.9 and meets["loudness → jaw"] == meets["mean mouth"] == 0
shut_question.answer(
    "in hardly any",
    f"Share of the grey frames in which the lips meet: loudness {meets['loudness → jaw']:.0%}, vowels by "
    f"MFCC {meets['vowels by MFCC']:.0%}, network {meets['network']:.0%}. Section 5 looks at each sound.",
)

# %% [markdown]
# **All held-out clips.** Six sentences were in no training. The actor's three people and a fourth voice of its synthesiser say each of them,
# each in another mood (section 8). (Only the sentences are held out.
# The training drew pitch and timbre at random, so it may have heard voices like these.) We measure four numbers:
# - *correlation* of the opening with the true one over time (a mouth that never moves counts as 0);
# - *error*: the mean distance of the 20 mouth landmarks from the true ones, in mm, while the voice speaks;
# - *closure recall*: the share of the closures (of p, b and m) at which the lips meet. One frame (40 ms) early or late is allowed. Where a p follows an m, the lips close once, and we count one closure;
# - *closure precision*: how many of the frames in which the lips meet are right. A frame is right if the true lips meet in it or in a frame
#   next to it. Pauses at both ends do not count, except the 0.1 s beside the speech.
#
# A mouth that is always shut has the recall 1, but a low precision. A mouth whose lips never meet has no precision at all. (In those 0.1 s the
# true lips may be at rest, and meet. So a mouth can hit no closure and still have a precision.)
#
# **Exercise 7.3 · Closure precision.** Write it for two curves, the opening and the true opening. Lips meet if the opening is at most 1 mm.


# %%
def precision_of(opening, truth):
    r"""Opening and true opening per frame, (T,) mm → share of the frames that meet which are right."""
    raise NotImplementedError("Exercise 7.3: which frames meet, and which frames lie near a true meeting?")


speaks = (seconds >= said.segments[0].end - 0.1) & (seconds <= said.segments[-1].start + 0.1)
heard = {name: np.where(speaks, o, np.inf) for name, o in openings.items()}  # pauses at the ends do not count
made_up = np.array([0.0, 5, 5, 0, 0, 5, 0, 0]), np.array([5.0, 0, 0, 5, 5, 5, 0, 0])
answered["7.3"] = check_exercise("7.3", precision_of, [(heard["vowels by MFCC"], truth), made_up])

# %% [markdown]
# Each number below has a 95 % interval by the *bootstrap* (notebook 06 has an exercise on it). We draw six of the six sentences with replacement, take all their clips, and compute the number.
# We repeat this many times. The interval holds the middle 95 % of the results. We draw sentences and not clips, because the clips of one sentence are alike. Six sentences are few,
# so the intervals are rough. And [1.00, 1.00] does not mean certainty: where no clip has a fault, no draw has one.

# %%
from dnt_core.training.lips.evaluation import measure
from dnt_core.training.lips.held_out import actor_clips

KEYS = {"correlation": "correlation", "error_mm": "error, mm"}
KEYS |= {"closure_recall": "closure recall", "closure_precision": "closure precision"}
COUNTS = {"closure_recall": "closures", "closure_precision": "meets"}  # the shares are of all of these


# %%
def measured(way, group, voices):
    r"""Numbers over a group with so many voices per sentence; in ``texts`` each of KEYS as "mean [95 %]"."""
    by_clip, texts = pd.DataFrame([measure(way, [clip]) for clip in group]), {}
    numbers, sentence = measure(way, group), np.arange(len(group)) // voices
    for key, title in KEYS.items():
        counts = by_clip[COUNTS[key]].to_numpy(float) if key in COUNTS else np.ones(len(group))
        texts[title] = "never meets"
        if counts.any():
            low, high = ratio_interval(by_clip[key].to_numpy() * counts, counts, sentence)
            texts[title] = f"{numbers[key]:.2f} [{low:.2f}, {high:.2f}]"
    return numbers | {"by_clip": by_clip, "texts": texts}


def error_gap(one, other):
    r"""Error of one way less that of another, mm: clip by clip, then mean and interval over the sentences."""
    gaps = (one["by_clip"]["error_mm"] - other["by_clip"]["error_mm"]).to_numpy()
    return clip_interval(gaps.reshape(-1, 4).mean(1))  # four voices per sentence


# %%
clips = actor_clips()
by_way = {name: measured(way, clips, 4) for name, way in ways.items()}
exact = measure(lips.movements, [said])["closure_precision"]
assert abs(solutions.precision_of(heard["network"], truth) - exact) < 1e-9
display(pd.DataFrame({name: way["texts"] for name, way in by_way.items()}).T)

# %%
net, loud, vowels, mean = by_way.values()
assert min(net[key] for key in ("correlation", "closure_recall", "closure_precision")) > 0.9
assert net["error_mm"] < 0.5 * min(loud["error_mm"], vowels["error_mm"])
assert max(loud["correlation"], vowels["correlation"]) < 0.75
assert max(by["closure_recall"] for by in (loud, vowels, mean)) < 0.4 and mean["correlation"] == 0
assert 0.8 * mean["error_mm"] < loud["error_mm"] < mean["error_mm"]

# %%
missed = round(net["closures"] * (1 - net["closure_recall"]))
nearer = error_gap(mean, loud)
Markdown(
    f"By millimetres alone, loudness is only {nearer.mean:.2f} mm [{nearer.low:.2f}, {nearer.high:.2f}] "
    f"better than a mouth that never moves ({mean['error_mm']:.1f} mm). But its correlation of "
    f"{loud['correlation']:.2f} shows that it does follow the speech, and its recall of "
    f"{loud['closure_recall']:.2f} that it misses nearly all closures. Its precision of "
    f"{loud['closure_precision']:.2f} says little, because its lips meet in {loud['meets']} frames only; the "
    f"network's do in {net['meets']}. So no single number is enough.\n"
    "\n"
    f"The network misses {missed} of {net['closures']} closures, and {1 - net['closure_precision']:.1%} of "
    "the frames in which its lips meet are wrong."
    + (f" No miss in n = {net['closures']} closures does not prove that it never misses. Suppose that it "
       f"misses 3 / n = {3 / net['closures']:.0%} of all closures. Then about 1 of 20 such tests would still "
       "show no miss, because (1 − 3/n)ⁿ is about 0.05. (Clips of one sentence are alike. So the true rate "
       "could be even higher.)" if missed == 0 else "")
)  # fmt: skip

# %% [markdown]
# ## 5 · Closures: p, b and m
#
# A *b* cannot be said with open lips, so a missed closure is a plain fault. Which sounds does each way miss? (Here each p, b and m counts by itself, also a p right after an m.)

# %%
hum_question = Question(
    "Which closures does the loudness baseline miss most often?",
    ["those of p", "those of b and m", "all about equally often"],
)
hum_question


# %%
def closures_hit(way, clips):
    r"""Phoneme → (lips that met, closures, sum of the smallest openings); a frame early or late counts."""
    hits = {symbol: [0, 0, 0.0] for symbol in SHUT}
    for clip in clips:
        count = int(np.ceil(clip.waveform.size / SAMPLE_RATE * FPS))
        opening = opening_mm(way(clip.waveform, SAMPLE_RATE, FPS, count))
        for segment in clip.segments:
            if segment.lip_closure is not None:
                start, end = segment.lip_closure
                near = opening[max(0, int(np.ceil(start * FPS)) - 1) : int(np.floor(end * FPS)) + 2]
                hits[segment.symbol][0] += bool((near <= 1.0).any())
                hits[segment.symbol][1] += 1
                hits[segment.symbol][2] += near.min()
    return hits


# %%
hit = {name: closures_hit(way, clips) for name, way in ways.items()}
p, b, m = (hit["loudness → jaw"][symbol] for symbol in SHUT)
assert max(b[0] / b[1], m[0] / m[1]) < p[0] / p[1] < 0.5
assert p[2] / p[1] < min(b[2] / b[1], m[2] / m[1])  # mm
assert all(lips_met > 0.9 * n for lips_met, n, _ in hit["network"].values())
met = {name: {f"{s} ({n} sounds)": f"{k / n:.0%}" for s, (k, n, _) in hit[name].items()}
       for name in ("network", "vowels by MFCC", "mean mouth")}  # fmt: skip
display(pd.DataFrame(met).rename_axis("lips meet at"))
hum_question.answer(
    "those of b and m",
    f"It closes the lips at {p[0] / p[1]:.0%} of the p, {b[0] / b[1]:.0%} of the b and {m[0] / m[1]:.0%} "
    f"of the m. Its smallest opening is {p[2] / p[1]:.1f} mm at a p, {b[2] / b[1]:.1f} mm at a b and "
    f"{m[2] / m[1]:.1f} mm at an m (means; at 1 mm the lips meet). Our guess at the reason: during b and m "
    "the voice goes on, and at a p it stops.",
)

# %% [markdown]
# **Exercise 7.4 · The closing step.** It makes the *closure* $c$ from the network's number $m$ for *mouthClose*: $c = (m - 0.5)\,s + 0.5$, cut to the range from 0 to 1. (A larger
# *sharpness* $s$ decides more clearly.) Then *mouthClose* becomes $c$ times *jawOpen*: at $c = 1$ it closes the lips as far as the jaw opens
# them. And every movement that parts the lips, such as *mouthUpperUp*, is multiplied
# by $1 - c$. Write the step for *mouthClose* and *mouthUpperUp*.


# %%
def closing_step(close, jaw, upper, sharpness):
    r"""mouthClose, jawOpen, mouthUpperUp before the step, (T,) each → mouthClose, mouthUpperUp after it."""
    raise NotImplementedError("Exercise 7.4: first the closure c, then the two movements")


def raw_mouth(sound, rate, fps, frames):
    r"""(frames, 11) the network's output before the closing step."""
    return torch.from_numpy(at_frames(raw_of(log_mel(sound)), fps, frames))


CLOSE, JAW, UPPER = (LIP_MOVEMENTS.index(name) for name in ("mouthClose", "jawOpen", "mouthUpperUp"))
raw = raw_mouth(said.waveform, SAMPLE_RATE, FPS, frames)
three = raw.numpy().T[[CLOSE, JAW, UPPER]]
answered["7.4"] = check_exercise("7.4", closing_step, [(*three, lips.sharpness), (*three, 3.0)])
by_step = np.stack(solutions.closing_step(*three, lips.sharpness), axis=1)
np.testing.assert_allclose(composed(raw, lips.sharpness)[:, [CLOSE, UPPER]], by_step, atol=1e-6)

# %% [markdown]
# **Does the whole network close the lips, or only this step?** No baseline has the number *mouthClose*. Perhaps this number alone makes the
# network better. So we measure two mixtures:
# - *network, closing off*: the network's other ten movements alone;
# - *loudness with the network's closing*: the loudness baseline, with the network's *mouthClose* and the closing step.

# %%
def closing_off(*heard):
    raw = raw_mouth(*heard)
    raw[:, CLOSE] = 0
    return composed(raw, lips.sharpness).numpy()


def loudness_closed(*heard):
    mouth = torch.from_numpy(baselines.loudness(*heard))
    mouth[:, CLOSE] = raw_mouth(*heard)[:, CLOSE]
    return composed(mouth, lips.sharpness).numpy()


closing_question = Question(
    "Without the closing step: how many of its closures does the network keep?",
    ["nearly all: the jaw closes, too", "about half", "hardly any"],
)
closing_question


# %%
parts = {"network, closing off": closing_off, "loudness with the network's closing": loudness_closed}
by_part = by_way | {name: measured(way, clips, 4) for name, way in parts.items()}
rows = {name: by_part[name]["texts"] for name in ("network", *parts, "loudness → jaw")}
display(pd.DataFrame(rows).T)
without, borrowed = (by_part[name] for name in parts)
others_share = error_gap(borrowed, net)
assert without["closure_recall"] < 0.2 and borrowed["closure_recall"] > 0.9
assert net["error_mm"] < 0.7 * without["error_mm"] and others_share.low > 0
closing_question.answer(
    "hardly any",
    f"The recall falls from {net['closure_recall']:.2f} to {without['closure_recall']:.2f}. So in this "
    "network, which was trained with the closing step, the closures come from the one number mouthClose. "
    f"With it even the loudness baseline closes its lips (recall {borrowed['closure_recall']:.2f}, "
    f"precision {borrowed['closure_precision']:.2f}), but its error is {others_share.mean:.2f} mm "
    f"[{others_share.low:.2f}, {others_share.high:.2f}] larger than the network's. Both have the "
    "same mouthClose, so this difference comes from the other ten numbers.",
)

# %%
by_sentence = (without["by_clip"]["correlation"] - loud["by_clip"]["correlation"]).to_numpy().reshape(-1, 4)
vowels_bring = clip_interval(by_sentence.mean(1))
told = "above" if vowels_bring.low > 0 else "below" if vowels_bring.high < 0 else "not told apart from"
assert borrowed["correlation"] - loud["correlation"] > abs(vowels_bring.mean)
assert without["error_mm"] < 0.8 * loud["error_mm"]
Markdown(
    "**What is the correlation made of?** Mostly of closures. The closing step and the network's "
    f"*mouthClose* lift the loudness baseline from {loud['correlation']:.2f} to "
    f"{borrowed['correlation']:.2f}; the whole network has {net['correlation']:.2f}. "
    f"Without the closing step the network has {without['correlation']:.2f}, {told} loudness "
    f"(difference {vowels_bring.mean:+.2f} [{vowels_bring.low:+.2f}, {vowels_bring.high:+.2f}]). So here "
    "the correlation says less about the vowels than about the closures. The millimetres say more: without "
    f"the closing step the network has an error of {without['error_mm']:.2f} mm, loudness "
    f"{loud['error_mm']:.2f} mm."
)

# %% [markdown]
# **Other voices.** So far we measured the actor's voices alone. Now we take voices of espeak-ng, in English and in German. The training heard this program, too. But these voices
# of it are new, and so are the sentences and German. espeak-ng tells when it says each sound, but it has no mouth. So the *truth* is made, as in the training: the actor's rules give a mouth for each sound, at
# espeak-ng's times. So the table cannot show whether these rules fit espeak-ng. The baselines were fitted to the actor alone, so the comparison favours the network.
# The table shows the network and, for each language, the baseline with the smallest error.

# %%
from dnt_core.audio.espeak import espeak_available
from dnt_core.training.lips.held_out import espeak_clips, voices_beside

others = voices_beside(clips)  # name → clips, and voices per sentence
if not espeak_available():
    print('no espeak-ng (pip install "dnt-core[voices]"), so the actor\'s voice, deeper and higher')
elsewhere = {name: {way: measured(w, *group) for way, w in ways.items()} for name, group in others.items()}
rows = {}
for name, by in elsewhere.items():
    best = min((way for way in ways if way != "network"), key=lambda way: by[way]["error_mm"])
    rows |= {(name, way): by[way]["texts"] for way in ("network", best)}
pd.DataFrame(rows).T

# %%
other_voices = elsewhere[next(iter(others))]["network"]
assert other_voices["correlation"] > 0.75 and other_voices["closure_recall"] > 0.8
baselined = [way for way in ways if way != "network"]
assert net["error_mm"] < min(by["network"]["error_mm"] for by in elsewhere.values())
best = [min(by[way]["error_mm"] for way in baselined) for by in elsewhere.values()]
ratio = max(by["network"]["error_mm"] / least for by, least in zip(elsewhere.values(), best, strict=True))
harder = {"flite": "the synthesiser flite, not heard in the training", "recordings": "people's recordings"}
on_card = {name: what for name, what in harder.items() if f"{name}.error_mm" in card["metrics"]}
assert "flite" not in card["data"] and ratio < 0.75
Markdown(
    f"On the actor the network has an error of {net['error_mm']:.2f} mm and a recall of "
    f"{net['closure_recall']:.2f}. On other voices its lips follow less well, but in each row its error is "
    f"at most {ratio:.0%} of the best baseline's. Its record in `weights/` has harder tests: "
    + "; ".join(f"{what}, error {card['metrics'][name + '.error_mm']:.2f} mm and recall "
                f"{card['metrics'][name + '.closure_recall']:.2f}" for name, what in on_card.items()) + "."
)  # fmt: skip

# %% [markdown]
# ## 6 · Where a wrong sound shows
#
# We give the network the sound of one sentence and compare its lips with the true mouth of **another** sentence.

# %%
wrong_question = Question(
    "The opening from a wrong sound and the true opening: what is their correlation, on average?",
    ["about 0.8", "about 0.4", "about 0"],
)
wrong_question

# %%
whole = [from_actor(sentence, VOICES["M003"], 0) for sentence in HELD_OUT_ACTOR[:4]]
count = min(int(len(c.waveform) / SAMPLE_RATE * FPS) for c in whole)
made = [opening_mm(lips.movements(c.waveform, SAMPLE_RATE, FPS, count)) for c in whole]
wanted = [opening_mm(true_movements(c, FPS, count)[0]) for c in whole]
crossed = np.array([[np.corrcoef(m, w)[0, 1] for w in wanted] for m in made])
right, wrong = np.diag(crossed), crossed[~np.eye(4, dtype=bool)]
assert right.min() > 0.9 and np.abs(wrong).mean() < 0.4 and wrong.max() < right.min() - 0.2
names = [f"{k + 1}: {s.text[:24]}…" for k, s in enumerate(HELD_OUT_ACTOR[:4])]
fig, ax = plt.subplots(figsize=(6.6, 2.7))
matrix(crossed, names, list("1234"), ax, xlabel="true mouth of sentence", ylabel="sound of sentence")
ax.set_title(f"Right sound: correlation at least {right.min():.2f}\nwrong sound: at most {wrong.max():.2f}")
run.save_figure(fig, "audio_swapped_sounds")
plt.show()
choices = {"about 0.8": 0.8, "about 0.4": 0.4, "about 0": 0.0}
wrong_question.answer(
    min(choices, key=lambda choice: abs(choices[choice] - wrong.mean())),
    f"Right sound: {right.mean():.2f} on average. Wrong sound: {wrong.mean():+.2f} on average over "
    f"{len(wrong)} pairs, between {wrong.min():+.2f} and {wrong.max():+.2f}. The clips are short. By chance "
    "some openings of two sentences come at the same time, so a single wrong pair does not give exactly 0.",
)


# %% [markdown]
# **A shifted sound** is another fault: the sound is the right one, but the mouth comes too late or too early. We shift the opening against the
# true one, frame by frame, and look where their correlation is largest. SyncNet, the usual judge of lip sync, does the same with vectors that a
# network computes from lips and
# sound. As a test, we let the sound begin 0.12 s late. The mouth that the network makes from it should then be three frames late.


# %%
def correlation_at(ours, truth, lag):
    r"""Correlation of ours with the truth when ours is taken to be ``lag`` frames late."""
    a = ours[max(0, lag) : len(ours) + min(0, lag)]
    b = truth[max(0, -lag) : len(truth) + min(0, -lag)]
    return float(np.corrcoef(a, b)[0, 1])


def lag_frames(ours, truth, most=8):
    r"""By how many frames ours is late (positive) or early, from the best of all lags."""
    return max(range(-most, most + 1), key=lambda lag: correlation_at(ours, truth, lag))


silence = np.zeros(int(0.12 * SAMPLE_RATE), np.float32)  # 0.12 s are three frames
held_back = np.concatenate([silence, said.waveform])[: said.waveform.size]
late = opening_mm(lips.movements(held_back, SAMPLE_RATE, FPS, frames))
assert lag_frames(openings["network"], truth) == 0 and lag_frames(late, truth) == 3
lags = np.arange(-8, 9)
pair = {"the sound as it is": openings["network"], "sound 0.12 s late": late}
by_lag = {name: [correlation_at(opening, truth, k) for k in lags] for name, opening in pair.items()}
ax = curve(lags, by_lag, xlabel="assumed lag of the mouth, frames", ylabel="correlation")
found = " and ".join(str(lag_frames(opening, truth)) for opening in pair.values())
title = ax.set_title(f"The correlation peaks at the true lag: {found} frames")
run.save_figure(ax.figure, "audio_lag")

# %% [markdown]
# **Exercise 7.5 · Find the planted error.** `suspect_log_mel` computes the spectrogram of section 2 with **one wrong number**. You cannot see its code, only what
# it does to the sound of two sentences. The network makes lips from this spectrogram. The table shows how late they are. You may
# add a cell and examine `suspect`: print its shape, or draw it beside `log_mel(sound)`.

# %%
from dnt_core.workbook.mistakes.audio_to_video import other_log_mel, suspect_log_mel

spoken = [from_actor(HELD_OUT_ACTOR[k], VOICES["M003"], 0) for k in (1, 3)]  # one after the other
sound = np.concatenate([clip.waveform for clip in spoken])
starts = np.cumsum([0, *(len(clip.waveform) for clip in spoken)]) / SAMPLE_RATE
fine = [opening_mm(true_movements(c, 400, round(len(c.waveform) / SAMPLE_RATE * 400))[0]) for c in spoken]
times = np.concatenate([start + np.arange(len(f)) / 400 for start, f in zip(starts, fine, strict=False)])
count = int(len(sound) / SAMPLE_RATE * FPS)
goal = np.interp(np.arange(count) / FPS, times, np.concatenate(fine))  # the true opening, mm
suspect = suspect_log_mel(sound)
drifting = opening_mm(at_frames(mouth_of(suspect), FPS, count))
halves = {"first half": slice(0, count // 2), "second half": slice(count // 2, count)}
lag_of = {name: lag_frames(drifting[half], goal[half]) for name, half in halves.items()}
assert lag_of["second half"] < lag_of["first half"] < 0  # early, and more and more so
display(pd.Series(lag_of).to_frame("frames late (negative: early)"))
error_question = Question(
    "Which number is wrong?",
    ["0.97, of the pre-emphasis", "800, the length of the window", "200, the hop", "80, the number of bands"],
)
error_question

# %%
hop = round(HOP * log_mel(sound).shape[1] / suspect.shape[1])
suspects = {"a window of 400": {"window": 400}, "a pre-emphasis of 0.5": {"emphasis": 0.5}}
lags_of = {}
for name, wrong_number in suspects.items():
    opening = opening_mm(at_frames(mouth_of(other_log_mel(sound, **wrong_number)), FPS, count))
    lags_of[name] = [lag_frames(opening[half], goal[half]) for half in halves.values()]
assert max(abs(late - early) for early, late in lags_of.values()) <= 1  # they do not drift
error_question.answer(
    "200, the hop",
    f"This spectrogram has {suspect.shape[1]} columns, the right one {log_mel(sound).shape[1]}. Only the hop "
    f"changes their number, so the hop is larger: about {hop} samples. With two other wrong numbers the lips "
    "do not drift. Their lag in the first and the second half: "
    + "; ".join(f"{name}: {a:+d} and {b:+d} frames" for name, (a, b) in lags_of.items())
    + ". (With another number of bands the network could not be used at all.)",
)

# %% [markdown]
# **By how much is the mouth too early?** The frame at the time $t$ is given the column with the number $80\,t$. With the right hop this column shows the sound at the time $t$. With a larger hop it
# shows the sound at a later time. How many seconds lie between the two times? Write it for any hop. The result is above 0 where the column shows a later time than $t$.


# %%
def drift_of(hop, seconds):
    r"""Samples per column (right: 200), time t of a frame in s → time that its column shows, less t, in s."""
    raise NotImplementedError("Exercise 7.5: which column is used, and which moment does it show?")


asked = [(200, 3.0), (210, 2.0), (160, 1.5), (256, 4.0)]
answered["7.5"] = check_exercise("7.5", drift_of, asked)
for name, half in halves.items():
    middle = (half.start + half.stop) / 2 / FPS  # s, the middle of the half
    expected = -FPS * solutions.drift_of(hop, middle)
    print(f"{name}: the solution says {expected:+.1f} frames for its middle, measured {lag_of[name]:+d}")
    assert abs(expected - lag_of[name]) < 1.6
within = FPS * abs(solutions.drift_of(hop, count / 2 / FPS))
print(f"(Measured in whole frames. Within a half the lag grows by {within:.1f} frames: no one number fits.)")

# %% [markdown]
# ## 7 · The whole of figure 1, with sound
#
# `talk` makes the lips' 64 numbers from a sound, as in section 4. Here the sound is that of exercise 7.5, two sentences. The numbers move the mesh of the neutral face. The generator of notebook 04 then paints
# the expression that the curve asks for. The motion of the head and the background are those of a short film of the actor at rest. As in the paper's figure 1
# the expression changes over time, while the lips go on speaking. The new film has the frame rate of that short film.
#
# The curve is a text, `happy:0→1→0, surprised:0→0.8`. Each arrow takes the same share of the film, here a third, and goes straight from one
# intensity to the next. A CIEC holds one type at a time. So the type may change only at 0: there all types are the same neutral face, and
# nothing jumps.

# %%
from dnt_core import parse_path, talk
from dnt_core.clips import read_audio, read_video

SIZE = pick(nbval=128, quick=128, laptop=256, paper=256)
EXPRESSION = "happy:0→1→0, surprised:0→0.8"
film = talk((sound, SAMPLE_RATE), EXPRESSION, run.folder / "talk.mp4", actor="M003", size=SIZE)
display(film_player(film, 320, "happy comes and goes, then surprised comes"))
video = read_video(film)
fps, total = float(video.fps), len(video.frames)
when = np.arange(total) / fps
codes = parse_path(EXPRESSION).vectors(total, fps)  # (T, 7) CIEC: the seven intensities

# %% [markdown]
# **Does the picture follow the curve?** We draw all frames twice, with the expression and with a neutral face, and do not compress them. The
# numbers of the lips, the head and the blinks are the same in both, so only the expression makes a difference. We measure the difference in
# grey levels, averaged over the picture. (It says how far the picture moves from neutral, and not
# that a person would call it happy. So look at the picture, too.)

# %%
from dnt_core.talking.listening import idle_clip
from dnt_core.talking.pipeline import speak_frames
from dnt_core.talking.sounds import SampleSound
from dnt_core.talking.speaking_face import SpeakingFace

generator_file = weights_folder() / f"generator_M003_{SIZE}.safetensors"
speaker = SpeakingFace(generator_file, idle_clip("M003", SIZE), closed=True)


def drawn(expression):
    r"""All frames (T, S, S, 3) of the face that says ``sound``, as they are before compression."""
    voice = SampleSound(sound, SAMPLE_RATE)
    return np.stack(list(speak_frames(speaker, voice, lips, parse_path(expression)))).astype(float)


face, neutral_face = drawn(EXPRESSION), drawn("happy:0→0")
away = np.abs(face - neutral_face).mean((1, 2, 3))  # (T,) grey levels
asked_for = {"happy": codes[:, 4], "surprised": codes[:, 6]}
follows = {name: float(np.corrcoef(away[x > 0], x[x > 0])[0, 1]) for name, x in asked_for.items()}
assert CIEC_TYPES[4] == "happy" and CIEC_TYPES[6] == "surprised" and min(follows.values()) > 0.8
at_neutral = away[codes.max(1) < 1e-6]
assert at_neutral.max() < 0.01 * away.max()

# %%
some = np.linspace(4, total - 4, 8).astype(int)
near = np.s_[SIZE // 5 : -SIZE // 16, SIZE // 4 : -SIZE // 4]
fig, (top, below) = plt.subplots(2, 1, figsize=(11, 4.6), height_ratios=(2, 1.1))
film_strip([face[k][near].astype(np.uint8) for k in some], labels=[f"{when[k]:.1f} s" for k in some], ax=top)
for name, x in asked_for.items():
    below.plot(when, x, color=EXPRESSION_COLORS[name], label=f"{name}, asked for (left axis)")
levels = below.twinx()
levels.plot(when, away, color="#555555", lw=1)
levels.set(ylim=(0, None), ylabel="grey levels")
levels.grid(visible=False)
below.plot([], [], color="#555555", lw=1, label="difference from neutral, grey levels (right axis)")
below.set(xlabel="s", ylabel="intensity", xlim=(0, when[-1]), ylim=(0, 1.05))
below.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=8.5)
fitting = " and ".join(f"{r:.2f} ({name})" for name, r in follows.items())
fig.suptitle(f"The difference from neutral goes with the curve: correlation {fitting}")
run.save_figure(fig, "audio_talk")

# %% [markdown]
# **Is the picture in step with the sound?** The file holds compressed sound, and an encoder puts a little silence in front of it. Our reader of films skips this silence; a player that does not skip it
# plays the sound late. We look for the shift at which the file's sound fits the sound that `talk` was given.
#
# Then we look at the mouth: the hole between the lips is dark. We count the pixels darker than 40 grey levels in a box around the mouth, and look by how many frames
# their share lags behind the true opening, as in section 6. We do this for the neutral frames drawn above, and in the film where each
# expression is strong (above 0.4).

# %%
from scipy.signal import correlate

best_shift = int(correlate(read_audio(film), sound, "full", method="fft").argmax()) - (len(sound) - 1)
sound_lag = best_shift / SAMPLE_RATE * fps  # samples → frames
assert abs(total / fps - len(sound) / SAMPLE_RATE) < 1.5 / fps and abs(sound_lag) < 0.1
assert video.frames.shape == (total, SIZE, SIZE, 3)
assert np.all((codes > 0).sum(1) <= 1)  # never two types at once
should = np.interp(when, times, np.concatenate(fine))  # mm at the film's frames
at_box = np.s_[:, int(0.63 * SIZE) : int(0.78 * SIZE), int(0.42 * SIZE) : int(0.58 * SIZE)]


def dark_pixels(frames):
    r"""(T,) share of the box around the mouth, in percent, that is darker than 40."""
    return 100 * (frames.mean(-1)[at_box] < 40).mean((1, 2))


# %%
dark = dark_pixels(video.frames.astype(float))
times_of = {"happy": codes[:, 4] > 0.4, "surprised": codes[:, 6] > 0.4}
picture_lag = {name: lag_frames(dark[now], should[now]) for name, now in times_of.items()}
picture_lag["neutral"] = lag_frames(dark_pixels(neutral_face), should)
fits = {name: np.corrcoef(dark[now], should[now])[0, 1] for name, now in times_of.items()}
sync_offset = max(picture_lag.values(), key=abs) - sound_lag
assert abs(sync_offset) <= 1 and min(fits.values()) > 0.7  # the dark comes and goes with the opening
mouth_lags = "; ".join(f"{name} {lag}" for name, lag in picture_lag.items())
Markdown(
    f"The file's sound is {sound_lag:.2f} frames late. The mouth is late by so many frames: {mouth_lags}. "
    "(We tried whole frames: 0 says that no shift fits better.) The dark and the opening have a "
    "correlation of " + " and ".join(f"{r:.2f} ({name})" for name, r in fits.items()) + "."
)  # fmt: skip

# %% [markdown]
# **Do closed lips look closed?** At p, b and m the mesh shuts the lips. But the generator paints the picture, and it may paint an open mouth: a dark one, or one with teeth. In the
# film most of these frames have a weaker expression than 0.8. So we draw all frames with closed lips again, under each type at the intensity 0.8, and otherwise as `talk` drew them.
# We count the pixels in the box that look open: darker than 40, or as pale as teeth.

# %%
open_question = Question(
    "Under which type do closed lips look most open?", ["happy", "disgusted", "fear", "surprised"]
)
open_question

# %%
by_clip = [true_movements(c, 400, len(f))[1] for c, f in zip(spoken, fine, strict=True)]
shut_at = np.flatnonzero(np.interp(when, times, np.concatenate(by_clip)) > 0.5)  # lips shut by p, b or m
numbers_shut = lips(sound, SAMPLE_RATE, fps, total)[shut_at]  # (n, 64)
assert (codes[shut_at].max(1) < 0.8).mean() > 0.5


def drawn_shut(name):
    r"""Type, or "neutral" → the frames with closed lips, (n, S, S, 3), as the generator draws them."""
    code = np.array([0.8 * (name == other) for other in CIEC_TYPES])
    frame_numbers = [int(speaker.order[k % len(speaker.order)]) for k in shut_at]
    asked = [(k, numbers, code) for k, numbers in zip(frame_numbers, numbers_shut, strict=True)]
    return np.stack(speaker.pictures(asked)).astype(float)


def looks_open(frames):
    r"""(T,) share of the box, in percent, that is dark or as pale as teeth (bright, and hardly red)."""
    box = frames[at_box]
    pale = (box.min(-1) > 100) & (box[..., 0] - box[..., 2] < 35)
    return dark_pixels(frames) + 100 * pale.mean((1, 2))


# %% [markdown]
# **Exercise 7.6 · Which type opens the mouth?** Write a loop over `CIEC_TYPES`. Draw each type with `drawn_shut`, and print the mean of `looks_open`. Write the largest of the seven
# means into `MOST_OPEN`, to one digit after the point. The cell after it checks your number.

# %%
MOST_OPEN = ...  # your answer to 7.6, % of the box

# %%
from dnt_core.workbook.exercises import check_number
from dnt_core.workbook.hints import Hints

pictures = {name: drawn_shut(name) for name in ("neutral", *CIEC_TYPES)}
opens = {name: looks_open(frames).mean() for name, frames in pictures.items()}
worst, second = sorted(CIEC_TYPES, key=opens.get)[:-3:-1]
answered["7.6"] = check_number(
    "7.6", MOST_OPEN, opens[worst], 0.06,
    {f"This is {second}, the second. One type looks more open.": opens[second],
     "This is the most open frame. Take the mean over the frames.": looks_open(pictures[worst]).max(),
     "This is the mean of the seven types.": np.mean([opens[name] for name in CIEC_TYPES])},
    Hints(6, 2, "drawn_shut(name) gives the frames, looks_open(frames) a number per frame.",
          "In the loop over the names: print(name, looks_open(drawn_shut(name)).mean())"),
    f"{worst}: {opens[worst]:.1f} %.",
)  # fmt: skip

# %%
in_film = looks_open(face)[shut_at]
at_most = codes[shut_at[in_film.argmax()]]  # the CIEC there
open_question.answer(
    max(open_question.choices, key=opens.get),
    "Percent of the box, on average: " + ", ".join(f"{name} {x:.1f}" for name, x in opens.items())
    + f". In the film itself it is up to {in_film.max():.1f} %, under {CIEC_TYPES[at_most.argmax()]} at the "
    f"intensity {at_most.max():.2f}.",
)  # fmt: skip

# %% [markdown]
# **Whose fault is it?** The generator learnt from films of the actor. So we film him, too: he says the same two sentences under the same type at 0.8, with a still head. We count in his
# frames with closed lips as above. A type *opens* the lips if the share that looks open exceeds that of the neutral face by more than 1 % of
# the box.

# %%
blame_question = Question(
    f"Closed lips under {worst}: where do they look open?",
    ["only as the generator draws them", "in the actor's own film, too"],
)
blame_question

# %%
from dnt_core.actor import ActorConfig
from dnt_core.actor.film_frame import FilmRenderer
from dnt_core.actor.performance import perform
from dnt_core.face3d.procedural.movements import MOVEMENTS

camera, calm = FilmRenderer(SIZE), ActorConfig(head_motion=0.0, variation=0.0)


def filmed_shut(name, without="-"):
    r"""Type → the actor's frames with closed lips, (n, S, S, 3); ``without``: movements that are left out."""
    kept, shots = np.array([not movement.startswith(without) for movement in MOVEMENTS]), []
    for clip in spoken:
        n = int(len(clip.waveform) / SAMPLE_RATE * FPS)
        acted = perform("M003", name, 0.8, clip, FPS, n, 0, calm)
        fields = ("emotion_weights", "geometry_weights", "film_weights")
        acted = replace(acted, **{field: getattr(acted, field) * kept for field in fields})
        shots += [camera.frame(acted, k) for k in np.flatnonzero(clip.mouth(FPS, n).closed)]
    return np.stack(shots).astype(float)


# %%
beyond = {name: opens[name] - opens["neutral"] for name in CIEC_TYPES}
opened = [name for name in sorted(CIEC_TYPES, key=opens.get, reverse=True) if beyond[name] > 1]
assert worst in opened
filmed = {name: filmed_shut(name) for name in ("neutral", *opened)}
films = {name: looks_open(frames).mean() for name, frames in filmed.items()}
no_sneer = filmed_shut(worst, "noseSneer")
in_films = {name: films[name] - films["neutral"] for name in opened}
without_sneer = round(looks_open(no_sneer).mean() - films["neutral"], 1) + 0.0  # and not -0.0
why = f"Without the movement noseSneer (the nose wrinkles), his {worst} film has {without_sneer:.1f}"
if in_films[worst] > 1 > without_sneer:
    why += ": the wrinkle lifts the upper lip, and no rule of the actor stops it at p, b and m"
blame_question.answer(
    blame_question.choices[int(in_films[worst] > 1)],
    "Percent of the box beyond the neutral face, generator and film: "
    + "; ".join(f"{name} {beyond[name]:.1f} and {in_films[name]:.1f}" for name in opened) + f". {why}.",
)  # fmt: skip

# %%
rows = {f"neutral, generator\n{opens['neutral']:.1f} % looks open": pictures["neutral"]}
for name in opened[:2]:
    rows[f"{name}, generator\n{opens[name]:.1f} % looks open"] = pictures[name]
    rows[f"{name}, the actor\n{films[name]:.1f} % looks open"] = filmed[name]
around = np.s_[:, int(0.55 * SIZE) : int(0.85 * SIZE), int(0.3 * SIZE) : int(0.7 * SIZE)]
six = [frames[np.linspace(0, len(frames) - 1, 6).astype(int)][around] for frames in rows.values()]
ax = contact_sheet([list(mouths.astype(np.uint8)) for mouths in six], row_labels=list(rows))
where = {True: "closed lips look open on the actor, too", False: "the generator alone opens some"}
ax.set_title("\n".join(f"{name}: {where[bool(in_films[name] > 1)]}" for name in opened[:2]))
run.save_figure(ax.figure, "audio_closed_lips")
plt.show()
excess = clip_interval(looks_open(pictures[worst]) - looks_open(pictures["neutral"]))
sentence = "As talk draws them, closed lips look closed under every type at the intensity 0.8: at most 1 % "
sentence += "more of the box looks open than on a neutral face."
note = {"interval": (excess.low, excess.high), "over": f"{len(shut_at)} closed frames", "unit": "%"}
note["control"] = (f"{worst}, the actor's film", in_films[worst])
note["note"] = f"The worst type, {worst}. One actor, one sound; frames of one closure are alike."
display(run.claim("closed_lips_look_closed", sentence, excess.mean, below=1.0, **note))

# %% [markdown]
# How to read it: a row is one type, drawn or filmed, with six frames of p, b or m. Where the actor's row shows teeth, too, even a generator that copies its films without fault shows them.
# Where the actor's lips are closed, the fault is the generator's.

# %% [markdown]
# ## 8 · The expression in the voice
#
# Section 9 can choose the expression by the voice. The actor's synthesiser has rules for moods: a happy voice has a livelier melody, the melody of a sad one
# falls. A second small network, the *reader* (of moods; it is not the lip reader of notebooks 04 and 06), guesses type and intensity of each *phrase* (the speech between two pauses) from 42 numbers on
# melody, loudness, quality of the voice and mean
# spectrum. The reader says "not sure", and the face stays neutral, in two cases:
# - its best guess has a probability below 0.6;
# - the voice is *unfamiliar*: its 42 numbers are unlike those of the training's phrases. (They lie farther from the training's mean than those
#   of 95 % of the training's phrases.)
#
# Here is one sentence three times, sad, neutral and surprised, in random order. Listen first. The cell after the question asks the reader. It prints the time of the
# phrase, the type, the intensity (0 to 1), and last the probability of the best guess, in percent.

# %%
from dnt_core.audio.voice_expression import SURE

kinds = [("sad", 1.0), ("neutral", 0.0), ("surprised", 1.0)]
order = np.random.default_rng(6).permutation(3)
moods = {letter: kinds[k] for letter, k in zip("ABC", order, strict=True)}
acted = {name: from_actor(HELD_OUT_ACTOR[3], VOICES["M003"], 0, *mood) for name, mood in moods.items()}
for name, clip in acted.items():
    display(sound_player(clip.waveform, SAMPLE_RATE, name))
assert SURE == 0.6
mood_question = Question("Which of the three is neutral?", list(moods))
mood_question

# %%
from dnt_core.audio.voice_expression import read_expression

for name, clip in acted.items():
    readings = read_expression(clip.waveform, SAMPLE_RATE)
    print(f"{name}: " + "; ".join(map(str, readings)))
neutral = next(name for name, (mood, _) in moods.items() if mood == "neutral")
mood_question.answer(neutral, "; ".join(f"{k} was acted {mood}" for k, (mood, _) in moods.items()))

# %% [markdown]
# **Measured** on sentences that the reader never heard, in three voices: each type at the intensities 0.33, 0.67 and 1, and *neutral* three times. Half of the phrases are disturbed: by
# noise, by a room's echo, or by a telephone. For each of the eight classes (seven types and neutral) we count the share of its phrases that were
# read correctly. *Accuracy* is the mean of these
# shares, as in notebook 03; here the best guess counts even where the reader is not sure. A reader that always gives the same answer gets 1 of 8.

# %%
from dnt_core.audio.voice_expression import load_prosody_network
from dnt_core.training.lips.moods import MoodPhrases, held_out_phrases, measure_moods

chosen = HELD_OUT_ACTOR[: pick(nbval=2, quick=3, laptop=6, paper=6)]
phrases = held_out_phrases(sentences=chosen)
reader = load_prosody_network()
read = measure_moods(reader, phrases)


def drawn_again(rng):
    r"""The phrases of as many sentences, drawn with replacement."""
    drawn = rng.integers(0, len(chosen), len(chosen))
    rows = np.concatenate([np.flatnonzero(phrases.sentence == number) for number in drawn])
    return MoodPhrases(phrases.features[rows], phrases.type[rows], phrases.intensity[rows])


# %%
assert read["chance"] == read["always_neutral"] == 1 / 8 and read["accuracy"] > 3 * read["chance"]
assert read["accuracy_when_sure"] > max(read["accuracy"], 0.5) and read["sure"] < 0.5
rng = np.random.default_rng(0)
again = pd.DataFrame([measure_moods(reader, drawn_again(rng)) for _ in range(1000)])
low, high = again.quantile(0.025), again.quantile(0.975)
unheard = len(chosen) * len(VOICES) * 8 * 3 - read["phrases"]
of = {key: f"{read[key]:.0%} [{low[key]:.0%}, {high[key]:.0%}]" for key in ("accuracy", "accuracy_when_sure")}
Markdown(
    f"The accuracy is {of['accuracy']} over {read['phrases']} phrases (chance {read['chance']:.1%}). The "
    f"reader is sure, by both rules above, of {read['sure']:.0%} of the phrases, and right in "
    f"{of['accuracy_when_sure']} of those. So in section 9 the face stays neutral for most phrases, or "
    "shows a type. With the actor's voice that type is mostly right. (The intervals draw whole sentences. "
    f"{len(chosen)} are few, so they are rough.)"
    + f" (In {unheard} more recordings the reader found no phrase.)" * (unheard > 0)
)

# %% [markdown]
# **What it cannot do.** The reader learnt the actor's rules about moods, so these numbers say nothing about people. Nor did we measure how often it is sure and wrong on other voices.
# If you have CREMA-D, recordings of 91 actors, `dnt_core.training.lips.moods.evaluate_crema_d(folder)` measures it on people. And the reader is given
# no words, so it cannot know whether somebody is joking.

# %% [markdown]
# ## 9 · Your own recording
#
# Set `sound_file` in the parameters cell to any sound or video file: wav, mp3, m4a, ogg, any rate, mono or stereo. On the command
# line: `dnt run 07 -p sound_file=my_voice.m4a`. The first eight seconds are used. If you give no file, the cell takes a voice of espeak-ng, or without espeak-ng the
# voice of the actor's W009. With `"auto"` the face shows the expression that the reader is sure of. If it is not sure, the face stays neutral.

# %%
from dnt_core.clips.sound import write_audio

if sound_file:
    recording = sound_file
else:
    stranger = espeak_clips()[4] if espeak_available() else from_actor(HELD_OUT_ACTOR[0], VOICES["W009"], 0)
    recording = write_audio(run.folder / "a_voice.wav", stranger.waveform)
yours = read_audio(recording)[: 8 * SAMPLE_RATE]
readings = read_expression(yours, SAMPLE_RATE)
print(*readings, sep="\n")
display(sound_player(yours))
if not sound_file:
    print("(a synthesised voice, to which nobody gave a mood)")
spoken_by_you = talk((yours, SAMPLE_RATE), "auto", run.folder / "yours.mp4", actor="M003", size=128)
sure_of = [f"{r.type} {r.intensity:.2f}" for r in readings if r.type not in (None, "neutral")]
film_player(
    spoken_by_you, 256, "auto: " + (", ".join(sure_of) or "sure of no expression, so the face is neutral")
)

# %% [markdown]
# **Exercise 7.7 · Count the closings.** Write a function that counts the closings of any opening curve. Neighbouring frames in which the lips meet (at most 1 mm) are one closing. (A pause
# with shut lips counts, too, and so do lips that meet in the first frame.) The figure below has the count for this recording.

# %%
def closings_of(opening):
    r"""Opening per frame, (T,) mm → how often the lips close."""
    raise NotImplementedError("Exercise 7.7: in which frames does a closing begin?")


asked = [(np.array([0.0, 5, 1, 0, 5, 0]),), (truth,), (openings["network"],)]
answered["7.7"] = check_exercise("7.7", closings_of, asked)

# %%
count = int(len(yours) / SAMPLE_RATE * FPS)
lips_of_yours = opening_mm(lips.movements(yours, SAMPLE_RATE, FPS, count))
speech_heard = lips_of_yours.max() > 3  # mm: a mouth that moves
assert speech_heard or sound_file
if not speech_heard:
    print(
        f"The mouth opens by {lips_of_yours.max():.1f} mm at most: the network hears hardly any speech. Does "
        "somebody speak in the first eight seconds? Record it without music, and nearer to the microphone."
    )
ax = curve(np.arange(count) / FPS, lips_of_yours, xlabel="s", ylabel="lips apart, mm")
closings = solutions.closings_of(lips_of_yours)
ax.axhline(1.0, color="#999999", lw=0.8, ls=":")
title = f"The network closes the lips {closings} times (below the dotted line)"
if not sound_file:  # of this voice we know when it says what
    for segment in stranger.segments:
        if segment.lip_closure is not None:
            ax.axvspan(*segment.lip_closure, color="#DDDDDD", lw=0, zorder=0)
    true_count = solutions.closings_of(opening_mm(true_movements(stranger, FPS, count)[0]))
    title += f"\ngrey: its p, b and m; by the rules the lips close {true_count} times"
    print("its sounds:", " ".join(segment.symbol for segment in stranger.segments[1:-1]))
ax.set_title(title)
plt.show()

# %% [markdown]
# How to read the figure: equal counts are not enough, each grey band needs its own closing. In your own recording nothing is grey: find its p, b and m
# by ear. Does each of them have a closing? Then try a recording with an echo, or with music behind the voice.
#
# If a voice is unfamiliar (section 8), it says "not sure (an unfamiliar voice)", even where its
# best guess has a high probability.
#
# ## What the paper claims, what we saw

# %%
metrics = {
    "lip_correlation": net["correlation"],
    "lip_correlation_other_voices": other_voices["correlation"],
    "lip_error_mm": net["error_mm"],
    "lip_error_mm_loudness": loud["error_mm"],
    "closure_precision": net["closure_precision"],
    "closure_recall": net["closure_recall"],
    "sync_offset_frames": sync_offset,
    "expression_accuracy": read["accuracy"],
    "expression_chance": read["chance"],
}
run.record(metrics)

# %%
gap = error_gap(net, vowels)
assert vowels["error_mm"] == min(baseline["error_mm"] for baseline in (loud, vowels, mean))
over = {"interval": (gap.low, gap.high), "over": "6 sentences", "unit": "mm"}
sentence = "The network's lips are nearer to the true ones than those of vowels by MFCC, the best baseline."
run.claim("lips_beat_baseline", sentence, gap.mean, below=0.0, **over)
over = {"interval": (low["accuracy"], high["accuracy"]), "over": f"{len(chosen)} sentences"}
sentence = "The type is read from unseen sentences of the actor's voices better than by chance."
run.claim("voice_read_above_chance", sentence, read["accuracy"], above=1 / 8, limit_name="chance", **over)
sentence = "In the film of section 7 the mouth is less than a frame off its sound."
control = ("lips from the sound 0.12 s late (section 6)", lag_frames(late, truth))
more = {"unit": "frames", "control": control, "note": "One film, so no interval."}
run.claim("film_in_step", sentence, abs(sync_offset), below=1.0, **more)
run.claims()

# %% [markdown]
# - *Lips from sound (section 3.4).* Sections 4 to 6 measured our small network and its baselines, on synthesised voices. The lips follow the
#   actor's voices best, new voices of espeak-ng less well (section 5).
#   The paper's route, Wav2Lip and WM3DR, was not measured, for want of its checkpoints.
# - *Expression over time (figure 1).* In the film sound and lips are in step, and the difference from neutral rises and falls with the curve.
# - *The weakest result* is the first claim. Section 7 says under which types the actor's lips look open, too, and under which the generator alone opens them.
# - *Emotion and speech belong together (the paper's section 1).* Here rules put the mood into the voice. The type is read far better than by
#   chance, but the reader is sure of less than half of the phrases (section 8).
#
# **Where to go next:** `dnt talk --audio FILE --expression "happy:0→1→0" --out talk.mp4` makes a film without a notebook.
# [Notebook 03](03_decoupling_network.ipynb) shows why the face under the texture must be neutral,
# [notebook 08](08_live_sliders.ipynb) lets you drag the expression while the face speaks.
