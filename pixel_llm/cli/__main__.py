"""`python -m pixel_llm.cli` is `pixel-llm`."""

from pixel_llm.cli.main import run

run()
