"""The house: which way the arrows point, and what a public function must say of itself."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import efficiency
from efficiency.facts import facts
from efficiency.inputs import FACT_OF

ROOT = Path(__file__).resolve().parent.parent
MODULES = tuple(
    f"efficiency.{module.name}" for module in pkgutil.iter_modules(efficiency.__path__) if module.name != "__main__"
)
LONGEST_MODULE = 400
# Eight functions of one shape with their docstrings: apart, they could not be compared.
LONGER = {"efficiency/yardsticks.py": 640}

SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")
# A figure in brackets after what it is, as in "Energy per bit [J]".
UNIT = re.compile(r"\[[^\]\s][^\]]*\]")
# What is returned carries no unit when it is no number.
NO_NUMBER = re.compile(
    r"^(bool|None|str|str or None|tuple of str|dict|dict of str to str|NoReturn|Chip|Model|Gap"
    r"|Yardstick|State|Inputs|Fact|Source|Entity|Labels|Own or None|Mapping of str to \w+( or \w+)?)$"
)


def modules_imported_by(program: str) -> set[str]:
    shown = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return {name.partition(".")[0] for name in shown.stdout.split()}


def test_the_model_knows_no_screen() -> None:
    every = "\n".join(f"import {module}" for module in (*MODULES, "efficiency.__main__"))
    use = "\nfrom efficiency.gap import evaluate, Scenario; evaluate(Scenario(), 64)"
    found = modules_imported_by(every + use)
    assert "numpy" in found
    assert found.isdisjoint({"streamlit", "plotly", "pandas", "ui", "pages"})


def test_figures_do_not_touch_streamlit() -> None:
    figures = sorted((ROOT / "ui" / "figures").glob("*.py"))
    if not figures:
        pytest.skip("there are no figures yet")
    every = "\n".join(f"import ui.figures.{path.stem}" for path in figures if path.stem[0] != "_")
    assert "streamlit" not in modules_imported_by(every)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows(folder: str, *forbidden: str) -> list[str]:
    """List the imports of a folder that point the wrong way."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imports(path)
        if any(name == wrong or name.startswith(f"{wrong}.") for wrong in forbidden)
    ]


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("efficiency", ("ui", "pages", "app", "benchmarks", "tests", "streamlit", "plotly")),
        ("ui/figures", ("pages", "app", "streamlit")),
        ("ui", ("pages", "app", "efficiency.data")),
        ("pages", ("efficiency.data", "app", "pages")),
    ],
)
def test_arrows_point_one_way(folder: str, forbidden: tuple[str, ...]) -> None:
    assert not arrows(folder, *forbidden)


def test_an_arrow_the_wrong_way_would_be_seen() -> None:
    assert arrows("efficiency", "efficiency.facts"), "the model imports its facts"


def test_tables_are_read_in_one_place() -> None:
    readers = [
        path.name
        for path in sorted((ROOT / "efficiency").glob("*.py"))
        if re.search(r"import csv|read_csv|genfromtxt", path.read_text(encoding="utf-8"))
    ]
    assert set(readers) <= {"facts.py", "tables.py", "cases.py", "coefficients.py", "held_out.py", "own_table.py"}


@pytest.mark.parametrize("path", sorted((ROOT / "efficiency").glob("*.py")), ids=lambda p: p.name)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGER.get(name, LONGEST_MODULE)
    assert not re.match(r"(utils?|helpers?|common|misc)(_|$)", path.stem)


def public_functions() -> Iterator[tuple[str, Any]]:
    """Give the model's public functions, and the public methods of its public classes."""
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module_name:
                continue
            function = inspect.unwrap(value)
            if inspect.isfunction(function):
                yield f"{module_name}.{name}", function
            elif inspect.isclass(value):
                for method, body in vars(value).items():
                    if not method.startswith("_") and inspect.isfunction(body):
                        yield f"{module_name}.{name}.{method}", body


FUNCTIONS = dict(public_functions())


def sections_of(docstring: str) -> dict[str, str]:
    """Split a numpydoc docstring at its underlined headings."""
    parts = re.split(r"^(\w+)\n-{3,}\n", inspect.cleandoc(docstring), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_there_are_functions_to_look_at() -> None:
    assert len(FUNCTIONS) > 60
    assert "efficiency.gap.Gap.yardstick" in FUNCTIONS
    assert "efficiency.catalogue.chip" in FUNCTIONS, "cached functions count too"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_documents_itself(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.__doc__, "no docstring"
    summary = inspect.cleandoc(function.__doc__).partition("\n")[0]
    assert summary.endswith(".")
    sections = sections_of(function.__doc__)
    assert list(sections) == [s for s in SECTIONS if s in sections], "sections in numpydoc's order"
    assert {"Returns", "Notes", "References", "Examples"} <= set(sections)
    assert ">>> " in sections["Examples"]

    parameters = [p for p in inspect.signature(function).parameters if p != "self"]
    documented = re.findall(r"^(\w[\w, ]*?) : ", sections.get("Parameters", ""), re.MULTILINE)
    assert [n for names in documented for n in names.split(", ")] == parameters

    returned = re.findall(r"^(\S.*)$", sections["Returns"], re.MULTILINE)
    if not all(NO_NUMBER.match(kind) for kind in returned):
        assert UNIT.search(sections["Returns"]), f"{returned} without a unit"

    body = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raises = any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(body))
    assert raises <= ("Raises" in sections), "it raises and does not say so"


def test_every_fact_the_model_names_exists() -> None:
    """Keys with a choice in them are tested for every choice in `test_inputs`."""
    for key in FACT_OF.values():
        assert "{" in key or key in facts(), key
    for path in sorted((ROOT / "efficiency").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id == "fact" and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in facts(), f"{path.name}: {node.args[0].value}"
