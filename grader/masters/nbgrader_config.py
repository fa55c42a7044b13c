# For teachers who use nbgrader: the stubs that students get, as tools/make_assignments.py writes them.
# Copy this file beside the folder `source` of your course.
c = get_config()  # noqa: F821, nbgrader defines it
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "YOUR ANSWER HERE"
c.IncludeHeaderFooter.header = c.IncludeHeaderFooter.footer = ""
