"""The assignments, one file each: see `cnnlib.grade.assignments`."""
