"""An invented ecosystem to try everything on: seven channels, drawn pictures, nobody in them."""

from tutela.simulate.errors import SimulateError
from tutela.simulate.published import FIGURES, Published, PublishedWorld, simulate_published
from tutela.simulate.world import World, simulate

__all__ = ["FIGURES", "Published", "PublishedWorld", "SimulateError", "World", "simulate", "simulate_published"]
