"""The certificate by which clients know the server.

It is the room's own, made at `init` and known to the clients by
its fingerprint, or one of the operator's in PEM files.
"""

import datetime
import hashlib
import logging
import os
import ssl
import threading
from pathlib import Path

from server.clock import SYSTEM
from server.private_files import create_private
from server.settings import Settings

log = logging.getLogger(__name__)

CERTIFICATE_NAME = "certificate.pem"
KEY_NAME = "key.pem"

VALID_FOR = datetime.timedelta(days=100 * 365)
"""Clients know the room's own certificate by its fingerprint and take no
notice of its dates; a date that passes would only break other tools."""

LOOK_EVERY_S = 10.0
"""How soon a replaced certificate is in use."""


class CertificateError(Exception):
    """The certificate or its key can't be used; the text says why."""


def make_certificate(data_dir: Path, name: str) -> None:
    """Make a self-signed certificate (ECDSA P-256, SHA-256) and its key, in PEM,
    in the data folder. What is there already stays."""
    # Slow to import, and needed only here.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    if (data_dir / CERTIFICATE_NAME).exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    # A common name has room for so much (RFC 5280, upper bounds).
    common_name = name.encode()[:64].decode(errors="ignore")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.fromtimestamp(SYSTEM.now_ms() // 1000, datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A clock that runs behind must not take it for one of the future.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_private(data_dir / KEY_NAME, private)
    # The key first: where there is a certificate, there is its key.
    draft = data_dir / (CERTIFICATE_NAME + ".new")
    draft.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    os.replace(draft, data_dir / CERTIFICATE_NAME)


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody but its owner can read, at no moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(create_private(path), "wb") as file:
        file.write(content)


def _no_password() -> str:
    raise ValueError("the key is protected by a password; use one without")


def fingerprint_of(certificate: Path) -> bytes:
    """Return the SHA-256 of the first certificate in a PEM file, in DER (as browsers show
    it). Raises CertificateError."""
    try:
        # What stands around it, an issuer's name say, is in any encoding.
        text = certificate.read_text(encoding="latin-1")
        begin = text.index("-----BEGIN CERTIFICATE-----")
        end = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text[begin:end])).digest()
    except (OSError, ValueError) as error:
        raise CertificateError(f"{certificate}: {error}") from error


def load_identity(settings: Settings, data_dir: Path) -> "Identity | None":
    """Return the identity that the settings choose; None where they switch TLS off.

    Raises CertificateError.
    """
    if not settings.tls:
        return None
    if settings.tls_certificate:
        return Identity(data_dir / settings.tls_certificate, data_dir / settings.tls_key)
    return Identity(data_dir / CERTIFICATE_NAME, data_dir / KEY_NAME)


def fingerprint_in_use(settings: Settings, data_dir: Path) -> bytes:
    """Return the fingerprint by which clients know the server; empty where the settings
    switch TLS off. Raises CertificateError."""
    if not settings.tls:
        return b""
    return fingerprint_of(data_dir / (settings.tls_certificate or CERTIFICATE_NAME))


class Identity:
    """Who the server proves to be. `context` is for new connections.

    `watch` starts a thread that looks at the files, and takes what has changed
    if it is sound; what is not is told in the log, and the former stays.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises CertificateError."""
        self._certificate = certificate
        self._key = key
        self._seen = self._look()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.context = self._load()
        self.fingerprint = fingerprint_of(certificate)

    def watch(self) -> None:
        """Look for changes from now on, until `close`."""
        self._thread = threading.Thread(target=self._watch, name="certificate", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def refresh(self) -> bool:
        """Load the files anew if they have changed. Whether they were taken."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self.context, self.fingerprint = self._load(), fingerprint_of(self._certificate)
        except CertificateError as error:
            log.error("the new certificate is not used: %s", error)
            return False
        log.info("the certificate was replaced; its fingerprint: %s", self.fingerprint.hex())
        return True

    def _watch(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self.refresh()

    def _look(self) -> list[tuple[int, int]]:
        seen = []
        for path in (self._certificate, self._key):
            try:
                status = path.stat()
                seen.append((status.st_mtime_ns, status.st_size))
            except OSError:
                seen.append((0, 0))
        return seen

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        # Clients come back by their session token; TLS's own tickets would
        # save them a signature and cost every connection's memory.
        context.num_tickets = 0
        try:
            # Without the password function OpenSSL would ask on the terminal.
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except (OSError, ValueError) as error:
            raise CertificateError(f"{self._certificate}, {self._key}: {error}") from error
        return context
