"""deploy/: manifests by their schemas, HAProxy's file by HAProxy, and what all of them must agree about."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ui.capacity import HEALTH

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SCHEMAS = Path(__file__).parent / "schemas"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DIGEST = re.compile(r"[a-z0-9./-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}")


def read(path: Path) -> dict[str, Any]:
    """Read YAML; what Compose takes from the environment gets its default, or any text where it has none."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text(encoding="utf-8"))
    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:\?[^}]*\}", "text", text))
    return found


def kubernetes_schema(kind: str) -> dict[str, Any]:
    schemas = json.loads((SCHEMAS / "kubernetes.json").read_text(encoding="utf-8"))
    return {**schemas["kinds"][kind], "$defs": schemas["$defs"]}


def check(manifest: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(kubernetes_schema(manifest["kind"])).validate(manifest)


BY_KIND = {manifest["kind"]: manifest for manifest in map(read, MANIFESTS)}
CONTAINER = BY_KIND["Deployment"]["spec"]["template"]["spec"]["containers"][0]
COMPOSE = read(DEPLOY / "compose.yaml")


# Kubernetes


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_manifest_is_what_kubernetes_expects(kind: str) -> None:
    check(BY_KIND[kind])


def test_everything_that_is_needed_is_there() -> None:
    kinds = {"Deployment", "Service", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"}
    assert set(BY_KIND) == kinds


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("spec", "replicass"), 2),
        (("spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"), "http"),
        (("spec", "template", "spec", "containers", 0, "livenessProbe", "httpGett"), {}),
        (("spec", "selector"), []),
    ],
)
def test_a_mistake_would_be_seen(place: tuple[str | int, ...], value: object) -> None:
    wrong = json.loads(json.dumps(BY_KIND["Deployment"]))
    node = wrong
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        check(wrong)


def test_names_and_labels_meet() -> None:
    labels = BY_KIND["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert BY_KIND["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert BY_KIND["Service"]["spec"]["selector"] == labels
    assert BY_KIND["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert BY_KIND["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert (
        BY_KIND["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"]
        == BY_KIND["Deployment"]["metadata"]["name"]
    )
    backend = BY_KIND["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == BY_KIND["Service"]["metadata"]["name"]
    assert backend["port"]["name"] in {port["name"] for port in BY_KIND["Service"]["spec"]["ports"]}
    ports = {port["name"]: port["containerPort"] for port in CONTAINER["ports"]}
    assert {port["targetPort"] for port in BY_KIND["Service"]["spec"]["ports"]} == {"http"}, "metrics stay inside"
    allowed = {rule["ports"][0]["port"] for rule in BY_KIND["NetworkPolicy"]["spec"]["ingress"]}
    assert allowed == set(ports.values())


def test_a_pod_may_do_little() -> None:
    pod = BY_KIND["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    security = CONTAINER["securityContext"]
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert {"cpu", "memory"} <= set(CONTAINER["resources"]["limits"])
    assert {"cpu", "memory"} <= set(CONTAINER["resources"]["requests"])
    assert BY_KIND["NetworkPolicy"]["spec"]["egress"] == []
    assert BY_KIND["HorizontalPodAutoscaler"]["spec"]["minReplicas"] >= 2


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_probes_ask_for_what_there_is(probe: str) -> None:
    assert CONTAINER[probe]["httpGet"]["path"] in HEALTH
    assert CONTAINER[probe]["httpGet"]["port"] == "http"


# Compose and the image


def test_compose_is_what_the_specification_says() -> None:
    schema = json.loads((SCHEMAS / "compose.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(COMPOSE)
    wrong = json.loads(json.dumps(COMPOSE))
    wrong["services"]["app"]["replicass"] = 2
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(wrong)


def test_compose_services_may_do_little() -> None:
    for service in COMPOSE["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    assert "ports" not in COMPOSE["services"]["app"], "the proxy is the only way in"
    assert COMPOSE["networks"]["inside"]["internal"]
    subnet = COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert COMPOSE["services"]["app"]["environment"]["FORWARDED_ALLOW_IPS"] == subnet
    assert DIGEST.fullmatch(COMPOSE["services"]["proxy"]["image"])


def test_compose_mounts_what_there_is() -> None:
    for volume in COMPOSE["services"]["proxy"]["volumes"]:
        source = volume.partition(":")[0]
        if source.startswith("./"):
            assert (DEPLOY / source).exists()
    assert (DEPLOY / COMPOSE["services"]["app"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / COMPOSE["services"]["app"]["build"]["dockerfile"]).is_file()


def test_the_image_is_slim_pinned_and_not_roots() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (base,) = re.findall(r"^ARG PYTHON=(\S+)$", text, re.MULTILINE)
    assert DIGEST.fullmatch(base)
    assert "-slim-" in base
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${PYTHON}"}
    assert "--require-hashes" in text
    last = text[text.rindex("\nFROM") :]
    (user,) = re.findall(r"^USER (\d+):\d+$", last, re.MULTILINE)
    assert int(user) > 0
    assert user == str(BY_KIND["Deployment"]["spec"]["template"]["spec"]["securityContext"]["runAsUser"])
    assert "HEALTHCHECK" in last
    assert "/readyz" in last
    assert "ADD " not in text
    assert "apt-get" not in text


def test_the_image_gets_everything_the_server_needs() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for name in ("app.py", "LICENSE", "assets", "efficiency", "pages", "ui", ".streamlit"):
        assert re.search(rf"^COPY .*{re.escape(name)}\b", text, re.MULTILINE), name
        assert re.search(rf"^!{re.escape(name)}", ignored, re.MULTILINE), name
    assert ignored.startswith("*\n")


# HAProxy and systemd


def haproxy() -> str:
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("HAProxy is not installed")
    return found


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a key and a certificate that nobody trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, chain, both = (folder / name for name in ("key.pem", "chain.pem", "site.pem"))
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command = ["openssl", "req", *options, "-keyout", str(key), "-out", str(chain)]
    subprocess.run(command, check=True, capture_output=True)
    both.write_bytes(chain.read_bytes() + key.read_bytes())
    return both


@pytest.mark.parametrize("tls", [False, True])
def test_haproxy_takes_its_configuration(certificate: Path, tls: bool) -> None:
    environment = {"ERRORS": str(DEPLOY / "errors"), "COOKIE_SECRET": "x", "TLS_CERTIFICATE": "", "TLS_PORT": "8443"}
    if tls:
        environment["TLS_CERTIFICATE"] = str(certificate)
    command = [haproxy(), "-c", "-f", str(DEPLOY / "haproxy.cfg"), "-f", str(DEPLOY / "replicas.cfg")]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert "WARNING" not in finished.stderr


@pytest.mark.parametrize("path", sorted((DEPLOY / "errors").glob("*.http")), ids=lambda path: path.name)
def test_error_pages_are_polite_and_carry_the_headers(path: Path) -> None:
    head, _, body = path.read_bytes().decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.0 {path.stem} ")
    for name in ("content-security-policy", "x-content-type-options", "cache-control", "referrer-policy"):
        assert f"\r\n{name}:" in head.lower()
    assert "<h1>" in body
    assert "haproxy" not in body.lower()


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here")
    text = (DEPLOY / "twenty-watts.service").read_text(encoding="utf-8")
    unit = tmp_path / "twenty-watts.service"
    # The program need not lie where it will.
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
    finished = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert "twenty-watts.service:" not in finished.stderr, finished.stderr
