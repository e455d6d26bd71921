r"""Pickles of other people's arrays, read without running any of their code.

A pickle can call anything. Here its ``GLOBAL`` and ``REDUCE`` steps reach only numpy's own array, dtype and
scalar builders, builtin containers, tensors, which torch reads as weights alone and which become arrays, and
*inert* stand-ins that record what they were given and do nothing.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.plain_files import read_arrays


class Inert:
    r"""Stands for an object of a class that is not imported: what it was built from, and its attributes."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state if isinstance(state, dict) else {"state": state})


def _array(kind: type, shape: tuple, dtype: Any) -> np.ndarray:
    r"""An empty array that the pickle fills by ``__setstate__``, whatever subclass it was."""
    return np.ndarray((0,), "b")


def _text_as_bytes(text: str, encoding: str = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"encoding {encoding!r}, expected latin1")
    return text.encode("latin1")


def _from_buffer(buffer: Any, dtype: Any, shape: tuple, order: str) -> np.ndarray:
    return np.frombuffer(buffer, dtype=np.dtype(dtype)).reshape(shape, order=order)


def _scalar(dtype: Any, data: Any = None) -> Any:
    if not isinstance(dtype, np.dtype) or dtype.hasobject or not isinstance(data, bytes | str):
        raise pickle.UnpicklingError("a scalar of objects")
    return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype, 1)[0]


def _storage(data: bytes) -> Any:
    r"""The numbers of a tensor in a pickle, flat, as torch wrote them there."""
    import torch

    held = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return torch.empty(0, dtype=held.dtype).set_(held)


def _tensor(flat: Any, offset: int, shape: tuple, stride: tuple, *more: Any) -> np.ndarray:
    tensor = flat.as_strided(shape, stride, offset)  # raises where the numbers end before
    return (tensor.float() if tensor.dtype.itemsize < 4 and tensor.is_floating_point() else tensor).numpy()


def _old_object(kind: type, base: type, state: Any) -> Inert:
    if not (isinstance(kind, type) and issubclass(kind, Inert)):
        raise pickle.UnpicklingError("an object of a class that is not admitted")
    return Inert()


_ALLOWED: dict[tuple[str, str], Any] = {
    **{(m, "_reconstruct"): _array for m in ("numpy.core.multiarray", "numpy._core.multiarray")},
    **{(m, "scalar"): _scalar for m in ("numpy.core.multiarray", "numpy._core.multiarray")},
    **{(m, "_frombuffer"): _from_buffer for m in ("numpy.core.numeric", "numpy._core.numeric")},
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("_codecs", "encode"): _text_as_bytes,
    ("collections", "OrderedDict"): OrderedDict,
    ("copy_reg", "_reconstructor"): _old_object,
    ("copyreg", "_reconstructor"): _old_object,
    ("__builtin__", "object"): Inert,
    ("builtins", "object"): Inert,
    **{
        (module, kind.__name__): kind
        for module in ("builtins", "__builtin__")
        for kind in (
            list,
            tuple,
            dict,
            set,
            frozenset,
            bytes,
            bytearray,
            str,
            int,
            float,
            complex,
            bool,
            slice,
        )
    },
}


class RestrictedUnpickler(pickle.Unpickler):
    r"""An unpickler that admits arrays, containers and the named classes as :class:`Inert`, nothing else.

    Args:
        file: opened for reading bytes.
        inert: module names whose classes become :class:`Inert`; sub-modules count.
    """

    def __init__(self, file: io.BufferedIOBase, inert: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(file, encoding="latin1", **options)
        self._inert = inert

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if any(module == m or module.startswith(f"{m}.") for m in self._inert):
            return Inert
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is neither an array nor a container")


def read_pickle(path: str | PathLike[str], inert: tuple[str, ...] = ()) -> Any:
    r"""What a pickle file holds, without running its code.

    Args:
        path: the file.
        inert: see :class:`RestrictedUnpickler`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a pickle, cut off, or one that names anything but arrays and containers.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    return _load(path, io.BytesIO(path.read_bytes()), inert)


def read_npy(path: str | PathLike[str]) -> Any:
    r"""A ``.npy`` file: its array, or, of one that wraps a pickled dictionary or list, what that holds.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not an .npy file, cut off, or a pickle that names anything but arrays and containers.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    with open(path, "rb") as file:
        try:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            _, _, dtype = read(file)
        except Exception as error:  # numpy reads the header as Python source
            said = (str(error).splitlines() or [type(error).__name__])[0]
            raise ValueError(f"{path}: not an .npy file ({said})") from error
        if dtype.hasobject:
            held = _load(path, file, ())
            return held.item() if isinstance(held, np.ndarray) and held.shape == () else held
    return read_arrays(path)


def _load(path: Path, file: Any, inert: tuple[str, ...]) -> Any:
    try:
        return RestrictedUnpickler(file, inert).load()
    except Exception as error:  # a damaged pickle raises almost anything
        said = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: not a pickle of arrays that can be read safely: {said}") from error
