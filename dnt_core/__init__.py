r"""Dynamic Neural Textures as a workbook: talking faces with continuously controllable expressions.

The rooms follow figure 2 of the paper: ``clips``, ``face3d``, ``networks``, ``rendering``, ``ciec``,
    ``audio``,
``training``, ``studies``, ``live``, with ``actor`` making the default data. Nothing heavy is imported here.
"""

__version__ = "0.1.0"
