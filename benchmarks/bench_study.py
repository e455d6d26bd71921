r"""The whole study of section 3.2 beside a plain script: decode, render, train; all settings, targets and
folds.

Ours decodes and renders every frame once into a cache, then trains the independent fits side by side with one
thread each. The peer is how one writes it first: a ``Dataset`` that decodes the clip and renders the frame
whenever a sample is asked for, torch's ``DataLoader`` with a worker for every core, one model after the
other. Both fit the same models on the same frames, folds, epochs and batches, in one run. In the peer's
favour: it renders nothing for the setting "Frames". Against it: it renders all five pictures for the other
four settings, as one call gives them.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from dnt_core.clips import load_clip, scan
from dnt_core.studies import where_are_expressions as study
from dnt_core.studies.where_are_expressions.input_cache import render_clip

FOLDS, EPOCHS, FRAMES = 2, 4, 2
PLAN = study.FitConfig("small", EPOCHS, batch_size=16, learning_rate=4e-3, shift=0, brightness=0.0)
INPUTS = study.InputConfig(48, 96, "procedural:9000")
FILM = {"actors": ("M003",), "clips_per_cell": 2, "seconds": 0.8, "fps": 10.0, "image_size": 96}


class PlainDataset(Dataset):
    r"""One sample: decode the clip, take the frame, render it, keep the setting."""

    def __init__(self, frames, rows, setting: str, labels) -> None:
        self.frames, self.rows, self.setting, self.labels = frames, rows, setting, labels

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, int]:
        row = self.rows[item]
        clip, number = self.frames.clips[self.frames.clip[row]], int(self.frames.frame[row])
        if self.setting == "frames":
            frame = load_clip(clip, size=INPUTS.render_size, start=number, stop=number + 1).frames
            picture = INPUTS.cut(torch.from_numpy(frame).permute(0, 3, 1, 2) / 255.0)[0]
        else:
            chosen = self.frames.frame[[row]]
            picture = torch.from_numpy(render_clip(clip, chosen, INPUTS)[self.setting][0]) / 255.0
        return picture, int(self.labels[row])


def plain_fit(frames, setting: str, target: str, train, test) -> float:
    r"""One model of the plain script; returns its cross-entropy on the test rows."""
    torch.manual_seed(0)
    labels, workers = frames.labels(target), os.cpu_count() or 1
    loaders = [
        DataLoader(PlainDataset(frames, rows, setting, labels), PLAN.batch_size, shuffle, num_workers=workers)
        for rows, shuffle in ((train, True), (test, False))
    ]
    net = study.build_classifier(PLAN.network, study.TARGETS[target])
    optimiser = torch.optim.AdamW(net.parameters(), PLAN.learning_rate)
    for _ in range(EPOCHS):
        for pictures, truth in loaders[0]:
            optimiser.zero_grad()
            F.cross_entropy(net(pictures), truth).backward()
            optimiser.step()
    net.eval()
    with torch.no_grad():
        return sum(float(F.cross_entropy(net(x), y, reduction="sum")) for x, y in loaders[1]) / len(test)


def run() -> dict[str, float]:
    r"""Both in a temporary folder. What numba compiles is compiled before the clock starts."""
    with tempfile.TemporaryDirectory() as folder:
        film = study.film_for(Path(folder), FILM, progress=False)
        frames = study.labelled_frames(scan(film), FRAMES, FOLDS)
        render_clip(frames.clips[0], frames.frame[:1], INPUTS)

        start = time.perf_counter()
        inputs = study.make_inputs(frames, Path(folder) / "inputs", INPUTS, progress=False)
        rendered = time.perf_counter() - start
        what = study.CrossValidation(study.ORDER, fold_kind="frame", folds=FOLDS, plan=PLAN)
        results = study.cross_validate(inputs, what, Path(folder) / "fits", progress=False)
        ours = time.perf_counter() - start

        start = time.perf_counter()
        for target in study.TARGETS:
            for train, test in frames.folds(target, "frame", FOLDS):
                for setting in study.ORDER:
                    plain_fit(frames, setting, target, train, test)
        plain = time.perf_counter() - start

        seen = sum(fit.seen for fits in results.values() for fit in fits)
        return {
            "study.images_per_s": seen / (ours - rendered),
            "study.one_fit.images_per_s": study.images_per_second(results),
            "study.render.frames_per_s": len(frames) / rendered,
            "study.whole.s": ours,
            "study.plain_script.s": plain,
            "study.ratio_to_plain_script": plain / ours,
            **resnet_rates(),
        }


def resnet_rates() -> dict[str, float]:
    r"""Training pictures a second of torchvision's nets at 48 px, one thread: torch's own limit on this
    machine."""
    rates, before = {}, torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for network in ("resnet18", "resnet50"):
            net = study.build_classifier(network, 8).to(memory_format=torch.channels_last)
            optimiser = torch.optim.AdamW(net.parameters(), foreach=True)
            pictures, truth, best = torch.rand(16, 3, 48, 48), torch.arange(16) % 8, float("inf")
            for _ in range(4):
                start = time.perf_counter()
                optimiser.zero_grad(set_to_none=True)
                F.cross_entropy(net(pictures), truth).backward()
                optimiser.step()
                best = min(best, time.perf_counter() - start)
            rates[f"study.{network}_48px.images_per_s"] = len(pictures) / best
    finally:
        torch.set_num_threads(before)
    return rates


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:36s} {value:10.2f}")
