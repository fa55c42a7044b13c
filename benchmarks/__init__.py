"""How fast `cnnlib` is: `python -m benchmarks` measures it and prints a table."""
