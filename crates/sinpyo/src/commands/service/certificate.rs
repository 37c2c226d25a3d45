//! `sinpyo service certificate …`

use crate::{
    files,
    home::Home,
    office::Organisation,
    say::Voice,
    service::certificates::{self, Wanted},
};
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

const MAX_PEM: u64 = 1 << 20;

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Make an authority for development, which is trusted in this home folder and nowhere else.
    #[command(after_help = "Example:\n  sinpyo service certificate authority")]
    Authority,
    /// Certify an organisation's signing key by the authority for development.
    #[command(
        after_help = "Example:\n  sinpyo service certificate issue --as post --host verify.example.kr --document-signer"
    )]
    Issue {
        /// Short name of the organisation.
        #[arg(long = "as", value_name = "NAME")]
        organisation: String,
        /// Host name at which it is reached; may be repeated. Its DID is named in any case.
        #[arg(long)]
        host: Vec<String>,
        /// Let it sign mobile documents (ISO 18013-5).
        #[arg(long)]
        document_signer: bool,
    },
    /// Take over a certificate chain for an organisation's signing key, the key's own certificate first.
    #[command(after_help = "Example:\n  sinpyo service certificate import --as post chain.pem")]
    Import {
        /// Short name of the organisation.
        #[arg(long = "as", value_name = "NAME")]
        organisation: String,
        /// The chain in PEM form, without its trust anchor.
        chain: PathBuf,
    },
    /// Trust the authorities in a PEM file.
    #[command(after_help = "Example:\n  sinpyo service certificate trust roots.pem")]
    Trust {
        /// Their certificates.
        file: PathBuf,
    },
}

pub(super) fn run(home: &Home, command: CertificateCommand, voice: Voice) -> Result<()> {
    let path = match command {
        CertificateCommand::Authority => certificates::authority(home)?,
        CertificateCommand::Issue { organisation, host, document_signer } => {
            let organisation = Organisation::load(home, &organisation)?;
            certificates::certify(home, &organisation, &Wanted { hosts: &host, document_signer })?
        }
        CertificateCommand::Import { organisation, chain } => {
            let organisation = Organisation::load(home, &organisation)?;
            certificates::import(home, &organisation, &files::read(&chain, MAX_PEM)?)?
        }
        CertificateCommand::Trust { file } => {
            let name =
                file.file_stem().and_then(|name| name.to_str()).context("the file's name is no text")?;
            certificates::trust(home, name, &files::read(&file, MAX_PEM)?)?
        }
    };
    told(&path, voice);
    Ok(())
}

fn told(path: &Path, voice: Voice) {
    voice.report(&json!({"ok": true, "file": path.display().to_string()}), &path.display().to_string());
}
