r"""Training of the networks that listen: from sound to lips, and from a voice to its expression (moods)."""
