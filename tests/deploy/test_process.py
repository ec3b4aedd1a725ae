import shlex
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from deploy.process import Process, render

WORD = """a 'b' "c" %(here)s 100% \\ , = # ; #; ü"""
VALUE = "a %(here)s 100% , = ü/x;y#z"


def test_everything_survives_the_configuration(tmp_path: Path) -> None:
    """Whatever stands in a command or a variable, the program gets it as it is."""
    process = Process("one", ("/bin/echo", WORD), {"FIRST": VALUE, "SECOND": "x"}, stop_signal="INT")
    file = tmp_path / "supervisord.conf"
    file.write_text(render(tmp_path, [process], 1, "secret"), encoding="utf-8")
    (tmp_path / "logs").mkdir()
    (tmp_path / "run").mkdir()
    options = ServerOptions()
    options.realize(["-c", str(file)])
    (group,) = options.process_group_configs
    (program,) = group.process_configs
    assert program.environment == {"FIRST": VALUE, "SECOND": "x"}
    assert shlex.split(program.command) == ["/bin/echo", WORD]
    assert program.stopasgroup
    assert program.killasgroup
    assert not program.autostart


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a ;b", "a #b"])
def test_what_supervisord_would_misread_is_refused(tmp_path: Path, value: str) -> None:
    """A variable that would arrive as something else is refused by its name, and its value is not told."""
    with pytest.raises(ValueError, match="FIRST") as error:
        render(tmp_path, [Process("one", ("/bin/true",), {"FIRST": value})], 1, "secret")
    assert value not in str(error.value)
