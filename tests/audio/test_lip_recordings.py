"""People's own recordings with an aligner's phones, as the lips' training reads them."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.audio.built_in import load_lips_network
from dnt_core.audio.lips_network import LipsNetwork
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.checkpoint import names_key
from dnt_core.clips.sound import SAMPLE_RATE, write_audio
from dnt_core.training.lips import command
from dnt_core.training.lips.recordings import cut, read_intervals, read_recordings, segments_of
from dnt_core.training.lips.shards import recorded_shard
from dnt_core.training.lips.spoken import Spoken
from dnt_core.training.lips.training import LipsTraining
from dnt_core.training.lips.weights import save_lips_network
from tests.audio.test_lip_training import SMALL, toy_shard

#: "pie bought" as the Montreal Forced Aligner writes it, in ARPAbet and in its own IPA
ARPABET = [
    ("", 0.0, 0.2),
    ("P", 0.2, 0.3),
    ("AY1", 0.3, 0.5),
    ("B", 0.5, 0.58),
    ("AO0", 0.58, 0.8),
    ("T", 0.8, 0.9),
]
IPA = [("pʰ", 0.2, 0.3), ("aj", 0.3, 0.5), ("b", 0.5, 0.58), ("ɒː", 0.58, 0.8), ("tʃ", 0.8, 0.9)]


def text_grid(intervals, *names):
    tiers = "".join(
        f'item [{k}]:\nclass = "IntervalTier"\nname = "{name}"\nxmin = 0\nxmax = {intervals[-1][2]}\n'
        f"intervals: size = {len(intervals)}\n"
        + "".join(
            f'intervals [{i}]:\nxmin = {a}\nxmax = {b}\ntext = "{label}"\n'
            for i, (label, a, b) in enumerate(intervals, 1)
        )
        for k, name in enumerate(names, 1)
    )
    return (
        f'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = {intervals[-1][2]}\n'
        f"tiers? <exists>\nsize = {len(names)}\nitem []:\n{tiers}"
    )


@pytest.fixture
def folder(tmp_path):
    for speaker, name in (("anna", "one"), ("anna", "two"), ("ben", "one")):
        (tmp_path / speaker).mkdir(exist_ok=True)
        sound = 0.1 * np.sin(np.arange(SAMPLE_RATE) / 9).astype(np.float32)
        write_audio(tmp_path / speaker / f"{name}.wav", sound, SAMPLE_RATE)
    return tmp_path


def symbols(segments):
    return [s.symbol for s in segments]


def test_arpabet_and_ipa_become_the_same_sounds():
    wanted = ["SIL", "P", "AY", "B", "AO"]
    for intervals, last in ((ARPABET, "T"), (IPA, "CH")):
        segments = segments_of(intervals, 1.0)
        assert symbols(segments) == [*wanted, last, "SIL"]
        assert [s.start for s in segments][1:6] == pytest.approx([0.2, 0.3, 0.5, 0.58, 0.8])
        assert segments[-1].end == pytest.approx(1.0)
        assert all(s.start < s.release < s.end for s in segments if s.symbol in ("P", "B", "T", "CH"))
    assert [s.stress for s in segments_of(ARPABET, 1.0)] == [0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("intervals", "said"),
    [
        ([("P", 0.0, 0.1), ("XY", 0.1, 0.2)], "label 'XY' is no sound"),
        ([("%", 0.0, 0.1)], "label '%' is no sound"),
        ([("P", 0.0, 0.3), ("T", 0.1, 0.4)], "after one until 0.300 s"),
    ],
)
def test_phones_that_make_no_sense_are_named(intervals, said):
    with pytest.raises(ValueError, match=said):
        segments_of(intervals, 1.0)


def test_a_folder_of_text_grids_and_label_files(folder):
    pytest.importorskip("praatio")
    (folder / "anna" / "one.TextGrid").write_text(text_grid(ARPABET, "words", "phones"))
    (folder / "anna" / "two.lab").write_text(
        "0 2000000 x^x-sil+p=a\n2000000 3000000 sil^sil-p+a=b\n3000000 5000000 aa\n"
    )
    (folder / "ben" / "one.TextGrid").write_text(text_grid(IPA, "ben - phones"), "utf-16")
    found = read_recordings(folder, 8.0)
    assert {name: len(said) for name, said in found.items()} == {"anna": 2, "ben": 1}
    assert symbols(found["anna"][1].segments) == ["SIL", "P", "AA", "SIL"]
    assert symbols(found["ben"][0].segments) == ["SIL", "P", "AY", "B", "AO", "CH", "SIL"]
    assert found["ben"][0].waveform.size == SAMPLE_RATE


def test_text_grids_may_lie_in_a_folder_of_their_own(folder):
    pytest.importorskip("praatio")
    (folder / "aligned").mkdir()
    (folder / "aligned" / "two.TextGrid").write_text(text_grid(ARPABET, "phones"))
    (folder / "aligned" / "one.TextGrid").write_text(
        text_grid(ARPABET, "phones")
    )  # anna's or ben's: nobody's
    told = []
    assert {name: len(said) for name, said in read_recordings(folder, 8.0, told.append).items()} == {
        "anna": 1
    }
    assert len(told) == 1 and "one.TextGrid, since no sound, or more than one" in told[0]
    (folder / "aligned" / "ben").mkdir()
    (folder / "aligned" / "one.TextGrid").rename(folder / "aligned" / "ben" / "one.TextGrid")
    assert set(read_recordings(folder, 8.0, told.append)) == {"anna", "ben"} and len(told) == 1


def test_a_lab_file_beside_a_text_grid_is_the_text_that_was_aligned(folder):
    pytest.importorskip("praatio")
    (folder / "anna" / "one.TextGrid").write_text(text_grid(ARPABET, "phones"))
    for name in ("one", "two"):
        (folder / "anna" / f"{name}.lab").write_text("pie bought")
    told = []
    assert {name: len(said) for name, said in read_recordings(folder, 8.0, told.append).items()} == {
        "anna": 1
    }
    assert len(told) == 1 and "two.lab, since it holds no phones in time" in told[0]


def test_festivals_labels(tmp_path):
    (tmp_path / "a.lab").write_text("separator ;\n#\n0.2 125 pau\n0.3 125 p\n0.5 125 aa\n")
    assert read_intervals(tmp_path / "a.lab") == [("pau", 0.0, 0.2), ("p", 0.2, 0.3), ("aa", 0.3, 0.5)]


@pytest.mark.parametrize(
    ("intervals", "tiers", "said"),
    [
        (ARPABET, ["words"], "0 tiers called phones among words"),
        (ARPABET, ["anna - phones", "ben - phones"], "2 tiers called phones"),
        (ARPABET, ["phones", "phones"], "2 tiers called phones"),
        ([("P", 0.0, 1.5)], ["phones"], r"end at 1.50 s, but one.wav lasts 1.00 s"),
        ([("P", 0.0, 0.1), ("spn", 0.1, 0.5)], ["phones"], "holds no recording with phones"),
        ([("P", 0.0, 0.1), ("Q9", 0.1, 0.5)], ["phones"], "one.TextGrid: the label 'Q9'"),
    ],
)
def test_a_folder_that_cannot_be_used_says_why(folder, intervals, tiers, said):
    pytest.importorskip("praatio")
    (folder / "anna" / "one.TextGrid").write_text(text_grid(intervals, *tiers))
    with pytest.raises(ValueError, match=said):
        read_recordings(folder, 8.0)


def test_no_text_grid_no_folder_no_recording(folder):
    pytest.importorskip("praatio")
    with pytest.raises(FileNotFoundError, match="no folder"):
        read_recordings(folder / "nothing", 8.0)
    with pytest.raises(ValueError, match="holds no recording with phones"):
        read_recordings(folder, 8.0)
    (folder / "anna" / "one.TextGrid").write_text("not one")
    with pytest.raises(ValueError, match="cannot be read as a TextGrid"):
        read_recordings(folder, 8.0)


def test_a_long_recording_is_cut_in_its_pauses():
    intervals = [
        x for k in range(10) for x in (("", k, k + 0.4), ("M", k + 0.4, k + 0.6), ("AA", k + 0.6, k + 1))
    ]
    sound = np.arange(10 * SAMPLE_RATE, dtype=np.float32)
    pieces = cut(Spoken(sound, segments_of(intervals, 10.0), "anna"), 3.5)
    assert np.array_equal(np.concatenate([p.waveform for p in pieces]), sound)
    assert all(p.waveform.size <= 3.5 * SAMPLE_RATE for p in pieces)
    assert sum(symbols(p.segments).count("M") for p in pieces) == 10
    for piece in pieces:  # an M is where it was: 0.4 s after a whole second
        first = next(s for s in piece.segments if s.symbol == "M")
        assert (first.start + piece.waveform[0] / SAMPLE_RATE) % 1 == pytest.approx(0.4)


def test_shards_of_recordings_are_kept_by_what_is_in_them(tmp_path, monkeypatch):
    monkeypatch.setattr("dnt_core.training.lips.shards.ITEMS", 2)
    monkeypatch.setattr("dnt_core.training.lips.shards.RECORDINGS", 1)
    said = Spoken(np.ones(SAMPLE_RATE, np.float32) * 0.1, segments_of(ARPABET, 1.0), "anna")
    one = recorded_shard(0, tmp_path, [[said]])
    again = recorded_shard(0, tmp_path, [[said]])
    assert np.array_equal(one.mel, again.mel) and one.closed.any()
    recorded_shard(0, tmp_path, [[Spoken(said.waveform, segments_of(IPA, 1.0), "anna")]])
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_without_praatio_text_grids_say_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "praatio", None)
    (folder / "anna" / "one.TextGrid").write_text(text_grid(ARPABET, "phones"))
    with pytest.raises(OSError, match=r"pip install \"dnt-core\[recordings\]\""):
        read_recordings(folder, 8.0)


def test_a_training_goes_on_from_weights():
    start = LipsNetwork(SMALL.width)
    training = LipsTraining([toy_shard()], SMALL, start)
    kept = training.network.state_dict()
    assert all(np.array_equal(kept[name], value) for name, value in start.state_dict().items())
    assert (
        training.identity["start"]
        != LipsTraining([toy_shard()], SMALL, LipsNetwork(SMALL.width)).identity["start"]
    )
    with pytest.raises(ValueError, match="width 8, the training 16"):
        LipsTraining([toy_shard()], SMALL, LipsNetwork(8))


def test_the_result_lies_between_the_start_and_what_was_trained():
    start = LipsNetwork(SMALL.width)
    training = LipsTraining([toy_shard()], replace(SMALL, kept=0.25), start)
    list(training.run())
    before, after = start.output.weight, training.averaged.output.weight
    assert torch.allclose(training.result.output.weight, 0.25 * before + 0.75 * after)
    assert not torch.allclose(before, after)
    closing = LipsTraining([toy_shard()], replace(SMALL, kept=1.0, closing=0.5), start).result
    moved = (closing.output.bias - start.output.bias).view(2, -1)
    assert torch.allclose(moved[:, LIP_MOVEMENTS.index("mouthClose")], torch.tensor(0.5))
    assert torch.count_nonzero(moved) == 2
    alone = LipsTraining([toy_shard()], replace(SMALL, kept=0.25))
    assert torch.equal(alone.result.output.weight, alone.averaged.output.weight)
    with pytest.raises(ValueError, match="expected a share from 0 to 1"):
        replace(SMALL, kept=1.5)


def test_the_command_trains_on_recordings_judges_others_and_says_so(folder, monkeypatch):
    pytest.importorskip("praatio")
    monkeypatch.chdir(folder)
    for speaker in ("anna", "ben"):
        (folder / speaker / "one.TextGrid").write_text(text_grid(ARPABET, "phones"))
    heard = []
    monkeypatch.setattr(command, "espeak_version", lambda: "1.52.0")
    monkeypatch.setattr(command, "festival_voices", lambda: ())
    monkeypatch.setattr(command, "shard", lambda k, *_, **__: toy_shard(k))
    monkeypatch.setattr(command, "recorded_shard", lambda k, _, said: heard.append(said) or toy_shard(50 + k))
    monkeypatch.setattr(command, "lips_report", lambda lips, recordings: {"speakers": len(recordings)})
    start = save_lips_network(folder / "start.safetensors", LipsNetwork(16), {})
    out = folder / "out.safetensors"
    asked = dict(shards=5, steps=2, recordings=folder / "anna", judge=folder / "ben")
    assert command.train_lips_with_progress(out, **asked, start=start) == {"speakers": 1}
    record = json.loads(out.with_suffix(".json").read_text())
    assert [len(said) for said in heard[0]] == [1] and len(heard) == 1  # 1 s is not heard 640 times
    kept = {"pieces": 1, "key": names_key(["anna 16000"]), "shards": 1}
    assert record["data"]["recordings"] == {"seconds_of_speakers": {"anna": 1.0}, **kept}
    assert record["judged_on"] == {"ben": 1.0}
    assert record["command"] == (
        "dnt train lips --shards 5 --steps 2 --recordings anna --judge ben --start start.safetensors"
    )
    assert record["config"]["width"] == 16 and record["start"]["file"] == "start.safetensors"
    assert load_lips_network(out).width == 16
    with pytest.raises(ValueError, match="would hear what judges it"):
        command.train_lips_with_progress(out, recordings=folder, judge=folder / "ben")
