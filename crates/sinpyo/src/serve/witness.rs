//! A witness as a service: C2SP tlog-witness over HTTP, with keys and memory in one folder.

use super::edge::{Answer, Limits, PeerAddress, Service};
use crate::{
    files::{self, Access},
    os::{OsEntropy, SystemClock},
};
use anyhow::{Context, Result, bail};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Signer as _,
    time::Clock as _,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, hash::sha256};
use sinpyo_registry_api::{Budget, LimitSettings, Limits as PeerLimits};
use sinpyo_store::SqliteWitnessStore;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::{CosignerKey, CosignerName},
    note::LogKey,
    witness::{ADD_CHECKPOINT, AddCheckpoint, MAX_BODY, Witness as Core, WitnessKey},
};
use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The kinds of key of a witness, and their files.
const KEYS: [(Algorithm, &str); 2] =
    [(Algorithm::Ed25519, "ed25519.jwk"), (Algorithm::MlDsa44, "ml-dsa-44.jwk")];
const MAX_CHECKPOINT: u64 = 128 << 10;

/// A witness that is served.
pub(crate) struct Witness {
    core: Core<SqliteWitnessStore>,
    folder: PathBuf,
    limits: Mutex<PeerLimits>,
    _lock: File,
}

impl Witness {
    /// Opens the witness in `folder` for `logs`. A new one gets keys under `name`.
    pub(crate) fn open(folder: &Path, name: Option<&str>, logs: Vec<LogKey>) -> Result<Self> {
        for part in ["", "seen", "conflicts"] {
            files::private_folder(&folder.join(part))?;
        }
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(".lock"));
        let lock = lock.with_context(|| format!("cannot open the lock of {}", folder.display()))?;
        lock.try_lock().context("another witness works with this folder")?;
        let name = named(folder, name)?;
        let keys = KEYS.into_iter().map(|(algorithm, file)| {
            let signer = signer(&folder.join(file), algorithm)?;
            let key = CosignerKey::new(name.clone(), signer.key().verifying_key().clone())?;
            Ok(WitnessKey::new(key, signer))
        });
        let keys = keys.collect::<Result<Vec<_>>>()?;
        let text = lines(keys.iter().map(WitnessKey::key));
        files::replace(&folder.join("witness.vkey"), text.as_bytes(), Access::Public)?;
        for log in &logs {
            // A key that makes checkpoints must not vouch for them too. [CLI-14]
            if keys.iter().any(|key| key.key().verifying_key() == log.verifying_key()) {
                bail!("the key of the log {} is one of this witness", log.name());
            }
        }
        let store = SqliteWitnessStore::open(&folder.join("witness.db")).context("cannot open the memory")?;
        let limits = Mutex::new(PeerLimits::new(LimitSettings::default()));
        Ok(Self { core: Core::new(logs, keys, store), folder: folder.to_owned(), limits, _lock: lock })
    }

    fn add_checkpoint(&self, body: &[u8]) -> Response<Vec<u8>> {
        let answer = self.core.answer(body, SystemClock.now());
        if let Some(failure) = answer.failure() {
            tracing::error!(%failure, "the witness could not answer");
        }
        if let Some(conflicting) = answer.conflicting() {
            tracing::error!(log = conflicting.claimed_origin().as_str(), "a log shows another history");
            self.keep("conflicts", &to_base64url(&sha256(conflicting.to_string().as_bytes())), conflicting);
        }
        if answer.status() == 200
            && let Some(seen) = str::from_utf8(body).ok().and_then(|body| body.parse::<AddCheckpoint>().ok())
        {
            self.keep("seen", &place(seen.checkpoint.claimed_origin().as_str()), &seen.checkpoint);
        }
        respond(answer.status(), answer.content_type(), answer.body().into_bytes())
    }

    /// Keeps a checkpoint for those who compare; the memory that matters is the store.
    fn keep(&self, part: &str, name: &str, checkpoint: &SignedCheckpoint) {
        let path = self.folder.join(part).join(name);
        if let Err(error) = files::replace(&path, checkpoint.to_string().as_bytes(), Access::Private) {
            tracing::warn!(%error, "a checkpoint was not kept");
        }
    }

    /// What this witness saw last of the log whose name has this hash.
    fn seen(&self, hash: &str) -> Response<Vec<u8>> {
        let nothing = || respond(404, "text/plain; charset=utf-8", Vec::new());
        // It becomes the name of a file.
        let is_hash =
            from_base64url(hash).is_ok_and(|bytes| bytes.len() == 32 && to_base64url(&bytes) == hash);
        if !is_hash {
            return nothing();
        }
        match files::read(&self.folder.join("seen").join(hash), MAX_CHECKPOINT) {
            Ok(text) => respond(200, "text/plain; charset=utf-8", text),
            Err(_) => nothing(),
        }
    }

    fn describe(&self) -> Response<Vec<u8>> {
        respond(200, "text/plain; charset=utf-8", lines(self.core.keys()).into_bytes())
    }
}

impl Service for Witness {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        if let Some(PeerAddress(peer)) = request.extensions().get().copied() {
            let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(often) = limits.admit(peer.ip(), Budget::Read, SystemClock.now()) {
                let mut answer = respond(429, "text/plain; charset=utf-8", Vec::new()); // [CLI-11]
                let wait = HeaderValue::from(often.retry_after.as_secs().max(1));
                answer.headers_mut().insert(header::RETRY_AFTER, wait);
                return Answer::Whole(answer);
            }
        }
        let path = request.uri().path();
        Answer::Whole(match (request.method(), path) {
            (&Method::POST, ADD_CHECKPOINT) => self.add_checkpoint(request.body()),
            (&Method::GET, "/keys") => self.describe(),
            (&Method::GET, path) if path.starts_with("/seen/") => {
                self.seen(path.strip_prefix("/seen/").unwrap_or_default())
            }
            (_, ADD_CHECKPOINT | "/keys") => respond(405, "text/plain; charset=utf-8", Vec::new()),
            _ => respond(404, "text/plain; charset=utf-8", Vec::new()),
        })
    }

    fn too_long(&self) -> Response<Vec<u8>> {
        respond(413, "text/plain; charset=utf-8", Vec::new())
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY, at_once: 16 }
    }
}

fn respond(status: u16, kind: &'static str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// One key a line.
fn lines<'k>(keys: impl Iterator<Item = &'k CosignerKey>) -> String {
    keys.fold(String::new(), |text, key| text + &key.to_string() + "\n")
}

/// The name of a log as that of a file.
fn place(origin: &str) -> String {
    to_base64url(&sha256(origin.as_bytes()))
}

/// The name that the witness has, or gets now.
fn named(folder: &Path, wanted: Option<&str>) -> Result<CosignerName> {
    let path = folder.join("name");
    if path.exists() {
        let text = String::from_utf8(files::read(&path, 1024)?).context("the name is no text")?;
        let name = text.trim();
        if wanted.is_some_and(|wanted| wanted != name) {
            bail!("this witness is called {name}; under another name it would be another one");
        }
        return name.parse().context("the file name holds no name");
    }
    let Some(wanted) = wanted else { bail!("a new witness needs a name: --name witness.example/w1") };
    let name = wanted.parse().context("not a name for a witness")?;
    files::create(&path, wanted.as_bytes(), Access::Public)?;
    Ok(name)
}

fn signer(path: &Path, algorithm: Algorithm) -> Result<KeySigner> {
    let key = if path.exists() {
        let text = Secret::new(files::read_private(path)?);
        SigningKey::from_private_jwk(&text)
            .with_context(|| format!("{} holds no private key", path.display()))?
    } else {
        let key = SigningKey::generate(algorithm, &mut OsEntropy);
        files::create(path, key.to_private_jwk().expose().as_bytes(), Access::Private)?;
        key
    };
    // Cosignatures name the witness, not a verification method; a signer has to have one all the same.
    let multikey = key.verifying_key().to_multikey();
    let signer = KeySigner::new(format!("did:key:{multikey}#{multikey}").parse()?, key);
    tracing::debug!(key = signer.key_id().as_str(), "a key of the witness");
    Ok(signer)
}
