"""One call to a real server on this machine: who has no trusted certificate, or is too slow, has got nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.gateway.webhooks import posting
from services.gateway.webhooks.posting import caller, post

pytestmark = pytest.mark.real
HOST = "127.0.0.1"
ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that nobody signed but itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@asynccontextmanager
async def _server(
    *parts: bytes, certificate: Path | None = None, pause: float = 0
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answer each call with these parts, with a pause behind each; yield the port and what came."""
    came: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.readuntil(b"\r\n\r\n"))
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
        except ConnectionError:
            pass
        finally:
            writer.close()

    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, HOST, 0, ssl=context)
    yield server.sockets[0].getsockname()[1], came
    server.close()


async def test_who_has_no_trusted_certificate_gets_nothing(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a byte of a fact; once the operators trust it, it is called."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with _server(ACCEPTED, certificate=certificate) as (port, came):
        for trusted in (False, True):
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            posting._certificates.cache_clear()  # noqa: SLF001 - as another process would read it
            async with caller() as client:
                answer = await post(client, f"https://{HOST}:{port}/", b"{}", {})
            assert (answer.accepted, len(came)) == (trusted, trusted)
        posting._certificates.cache_clear()  # noqa: SLF001 - the next test has its own
        async with caller() as client:  # the certificate names an address, not this name for it
            assert str(await post(client, f"https://localhost:{port}/", b"{}", {})) == "ConnectError"
    monkeypatch.delenv("SSL_CERT_FILE")
    posting._certificates.cache_clear()  # noqa: SLF001 - as above


async def test_who_answers_too_slowly_has_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte may come in time and the whole does not: the patience is for all of it."""
    monkeypatch.setattr(posting, "PATIENCE_S", 0.5)
    drip = [b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 1_000]
    async with _server(*drip, pause=0.1) as (port, came), caller() as client:
        answer = await post(client, f"http://{HOST}:{port}/", b"{}", {})
    assert (str(answer), len(came)) == ("no answer within 0.5 s", 1)


@pytest.mark.parametrize(
    "told", [b"", b"HTTP/1.1 ", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"]
)
async def test_what_is_no_whole_answer_accepts_nothing(told: bytes) -> None:
    """A server that dies in the middle, or is another kind of server."""
    async with _server(told) as (port, _), caller() as client:
        answer = await post(client, f"http://{HOST}:{port}/", b"{}", {})
    assert (answer.accepted, answer.why) == (False, "RemoteProtocolError")
