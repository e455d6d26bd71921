r"""Many independent fits: run side by side, each kept in a file as soon as it is done, found again later."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from joblib import Parallel, cpu_count, delayed, parallel_config
from tqdm.auto import tqdm

from dnt_core.atomic_write import atomic_path
from dnt_core.clips.labelled_frames import FOLD_KINDS, TARGETS, check_target
from dnt_core.metrics.classifier_fit import FitConfig, FitResult, fit_classifier
from dnt_core.studies.where_are_expressions.cluster import on_cluster
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs

FORMAT = 1  # raised when the same fit gives other numbers


@dataclass(frozen=True)
class CrossValidation:
    r"""What is fitted: every setting × target × fold is one model.

    Args:
        settings: names of pictures in the inputs.
        targets: "type", "level" or both.
        fold_kind: "frame" (the paper's) or "clip", see :meth:`LabelledFrames.folds`.
        folds: parts the frames are cut into.
        folds_run: how many of them are tested; 0 means all.
        plan: of every fit; its seed is the base of all seeds.
        shuffled: "" fits the true labels; "frame" gives every frame the label of another one, "clip" gives
            every clip the label of another clip: controls that must not be learnt.
    """

    settings: tuple[str, ...]
    targets: tuple[str, ...] = ("type", "level")
    fold_kind: str = "frame"
    folds: int = 10
    folds_run: int = 0
    plan: FitConfig = field(default_factory=FitConfig)
    shuffled: str = ""

    def __post_init__(self) -> None:
        for target in self.targets:
            check_target(target)
        if self.fold_kind not in FOLD_KINDS or self.shuffled not in ("", *FOLD_KINDS):
            raise ValueError(
                f"fold_kind and shuffled must be one of {', '.join(FOLD_KINDS)} (shuffled may be '')"
            )
        if not 0 <= self.folds_run <= self.folds:
            raise ValueError(f"folds_run must lie between 0 and {self.folds} folds, got {self.folds_run}")

    def labels(self, inputs: StudyInputs, target: str) -> np.ndarray:
        r"""(N,) the labels that are fitted, shuffled among the frames that have one if the plan says so.

        Args:
            inputs: frames with their pictures.
            target: "type" or "level".
        """
        labels = inputs.frames.labels(target).copy()
        generator = np.random.default_rng(self.plan.seed + 77)
        if self.shuffled == "frame":
            rows = np.flatnonzero(labels >= 0)
            labels[rows] = labels[generator.permutation(rows)]
        elif self.shuffled == "clip":
            clips, first = np.unique(inputs.frames.clip, return_index=True)
            of_clip = labels[first]
            rows = np.flatnonzero(of_clip >= 0)
            of_clip[rows] = of_clip[generator.permutation(rows)]
            labels = of_clip[np.searchsorted(clips, inputs.frames.clip)]
        return labels


@dataclass(frozen=True)
class _Fit:
    setting: str
    target: str
    fold: int
    train: np.ndarray
    test: np.ndarray
    labels: np.ndarray
    plan: FitConfig
    file: Path

    @property
    def images(self) -> int:
        return len(self.train) * self.plan.epochs


Results = dict[tuple[str, str], list[FitResult]]  # (setting, target) → a result a fold


def cross_validate(
    inputs: StudyInputs,
    what: CrossValidation,
    folder: str | os.PathLike,
    jobs: int | None = None,
    cluster: str = "",
    progress: bool = True,
    name: str = "fitting",
) -> Results:
    r"""Fits all models that are not in ``folder`` yet and returns the results of all.

    Args:
        inputs: frames with their pictures.
        what: settings, targets, folds and the classifier's plan.
        folder: one file a fit, written whole or not at all when the fit is done: an interrupted study goes
            on where it stopped. Other pictures, labels, folds or plans make other files.
        jobs: fits side by side, each with ``plan.threads`` threads; default: as many as there are cores for
            (``taskset`` and ``LOKY_MAX_CPU_COUNT`` count).
        cluster: address of a Dask scheduler (``tcp://host:8786``) whose workers do the fits; "" uses this
            machine.
        progress: show a bar in images with the time that remains.
        name: on the bar.

    Returns:
        for every (setting, target) a result a fold, the same on one machine and on a cluster.

    Raises:
        ValueError: unknown setting; folds that these frames do not allow; a cluster that does not answer.
    """
    fits = _plan_fits(inputs, what, Path(folder))
    missing = [fit for fit in fits if not fit.file.exists()]
    if missing:
        Path(folder).mkdir(parents=True, exist_ok=True)
        total = sum(fit.images for fit in missing)
        workers = max(1, cpu_count() // what.plan.threads) if jobs is None else jobs
        bar = tqdm(
            total=total, desc=name, unit="image", unit_scale=True, smoothing=0.05, disable=not progress
        )
        with bar, _backend(cluster, min(workers, len(missing))):
            pool = Parallel(return_as="generator_unordered")
            for number, result in pool(
                delayed(_run)(i, fit, inputs.pictures[fit.setting]) for i, fit in enumerate(missing)
            ):
                _write(missing[number].file, result)
                bar.update(missing[number].images)
    results: Results = {}
    for fit in fits:
        results.setdefault((fit.setting, fit.target), []).append(_read(fit.file))
    return results


def _plan_fits(inputs: StudyInputs, what: CrossValidation, folder: Path) -> list[_Fit]:
    unknown = [name for name in what.settings if name not in inputs.pictures]
    if unknown:
        raise ValueError(f"there are no pictures {unknown[0]!r}; there are {', '.join(inputs.pictures)}")
    labels = {t: what.labels(inputs, t) for t in what.targets}
    folds = {
        t: inputs.frames.folds(t, what.fold_kind, what.folds, what.plan.seed, labels[t]) for t in what.targets
    }
    keys = {name: picture_key(inputs.pictures[name]) for name in what.settings}
    weights = Path(what.plan.weights).read_bytes() if what.plan.weights else b""
    start = hashlib.sha256(weights).hexdigest()[:12]  # by content: the file may lie elsewhere tomorrow
    fits = []
    for fold in range(what.folds_run or what.folds):  # fold by fold: stopped early, whole folds are there
        for target in what.targets:
            train, test = folds[target][fold]
            for setting in what.settings:
                seed = _seed(what.plan.seed, setting, target, fold)
                plan = replace(what.plan, seed=seed)
                text = f"{FORMAT} {replace(plan, weights=start)} {keys[setting]} {labels[target].tolist()}"
                digest = hashlib.sha256(text.encode())
                digest.update(train.tobytes() + b"|" + test.tobytes())
                file = (
                    folder / f"{setting}.{target}.{what.fold_kind}.{fold:02d}.{digest.hexdigest()[:10]}.npz"
                )
                fits.append(_Fit(setting, target, fold, train, test, labels[target], plan, file))
    return fits


def picture_key(pictures: np.ndarray) -> str:
    r"""A short name of pictures by their content."""
    return hashlib.sha256(np.ascontiguousarray(pictures).data).hexdigest()[:12]


def _seed(base: int, setting: str, target: str, fold: int) -> int:
    text = f"{base} {setting} {target} {fold}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "little") // 2


def _run(number: int, fit: _Fit, pictures: np.ndarray) -> tuple[int, FitResult]:
    return number, fit_classifier(pictures, fit.labels, fit.train, fit.test, TARGETS[fit.target], fit.plan)


def _backend(cluster: str, workers: int) -> AbstractContextManager:
    if not cluster:
        return (
            parallel_config("loky", n_jobs=workers)
            if workers > 1
            else parallel_config("sequential", n_jobs=1)
        )
    return on_cluster(cluster)


def _write(file: Path, result: FitResult) -> None:
    with atomic_path(file) as part:
        np.savez(part, **asdict(result))


def _read(file: Path) -> FitResult:
    try:
        with np.load(file, allow_pickle=False) as stored:
            values = {name: stored[name] for name in stored.files}
        numbers = {name: values.pop(name).item() for name in ("cross_entropy", "seconds", "seen")}
        return FitResult(**numbers, **values)
    except (OSError, ValueError, EOFError, BadZipFile, KeyError, TypeError) as error:
        raise ValueError(
            f"{file} is not a whole result of a fit ({error}); remove it and run again"
        ) from error


def pooled(results: Sequence[FitResult]) -> tuple[np.ndarray, np.ndarray]:
    r"""Labels (T,) and probabilities (T, C) of the test rows of all folds together."""
    return np.concatenate([r.labels for r in results]), np.concatenate([r.probabilities for r in results])


def confusion(results: Sequence[FitResult]) -> np.ndarray:
    r"""(C, C) rows: true class, columns: most probable class; shares of the row, NaN for a class never
    tested.

    Args:
        results: of the folds of one setting and target.
    """
    labels, probabilities = pooled(results)
    n = probabilities.shape[1]
    counts = np.zeros((n, n))
    np.add.at(counts, (labels, probabilities.argmax(1)), 1)
    with np.errstate(invalid="ignore"):
        return counts / counts.sum(1, keepdims=True)


def images_per_second(results: Mapping[tuple[str, str], Iterable[FitResult]]) -> float:
    r"""Pictures trained on in a second of one fit, over all fits.

    Args:
        results: (setting, target) → a result per fold.
    """
    fits = [fit for part in results.values() for fit in part]
    return sum(fit.seen for fit in fits) / sum(fit.seconds for fit in fits)
