//! Certificates: the operator's, or for conformance runs one that is self-signed, made at every start, trusted by nobody.

use crate::files;
use anyhow::{Context, Result};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
};
use std::{net::IpAddr, path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

const MAX_PEM: u64 = 1 << 20;

/// An acceptor with a fresh certificate for `address` and `localhost`.
pub(crate) fn self_signed(address: IpAddr) -> Result<TlsAcceptor> {
    let names = vec!["localhost".to_owned(), address.to_string(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    acceptor(vec![made.cert.der().clone()], key)
}

/// An acceptor with the certificate chain and the private key in two PEM files.
pub(crate) fn from_files(chain: &Path, key: &Path) -> Result<TlsAcceptor> {
    let text = files::read(chain, MAX_PEM)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .with_context(|| format!("{} holds no certificates", chain.display()))?;
    let text = Zeroizing::new(files::read_private(key)?);
    let key = PrivateKeyDer::from_pem_slice(&text)
        .with_context(|| format!("{} holds no private key", key.display()))?;
    acceptor(chain, key)
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<TlsAcceptor> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("no TLS version is available")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate does not fit its key")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
