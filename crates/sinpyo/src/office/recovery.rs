//! Recovery: a key that lies elsewhere takes a DID back from whoever stole the keys that are in use.

use super::{OldKey, Organisation, carried, document, former_keys, sign};
use crate::{
    files::{self, Access},
    home::Home,
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::Secret;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::did_tlog::{self, Control, DidHead, UpdateKey};
use std::path::{Path, PathBuf};

/// Where the recovery key of a new organisation is put, until its owner takes it elsewhere.
pub(crate) fn recovery_file(home: &Home, name: &str) -> PathBuf {
    home.path(format!("organisations/{name}.recovery.jwk"))
}

/// Makes a recovery key in a file of its own. One that is there stays and is taken: it may be all that is left of another
/// DID's keys.
pub(super) fn make_recovery_key(home: &Home, name: &str, algorithm: Algorithm) -> Result<SigningKey> {
    let file = recovery_file(home, name);
    if file.exists() {
        return read_recovery_key(&file);
    }
    let key = SigningKey::generate(algorithm, &mut OsEntropy);
    files::create(&file, key.to_private_jwk().expose().as_bytes(), Access::Private)?;
    Ok(key)
}

/// Reads a recovery key from the file in which it was kept.
pub(crate) fn read_recovery_key(file: &Path) -> Result<SigningKey> {
    let text = Secret::new(files::read_private(file)?);
    SigningKey::from_private_jwk(&text).with_context(|| format!("{} holds no private key", file.display()))
}

impl Organisation {
    /// Goes on from version `to` with keys that nobody else has: what came after it is set aside. Without `to` from the
    /// version that the keys kept here belong to.
    ///
    /// `old` says what becomes of the signing key of that version.
    pub(crate) fn recover(
        self,
        home: &Home,
        recovery: &SigningKey,
        to: Option<u64>,
        old: OldKey,
    ) -> Result<Self> {
        let registry = home.registry()?;
        let base = match to {
            Some(number) => registry.recoverable(&self.did(), number)?,
            None => self.last_own(home)?,
        };
        let base = base.context("the ledger keeps no such version that a recovery can begin at; see --to")?;
        if !base.recovery_keys().contains(&UpdateKey::new(recovery.verifying_key())) {
            bail!("version {} does not name this recovery key", base.version());
        }
        let algorithm = self.signer.key().algorithm();
        let [signing, update, next] = [(); 3].map(|()| SigningKey::generate(algorithm, &mut OsEntropy));
        let number = base.version().number() + 1;
        // The thief's version may have given another key the name that its number suggests.
        let key_name = format!("key-{number}-recovered-{}", home.now().unix());
        let leaked = (old == OldKey::Leaked).then(|| self.key_id().clone());
        let renewed = document(base.did(), &key_name, &signing);
        let renewed = carried(&former_keys(renewed, &base, leaked.as_ref(), home.now()), &base)?;
        let control = Control::by(update.verifying_key()).announcing(next.verifying_key());
        let operation = sign(did_tlog::recover(&base, home.origin(), &renewed, control), recovery)?;
        let signer = KeySigner::new(base.did().key(&key_name)?, signing);
        Self { signer, update, next, ..self }.replace_with(home, &operation)
    }

    /// The newest version that the keys kept here belong to.
    fn last_own(&self, home: &Home) -> Result<Option<DidHead>> {
        let registry = home.registry()?;
        let newest = self.head(home)?;
        let announced = UpdateKey::new(self.next.verifying_key()).hash();
        for number in (1..newest.version().number()).rev() {
            let Some(base) = registry.recoverable(&self.did(), number)? else { return Ok(None) };
            if base.next_key_hashes().contains(&announced) {
                return Ok(Some(base));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::{SharedClock, SystemClock};
    use sinpyo_core::{
        accreditation::LocalizedName,
        resolved::VersionSelector,
        time::{Clock, Timestamp},
    };
    use std::{
        fs,
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering::Relaxed},
        },
        time::Duration,
    };

    /// The time, and what the test adds to it.
    #[derive(Debug, Clone, Default)]
    struct Later(Arc<AtomicU64>);

    impl Clock for Later {
        fn now(&self) -> Timestamp {
            SystemClock.now().plus(Duration::from_secs(self.0.load(Relaxed)))
        }
    }

    fn names() -> LocalizedName {
        LocalizedName { ko: "우정".to_owned(), en: "Post".to_owned() }
    }

    /// An organisation whose keys somebody else has used: the home, its clock, the keys, and the recovery key.
    fn robbed() -> (tempfile::TempDir, Home, Later, Organisation, SigningKey) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Later::default();
        let home = Home::open(&folder.path().join("home"), SharedClock::new(clock.clone())).unwrap();
        Organisation::create(&home, "post", names(), Algorithm::Ed25519, true).unwrap();
        let file = home.path("organisations/post.json");
        let own = fs::read(&file).unwrap();
        Organisation::load(&home, "post").unwrap().rotate(&home, OldKey::Retired).unwrap();
        fs::write(&file, own).unwrap();
        let recovery = read_recovery_key(&recovery_file(&home, "post")).unwrap();
        let organisation = Organisation::load(&home, "post").unwrap();
        (folder, home, clock, organisation, recovery)
    }

    #[test]
    fn a_recovery_sets_a_thiefs_version_aside_within_its_window_and_not_later() {
        let (_folder, home, _, organisation, recovery) = robbed();
        let did = organisation.did();
        let thief = home.registry().unwrap().resolve(&did, &VersionSelector::Latest).unwrap();
        assert!(thief.document.methods().iter().any(|method| method.id.as_str().ends_with("#key-2")));
        let recovered = organisation.recover(&home, &recovery, None, OldKey::Leaked).unwrap();
        let resolved = recovered.resolve(&home).unwrap();
        let listed = |end: &str| {
            resolved.document.methods().iter().find(|method| method.id.as_str().ends_with(end)).cloned()
        };
        assert!(listed("#key-2").is_none());
        assert!(listed("#key-1").unwrap().revoked.is_some());
        // The keys that are kept now work.
        Organisation::load(&home, "post").unwrap().rotate(&home, OldKey::Retired).unwrap();
        let (_folder, home, clock, organisation, recovery) = robbed();
        clock.0.store(73 * 3600, Relaxed);
        let refused = organisation.recover(&home, &recovery, Some(1), OldKey::Leaked).unwrap_err();
        let refused = refused.downcast_ref::<sinpyo_registry::engine::AppendError>().unwrap();
        assert_eq!(refused.code(), Some("TLOG-27"));
    }

    #[test]
    fn nothing_but_the_recovery_key_recovers() {
        let (_folder, home, _, organisation, _) = robbed();
        let other = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy);
        assert!(organisation.recover(&home, &other, Some(1), OldKey::Leaked).is_err());
    }
}
