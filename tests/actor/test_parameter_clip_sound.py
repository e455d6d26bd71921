r"""A clip that was acted without a sound can be heard: the same sentence, in step."""

import numpy as np

from dnt_core.actor.parameter_clips import clip_speech, parameter_clips
from dnt_core.clips.clip import CELLS


def test_the_sound_is_that_of_the_clip():
    acted = parameter_clips(actors=["M003"], clips_per_cell=1, neutral_clips=1, seed=3)
    for made in acted[:: len(CELLS) - 1]:
        speech = clip_speech(made.clip, seed=3)
        assert speech.sentence.text == made.sentence and speech.expression == made.clip.expression
        assert speech.n_frames(30.0) == len(made.closed)
        assert np.abs(speech.waveform).max() > 0.05
