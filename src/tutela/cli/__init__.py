"""The commands. Each lives in a module of its own, loaded when it is called.

Rooms with heavy libraries are imported inside the functions that use them: no command waits for what it does not need.
"""
