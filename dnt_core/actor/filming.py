r"""Filming: performances written as clips in MEAD's folder layout, with sound, and the truth beside each clip.

::

    <actor>/video/front/<emotion>/level_<n>/<NNN>.mp4          H.264 with sound
    <actor>/video/front/<emotion>/level_<n>/<NNN>.face3d.npz   257 numbers a frame, intensity, landmarks
    <actor>/audio/<emotion>/level_<n>/<NNN>.m4a                AAC
    manifest.json                                              plan, seed, knobs, what is said in each clip
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, delayed
from tqdm.auto import tqdm

from dnt_core.actor.film_frame import FilmRenderer
from dnt_core.actor.knobs import Knobs
from dnt_core.actor.people import PEOPLE, get_person
from dnt_core.actor.performance import Performance, perform
from dnt_core.actor.speech import Sentence, sentences_within, synthesize
from dnt_core.atomic_write import write_json
from dnt_core.ciec import EXPRESSIONS, LEVEL_INTENSITY, check_intensity, intensity_to_level
from dnt_core.clips import FaceCache, provenance_record, write_audio, write_face_cache, write_video
from dnt_core.face3d.camera import PerspectiveCamera, pose
from dnt_core.face3d.procedural import bases, flat_domain

FORMAT = 1  # raised when the same plan gives other pictures


@dataclass(frozen=True)
class FilmPlan:
    r"""What is filmed.

    Args:
        actors: names of :data:`PEOPLE`. clips_per_cell: clips of every (expression, level). seconds, fps: length and
            rate of every clip. image_size: even, px. intensities: None films MEAD's levels 1–3 (neutral: level 1);
            numbers in [0, 1] film the seven expressions at these intensities, in folders ``level_<3·intensity>``.
        seed: everything random follows from it. knobs: see :class:`Knobs`.

    Raises:
        ValueError: a value out of range.
    """

    actors: tuple[str, ...] = ("M003",)
    clips_per_cell: int = 1
    seconds: float = 1.0
    fps: float = 30.0
    image_size: int = 128
    intensities: tuple[float, ...] | None = None
    seed: int = 0
    knobs: Knobs = field(default_factory=Knobs)

    def __post_init__(self) -> None:
        for actor in self.actors:
            get_person(actor)
        if self.clips_per_cell < 1 or self.fps <= 0:
            raise ValueError(
                f"a film plan needs clips and frames, got {self.clips_per_cell} clips at {self.fps} fps"
            )
        if self.image_size % 2:
            raise ValueError(f"H.264 needs an even image size, got {self.image_size} px")
        if not sentences_within(self.seconds):
            raise ValueError(f"no sentence is as short as {self.seconds} s; clips need at least 0.7 s")
        for intensity in self.intensities or ():
            if check_intensity(intensity, "film plan's intensity") == 0.0:
                raise ValueError(
                    "intensity 0 is the neutral expression, which a film without intensities contains"
                )

    @property
    def n_frames(self) -> int:
        r"""Frames a clip."""
        return max(1, round(self.seconds * self.fps))

    def shots(self) -> list[Shot]:
        r"""Every clip of the plan, in the order of filming."""
        if self.intensities is None:
            cells = [
                (e, lv, x)
                for e in EXPRESSIONS
                for lv, x in LEVEL_INTENSITY.items()
                if e != "neutral" or lv == 1
            ]
            cells = [(e, str(lv), 0.0 if e == "neutral" else x) for e, lv, x in cells]
        else:
            cells = [
                (e, f"{intensity_to_level(x):.4g}", x)
                for e in EXPRESSIONS
                if e != "neutral"
                for x in self.intensities
            ]
        numbers = range(1, self.clips_per_cell + 1)
        return [Shot(a, e, level, x, n) for a in self.actors for e, level, x in cells for n in numbers]

    def sentence(self, number: int) -> Sentence:
        r"""What is said in clip ``number`` of every cell: the same words in every expression."""
        choice = sentences_within(self.seconds)
        return choice[(number - 1 + self.seed) % len(choice)]


@dataclass(frozen=True)
class Shot:
    r"""One clip: who, which expression, the folder's level, the intensity, the clip's number."""

    actor: str
    expression: str
    level: str
    intensity: float
    number: int

    def video(self, root: Path) -> Path:
        r"""Where the mp4 goes."""
        return (
            root
            / self.actor
            / "video"
            / "front"
            / self.expression
            / f"level_{self.level}"
            / f"{self.number:03d}.mp4"
        )

    def audio(self, root: Path) -> Path:
        r"""Where the m4a goes."""
        return (
            root / self.actor / "audio" / self.expression / f"level_{self.level}" / f"{self.number:03d}.m4a"
        )


def shot_seed(plan: FilmPlan, shot: Shot) -> int:
    r"""The seed of one clip: differs between all clips, the same in every run."""
    cell = [
        EXPRESSIONS.index(shot.expression),
        round(1e4 * shot.intensity),
        shot.number,
        list(PEOPLE).index(shot.actor),
    ]
    return int(np.random.SeedSequence([plan.seed, *cell]).generate_state(1)[0])


def act(plan: FilmPlan, shot: Shot) -> tuple[Performance, np.ndarray]:
    r"""The performance of a shot and its sound, (N,) float32 at 16 kHz."""
    voice = get_person(shot.actor).voice
    speech = synthesize(plan.sentence(shot.number), plan.seed, voice, shot.expression, shot.intensity)
    performance = perform(
        shot.actor,
        shot.expression,
        shot.intensity,
        speech,
        plan.fps,
        plan.n_frames,
        shot_seed(plan, shot),
        plan.knobs,
    )
    return performance, speech.fitted(plan.fps, plan.n_frames).waveform


def truth(performance: Performance, image_size: int) -> FaceCache:
    r"""What a perfect reconstruction of the clip would know, in the format of a reconstruction's cache."""
    at = flat_domain.landmarks_flat()
    beta = performance.expression_coefficients
    shape = (
        bases.mean_position(at)
        + bases.identity_basis(at) @ performance.identity
        + np.einsum("lck,tk->tlc", bases.expression_basis(at), beta)
    )
    angles, shift = (torch.from_numpy(performance.pose[:, part]) for part in (slice(0, 3), slice(3, 6)))
    landmarks = PerspectiveCamera(image_size).project(pose(torch.from_numpy(shape), angles, shift))[..., :2]
    return FaceCache(
        parameters=performance.storage_vectors(reconstructed=True),
        fps=performance.fps,
        face_model=f"procedural:{performance.knobs.mesh_resolution}",
        source=f"built-in actor, reconstruction_noise {performance.knobs.reconstruction_noise:g}",
        image_size=(image_size, image_size),
        landmarks=landmarks.numpy().astype(np.float32),
        truth_parameters=performance.storage_vectors(reconstructed=False),
        speech_expression=performance.speech_expression.astype(np.float32),
        truth_intensity=performance.intensity.astype(np.float32),
    )


def film_shot(plan: FilmPlan, shot: Shot, root: Path) -> None:
    r"""Film one clip; the mp4 comes last, so that a clip with an mp4 is whole."""
    performance, sound = act(plan, shot)
    write_face_cache(shot.video(root), truth(performance, plan.image_size))
    write_audio(shot.audio(root), sound)
    renderer = FilmRenderer(plan.image_size)
    frames = (renderer.frame(performance, i) for i in range(plan.n_frames))
    record = provenance_record(
        "dnt film", actor=shot.actor, expression=shot.expression, intensity=shot.intensity, seed=plan.seed
    )
    write_video(shot.video(root), frames, plan.fps, audio=sound, mark=False, provenance=record)


def _manifest(plan: FilmPlan) -> dict:
    sentences = {f"{n:03d}": plan.sentence(n).text for n in range(1, plan.clips_per_cell + 1)}
    described = asdict(plan) | {
        "actors": list(plan.actors),
        "intensities": list(plan.intensities or ()) or None,
    }
    return {
        "made_by": "dnt film",
        "synthetic": True,
        "format": FORMAT,
        "plan": described,
        "sentences": sentences,
    }


def _check_manifest(root: Path, manifest: dict) -> None:
    path = root / "manifest.json"
    if path.exists():
        try:
            there = json.loads(path.read_text())
        except ValueError as error:
            raise ValueError(
                f"{path} is not JSON ({error}); expected the manifest of an earlier film"
            ) from error
        same = {
            k: v
            for k, v in there.get("plan", {}).items()
            if k not in ("actors", "clips_per_cell", "intensities")
        }
        wanted = {k: v for k, v in manifest["plan"].items() if k in same}
        if there.get("format") != manifest["format"] or same != wanted:
            differ = sorted(k for k in wanted if same[k] != wanted[k]) or ["format"]
            raise ValueError(
                f"{root} holds another film (it differs in {', '.join(differ)}); choose another folder or remove it"
            )
    write_json(path, manifest)


def film(out: str | os.PathLike, plan: FilmPlan, progress: bool = True, jobs: int | None = None) -> Path:
    r"""Film every shot of a plan that is not there yet.

    Args:
        out: folder in MEAD's layout; made if missing. An interrupted film goes on where it stopped, a film with more
            clips, actors or intensities of the same plan is added to. jobs: clips filmed side by side (default: a
            thread for every core).

    Returns:
        ``out`` as a path.

    Raises:
        ValueError: the folder holds a film of another seed, size or knobs; nothing in it is changed.
    """
    root = Path(out)
    root.mkdir(parents=True, exist_ok=True)
    _check_manifest(root, _manifest(plan))
    missing = [shot for shot in plan.shots() if not shot.video(root).exists()]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the threads film clips side by side; torch's own would stand in their way
    try:
        pool = Parallel(
            n_jobs=jobs or os.cpu_count() or 1, backend="threading", return_as="generator_unordered"
        )
        work = pool(delayed(film_shot)(plan, shot, root) for shot in missing)
        bar = tqdm(
            work,
            total=len(missing),
            desc=f"filming {root.name}",
            unit="clip",
            disable=not progress or not missing,
        )
        for _ in bar:
            pass
    finally:
        torch.set_num_threads(threads)
    return root
