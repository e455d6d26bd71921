r"""``dnt talk``: a sound or a text in, a talking face out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.face_model import OfWeights, expect_face_model
from dnt_core.cli.guard import MOST_SEED, MOST_SIDE, lazy_import, one_line_errors


@one_line_errors
def talk(
    out: Annotated[Path, typer.Option("--out", help="The mp4 to write.")] = Path("talk.mp4"),
    audio: Annotated[
        Path | None, typer.Option(help="Sound: wav, mp3, m4a, ogg, opus, a video's track.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Words to speak, in place of --audio.")] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Language of --text, as espeak-ng names it, such as de; English by default."),
    ] = None,
    expression: Annotated[
        str,
        typer.Option(
            help='Path over time such as "happy:0->1->0, sad:0->0.8" or, with times, "happy:0@0.5s->1@2s"; '
            "or auto: what the voice sounds like."
        ),
    ] = "neutral:0",
    actor: Annotated[
        str | None, typer.Option(help="Whose face, by name; M003, or whom --weights are of, by default.")
    ] = None,
    clip: Annotated[
        Path | None,
        typer.Option(
            help="mp4 whose head and background are taken, its .face3d.npz beside it; the built-in actor "
            "at rest by default."
        ),
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="A generator's file; the actor's by default.")] = None,
    size: Annotated[
        int | None,
        typer.Option(
            min=16,
            max=MOST_SIDE,
            help="Side of the picture in px; the largest that there are weights for by default.",
        ),
    ] = None,
    lips: Annotated[
        str | None,
        typer.Option(
            help="built-in (the default), wav2lip, weights of `dnt train lips` (.safetensors), or a file of "
            "lips: .face3d.npz, .npy, .npz, .csv, or blend shapes in .csv or .json (docs/api.md)."
        ),
    ] = None,
    lips_fps: Annotated[
        float | None,
        typer.Option(min=1, max=1000, help="Frames per second of a --lips FILE that does not say."),
    ] = None,
    face_model: OfWeights = None,
    mark: Annotated[bool, typer.Option(help="Burn the visible SYNTHETIC mark into every frame.")] = True,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the blinks.")] = 0,
) -> None:
    """Make a face say a sound with an expression over time; a stopped run goes on where it was."""
    from tqdm.auto import tqdm

    expect_face_model(face_model, [weights])
    make = lazy_import("dnt_core.talking.film", "talk")
    with tqdm(desc=f"talk {out.name}", unit="frame", disable=None) as bar:

        def tell(line: str) -> None:
            bar.write(line)

        def progress(done: int, total: int) -> None:
            if bar.total != total:
                bar.total, bar.initial = total, done - 1
                bar.n = done - 1
                bar.unpause()
            bar.update(done - bar.n)

        given = dict(
            text=text,
            language=language,
            actor=actor,
            clip=clip,
            weights=weights,
            size=size,
            mark=mark,
            seed=seed,
        )
        try:
            made = make(
                audio, expression, out, lips=_lips(lips, lips_fps), progress=progress, tell=tell, **given
            )
        except KeyboardInterrupt:
            bar.close()
            typer.secho(f"dnt: stopped before {out} was written; the same command goes on", err=True)
            raise typer.Exit(130) from None
    typer.echo(str(made))


def _lips(given: str | None, fps: float | None):
    """None, the name of a way from sound to lips or its weights, or the lips of a file."""
    if given is None or Path(given).suffix in ("", ".safetensors"):
        if fps is not None:
            raise ValueError("--lips-fps is of a file of lips in --lips, and none was given")
        return given
    return lazy_import("dnt_core.audio.given", "GivenLips")(given, fps)
