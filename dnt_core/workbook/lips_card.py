r"""What was found on the lips of a happy face, from its record, for the page of notebook 04's experiments."""

from __future__ import annotations

from pathlib import Path

from dnt_core.plain_files import read_json


def lips_card(weights: Path) -> str:
    r"""Two readers of the same pictures, and what the loss sees of such a mouth, in Markdown.

    Args:
        weights: the folder with ``lips_in_happy.json``.
    """
    found = read_json(weights / "lips_in_happy.json", dict)
    geometry, n = found["from_geometry"], found["moments"]
    rows = [
        "| read by | drawn | acted (control) | drawn, the notebook's 30 moments | acted |",
        "|---|---|---|---|---|",
    ]
    for name, one in found["readers"].items():
        told = [
            f"{one[w]:.2f} [{', '.join(f'{x:.2f}' for x in one[f'{w}_ends'])}]" for w in ("drawn", "acted")
        ]
        told += [f"{one[f'{w}_30']:.2f}" for w in ("drawn", "acted")]
        rows.append(f"| {name} | {' | '.join(told)} |")
    heads = {
        "closed": "lips closed, as for p, b, m",
        "rest": "at rest",
        "open": "speech opens them by 3 mm or more",
    }
    wide = [
        f"| opening, mm | {' | '.join(f'{text} ({n[k]})' for k, text in heads.items())} |",
        "|---|---|---|---|",
    ]
    wide += [
        f"| {name} | {' | '.join(f'{one[k]:.1f}' for k in heads)} |"
        for name, one in found["opening_mm"].items()
    ]
    covers = ", ".join(f"{name} {share:.0%}" for name, share in found["mouth_weight_covers"].items())
    trial = found["trial"]
    told = {
        name: "from {:.2f} to {:.2f}".format(*trial[name])
        for name in ("mouth_happy", "mouth", "picture", "ce_type")
    }
    parts = [
        "## Do the lips of a happy face follow the speech?",
        f"Measured by hand on {found['date']}: {found['what']}. Two readers look at the same pictures. The "
        "*lip reader* is that of notebook 04. The *colour count* counts "
        f"{found['colour_count']}. Correlation with the actor's true opening:",
        "\n".join(rows),
        "On acted pictures the readers differ little, on drawn ones much. So a reader that is good on film "
        "can be wrong on drawn pictures, and the control does not show it. How low the number is depends on "
        "the reader. In both the drawn lips stay behind the acted ones, and this part is the generator's: it "
        "opens the mouth less far than the actor does. Where his lips close, a thin pale line of teeth "
        "stays, which one sees and which the colour count misses.",
        "\n".join(wide),
        "f_d does not take the speech away. From the mouth landmarks of its geometry one can tell the happy "
        f"actor's opening with a correlation of {geometry['correlation']:.2f} ({geometry['rms_mm']:.1f} mm "
        f"off, root mean square; {geometry['how']}).",
        "One thing in the recipe may be why the generator uses less of it. The loss weighs the mouth hole of "
        "the *decoupled* geometry, and where the smile shows teeth that hole is shut. Share of what lies "
        f"inside the filmed lips that the weight reaches, at full intensity: {covers}.",
        f"So it was tried on {trial['date']}: {trial['what']}. PSNR on {trial['clips']} held-out clips, one "
        f"for each expression and level, where {trial['measured']}: {told['mouth']} dB in the mouth "
        f"({trial['clips_better']} clips are better), {told['mouth_happy']} dB in the mouth of happy at full "
        f"intensity, {told['picture']} dB in the whole picture. The cross-entropy of the type went "
        f"{told['ce_type']}. {_verdict(trial)}",
    ]
    return "\n\n".join(parts)


def _verdict(trial: dict) -> str:
    """Does more weight on the filmed mouth help happy?"""
    before, after = trial["mouth_happy"]
    helps = "better" if after > before else "no better"
    return f"So with one seed the happy mouth is {helps} for it, in the one clip that tests it."
