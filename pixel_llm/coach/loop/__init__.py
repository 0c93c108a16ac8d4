"""One task: prompt, answer, files, checks, tests, review, and again. `loop.py` is the whole of it."""
