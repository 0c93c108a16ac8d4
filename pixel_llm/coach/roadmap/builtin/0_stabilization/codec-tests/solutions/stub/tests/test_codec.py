"""Tests of the pixel codec."""


def test_one():
    assert True


def test_two():
    assert True


def test_three():
    assert True
