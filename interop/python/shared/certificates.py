"""A root (IACA) and a document signer certificate after ISO/IEC 18013-5 Annex B."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from shared.keys import Jwk, ec_key_of, private_jwk

_MDL_SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
_LOCATION = x509.UniformResourceIdentifier("https://issuer.example")
_LISTS = x509.DistributionPoint([x509.UniformResourceIdentifier("https://issuer.example/crl")], None, None, None)


@dataclass(frozen=True)
class Authority:
    """A root and the signer below it."""

    root: x509.Certificate
    signer: x509.Certificate
    signer_jwk: Jwk


def new_authority(name: str, country: str = "KR") -> Authority:
    """An authority whose keys follow from its name."""
    root_key = ec_key_of(private_jwk("P-256", f"{name} root"))
    signer_jwk = private_jwk("P-256", f"{name} signer")
    signer_key = ec_key_of(signer_jwk)
    title = _title(country, f"Sinpyo Interop {name}")
    root = (
        _builder(title, title, root_key.public_key(), days=3000)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, SHA256())
    )
    subject = _title(country, f"Sinpyo Interop {name} Signer")
    signer = (
        _builder(subject, title, signer_key.public_key(), days=300)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_MDL_SIGNER]), critical=True)
        .sign(root_key, SHA256())
    )
    return Authority(root, signer, signer_jwk)


def _title(country: str, name: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, country), (NameOID.COMMON_NAME, name))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.IssuerAlternativeName([_LOCATION]), critical=False)
        .add_extension(x509.CRLDistributionPoints([_LISTS]), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
