import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE, FUNCTION = 150, 25  # lines; a function's docstring does not count: it tells shapes, units and errors
LONGER = {
    "deploy/demo/courses.py": "the calendar of the demo's city: a row for each course",
    "deploy/demo/courses.py: city_courses": "these rows",
}


def too_long(name: str, source: str) -> Iterator[str]:
    """Name the module and its functions as far as they are longer than their limits."""
    if len(source.splitlines()) > MODULE:
        yield name
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > FUNCTION:
            yield f"{name}: {node.name}"


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    told = function.body[0] if ast.get_docstring(function) else None
    return _span(function) - (_span(told) if told else 0)


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_what_is_read_at_once_fits_on_a_page() -> None:
    """No module and no function is longer than its limit, but for those of the table; no row of it stays in vain."""
    paths = [path for top in ("contracts", "services", "flows", "deploy") for path in (ROOT / top).rglob("*.py")]
    names = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}
    assert {each for name, source in names.items() for each in too_long(name, source)} == set(LONGER)


@pytest.mark.parametrize("kind", ["def f():", "async def f():"])
def test_a_long_function_is_found(kind: str) -> None:
    """The measure itself can fail: at one line more, inside a class too, whatever its docstring's length."""
    for told in ("", '    """One.\n\n    More.\n    """\n'):
        fits = f"@decorated\n{kind}\n{told}" + "    x = 1\n" * (FUNCTION - 1)
        assert list(too_long("m", fits)) == []
        inside = "class C:\n" + "".join(f"    {line}\n" for line in f"{fits}    x = 1".splitlines())
        assert list(too_long("m", fits + "    x = 1\n")) == list(too_long("m", inside)) == ["m: f"]


def test_a_long_module_is_found() -> None:
    """At one line more, blank lines and comments counted: they are read, too."""
    assert list(too_long("m", "# why\n" * MODULE)) == []
    assert list(too_long("m", "# why\n" * MODULE + "\n")) == ["m"]
