r"""How good is a picture, a mouth, an expression: section 5.3's metrics and their readers."""
