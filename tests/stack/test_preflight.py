"""What the stack finds in the way before it starts anything, each in one clear line."""

from __future__ import annotations

import dataclasses
import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from stack import credentials
from stack.account import Account, unprivileged_account
from stack.errors import StackError
from stack.java import find_java_home
from stack.ports import free_port
from stack.preflight import check_disk, check_ports, hold_stack
from stack.settings import PROJECT, StackSettings, load


def own_ports() -> StackSettings:
    """Settings whose ports are all free."""
    names = [f.name for f in dataclasses.fields(StackSettings) if f.name.startswith("port_")]
    return StackSettings(**{name: free_port() for name in names})


def test_a_taken_port_is_named_with_its_setting():
    """The line says which port, what it is for, and which setting moves it."""
    settings = own_ports()
    with socket.create_server(("127.0.0.1", settings.port_web)), pytest.raises(StackError) as caught:
        check_ports(settings)
    assert str(caught.value) == (
        f"Port {settings.port_web} (The shop) is taken by another program. End that program, "
        f"or choose another port: make run LOGPIPE_PORT_WEB={settings.port_web + 100}"
    )


def test_free_ports_are_fine():
    """Nothing is said when nothing is in the way; a port that was just closed is free."""
    settings = own_ports()
    with socket.create_server(("127.0.0.1", settings.port_redis)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        accepted.close()
        client.close()
    check_ports(settings)


def test_two_programs_on_one_port_are_named():
    """A slip in the settings is told apart from a stranger's program."""
    settings = own_ports()
    with pytest.raises(StackError, match="LOGPIPE_PORT_CONSOLE and LOGPIPE_PORT_WEB are both"):
        check_ports(dataclasses.replace(settings, port_console=settings.port_web))


def test_a_full_disk_is_named_with_what_is_needed(tmp_path: Path):
    """The line says how much is free, how much is needed, and where."""
    with pytest.raises(StackError, match=rf"The disk of {tmp_path} has [0-9.]+ GB free; 1000000\.0 GB are needed"):
        check_disk(tmp_path, least_bytes=10**15)
    check_disk(tmp_path, least_bytes=1)


def test_a_second_stack_in_the_same_folder_is_refused(tmp_path: Path):
    """Two stacks never share data; the line names the process that runs."""
    descriptor = hold_stack(tmp_path / "stack.pid")
    with pytest.raises(StackError, match=f"running already, as process {os.getpid()}"):
        hold_stack(tmp_path / "stack.pid")
    os.close(descriptor)
    os.close(hold_stack(tmp_path / "stack.pid"))


def fake_java(home: Path, version: str) -> Path:
    """A folder that says of itself what a JDK says."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    program.chmod(0o755)
    return home


def ourselves() -> Account:
    return Account("ourselves", os.geteuid(), os.getegid())


def test_no_jdk_is_one_line_with_what_was_found(tmp_path: Path):
    """Who has only an old Java learns which, where, and what to install."""
    old = fake_java(tmp_path / "jdk-17", "17.0.15")
    with pytest.raises(StackError) as caught:
        find_java_home(ourselves(), environ={"PATH": ""}, folders=[f"{tmp_path}/*"])
    message = str(caught.value)
    assert f"Elasticsearch needs a JDK 21 or newer; found Java 17 in {old}. Install one" in message
    assert "LOGPIPE_JAVA_HOME" in message
    assert "\n" not in message
    with pytest.raises(StackError, match="found no Java at all"):
        find_java_home(ourselves(), environ={"PATH": ""}, folders=[])


def test_the_newest_java_of_the_usual_folders_wins_over_an_old_one_on_the_path(tmp_path: Path):
    """`java` on the PATH is often too old while a newer one is installed."""
    fake_java(tmp_path / "jvm" / "java-8-old", "1.8.0_402")
    fake_java(tmp_path / "jvm" / "temurin-21-jdk", "21.0.2")
    newest = fake_java(tmp_path / "jvm" / "temurin-25-jdk", "25")
    old = fake_java(tmp_path / "path", "17.0.1")
    environ = {"PATH": str(old / "bin"), "JAVA_HOME": str(old)}
    assert find_java_home(ourselves(), environ=environ, folders=[f"{tmp_path}/jvm/*"]) == newest


def test_java_home_is_asked_first(tmp_path: Path):
    """A JAVA_HOME that will do is used."""
    own = fake_java(tmp_path / "own", "21.0.2")
    fake_java(tmp_path / "jvm" / "temurin-25-jdk", "25")
    assert find_java_home(ourselves(), environ={"JAVA_HOME": str(own)}, folders=[f"{tmp_path}/jvm/*"]) == own


def test_a_chosen_java_that_will_not_do_is_an_error(tmp_path: Path):
    """LOGPIPE_JAVA_HOME is never silently replaced by another."""
    old = fake_java(tmp_path / "old", "17.0.1")
    with pytest.raises(StackError, match=rf"LOGPIPE_JAVA_HOME={old} holds Java 17"):
        find_java_home(ourselves(), str(old))
    with pytest.raises(StackError, match=r"LOGPIPE_JAVA_HOME=/nowhere holds no Java that runs"):
        find_java_home(ourselves(), "/nowhere")


def test_this_machine_s_java_runs_elasticsearch():
    """The search finds a real JDK here, that the unprivileged account can run."""
    assert (find_java_home(unprivileged_account()) / "bin" / "java").exists()


def test_secrets_are_private_long_and_made_once(tmp_path: Path):
    """The file is its owner's alone; no two secrets are the same; the second run finds those of the first."""
    file = tmp_path / "secrets"
    first = credentials.load(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(set(first.values())) == len(credentials.NAMES)
    assert all(len(value) >= 12 for value in first.values())
    assert credentials.load(file) == first
    assert credentials.load(tmp_path / "others") != first


def test_a_secret_that_is_new_is_added_to_an_old_file(tmp_path: Path):
    """A newer version of the stack keeps the passwords of the data that is there."""
    file = tmp_path / "secrets"
    file.write_text("# kept by hand\nREDIS_PASSWORD=old\n")
    file.chmod(0o644)
    words = credentials.load(file)
    assert words["REDIS_PASSWORD"] == "old"
    assert credentials.load(file) == words
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_out_of_reach_is_named_before_elasticsearch_fails():
    """Started as root in a private folder, the line names the folder and the cures."""
    private = Path(tempfile.mkdtemp())  # closed to others
    stranger = Account("stranger", os.geteuid() + 12345, os.getegid() + 12345)
    with pytest.raises(StackError, match=rf"{private} keeps 'stranger' out.*`chmod o\+x {private}.*LOGPIPE_CACHE_DIR"):
        stranger.check_reach(private / "elasticsearch")
    ourselves().check_reach(private / "elasticsearch")
    private.rmdir()


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("LOGPIPE_PORT_WEB", "http", "LOGPIPE_PORT_WEB='http' is no number between 1 and 65535"),
        ("LOGPIPE_PORT_WEB", "70000", "LOGPIPE_PORT_WEB='70000' is no number between 1 and 65535"),
        ("LOGPIPE_DEMO", "maybe", "LOGPIPE_DEMO='maybe' is neither on nor off"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(variable: str, value: str, message: str):
    """A slip in a setting is an error with its name and its value."""
    with pytest.raises(StackError) as caught:
        load({variable: value})
    assert message in str(caught.value)


def test_settings_come_from_the_environment():
    """Ports, switches and folders are read; what is not set has its default."""
    settings = load(
        {"LOGPIPE_PORT_WEB": "8123", "LOGPIPE_DEMO": "off", "LOGPIPE_VAR_DIR": "~/logs", "LOGPIPE_JAVA_HOME": ""}
    )
    assert settings == StackSettings(port_web=8123, demo=False, var_dir=(Path.home() / "logs").resolve())


def test_every_setting_is_documented():
    """docs/running.md lists every setting with its default and its meaning."""
    documented = (PROJECT / "docs" / "running.md").read_text().splitlines()
    for f in dataclasses.fields(StackSettings):
        row = next(line for line in documented if line.startswith(f"| `LOGPIPE_{f.name.upper()}` |"))
        _, _, default, meaning, _ = (cell.strip().strip("`") for cell in row.split("|"))
        assert (default, meaning) == (shown(f.default), f.metadata["meaning"])


def shown(default: object) -> str:
    """*default* as a person writes it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    return default.name if isinstance(default, Path) else str(default)
