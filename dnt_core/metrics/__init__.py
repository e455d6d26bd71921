r"""The paper's metrics (section 5.3), each with what it measures, in which unit, and how it can mislead."""
