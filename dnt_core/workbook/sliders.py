r"""A picture with sliders beside it, made of plain ipywidgets: no ``interact`` and no ``Output``, which hang.

The picture comes from a plain function, values in and picture out. Where no kernel runs (GitHub, nbviewer, a
book) the cell shows the last picture as a still, with the values of the controls written below it.
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import ipywidgets

from dnt_core.plotting import png

Control = tuple[float, float, float] | list[str]
LINE = 16  # px from one line of a still's caption to the next


class PictureWithSliders(ipywidgets.HBox):
    r"""A picture that follows its sliders.

    Args:
        draw: called as ``draw(**values)`` with the value of every control; returns a picture as
            ``dnt_core.plotting.to_display`` takes it. Called in whatever thread the front end chooses, never
            twice at once.
        controls: name of an argument → (lowest, highest, first) for a slider, integers for whole steps; or a
            list of names, the first one chosen, for a menu.
        labels: name → what is written beside the control, with its direction ("happier →"); the name itself
            when missing.
        width: of the picture on the page, in CSS px.

    A mistake in ``draw`` is written under the sliders and raised again, so that a test that moves a slider
    fails.
    """

    def __init__(
        self,
        draw: Callable[..., Any],
        controls: Mapping[str, Control],
        labels: Mapping[str, str] | None = None,
        width: int = 256,
    ) -> None:
        self._draw, self._lock = draw, threading.Lock()
        self.controls = {
            name: _control(control, (labels or {}).get(name, name)) for name, control in controls.items()
        }
        self.image = ipywidgets.Image(format="png", width=width)
        self.message = ipywidgets.Label("")
        self.redraw()
        for control in self.controls.values():
            control.observe(self.redraw, names="value")
        super().__init__([self.image, ipywidgets.VBox([*self.controls.values(), self.message])])

    @property
    def values(self) -> dict[str, Any]:
        r"""What the controls stand at."""
        return {name: control.value for name, control in self.controls.items()}

    def redraw(self, change: Any = None) -> None:
        r"""Draw the picture for the values of now."""
        import torch

        with self._lock, torch.inference_mode():
            try:
                self.image.value = png(self._draw(**self.values))
                self.message.value = ""
            except Exception as error:
                self.message.value = f"{type(error).__name__}: {error}"
                raise

    def still(self) -> bytes:
        r"""The picture of now as a PNG, the values of the controls written below it."""
        from PIL import Image, ImageDraw

        with Image.open(io.BytesIO(self.image.value)) as opened:
            picture = opened.convert("RGB")
        width = max(int(self.image.width), picture.width)
        picture = picture.resize(
            (width, round(width * picture.height / picture.width)), Image.Resampling.BICUBIC
        )
        lines = _lines([f"{name} {_written(value)}" for name, value in self.values.items()], width)
        sheet = Image.new("RGB", (width, picture.height + LINE * len(lines) + LINE // 3), "white")
        sheet.paste(picture, (0, 0))
        draw = ImageDraw.Draw(sheet)
        for k, line in enumerate(lines):
            draw.text((2, picture.height + 2 + LINE * k), line, fill="#333333", font=_font())
        buffer = io.BytesIO()
        sheet.save(buffer, "PNG")
        return buffer.getvalue()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        still = base64.b64encode(self.still()).decode("ascii")
        data = {**(data or {}), "image/png": still, "text/plain": f"picture with sliders at {self.values}"}
        return (data, metadata) if isinstance(bundle, tuple) else data


def _control(control: Control, label: str) -> ipywidgets.Widget:
    common = {
        "description": label,
        "style": {"description_width": "11em"},
        "layout": ipywidgets.Layout(width="30em"),
    }
    if isinstance(control, list):
        return ipywidgets.Dropdown(options=control, value=control[0], **common)
    low, high, first = control
    if all(isinstance(v, int) for v in control):
        return ipywidgets.IntSlider(min=low, max=high, value=first, **common)
    return ipywidgets.FloatSlider(
        min=low, max=high, value=first, step=(high - low) / 100, readout_format=".2f", **common
    )


@cache
def _font() -> Any:
    from matplotlib import font_manager
    from PIL import ImageFont

    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), 12)


def _written(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _lines(parts: list[str], width: int) -> list[str]:
    r"""Parts with commas between them, in lines of at most ``width`` px where a part alone is not longer."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]}, {part}"
        if _font().getlength(longer) <= width - 12:
            lines[-1] = longer
        else:
            lines[-1] += ","
            lines.append(part)
    return lines
