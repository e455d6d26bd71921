r"""``dnt evaluate``: one row of table 2 for anybody's weights."""

from __future__ import annotations

import sys
from pathlib import Path

from dnt_core.checkpoint import read_notes
from dnt_core.clips import read_face_cache
from dnt_core.face3d import check_face_model
from dnt_core.metrics.image_metrics import drawn_by
from dnt_core.metrics.intervals import clip_interval
from dnt_core.paths import runs_folder
from dnt_core.studies.table2.films import SIZES, FilmSizes, actor_clips, split_in_two, users_clips
from dnt_core.studies.table2.judges import Judges, judge_data
from dnt_core.studies.table2.row import EXTRA, METRICS, Tools, found_syncnet, measure_rows
from dnt_core.studies.table2.shipped import shipped_judges, shipped_sync
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.two_steps import (
    SECOND_STEPS,
    edit_of,
    in_two_steps,
    load_second_step,
    neutral_video,
)
from dnt_core.training.generator_weights import open_generator
from dnt_core.training.preprocessing import with_a_face
from dnt_core.training.sync_network import load_sync_network


def evaluate_weights(
    weights: Path,
    data: Path | None = None,
    judges: Path | None = None,
    sync: Path | None = None,
    first_step: Path | None = None,
    folder: Path | None = None,
    sizes: FilmSizes = SIZES["laptop"],
    progress: bool = True,
) -> dict[str, dict[str, float]]:
    r"""Measures weights on clips that did not train them.

    Args:
        weights: of ``dnt train generator``, of ``dnt train table2``, or a second step's.
        data: clips in MEAD's layout that the weights have not seen. Those seen from the front test; without
            ``judges``, half of them fit the judges, and each expression and level needs several. None: the
            built-in actor's test film of Table 2, which is filmed where it is missing.
        judges: a file of judges; None: new ones beside ``data``, else the actor's shipped ones, or new ones.
        sync: a sync network; None: the shipped one of the actor if there is one, else no CSS. Where SyncNet's
            own weights are an asset, its CSS is measured beside.
        first_step: the generator in front of a second step.
        folder: for films and prepared clips; None: ``runs/table2/evaluate``.
        sizes: of the built-in actor's films.

    Returns:
        metric → ``mean``, ``low``, ``high`` (95 % over clips) and ``clips``, how many had the number; and
        ``about`` with the size and number of clips.

    Raises:
        FileNotFoundError: no such weights, or no f_d beside them.
        ValueError: weights that do not say whose they are; a second step without ``first_step``; clips of
            another face model than the weights'.
    """
    folder = Path(folder or runs_folder() / "table2" / "evaluate")
    generator_file, second = weights, None
    if set(read_notes(weights)[1]) & set(SECOND_STEPS):
        if first_step is None:
            raise ValueError(f"{weights} is a second step; name the generator of the first with --first-step")
        generator_file, second = first_step, load_second_step(weights)
    from dnt_core.actor import PEOPLE  # filmed only where nobody's clips are given

    opened = open_generator(generator_file)
    if opened.identity is None and data is None:
        raise ValueError(f"{generator_file} does not say whose generator it holds; give --data")
    if data is None and opened.identity not in PEOPLE:
        raise ValueError(f"{generator_file} is of {opened.identity!r}, whom nobody has filmed; give --data")
    network, size = opened.decoupling(), opened.image_size
    given = None if judges is None else Judges.load(judges)  # before films are made, which takes minutes
    tells_sync = load_sync_network(sync) if sync else shipped_sync(opened.identity)
    if data is None:
        parts = {"test": actor_clips(str(opened.identity), "test", folder, sizes, progress)}
    else:
        given_clips = users_clips(data, opened.identity)
        told = set()
        for clip in given_clips:
            cache = read_face_cache(clip.face_cache)
            check_face_model(opened.face_model, cache.face_model, generator_file, clip.face_cache)
            if (said := opened.stranger(clip.video, cache.source)) and not told:
                print(said, file=sys.stderr)
                told.add(said)
        usable = with_a_face(given_clips)
        parts = {"test": usable} if given else split_in_two(usable)
    clips = TestClips(parts["test"], folder / "prepared", size, network, progress)
    tools = Tools(
        clips,
        given or _judges(opened.identity, data, parts, folder, size, sizes, progress),
        tells_sync,
        found_syncnet(),
    )
    decoupled = network is not None
    draw = drawn_by(opened.generator)
    if second is not None:
        draw = in_two_steps(neutral_video(opened.generator), edit_of(*second[:2]))
    row = measure_rows({"it": Method(draw, decoupled)}, tools)["it"]
    found = {}
    for name in (*METRICS, *EXTRA):
        values = [x for x in row.get(name, ()) if x == x]
        if values:
            found[name] = clip_interval(row[name])._asdict() | {"clips": len(values)}
    return found | {"about": {"image_size": size, "clips": len(clips.clips)}}


def _judges(identity, data, parts, folder, size, sizes, progress) -> Judges:
    if data is not None:
        return Judges.fit(judge_data(parts["judges"], folder / "prepared", size, progress))
    if (shipped := shipped_judges(str(identity))) is not None:
        return shipped
    kept = folder / f"judges_{identity}_{size}.safetensors"
    if not kept.exists():
        clips = actor_clips(str(identity), "judges", folder, sizes, progress)
        Judges.fit(judge_data(clips, folder / "prepared", size, progress)).save(kept)
    return Judges.load(kept)
