"""The coach: a local model writes, tests judge, a reviewer advises, whole phases run unattended.

Works for any code base and any list of tasks. Needs `pip install 'pixel-llm[coach]'`. `docs/coach.md` is the guide.

types.py      what the parts hand each other: tasks, completions, reviews, test reports, attempts
queue/        the tasks, their states and who works on them, in SQLite or PostgreSQL
transfer.py   tasks from and to JSON and YAML
roadmap/      phases and tasks as folders of YAML and tests; the built-in roadmap
config.py     settings: file < environment < flags
agents/       who writes and who reviews
sandbox/      where generated code runs
loop/         one task: prompt, answer, checks, tests, review, again
durable/      whole phases, several machines, nothing paid for twice
evaluate/     the loop measured on HumanEval
observe/      the log of a run
tui/          the dashboard
"""
