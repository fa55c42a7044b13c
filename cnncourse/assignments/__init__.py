"""What a student needs for the graded assignments: `from cnncourse.assignments import checks`.

Nothing in here knows an answer. The checks read cases, with the right answers and those of known mistakes, from a file
that lies beside the notebook; the cases that are graded are others.
"""
