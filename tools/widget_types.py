"""The media types under which a notebook keeps its widgets."""

VIEW = "application/vnd.jupyter.widget-view+json"  # of an output: which model is shown there
STATE = "application/vnd.jupyter.widget-state+json"  # of a notebook: all models
