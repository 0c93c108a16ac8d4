"""Who writes and who reviews. `base.py` has the protocols; every other file is one agent or one concern of all."""
