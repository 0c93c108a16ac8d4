"""The queue's schema over time: one file of `versions/` a step, run by Alembic from `upgrade.py`."""
