r"""Reading the Basel Face Models: 2009 as the Deep3DFaceRecon and WM3DR families store it, 2017 and 2019 as
.h5.

The files are licensed and never part of this repository; a user who has them gives their path.
"""

from dnt_core.face3d.bfm.chj_file import read_chj
from dnt_core.face3d.bfm.h5_file import load_bfm_h5
from dnt_core.face3d.bfm.load import load_bfm
from dnt_core.face3d.bfm.mat_file import read_mat

__all__ = ["load_bfm", "load_bfm_h5", "read_chj", "read_mat"]
