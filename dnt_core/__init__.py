r"""Dynamic Neural Textures as a workbook: talking faces whose expression is set by a type and a continuous intensity.

The rooms follow figure 2 of the paper: ``clips``, ``face3d``, ``networks``, ``rendering``, ``ciec``, ``audio``,
``training``, ``studies``, ``live``, with ``actor`` making the default data. Nothing heavy is imported here.
"""

__version__ = "0.1.0"
