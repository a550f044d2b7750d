"""An invented ecosystem to try everything on: seven channels, drawn pictures, nobody in them."""

from tutela.simulate.world import World, simulate

__all__ = ["World", "simulate"]
