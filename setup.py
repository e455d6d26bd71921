r"""Puts the shipped weights into the package that is built: all else stands in pyproject.toml.

In a clone they lie in ``weights/``, and an editable install finds them there.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithWeights(build_py):
    r"""Copies what is in ``weights/`` and its folders, but its pages, to ``dnt_core/weights/``."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for file, target in self._weights().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(file, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        weights = [] if self.editable_mode else [*self._weights().values()]
        return [*super().get_outputs(include_bytecode), *weights]

    def _weights(self) -> dict[str, str]:
        target = Path(self.build_lib) / "dnt_core"
        kinds = (".safetensors", ".json", ".npz")
        files = sorted(path for path in Path("weights").rglob("*") if path.suffix in kinds)
        return {str(file): str(target / file) for file in files}


setup(cmdclass={"build_py": BuildWithWeights})
