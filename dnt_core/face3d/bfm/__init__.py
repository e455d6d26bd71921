r"""Reading the Basel Face Model 2009 as the Deep3DFaceRecon and WM3DR families store it.

The files are licensed and never part of this repository; a user who has them gives their path.
"""

from dnt_core.face3d.bfm.chj_file import read_chj
from dnt_core.face3d.bfm.load import load_bfm
from dnt_core.face3d.bfm.mat_file import read_mat

__all__ = ["load_bfm", "read_chj", "read_mat"]
