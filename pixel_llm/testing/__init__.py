"""For tests, ours and others': tiny random models and the conformance suites that every backend inherits."""
