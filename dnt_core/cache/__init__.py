r"""What is built once per machine: procedural face, the actor's rigs and skin maps, graphs, kernels.

``folder`` (where it lies, how large it is, emptying it), ``built_once`` (arrays, mapped from files),
``kernels`` (what numba compiles). Everything in it can be built again: deleting it costs time, never data.
"""
