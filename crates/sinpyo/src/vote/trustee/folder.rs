//! Where a trustee keeps its secrets.

use crate::{
    files::{self, Access},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sinpyo_ballot::ceremony::{BoxKey, BoxSecret, TrusteeNumber};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    json,
    key::Entropy as _,
};
use sinpyo_crypto::{
    Algorithm, SigningKey,
    aead::SealingKey,
    password::{Cost, SALT_LENGTH, derive_key},
};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use sinpyo_voting::{
    audit::Examined,
    form::{from_hex_array, to_hex},
    trustee::Custody,
};
use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The secrets, as JSON or sealed.
const SECRETS: &str = "secrets";
/// What is no secret: where the election is, which number this trustee has, and which head of the record it saw last.
const PLACE: &str = "trustee.json";
/// Held while the program works: two of them would speak for one trustee.
const LOCK: &str = ".lock";
/// Begins a sealed file: then follow salt and box.
const SEALED: &[u8] = b"sinpyo trustee 1\n";
const MAX_PLACE: u64 = 1 << 16;

/// Under what the secrets lie at rest.
#[derive(Debug)]
pub(crate) enum Passphrase {
    /// Under nothing but the file's permissions (0600).
    None,
    /// Under this passphrase.
    Of(Secret<String>),
}

impl Passphrase {
    /// The passphrase in a file that nobody else can read, without the end of its line.
    pub(crate) fn from_file(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::None) };
        let text = String::from_utf8(files::read_private(path)?).ok().context("the passphrase is no text")?;
        let text = Secret::new(text);
        let line = text.expose().trim_end_matches(['\r', '\n']);
        if line.chars().count() < 8 {
            bail!("a passphrase has at least 8 characters");
        }
        Ok(Self::Of(Secret::new(line.to_owned())))
    }
}

/// A trustee's folder, opened.
pub(crate) struct TrusteeFolder {
    path: PathBuf,
    passphrase: Passphrase,
    secrets: Secrets,
    place: Option<Joined>,
    _lock: File,
}

/// The election that the trustee was invited to.
struct Joined {
    address: String,
    number: u32,
    head: Option<TreeHead>,
}

impl std::fmt::Debug for TrusteeFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrusteeFolder").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What nobody else may know.
struct Secrets {
    signing: Secret<Vec<u8>>,
    sealing: Secret<[u8; 32]>,
    seed: Secret<[u8; 32]>,
    opened: Option<[u8; 64]>,
}

impl TrusteeFolder {
    /// Opens the folder; one that is not there is made, with new secrets.
    pub(crate) fn open(path: &Path, passphrase: Passphrase) -> Result<Self> {
        files::private_folder(path)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join(LOCK));
        let lock = lock.with_context(|| format!("cannot open {}", path.display()))?;
        lock.try_lock().context("the trustee's program is running already")?;
        let file = path.join(SECRETS);
        let is_new = !file.exists();
        let secrets = if is_new { Secrets::draw() } else { Secrets::read(&file, &passphrase)? };
        let place = place(&path.join(PLACE))?;
        let folder = Self { path: path.to_owned(), passphrase, secrets, place, _lock: lock };
        if is_new {
            folder.keep()?;
        }
        Ok(folder)
    }

    fn keep(&self) -> Result<()> {
        let content = self.secrets.write(&self.passphrase)?;
        files::replace(&self.path.join(SECRETS), &content, Access::Private)
    }

    /// The key that signs its events.
    pub(crate) fn signing_key(&self) -> Result<SigningKey> {
        SigningKey::from_private_jwk(&self.secrets.signing).context("the trustee's key is damaged")
    }

    /// The key that shares are sealed for.
    pub(crate) fn box_key(&self) -> BoxKey {
        BoxSecret::from_bytes(Secret::new(*self.secrets.sealing.expose())).public()
    }

    /// Notes where the election is, and which number was given.
    pub(crate) fn join(&mut self, address: &str, number: u32) -> Result<()> {
        let joined = Joined { address: address.to_owned(), number, head: None };
        self.note(joined)
    }

    fn note(&mut self, joined: Joined) -> Result<()> {
        let Joined { address, number, head } = &joined;
        let head = head.map(|head| json!({"root": to_hex(head.root.as_bytes()), "size": head.size}));
        let text = json!({"at": address, "head": head, "number": number}).to_string();
        files::replace(&self.path.join(PLACE), text.as_bytes(), Access::Private)?;
        self.place = Some(joined);
        Ok(())
    }

    /// The head of the record that was worked on last: a later record has to grow from it.
    pub(crate) fn head(&self) -> Option<TreeHead> {
        self.place.as_ref()?.head
    }

    /// Notes the head of the record that is worked on.
    pub(crate) fn saw(&mut self, head: TreeHead) -> Result<()> {
        let Joined { address, number, head: known } = self.place.as_ref().context(NOT_INVITED)?;
        if *known == Some(head) {
            return Ok(());
        }
        self.note(Joined { address: address.clone(), number: *number, head: Some(head) })
    }

    /// Where the election is.
    pub(crate) fn address(&self) -> Result<&str> {
        Ok(&self.place.as_ref().context(NOT_INVITED)?.address)
    }

    /// Which trustee this is.
    pub(crate) fn number(&self) -> Result<u32> {
        Ok(self.place.as_ref().context(NOT_INVITED)?.number)
    }

    /// That the manifest names the keys of this folder under its number: otherwise another would answer for it.
    pub(crate) fn check(&self, seen: &Examined) -> Result<()> {
        let number = self.number()?;
        let Some(manifest) = &seen.manifest else { return Ok(()) };
        let trustee = manifest.trustee(number).context("the manifest has no trustee of this number")?;
        let own = self.signing_key()?;
        if trustee.key != *own.verifying_key() || trustee.sealing != *self.box_key().as_bytes() {
            bail!("the manifest names other keys for trustee {number} than those of this folder");
        }
        Ok(())
    }

    /// What the trustee answers for.
    pub(crate) fn custody(&self) -> Result<Custody> {
        Ok(Custody {
            number: TrusteeNumber::new(self.number()?).context("the trustee's number is out of bounds")?,
            seed: Secret::new(*self.secrets.seed.expose()),
            sealing: BoxSecret::from_bytes(Secret::new(*self.secrets.sealing.expose())),
            opened: self.secrets.opened,
        })
    }

    /// Notes of which sums shares are given, before they are.
    pub(crate) fn opens(&mut self, digest: [u8; 64]) -> Result<()> {
        if self.secrets.opened == Some(digest) {
            return Ok(());
        }
        self.secrets.opened = Some(digest);
        self.keep()
    }
}

const NOT_INVITED: &str = "this folder has accepted no invitation yet: --invitation URL";

fn place(path: &Path) -> Result<Option<Joined>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = files::read(path, MAX_PLACE)?;
    let read = || {
        let members = json::parse_object(&text).ok()?;
        let number = u32::try_from(members.get("number")?.as_u64()?).ok()?;
        let head = match members.get("head") {
            None | Some(Value::Null) => None,
            Some(head) => {
                let root: [u8; 32] = from_hex_array(head.get("root")?.as_str()?)?;
                Some(TreeHead { size: head.get("size")?.as_u64()?, root: Hash::from(root) })
            }
        };
        Some(Joined { address: members.get("at")?.as_str()?.to_owned(), number, head })
    };
    read().map(Some).with_context(|| format!("{} is damaged", path.display()))
}

impl Secrets {
    fn draw() -> Self {
        let random = || {
            let mut bytes = Zeroizing::new([0; 32]);
            OsEntropy.fill(&mut *bytes);
            Secret::new(*bytes)
        };
        let signing = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy).to_private_jwk();
        let signing = Secret::new(signing.expose().as_bytes().to_vec());
        let sealing = Secret::new(*BoxSecret::generate(&mut OsEntropy).as_bytes().expose());
        Self { signing, sealing, seed: random(), opened: None }
    }

    fn write(&self, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>> {
        let text = Secret::new(
            json!({
                "box": to_hex(self.sealing.expose()),
                "opened": self.opened.map(|opened| to_hex(&opened)),
                "seed": to_hex(self.seed.expose()),
                "signing": to_base64url(self.signing.expose()),
            })
            .to_string(),
        );
        let Passphrase::Of(passphrase) = passphrase else {
            return Ok(Zeroizing::new(text.expose().as_bytes().to_vec()));
        };
        let mut salt = [0; SALT_LENGTH];
        OsEntropy.fill(&mut salt);
        let key = SealingKey::new(&derive_key(passphrase, &salt, Cost::DEFAULT)?);
        let sealed = key.seal(&mut OsEntropy, SEALED, &text).context("the secrets cannot be sealed")?;
        Ok(Zeroizing::new([SEALED, &salt, &sealed].concat()))
    }

    fn read(path: &Path, passphrase: &Passphrase) -> Result<Self> {
        let content = Zeroizing::new(files::read_private(path)?);
        let plain = match (content.strip_prefix(SEALED), passphrase) {
            (None, _) => Secret::new(content.to_vec()),
            (Some(_), Passphrase::None) => bail!("{} is sealed: --passphrase-file FILE", path.display()),
            (Some(rest), Passphrase::Of(passphrase)) => {
                let (salt, sealed) =
                    rest.split_first_chunk::<SALT_LENGTH>().context("the secrets are damaged")?;
                let key = SealingKey::new(&derive_key(passphrase, salt, Cost::DEFAULT)?);
                key.open(SEALED, sealed).ok().context("the passphrase does not open the secrets")?
            }
        };
        let members = json::parse_object(plain.expose()).ok();
        members.and_then(|members| Self::from_members(&members)).context("the secrets are damaged")
    }

    fn from_members(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        Some(Self {
            signing: Secret::new(from_base64url(text("signing")?).ok()?),
            sealing: Secret::new(from_hex_array(text("box")?)?),
            seed: Secret::new(from_hex_array(text("seed")?)?),
            opened: match members.get("opened")? {
                Value::Null => None,
                Value::String(digest) => Some(from_hex_array(digest)?),
                _ => return None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::Of(Secret::new(text.to_owned()))
    }

    #[test]
    fn a_folder_keeps_its_secrets() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("trustee");
        let made = TrusteeFolder::open(&path, Passphrase::None).unwrap();
        let key = made.signing_key().unwrap().verifying_key().clone();
        let sealing = made.box_key();
        assert!(TrusteeFolder::open(&path, Passphrase::None).is_err(), "one program at a time");
        drop(made);
        let mut again = TrusteeFolder::open(&path, Passphrase::None).unwrap();
        assert_eq!(*again.signing_key().unwrap().verifying_key(), key);
        assert_eq!(again.box_key(), sealing);
        assert!(again.custody().is_err(), "nobody invited it yet");
        again.join("http://127.0.0.1:1/e/00", 3).unwrap();
        again.opens([7; 64]).unwrap();
        let head = TreeHead { size: 9, root: Hash::leaf(b"nine") };
        again.saw(head).unwrap();
        drop(again);
        let again = TrusteeFolder::open(&path, Passphrase::None).unwrap();
        assert_eq!((again.number().unwrap(), again.custody().unwrap().opened), (3, Some([7; 64])));
        assert_eq!(again.head(), Some(head));
    }

    #[test]
    fn sealed_secrets_open_with_their_passphrase_only() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("trustee");
        let made = TrusteeFolder::open(&path, passphrase("correct horse")).unwrap();
        let key = made.signing_key().unwrap().verifying_key().clone();
        drop(made);
        let kept = std::fs::read(path.join(SECRETS)).unwrap();
        assert!(kept.starts_with(SEALED) && !String::from_utf8_lossy(&kept).contains("seed"));
        assert!(TrusteeFolder::open(&path, Passphrase::None).is_err());
        assert!(TrusteeFolder::open(&path, passphrase("wrong horse")).is_err());
        let again = TrusteeFolder::open(&path, passphrase("correct horse")).unwrap();
        assert_eq!(*again.signing_key().unwrap().verifying_key(), key);
    }

    #[test]
    fn secrets_that_others_can_read_are_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("trustee");
        drop(TrusteeFolder::open(&path, Passphrase::None).unwrap());
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(&path.join(SECRETS), 0o640);
        assert!(TrusteeFolder::open(&path, Passphrase::None).is_err());
        mode(&path.join(SECRETS), 0o600);
        mode(&path, 0o750);
        assert!(TrusteeFolder::open(&path, Passphrase::None).is_err());
        mode(&path, 0o700);
        assert!(TrusteeFolder::open(&path, Passphrase::None).is_ok());
    }
}
