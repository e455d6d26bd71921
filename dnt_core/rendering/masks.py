r"""Where the face is, where its mouth hole is, and the frame without both (the background input of section
4.2)."""

import torch
from torch.nn import functional as F

from dnt_core.rendering.mesh_check import image_shape
from dnt_core.rendering.polygon_numba import fill_polygon
from dnt_core.rendering.precision import as_mask, check_pictures, exact_dtype
from dnt_core.rendering.rasterizer import Fragments


def face_mask(fragments: Fragments) -> torch.Tensor:
    r"""(B, 1, H, W) float: 1 on pixels that show the face's surface, 0 elsewhere (the mouth hole
    included).

    Args:
        fragments: of B pictures.
    """
    return (fragments.pix_to_face[..., 0] >= 0).to(fragments.bary_coords.dtype)[:, None]


def mouth_mask(
    screen: torch.Tensor,
    mouth_loop: torch.Tensor,
    image_size: int | tuple[int, int],
    fragments: Fragments | None = None,
) -> torch.Tensor:
    r"""The mouth hole: pixel centres inside the polygon that the mesh's inner loop projects to (even-odd
    rule).

    Pixel centres on the polygon's left and top edges belong to it, as in the rasteriser; so hole and surface
    part the pixels between them exactly: no pixel in both and none lost, as long as nothing of the face hangs
    over the hole.

    Args:
        screen: (B, V, 3) float, (col, row, z_cam).
        mouth_loop: (K,) integer, the loop's vertices in order.
        image_size: pixels, H = W, or (H, W).
        fragments: when given, pixels that show the face (a lip in front of the hole on a turned head) are
            left out.

    Returns:
        (B, 1, H, W) float of 0 and 1, dtype of ``screen``; not differentiable.

    Raises:
        ValueError: fewer than three vertices in the loop.
    """
    height, width = image_shape(image_size)
    if mouth_loop.ndim != 1 or len(mouth_loop) < 3:
        raise ValueError(
            f"mouth_loop has shape {tuple(mouth_loop.shape)}; expected (K,) with K of at least 3"
        )
    mask = screen.new_zeros(screen.shape[0], 1, height, width)
    loops = screen.detach()[:, mouth_loop.long().to(screen.device), :2].to(exact_dtype(screen.device))
    for image, loop in zip(mask[:, 0], loops, strict=True):
        if image.is_cpu:  # the same numbers, without a picture for every edge
            fill_polygon(loop.numpy(), image.numpy())
            continue
        limit = loop.new_tensor([width, height])
        first = loop.amin(0).ceil().maximum(torch.zeros_like(limit)).minimum(limit).long().tolist()
        last = loop.amax(0).floor().maximum(-torch.ones_like(limit)).minimum(limit - 1).long().tolist()
        if first[0] <= last[0] and first[1] <= last[1]:
            window = image[first[1] : last[1] + 1, first[0] : last[0] + 1]
            window.copy_(_inside(loop, range(first[0], last[0] + 1), range(first[1], last[1] + 1)))
    return mask if fragments is None else mask * (1 - face_mask(fragments).to(mask.dtype))


def _inside(loop, cols, rows):
    """(rows, cols) bool: does a ray to the right of the pixel centre cross the closed loop (K, 2) an odd
    number of times?"""
    col = torch.arange(cols.start, cols.stop, device=loop.device, dtype=loop.dtype)
    row = torch.arange(rows.start, rows.stop, device=loop.device, dtype=loop.dtype)[:, None]  # (h, 1)
    (ax, ay), (bx, by) = loop.t(), loop.roll(-1, 0).t()  # (K,)
    downwards = by > ay
    spans = (torch.minimum(ay, by) <= row) & (row < torch.maximum(ay, by))  # (h, K), lower end left out
    va, vb = ay - row, by - row  # (h, K)
    edge = (ax - col[:, None]) * vb[:, None, :] - va[:, None, :] * (bx - col[:, None])  # (h, w, K)
    crosses = spans[:, None, :] & torch.where(downwards, edge > 0, edge < 0)
    return crosses.sum(-1) % 2 == 1


def dilate(mask: torch.Tensor, pixels: int) -> torch.Tensor:
    r"""Grows a mask (B, 1, H, W) by a square of so many pixels to each side; a negative number shrinks it."""
    if pixels == 0:
        return mask
    if pixels < 0:
        return 1 - dilate(1 - mask, -pixels)
    columns = _running_max(_running_max(mask, pixels).mT, pixels)  # a square is a column of rows
    return columns.mT.contiguous()  # pictures multiplied by it are five times as fast


def _running_max(mask, pixels):
    """The maximum of 2 · pixels + 1 neighbours in a row, from twice, four times … as many at once."""
    grown, size, reach = F.pad(mask, (pixels, pixels)), 2 * pixels + 1, 1
    while reach < size:
        step = min(reach, size - reach)
        grown = torch.maximum(grown[..., :-step], grown[..., step:])
        reach += step
    return grown


def background_frame(
    frame: torch.Tensor,
    face: torch.Tensor,
    mouth: torch.Tensor | None = None,
    fill: float | tuple[float, ...] = 0.5,
    margin: int = 0,
) -> tuple[torch.Tensor, torch.Tensor]:
    r"""The frame with the face and its mouth cut out: what the neural renderer is told about everything else.

    Args:
        frame: (B, C, H, W) float, RGB in [0, 1].
        face: (B, 1, H, W), 1 on the face.
        mouth: (B, 1, H, W), 1 in the mouth hole, or None.
        fill: value in the hole in [0, 1], one number or one per channel.
        margin: pixels by which the hole is grown (positive) or shrunk (negative).

    Returns:
        background (B, C, H, W) and the hole (B, 1, H, W), 1 where the frame was cut out.

    Raises:
        TypeError: a frame that is not floating, such as uint8.
        ValueError: masks of another size than the frame, channels last, a fill of another number of channels.
    """
    check_pictures("frame", frame, "(B, C, H, W)", "[0, 1]")
    for name, part in (("face", face), ("mouth", mouth)):
        if part is not None and (part.ndim != 4 or part.shape[-2:] != frame.shape[-2:]):
            size = ", ".join(map(str, frame.shape[-2:]))
            raise ValueError(f"{name} has shape {tuple(part.shape)}; expected (B, 1, {size}), as the frame")
    value = torch.as_tensor(fill, dtype=frame.dtype, device=frame.device).reshape(1, -1, 1, 1)
    if value.numel() not in (1, frame.shape[1]):
        given = f"fill has {value.numel()} values"
        raise ValueError(f"{given}; expected one, or {frame.shape[1]}, one per channel")
    cut = [as_mask(part, frame.dtype) for part in (face, mouth) if part is not None]
    hole = dilate(cut[0] if len(cut) == 1 else torch.maximum(*cut), margin)
    return frame * (1 - hole) + value * hole, hole
