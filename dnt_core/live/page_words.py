r"""What a live face's page says of what it shows."""

BUILT_IN = "Nobody was filmed: a neural network draws built-in, computed actors."
GIVEN = "A neural network draws this face. Its expression is your hand's, not the clip's."
