"""The compose file, its image and its .env hold together, checked without a Docker engine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose, PyOptions

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.elk.yml").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text()

VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
ONE_SHOT = {"setup", "migrate"}


def env_example() -> dict[str, str]:
    lines = (line for line in ENV_EXAMPLE.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def filled(text: str) -> str:
    """*text* with every variable set: to its default, or to a made-up secret."""
    return VARIABLE.sub(lambda m: m[3] if m[2] == "-" else "a-made-up-secret", text)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(filled(COMPOSE))["services"]
    return found


def parse(text: str) -> PyCompose:
    options = PyOptions()
    options.apply_merge = True
    compose = options.from_yaml(filled(text))
    compose.validate()
    return compose


def test_the_file_is_valid():
    """Every key and value is one that the Compose specification knows."""
    assert sorted(parse(COMPOSE).service_names()) == [
        *("beat", "console", "elasticsearch", "kibana", "logs-worker", "logstash", "migrate", "redis", "setup", "web"),
        "worker",
    ]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("depends_on:", "depnds_on:"),
        ("condition: service_healthy", "condition: service_helthy"),
        ("mem_limit: 2g", "mem_limit: 2 gigs"),
        ("start_period: 90s", "start_period: ninety"),
        ("ELASTICSEARCH:-9200}", "ELASTICSEARCH:-abc}"),
    ],
)
def test_the_check_finds_mistakes(right: str, wrong: str):
    """A misspelt key, condition, size, time or port does not pass."""
    with pytest.raises(ValueError):
        parse(COMPOSE.replace(right, wrong, 1))


def test_everything_named_is_there(services: dict[str, dict[str, Any]]):
    """Services that are waited for, volumes, and files that are mounted or copied all exist."""
    volumes = yaml.safe_load(COMPOSE)["volumes"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services, name
            finished = how["condition"] == "service_completed_successfully"
            assert finished == (needed in ONE_SHOT), f"{name} waits for {needed} in the wrong way"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in volumes, f"{name}: {volume}"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    for source in " ".join(copied).split():
        assert (ROOT / source).exists(), source


def test_every_service_is_watched_bounded_and_kept(services: dict[str, dict[str, Any]]):
    """Each has a memory limit; what stays has a health check and comes back after a crash; data is in named volumes."""
    for name, service in services.items():
        assert service["mem_limit"], name
        if name in ONE_SHOT:
            assert service["restart"] == "no", name
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name
        assert service["volumes"], name


def test_nothing_is_open_to_the_network(services: dict[str, dict[str, Any]]):
    """Every published port is bound to the loopback address."""
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_our_processes_have_no_more_rights_than_they_need(services: dict[str, dict[str, Any]]):
    """Our image runs as a user of its own, without capabilities, on a file system it cannot change."""
    ours = {name for name, service in services.items() if "build" in service}
    assert ours == {"setup", "migrate", "web", "worker", "logs-worker", "beat", "console"}
    for name in ours:
        service = services[name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    last_stage = DOCKERFILE.split("\nFROM ")[-1]
    assert re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE) == ["shop"]


def test_elastic_parts_are_of_one_version(services: dict[str, dict[str, Any]]):
    """Elasticsearch, Logstash and Kibana are released together and run together."""
    tags = {services[name]["image"].split(":")[1] for name in ("elasticsearch", "logstash", "kibana")}

    assert tags == {env_example()["ELASTIC_VERSION"]}
    assert tags.pop().startswith("9.5.")


def test_secrets_have_no_default():
    """Without .env Compose stops and says what to do; no password stands in a file."""
    for name, how, what in VARIABLE.findall(COMPOSE):
        if re.search("PASSWORD|KEY", name):
            assert (how, what) == ("?", "make .env as .env.example says"), name
        else:
            assert how == "-", name


def test_each_process_gets_its_own_elasticsearch_user(services: dict[str, dict[str, Any]]):
    """Only set-up sees the administrator's password; who writes cannot read, who reads cannot write."""
    users = {
        name: service["environment"]["LOGPIPE_ELASTICSEARCH_USER"]
        for name, service in services.items()
        if "LOGPIPE_ELASTICSEARCH_USER" in service["environment"]
    }
    assert users == {"setup": "logpipe_setup", "logstash": "logpipe_writer", "console": "logpipe_reader"}
    elastic = {name for name, service in services.items() if "ELASTIC_PASSWORD" in service["environment"]}
    assert elastic == {"elasticsearch", "setup"}


def test_the_example_names_every_variable_and_holds_no_secret():
    """.env.example and the compose file know the same variables; those that are secret are empty."""
    example = env_example()

    assert set(example) == {name for name, _, _ in VARIABLE.findall(COMPOSE)}
    assert {name for name, value in example.items() if not value} == {
        name for name in example if re.search("PASSWORD|KEY", name)
    }
    defaults = {name: what for name, how, what in VARIABLE.findall(COMPOSE) if how == "-"}
    assert {name: value for name, value in example.items() if value} == defaults


def test_one_line_makes_the_env_file(tmp_path: Path):
    """The command in .env.example, as it stands there, fills every secret anew and lets nobody else read them."""
    command = next(line for line in ENV_EXAMPLE.splitlines() if "umask 077" in line).lstrip("# ")
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        (folder / ".env.example").write_text(ENV_EXAMPLE)
        here = command.replace("python3", sys.executable)
        subprocess.run(["sh", "-c", here], cwd=folder, check=True)
        assert (folder / ".env").stat().st_mode & 0o077 == 0
        lines = (line for line in (folder / ".env").read_text().splitlines() if line and not line.startswith("#"))
        made.append(dict(line.split("=", 1) for line in lines))

    secret = [name for name, value in env_example().items() if not value]
    values = [values[name] for values in made for name in secret]
    assert all(len(value) == 48 for value in values)
    assert len(set(values)) == 2 * len(secret)
    assert {name: value for name, value in made[0].items() if name not in secret} == {
        name: value for name, value in env_example().items() if value
    }


def test_logstash_keeps_what_it_took_and_what_was_refused():
    """Both queues on disk are on, and every pipeline has its files where Compose mounts them."""
    pipelines = {
        pipeline["pipeline.id"]: pipeline for pipeline in yaml.safe_load((ROOT / "logstash/pipelines.yml").read_text())
    }

    assert pipelines["logs"]["queue.type"] == "persisted"
    assert pipelines["logs"]["dead_letter_queue.enable"] is True
    for pipeline in pipelines.values():
        assert list((ROOT / "logstash").glob(pipeline["path.config"])), pipeline
    mounts = yaml.safe_load(filled(COMPOSE))["services"]["logstash"]["volumes"]
    assert "./logstash/pipelines:/usr/share/logstash/pipelines:ro" in mounts  # the image works in /usr/share/logstash
