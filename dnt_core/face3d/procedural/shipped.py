r"""What of the procedural face is shipped, because it is small and takes long to build.

``python -m dnt_core.face3d.procedural.shipped`` writes it anew after a file of this folder changed.
"""

from __future__ import annotations

from dnt_core.cache.built_once import ship
from dnt_core.face3d.procedural import bases
from dnt_core.face3d.procedural.annulus_mesh import annulus_arrays

CALLS = (
    (annulus_arrays, bases.REFERENCE_VERTICES),
    (bases.identity_mixing.__wrapped__,),
    (bases.expression_mixing.__wrapped__,),
    (bases.texture_mixing.__wrapped__,),
    (bases.mean_vertex.__wrapped__,),
)

if __name__ == "__main__":
    ship(*CALLS)
