"""What a task's review costs at Gemini's listed prices, beside the $0.0015 a task that the project was planned with.

    python benchmarks/coach_review_cost.py --model SmolLM2-135M-Instruct.Q4_1.gguf [--database .pixel-llm/coach.sqlite]

Without a database: the question that a reviewer is asked about every task of the built-in roadmap, with the known good
solution and its tests passed. With one: the tokens of the reviews that are recorded there, as the services counted
them. Questions are counted with the tokenizer of `--model` (Gemini's counts differ by some per cent), an answer with
two defects stands for what a review says. Prices are those of genai-prices.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from decimal import Decimal
from pathlib import Path

MODELS = ("gemini-2.5-flash-lite", "gemini-3.1-flash-lite", "gemini-2.5-flash", "gemini-flash-latest", "gemini-2.5-pro")
PLANNED = Decimal("0.0015")
ANSWER = {
    "score": 7,
    "verdict": "revise",
    "defects": [
        {"place": "store.py, write()", "reason": "An empty input makes a file with no rows, which read() refuses."},
        {"place": "store.py:41", "reason": "The temporary file is not removed where the disk is full."},
    ],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a GGUF file whose tokenizer counts")
    parser.add_argument("--database", help="count the reviews recorded there instead")
    options = parser.parse_args()
    if options.database:
        counts = recorded(options.database)
        print(f"{len(counts)} tasks with recorded reviews")
    else:
        if options.model is None:
            parser.error("--model is needed to count tokens")
        counts = of_the_roadmap(options.model)
        print(f"{len(counts)} tasks of the built-in roadmap, one review each")
    if not counts:
        print("nothing to count")
        return 1
    questions, answers = zip(*counts, strict=True)
    print(f"tokens a task: question median {statistics.median(questions):.0f}, most {max(questions)}; ", end="")
    print(f"answer median {statistics.median(answers):.0f}")
    import genai_prices

    print(f"prices: genai-prices {genai_prices.__version__}; planned ${PLANNED} a task")
    for model in MODELS:
        costs = []
        for question, answer in counts:
            usage = genai_prices.Usage(input_tokens=question, output_tokens=answer)
            costs.append(genai_prices.calc_price(usage, model, provider_id="google").total_price)
        mean = sum(costs, Decimal(0)) / len(costs)
        print(f"{model:24} mean ${mean:.5f}  most ${max(costs):.5f}  {mean / PLANNED:.2f} of the plan")
    return 0


def of_the_roadmap(gguf: Path) -> list[tuple[int, int]]:
    """Tokens of the question and of an answer for every task of the built-in roadmap that has a known solution."""
    from pixel_llm.coach.agents.reviewing import messages
    from pixel_llm.coach.roadmap import builtin, load_roadmap
    from pixel_llm.coach.roadmap.loader import solution
    from pixel_llm.coach.types import ReviewRequest, TestReport
    from pixel_llm.formats.checkpoint import open_checkpoint
    from pixel_llm.tokenizer import Tokenizer, tokenizer_from_checkpoint

    with open_checkpoint(gguf) as checkpoint:
        tokenizer = Tokenizer(*tokenizer_from_checkpoint(checkpoint))
    answer = len(tokenizer.encode(json.dumps(ANSWER), add_special=False))
    counts = []
    for phase in load_roadmap(builtin()).phases:
        for task in phase.tasks:
            files = solution(builtin(), task, "good")
            if not files:
                continue
            diff = "".join(f"+{line}\n" for file in files for line in file.content.splitlines())
            reports = tuple(TestReport(kind=kind, expected=5, passed=5) for kind in ("visible", "hidden"))
            request = ReviewRequest(
                task=task.model_copy(update={"hidden_tests": ()}), files=files, diff=diff, reports=reports
            )
            text = "\n".join(message.content for message in messages(request))
            counts.append((len(tokenizer.encode(text, add_special=False)), answer))
    return counts


def recorded(database: str) -> list[tuple[int, int]]:
    """Tokens of all reviews of each task that was reviewed."""
    from pixel_llm.coach.queue import TaskQueue

    counts = []
    with TaskQueue(database) as queue:
        for task in queue.list():
            reviews = [attempt.review for attempt in queue.attempts(task.id) if attempt.review is not None]
            if reviews:
                asked = sum(review.usage.input_tokens for review in reviews)
                counts.append((asked, sum(review.usage.output_tokens for review in reviews)))
    return counts


if __name__ == "__main__":
    sys.exit(main())
