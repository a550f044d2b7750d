"""Live reading of public channels into a file that `tutela scan` reads: no joining, no media, resumable."""
