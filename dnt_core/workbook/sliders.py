r"""A picture with sliders beside it, made of plain ipywidgets: no ``interact`` and no ``Output``, which hang.

The picture comes from a plain function, values in and picture out. Where no kernel runs (GitHub, nbviewer, a
book) the cell shows the last picture as a still, with the values of the controls written below it.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from dnt_core.plotting import png
from dnt_core.plotting.captions import captioned, with_still

Control = tuple[float, float, float] | list[str]


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
        r"""The picture of now as a PNG, the values of the controls written below it, by their labels."""
        return _still(self.image, self._labelled())

    def _labelled(self) -> dict[str, Any]:
        r"""What is written beside each control → what it stands at."""
        return {control.description: control.value for control in self.controls.values()}

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return _shown(super()._repr_mimebundle_(**options), self.still(), self._labelled())


class ColumnWithStill(ipywidgets.VBox):
    r"""A picture and the sliders that a notebook made for it, below each other.

    Args:
        image: the picture.
        sliders: widgets with a ``description`` and a ``value``.

    Where no kernel runs, the cell shows the last picture as a still, with the sliders' values below it.
    """

    def __init__(self, image: ipywidgets.Image, *sliders: Any) -> None:
        self._image, self._sliders = image, sliders
        super().__init__([image, *sliders])

    @property
    def values(self) -> dict[str, Any]:
        r"""Each slider's description → its value."""
        return {slider.description: slider.value for slider in self._sliders}

    def _repr_mimebundle_(self, **options: Any) -> Any:
        still = _still(self._image, self.values)
        return _shown(super()._repr_mimebundle_(**options), still, self.values)


def _still(image: ipywidgets.Image, values: Mapping[str, Any]) -> bytes:
    r"""The picture of an image widget as a PNG, in the widget's width, with values written below it."""
    from PIL import Image

    with Image.open(io.BytesIO(image.value)) as opened:
        picture = opened.convert("RGB")
    width = max(int(image.width), picture.width)
    picture = picture.resize((width, round(width * picture.height / picture.width)), Image.Resampling.BICUBIC)
    return captioned(picture, [f"{name} {_written(value)}" for name, value in values.items()])


def _shown(bundle: Any, still: bytes, values: Mapping[str, Any]) -> Any:
    return with_still(bundle, f"picture with sliders at {values}", still)


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


def _written(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
