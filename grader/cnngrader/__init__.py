"""Assignments and their grading: `python -m cnngrader SUBMISSIONS --assignment 1 --output results`.

A submission is somebody else's program. It runs in a sandbox, one process for each task; inputs go in and results
come out as plain arrays, and only outside of it are they compared with the right ones.
"""
