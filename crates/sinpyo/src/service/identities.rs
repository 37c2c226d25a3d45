//! As whom an issuer's tenants issue: organisations of the installation, with their documents, certificates and rights.

use super::{
    certificates,
    world::{Installation, lock},
};
use crate::{home::Home, office::Organisation};
use anyhow::{Context, Result, bail};
use sinpyo_core::{accreditation::Right, encoding::to_base64url};
use sinpyo_crypto::hash::sha256;
use sinpyo_issuer_api::{Identities, Identity, Standing};
use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

/// How long what was read about an organisation is relied on, if its keys do not change.
const KEEP: Duration = Duration::from_mins(5);
/// How long nothing is read about one that could not be read.
const PAUSE: Duration = Duration::from_secs(5);

/// The organisations that a service may sign as.
#[derive(Debug)]
pub(crate) struct Organisations {
    installation: Installation,
    names: Vec<String>,
    kept: Mutex<HashMap<String, Kept>>,
}

/// What was read about an organisation.
#[derive(Clone, Debug)]
struct Kept {
    until: Instant,
    keys_of: Option<SystemTime>,
    identity: Option<(String, Arc<Identity>)>,
}

impl Organisations {
    /// Those of these short names. Each must be there, and able to issue.
    pub(crate) fn open(installation: Installation, names: Vec<String>) -> Result<Self> {
        if names.is_empty() {
            bail!("--as NAME says as which organisation of --home is issued");
        }
        let organisations = Self { installation, names, kept: Mutex::default() };
        for name in &organisations.names {
            let kept = organisations.read(name, None)?;
            lock(&organisations.kept).insert(name.clone(), kept);
        }
        Ok(organisations)
    }

    /// The organisation that a tenant means: with one only, that.
    fn meant<'n>(&'n self, name: &str) -> Option<&'n str> {
        match self.names.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|one| *one == name).map(String::as_str), // [CLI-30]
        }
    }

    fn read(&self, name: &str, before: Option<&Kept>) -> Result<Kept> {
        let keys_of = self.keys_of(name);
        let home = self.installation.open()?;
        let organisation = Organisation::load(&home, name)?;
        let standing = standing(&home, &organisation)?;
        let print = print(&organisation, &standing);
        let before = before.and_then(|kept| kept.identity.clone());
        let identity = match before {
            Some((same, identity)) if same == print => identity,
            _ => {
                let made = Identity::new(Arc::new(organisation.signer), standing);
                Arc::new(made.with_context(|| format!("{name} cannot issue"))?)
            }
        };
        Ok(Kept { until: Instant::now() + KEEP, keys_of, identity: Some((print, identity)) })
    }

    /// When the organisation's keys were last written.
    fn keys_of(&self, name: &str) -> Option<SystemTime> {
        let path: PathBuf = self.installation.folder.join(format!("organisations/{name}.json"));
        fs::metadata(path).and_then(|file| file.modified()).ok()
    }
}

impl Identities for Organisations {
    fn identity(&self, name: &str) -> Option<Arc<Identity>> {
        let name = self.meant(name)?;
        let before = {
            let mut kept = lock(&self.kept);
            let one = kept.get_mut(name)?;
            if Instant::now() < one.until && one.keys_of == self.keys_of(name) {
                return one.identity.as_ref().map(|(_, identity)| Arc::clone(identity));
            }
            // Others go on with what there is while this thread reads.
            one.until = Instant::now() + PAUSE;
            one.keys_of = self.keys_of(name);
            one.clone()
        };
        match self.read(name, Some(&before)) {
            Ok(read) => {
                let identity = read.identity.as_ref().map(|(_, identity)| Arc::clone(identity));
                lock(&self.kept).insert(name.to_owned(), read);
                identity
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    name,
                    "an organisation could not be read again"
                );
                before.identity.map(|(_, identity)| identity)
            }
        }
    }
}

/// What the ledger and its certificates make of an organisation.
fn standing(home: &Home, organisation: &Organisation) -> Result<Standing> {
    let did = organisation.did();
    let registry = home.registry()?;
    let (mut accredited_since, mut profiles) = (None, Vec::new());
    for profile in home.catalogue.profiles() {
        let right = Right::Issue(profile.credential_type().clone());
        let chain = registry.chain(&did, &right, home.now())?;
        if let Some(accreditation) = chain.as_ref().and_then(|chain| chain.accreditation()) {
            accredited_since = accredited_since.max(accreditation.validity.from);
            profiles.push(profile.id().to_owned());
        }
    }
    Ok(Standing {
        document: Some(organisation.resolve(home)?),
        chain: certificates::chain_of(home, organisation)?,
        accredited_since,
        // Who is accredited for nothing may try everything, and finds that nobody accepts it.
        profiles: Some(profiles).filter(|profiles| !profiles.is_empty()),
    })
}

/// Two readings with the same print make the same identity.
fn print(organisation: &Organisation, standing: &Standing) -> String {
    let chain = standing.chain.as_ref().map(|chain| chain.ders().concat());
    let about = format!(
        "{:?} {:?} {:?} {:?}",
        organisation.key_id(),
        standing.document,
        standing.accredited_since,
        standing.profiles
    );
    to_base64url(&sha256(&[about.into_bytes(), chain.unwrap_or_default()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_issues_as_no_organisation_that_was_not_named() {
        let named = |names: &[&str]| {
            let installation = Installation {
                folder: PathBuf::new(),
                registry: None,
                policy: None,
                freshness: Duration::from_mins(1),
            };
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            Organisations { installation, names, kept: Mutex::default() }
        };
        let two = named(&["post", "moi"]);
        assert_eq!(two.meant("moi"), Some("moi"));
        assert_eq!(two.meant("bank"), None);
        assert_eq!(named(&["post"]).meant("a-branch"), Some("post"), "whoever the only one works for");
    }
}
