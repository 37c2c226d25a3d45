//! The folder of a VC API server: its key, its instances with theirs, its contexts and clients.

use crate::{
    files::{self, Access as FileAccess},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_bbs as bbs;
use sinpyo_core::{
    Secret,
    did::KeyId,
    encoding::{from_base64url, to_base64url},
    json,
    jwk::PublicJwk,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey, hash::sha256};
use sinpyo_jsonld::Contexts;
use sinpyo_vcapi::{Access, CONFORMANCE, Instance, Instances, KeyKind, Listing, PrivateKey, Suite};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

const MAX_FILE: u64 = 1 << 20;
const PARTS: [&str; 5] = ["", "instances", "contexts", "clients", "credentials"];

/// The folder, which nobody but its owner can look into.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder; one that is not there is made.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        for part in PARTS {
            files::private_folder(&path.join(part))?;
        }
        Ok(Self(path.to_owned()))
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The file that is kept under a name of any form: its own name is a hash.
    pub(crate) fn hashed(&self, part: &str, name: &str, extension: &str) -> PathBuf {
        self.file(&format!("{part}/{}.{extension}", to_base64url(&sha256(name.as_bytes()))))
    }

    /// What makes and checks access tokens; a folder without a key for that gets one.
    pub(crate) fn access(&self) -> Result<Access> {
        let path = self.file("server-key.jwk");
        let key = if path.exists() {
            let text = Secret::new(files::read_private(&path)?);
            SigningKey::from_private_jwk(&text)
                .with_context(|| format!("{} holds no private key", path.display()))?
        } else {
            let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
            files::create(&path, key.to_private_jwk().expose().as_bytes(), FileAccess::Private)?;
            key
        };
        let multikey = key.verifying_key().to_multikey();
        let id = format!("did:key:{multikey}#{multikey}").parse().context("the name of the server's key")?;
        Ok(Access::new(KeySigner::new(id, key)))
    }

    /// The instances of the conformance profile; those that are not there yet are made.
    pub(crate) fn conformance_instances(&self) -> Result<Instances> {
        for (name, suite, kind, listing) in CONFORMANCE {
            if !self.public(name).exists() {
                self.add_instance(name, &NewInstance { suite, kind, listing, did: None })?;
            }
        }
        self.instances()
    }

    /// All instances.
    pub(crate) fn instances(&self) -> Result<Instances> {
        let mut instances = Instances::default();
        for file in fs::read_dir(self.file("instances")).context("cannot read the folder of instances")? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name =
                    path.file_stem().and_then(|name| name.to_str()).context("a file name is no text")?;
                instances.insert(name, self.instance(name)?);
            }
        }
        Ok(instances)
    }

    fn public(&self, name: &str) -> PathBuf {
        self.file(&format!("instances/{name}.json"))
    }

    fn instance(&self, name: &str) -> Result<Instance> {
        let broken = || format!("the instance {name} is malformed");
        let public = json::parse_object(&files::read(&self.public(name), MAX_FILE)?).with_context(broken)?;
        let text = |member: &str| public.get(member).and_then(Value::as_str).with_context(broken);
        let suite: Suite = text("suite")?.parse().with_context(broken)?;
        let key_id: KeyId = text("key")?.parse().with_context(broken)?;
        let listing: Listing = text("status")?.parse().with_context(broken)?;
        let private = Zeroizing::new(files::read_private(&self.file(&format!("instances/{name}.key")))?);
        let key = match suite.usual_key() {
            KeyKind::Bbs => {
                let octets =
                    std::str::from_utf8(&private).ok().and_then(|text| from_base64url(text.trim()).ok());
                let octets = Zeroizing::new(octets.with_context(broken)?);
                PrivateKey::Bbs(bbs::SecretKey::from_octets(&octets).with_context(broken)?)
            }
            KeyKind::Signature(_) => PrivateKey::Signature(
                SigningKey::from_private_jwk(&Secret::new(private.to_vec())).with_context(broken)?,
            ),
        };
        Instance::new(suite, listing, key_id, key).with_context(broken)
    }

    /// Makes an instance with a new key, and returns the verification method under which others must find that.
    pub(crate) fn add_instance(&self, name: &str, new: &NewInstance) -> Result<KeyId> {
        check_name(name)?;
        let key = PrivateKey::generate(new.kind, &mut OsEntropy);
        let key_id = match &new.did {
            Some(did) => format!("{did}#{name}"),
            None => key.own_name(),
        };
        let key_id: KeyId = key_id.parse().context("the DID is malformed")?;
        let private = match &key {
            PrivateKey::Signature(key) => Zeroizing::new(key.to_private_jwk().expose().clone()),
            PrivateKey::Bbs(key) => Zeroizing::new(to_base64url(key.to_octets().expose())),
        };
        let public = json!({
            "suite": new.suite.name(),
            "key": key_id.as_str(),
            "publicKey": multikey(&key),
            "status": new.listing.name(),
        });
        Instance::new(new.suite, new.listing, key_id.clone(), key)
            .context("the suite does not sign with keys of this kind, or cannot have status lists")?;
        let key_file = self.file(&format!("instances/{name}.key"));
        files::create(&key_file, private.as_bytes(), FileAccess::Private)?;
        files::create(&self.public(name), format!("{public:#}\n").as_bytes(), FileAccess::Private)?;
        Ok(key_id)
    }

    /// The bundled contexts and those that were added.
    pub(crate) fn contexts(&self) -> Result<Arc<Contexts>> {
        let mut contexts = Contexts::bundled();
        for file in fs::read_dir(self.file("contexts")).context("cannot read the folder of contexts")? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "url") {
                let url = String::from_utf8(files::read(&path, MAX_FILE)?).context("a URL is no text")?;
                let text = files::read(&path.with_extension("jsonld"), MAX_FILE)?;
                contexts = Arc::new(contexts.with(url.trim(), &text)?);
            }
        }
        Ok(contexts)
    }

    /// Adds the context `text` under `url`, for good, and returns its digest.
    pub(crate) fn add_context(&self, url: &str, text: &[u8]) -> Result<[u8; 32]> {
        let contexts = self.contexts()?.with(url, text)?;
        files::replace(&self.hashed("contexts", url, "jsonld"), text, FileAccess::Private)?;
        files::replace(&self.hashed("contexts", url, "url"), url.as_bytes(), FileAccess::Private)?;
        contexts.digest(url).context("the context was not added")
    }

    /// Registers the client `name` with its public key.
    pub(crate) fn add_client(&self, name: &str, jwk: &[u8]) -> Result<()> {
        check_name(name)?;
        let jwk = PublicJwk::from_members(json::parse_object(jwk).context("the key is not JSON")?);
        let jwk = jwk.context("the file holds no public key")?;
        VerifyingKey::from_jwk(&jwk).context("the key cannot be used")?;
        let text = Value::Object(jwk.members().clone()).to_string();
        files::create(&self.file(&format!("clients/{name}.jwk")), text.as_bytes(), FileAccess::Private)
    }

    /// The public key of the client `name`.
    pub(crate) fn client(&self, name: &str) -> Result<Option<PublicJwk>> {
        let path = self.file(&format!("clients/{name}.jwk"));
        if check_name(name).is_err() || !path.exists() {
            return Ok(None);
        }
        Ok(Some(PublicJwk::from_members(json::parse_object(&files::read(&path, MAX_FILE)?)?)?))
    }
}

/// An instance that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewInstance {
    pub(crate) suite: Suite,
    pub(crate) kind: KeyKind,
    pub(crate) listing: Listing,
    /// Whose key it will be; that of a did:key if nobody's.
    pub(crate) did: Option<String>,
}

fn multikey(key: &PrivateKey) -> String {
    match key {
        PrivateKey::Signature(key) => key.verifying_key().to_multikey().to_string(),
        PrivateKey::Bbs(key) => key.public_key().to_multikey().to_string(),
    }
}

/// Names become file names and parts of paths.
fn check_name(name: &str) -> Result<()> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !plain || name.is_empty() || name.len() > 64 {
        bail!("a name has 1 to 64 small letters, digits and hyphens");
    }
    Ok(())
}
