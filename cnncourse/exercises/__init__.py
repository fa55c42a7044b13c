"""The exercises of the course, one file each: the solution, the cases to try it on, and the mistakes that are known.

A file NAME.py holds `exercise`, which the notebooks call as `checks.NAME`. Nothing else has to be written for a new
exercise; what several of them share is in the folder `shared`.
"""
