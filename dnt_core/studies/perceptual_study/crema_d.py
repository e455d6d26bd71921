r"""A real crowd: CREMA-D's published votes, scored by the same s = Mx.

91 actors spoke "It's eleven o'clock" (IEO) in five emotions at three intended intensities (LO, MD, HI). For
each clip, seen without sound (face), heard only (voice), or both (audio-visual), about ten people named an
emotion and how strong it was, 0 … 100. Nobody ordered clips, so orders are made of the votes, and the roles
change:

=====================  ==========================================================================
in the study           here
=====================  ==========================================================================
clip's true intensity  what the actor *intended*: LO, MD, HI read as 0.33, 0.67, 1 (our assumption)
clip's place           of the crowd's mean perceived intensity among the three clips of one actor
observer (order M_i)   one *actor*, as seen by the crowd; the extract has no single voter's answers
group                  one modality and emotion
identity (shape)       the modality
=====================  ==========================================================================

"Perceived" is the intensity of the intended emotion, a vote for another counting 0
(``measure="intended"``), so a stronger play of disgust that people take for anger scores lower; or of any
emotion but neutral (``"any"``).

The data can say whether stronger intentions look stronger to people, in face against voice against both,
and how far from y = x a real crowd with real actors falls. It cannot say how well single observers order
clips (the crowd's mean is less noisy than a person), cannot part the actors' failures from the crowd's, and
says nothing of generated clips. Intervals are over actors. Its source, by a user's own download, is CREMA-D
(Cao et al. 2014, ODbL 1.0); no row of it is kept in this repository.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dnt_core.assets import ASSETS, find_asset
from dnt_core.ciec import LEVEL_INTENSITY
from dnt_core.paths import path_of_variable
from dnt_core.studies.perceptual_study.orders import GroupOrders

ATTRIBUTION = "CREMA-D (Cao et al. 2014), ODbL 1.0"
MODALITIES = ("face", "voice", "audio-visual")
LEVELS = ("LO", "MD", "HI")

_EMOTIONS = {  # in the file's name → (our name, column of its votes, column of its mean intensity)
    "ANG": ("angry", "A", "meanAngerResp"),
    "DIS": ("disgusted", "D", "meanDisgustResp"),
    "FEA": ("fear", "F", "meanFearResp"),
    "HAP": ("happy", "H", "meanHappyResp"),
    "SAD": ("sad", "S", "meanSadResp"),
}
_NEEDED = ["fileName", "numResponses", *(c for _, *columns in _EMOTIONS.values() for c in columns)]
_FILES = ("ieo_votes.csv", "tabulatedVotes.csv", "processedResults/tabulatedVotes.csv")


def find_votes(path: str | os.PathLike | None = None) -> Path | None:
    r"""The votes' file: ``path`` (file or folder), else what the environment variable DNT_CREMA_D names,
    else a folder CREMA-D or crema_d among the assets (``dnt_core.assets``), else None.

    ValueError when a path or the variable was given but there is no such file.
    """
    variable = ASSETS["crema_d"].variable
    named = path or os.environ.get(variable)
    given = path_of_variable(variable, os.fspath(named)) if named else find_asset("crema_d")
    for candidate in (given, *(given / name for name in _FILES)) if given else ():
        if candidate.is_file():
            return candidate
    if named:
        raise ValueError(f"{given}: found no CREMA-D votes; expected one of {', '.join(_FILES)}")
    return None


def read_votes(path: str | os.PathLike) -> pd.DataFrame:
    r"""Perceived intensities of the IEO clips, from CREMA-D's ``tabulatedVotes.csv`` or an extract of it.

    Returns:
        Table ``actor, modality, expression, level, votes, intended_votes, intended, any``: ``votes`` the
        people asked, ``intended_votes`` those who named the intended emotion, ``intended`` and ``any`` ∈
        [0, 1] the crowd's mean intensity of it and of all emotions but neutral (other votes count 0; the
        file's −1 means that nobody named that emotion). A tie of the majority vote (``emoVote`` such as
        ``A:D``) does not matter: it is not used.

    Raises:
        ValueError: not such a file, a clip without votes, a mean outside 0 … 100, a clip listed twice, no
            IEO clip.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected CREMA-D's tabulatedVotes.csv or an extract of it")
    try:
        raw = pd.read_csv(path)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path} is no CSV of CREMA-D's votes: {error}") from error
    missing = [c for c in _NEEDED if c not in raw.columns]
    if missing:
        raise ValueError(f"{path}: no column {', '.join(missing)}; expected CREMA-D's tabulatedVotes.csv")
    if "modality" not in raw.columns:  # the original: the row's number, its 100,000s digit is 1, 2 or 3
        digit = pd.to_numeric(raw.iloc[:, 0], errors="coerce") // 100_000
        raw["modality"] = digit.map({1: "voice", 2: "face", 3: "audio-visual"})
    rows = []
    for line, row in enumerate(raw.to_dict("records"), start=2):
        parts = str(row["fileName"]).split("_")
        if len(parts) != 4 or parts[1] != "IEO" or parts[2] not in _EMOTIONS or parts[3] not in LEVELS:
            continue  # other sentences have no intended level; neutral has none either
        where = f"{path}, line {line}, clip {row['fileName']}"
        try:
            votes = float(row["numResponses"])
            row |= {c: float(row[c]) for _, *columns in _EMOTIONS.values() for c in columns}
        except (TypeError, ValueError) as error:
            raise ValueError(f"{where}: a count of votes or a mean is not a number ({error})") from error
        if row["modality"] not in MODALITIES:
            raise ValueError(
                f"{where}: modality {row['modality']!r} is unknown, expected {', '.join(MODALITIES)}"
            )
        share = {}
        for expression, count, mean in _EMOTIONS.values():
            named, strength = float(row[count]), float(row[mean])
            if not votes >= 1 or not 0 <= named <= votes:
                raise ValueError(f"{where}: {named:g} of {votes:g} votes for {expression} is impossible")
            if named and not 0 <= strength <= 100:
                raise ValueError(
                    f"{where}: the mean intensity {strength:g} of {expression} is not in 0 … 100"
                )
            share[expression] = named / votes * strength / 100 if named else 0.0
        expression, count, _ = _EMOTIONS[parts[2]]
        actor, level = parts[0], parts[3]
        rows.append(
            (actor, row["modality"], expression, level, int(votes), int(row[count]))
            + (share[expression], sum(share.values()))
        )
    columns = ["actor", "modality", "expression", "level", "votes", "intended_votes", "intended", "any"]
    table = pd.DataFrame(rows, columns=columns)
    if table.empty:
        raise ValueError(f"{path}: no clip of the sentence IEO with an intended level (LO, MD, HI)")
    clip = ["actor", "modality", "expression", "level"]
    for _, twice in table[table.duplicated(clip)].iterrows():
        raise ValueError(f"{path}: the clip {' '.join(twice[clip])} is listed twice")
    return table


def crowd_orders(
    votes: pd.DataFrame,
    ties: str = "share",
    measure: str = "intended",
    modalities: Sequence[str] = MODALITIES,
) -> list[GroupOrders]:
    r"""Orders of each actor's LO, MD, HI clips by perceived intensity, a group per modality and emotion.

    Args:
        votes: as ``read_votes`` gives them.
        ties: ``"share"``: tied clips share the places they take, each half or a third of them, so that
            every actor counts; ``"drop"``: actors with a tie are left out of that group.
        measure: ``"intended"``: perceived intensity of the intended emotion; ``"any"``: of any but neutral.
        modalities: which, in this sequence.

    Actors who lack one of the three clips are left out of the group.
    """
    if ties not in ("share", "drop"):
        raise ValueError(f"ties must be 'share' or 'drop', got {ties!r}")
    if measure not in ("intended", "any"):
        raise ValueError(f"measure must be 'intended' or 'any', got {measure!r}")
    groups = []
    for modality in modalities:
        for expression, _, _ in _EMOTIONS.values():
            perceived = _by_actor(votes, modality, expression, measure)
            if ties == "drop":
                perceived = perceived[~_has_tie(perceived)]
            if perceived.empty:
                continue
            groups.append(
                GroupOrders(
                    group=f"{modality}/{expression}",
                    identity=modality,
                    expression=expression,
                    clips=LEVELS,
                    intensity=np.array(list(LEVEL_INTENSITY.values())),
                    observers=tuple(f"actor-{a}" for a in perceived.index),
                    matrices=shared_places(perceived.to_numpy()),
                )
            )
    if not groups:
        raise ValueError(
            "the votes hold no actor with all of LO, MD and HI" + (" and no tie" * (ties == "drop"))
        )
    return groups


def shared_places(values: np.ndarray) -> np.ndarray:
    r"""Order matrices (k, m, m) of values (k, m); t clips of equal value share t places, 1/t of each."""
    values = np.asarray(values, dtype=float).round(9)
    below = (values[:, None, :] < values[:, :, None]).sum(axis=2)[..., None]  # (k, m, 1) first place, from 0
    tied = (values[:, None, :] == values[:, :, None]).sum(axis=2)[..., None]  # (k, m, 1) how many share
    place = np.arange(values.shape[1])
    return ((place >= below) & (place < below + tied)) / tied


def _by_actor(votes: pd.DataFrame, modality: str, expression: str, measure: str) -> pd.DataFrame:
    rows = votes[(votes["modality"] == modality) & (votes["expression"] == expression)]
    return rows.pivot(index="actor", columns="level", values=measure).reindex(columns=LEVELS).dropna()


def _has_tie(perceived: pd.DataFrame) -> np.ndarray:
    return (np.diff(np.sort(perceived.to_numpy().round(9), axis=1), axis=1) == 0).any(axis=1)
