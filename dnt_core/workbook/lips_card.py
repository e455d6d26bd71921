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
    ways = [
        f"{way} {one['psnr_lips']:.2f} dB and {one['follow']:.2f}"
        for way, one in trial.items()
        if way != "what"
    ]
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
        f"A small trial cannot tell whether another place of the weight helps: {trial['what']}. PSNR around "
        f"the lips, and the correlation by colour count: {'; '.join(ways)}. The box is ahead of the hole, "
        "and both are behind what they began with.",
    ]
    return "\n\n".join(parts)
