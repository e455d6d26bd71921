r"""The one door to kernels: code runs in the interpreter that runs ``dnt``.

A kernel spec is found by its name, and clusters set ``JUPYTER_PATH`` to a ``python3`` of another interpreter,
which has no ``dnt_core``.
"""

from __future__ import annotations

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager


class OwnInterpreter(KernelManager):
    r"""Mixed into a kernel manager: the name ``python3`` means this process's own interpreter."""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        if self.kernel_name != NATIVE_KERNEL_NAME:
            return super().kernel_spec
        if self._kernel_spec is None:
            self._kernel_spec = KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        return self._kernel_spec


class OwnKernelManager(OwnInterpreter, AsyncKernelManager):
    r"""A kernel manager of notebooks that are executed."""
