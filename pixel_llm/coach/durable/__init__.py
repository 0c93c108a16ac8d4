"""Whole phases, over several processes and machines: nothing lost, nothing done twice, nothing paid for twice.

ledger.py    model calls: each bought once, within budget, concurrency and rate limits
engine.py    a run of one task as a DBOS workflow
worker.py    claims tasks and runs them until there are no more
phase.py     a run over a phase, and its statistics
"""
