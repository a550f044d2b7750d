"""The commands. Each lives in a module of its own, loaded when it is called."""
