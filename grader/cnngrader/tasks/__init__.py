"""The assignments, one file each: see `cnngrader.assignments`."""
