import ast
import pathlib


def test_there_are_tests():
    tree = ast.parse(pathlib.Path("tests/test_plane.py").read_text())
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")]
    assert len(names) >= 3
