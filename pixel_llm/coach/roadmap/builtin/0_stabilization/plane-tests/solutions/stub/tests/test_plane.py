"""Tests of the sparse plane."""


def test_one():
    assert True


def test_two():
    assert True


def test_three():
    assert True
