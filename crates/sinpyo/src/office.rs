//! Organisations: their keys, and what they do on the ledger.

mod recovery;

pub(crate) use recovery::{read_recovery_key, recovery_file};

use crate::{
    files::{self, Access},
    home::Home,
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    credential::Validity,
    did::{Did, KeyId},
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as Relationship,
    },
    json,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{
    Operation,
    accreditation::{AccreditationStatus, draft_grant, draft_status},
    did_tlog::{self, Control, DidHead, DidVersion, UpdateKey},
};
use sinpyo_resolver::did_webvh::twin::naming;
use std::{path::Path, time::Duration};

/// What an organisation's signing key is for.
const USES: [Relationship; 2] = [Relationship::Authentication, Relationship::AssertionMethod];

const MAX_OPERATION: u64 = 1 << 16;

/// An accreditation may begin before its entry by at most a day, so that the rounded times of credentials lie in it.
const HEAD_START: Duration = Duration::from_hours(12);

/// Why a key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldKey {
    /// It is time: what it signed stays good.
    Retired,
    /// Somebody else may have it.
    Leaked,
}

/// Who is accredited.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) did: Did,
    /// Name as people read it.
    pub(crate) names: LocalizedName,
}

/// An organisation whose keys are kept here.
#[derive(Debug)]
pub(crate) struct Organisation {
    /// Short name within this installation.
    pub(crate) name: String,
    /// Name as people read it.
    pub(crate) names: LocalizedName,
    /// Signs statements and requests, under its name in the document.
    pub(crate) signer: KeySigner,
    /// May sign the next operation on the DID.
    update: SigningKey,
    /// Announced as the update key after it.
    next: SigningKey,
}

impl Organisation {
    /// Creates a DID on the ledger. The first one becomes the accreditation root of an own ledger. What was prepared, or
    /// not taken, is handed in again.
    pub(crate) fn create(
        home: &Home,
        name: &str,
        names: LocalizedName,
        algorithm: Algorithm,
        recoverable: bool,
    ) -> Result<Self> {
        let organisation = Self::prepare(home, name, names, algorithm, recoverable)?;
        let creation = home.path(creation_of(name));
        let operation = files::read(&creation, MAX_OPERATION)?;
        home.appoint_root_if_first(&organisation.did())?;
        home.registry()?.submit(&operation).with_context(|| {
            let did = organisation.did();
            format!(
                "{did} is not on the ledger yet; its keys are kept, and the same command hands it in again"
            )
        })?;
        std::fs::remove_file(&creation).context("cannot remove what is done")?;
        Ok(organisation)
    }

    /// Makes the keys of an organisation and keeps the operation that creates its DID, unless that was done before: the
    /// registry's operator has to admit a DID first.
    pub(crate) fn prepare(
        home: &Home,
        name: &str,
        names: LocalizedName,
        algorithm: Algorithm,
        recoverable: bool,
    ) -> Result<Self> {
        check_name(name)?;
        let (keys, creation) = (home.path(file_of(name)), home.path(creation_of(name)));
        if keys.exists() && creation.exists() {
            return Self::load(home, name);
        }
        let (organisation, operation) = Self::make(home, name, names, algorithm, recoverable)?;
        files::replace(&creation, operation.as_bytes(), Access::Private)?;
        organisation.keep(home)?;
        Ok(organisation)
    }

    /// Makes the keys of an organisation and the operation that creates its DID.
    pub(crate) fn draft(
        home: &Home,
        name: &str,
        names: LocalizedName,
        algorithm: Algorithm,
        recoverable: bool,
    ) -> Result<(Self, Operation<DidVersion>)> {
        let (organisation, operation) = Self::make(home, name, names, algorithm, recoverable)?;
        // The keys first: an operation whose keys are lost could never be followed by another.
        organisation.keep(home)?;
        Ok((organisation, operation))
    }

    fn make(
        home: &Home,
        name: &str,
        names: LocalizedName,
        algorithm: Algorithm,
        recoverable: bool,
    ) -> Result<(Self, Operation<DidVersion>)> {
        check_name(name)?;
        if home.path(file_of(name)).exists() {
            bail!("there is an organisation {name} already");
        }
        let [signing, update, next] = [(); 3].map(|()| SigningKey::generate(algorithm, &mut OsEntropy));
        let control = Control::by(update.verifying_key()).announcing(next.verifying_key());
        let control = if recoverable {
            control.recovered_by(recovery::make_recovery_key(home, name, algorithm)?.verifying_key())
        } else {
            control
        };
        let document = |did: &Did| document(did, "key-1", &signing);
        let draft = did_tlog::create(home.origin(), control, document)?;
        let operation = sign(draft, &update)?;
        let signer = KeySigner::new(operation.fact().did.key("key-1")?, signing);
        let organisation = Self { name: name.to_owned(), names, signer, update, next };
        Ok((organisation, operation))
    }

    fn keep(&self, home: &Home) -> Result<()> {
        files::create(&home.path(file_of(&self.name)), self.to_json().expose().as_bytes(), Access::Private)
    }

    /// The organisation of this short name.
    pub(crate) fn load(home: &Home, name: &str) -> Result<Self> {
        check_name(name)?;
        let path = home.path(file_of(name));
        if !path.exists() {
            bail!("there is no organisation {name}; create it with: sinpyo did create {name} --ko … --en …");
        }
        let read = |path: &Path| {
            let text = Secret::new(files::read_private(path)?);
            Self::from_json(name, text.expose()).with_context(|| format!("{} is damaged", path.display()))
        };
        let pending = home.path(format!("{}.new", file_of(name)));
        if pending.exists() {
            let rotated = read(&pending)?;
            let key = UpdateKey::new(rotated.update.verifying_key());
            let took_place = rotated.head(home)?.update_keys().contains(&key);
            if took_place {
                std::fs::rename(&pending, &path).context("cannot keep the new keys")?;
            } else {
                std::fs::remove_file(&pending).context("cannot remove keys that never came to use")?;
            }
        }
        read(&path)
    }

    /// Its DID.
    pub(crate) fn did(&self) -> Did {
        self.key_id().did()
    }

    /// The name of its signing key.
    pub(crate) fn key_id(&self) -> &KeyId {
        sinpyo_core::key::Signer::key_id(&self.signer)
    }

    /// Its current document.
    pub(crate) fn resolve(&self, home: &Home) -> Result<Resolved> {
        home.registry()?.resolve(&self.did(), &VersionSelector::Latest)
    }

    /// Replaces the signing key and hands the DID over to the announced update key. The document keeps a key that leaked,
    /// as revoked: nothing that it signed is accepted any more.
    pub(crate) fn rotate(self, home: &Home, old: OldKey) -> Result<Self> {
        let head = self.head(home)?;
        let algorithm = self.signer.key().algorithm();
        let [signing, after] = [(); 2].map(|()| SigningKey::generate(algorithm, &mut OsEntropy));
        let number = head.version().number() + 1;
        let leaked = (old == OldKey::Leaked).then(|| self.key_id().clone());
        let key_name = format!("key-{number}");
        let document = document(head.did(), &key_name, &signing);
        let document = carried(&former_keys(document, &head, leaked.as_ref(), home.now()), &head)?;
        let control = Control::by(self.next.verifying_key()).announcing(after.verifying_key());
        let draft = did_tlog::update(&head, home.origin(), &document, Some(control));
        let operation = sign(draft, &self.next)?;
        let signer = KeySigner::new(head.did().key(&key_name)?, signing);
        Self { signer, update: self.next, next: after, ..self }.replace_with(home, &operation)
    }

    /// Declares a retired key leaked: nothing that it signed is accepted any more.
    pub(crate) fn revoke(self, home: &Home, key: &str) -> Result<Self> {
        let head = self.head(home)?;
        let id = head.did().key(key)?;
        if id == *self.key_id() {
            bail!("{id} is in use; replace it with: sinpyo did rotate {} --leaked", self.name);
        }
        let listed = |id: &KeyId| head.document().methods().iter().find(|method| method.id == *id).cloned();
        listed(&id).with_context(|| format!("the document has no key {id}"))?;
        let current = listed(self.key_id()).context("the document does not have the signing key")?;
        let document = DidDocument::new(head.did().clone()).with_key(current, &USES);
        let document = carried(&former_keys(document, &head, Some(&id), home.now()), &head)?;
        self.rewrite(home, &head, &document)
    }

    /// Adds `twin` to the other names of the DID.
    pub(crate) fn name_twin(self, home: &Home, twin: &Did) -> Result<Self> {
        let head = self.head(home)?;
        let document = naming(head.document(), twin)?;
        self.rewrite(home, &head, &document)
    }

    /// Gives the DID another document with the same signing key, and hands it over to the announced update key.
    fn rewrite(self, home: &Home, head: &DidHead, document: &DidDocument) -> Result<Self> {
        let after = SigningKey::generate(self.signer.key().algorithm(), &mut OsEntropy);
        let control = Control::by(self.next.verifying_key()).announcing(after.verifying_key());
        let draft = did_tlog::update(head, home.origin(), document, Some(control));
        let operation = sign(draft, &self.next)?;
        Self { update: self.next, next: after, ..self }.replace_with(home, &operation)
    }

    /// Submits the operation to which these keys belong, and keeps them. Until the ledger has it they are kept beside the
    /// old ones: whichever of the two a crash leaves is complete.
    fn replace_with(self, home: &Home, operation: &Operation<DidVersion>) -> Result<Self> {
        let path = home.path(file_of(&self.name));
        let pending = home.path(format!("{}.new", file_of(&self.name)));
        files::replace(&pending, self.to_json().expose().as_bytes(), Access::Private)?;
        submit(home, operation)?;
        std::fs::rename(&pending, &path).context("cannot keep the new keys")?;
        Ok(self)
    }

    /// Takes the DID out of use for good.
    pub(crate) fn deactivate(&self, home: &Home) -> Result<()> {
        let draft = did_tlog::deactivate(&self.head(home)?, home.origin());
        submit(home, &sign(draft, &self.next)?)
    }

    /// Itself, as others accredit it.
    pub(crate) fn subject(&self) -> Subject {
        Subject { did: self.did(), names: self.names.clone() }
    }

    /// Accredits `subject` as of now.
    pub(crate) fn accredit(&self, home: &Home, subject: Subject, grant: Grant) -> Result<()> {
        let accreditation = Accreditation {
            subject: subject.did,
            name: subject.names,
            granted_by: self.did(),
            grant,
            validity: Validity { from: Some(home.now().minus(HEAD_START)), until: None },
        };
        let draft = draft_grant(home.origin(), &accreditation)?;
        submit(home, &draft.sign(&self.signer, self.signer.key().verifying_key())?)
    }

    /// Changes the status of every accreditation by which this organisation gave `subject` the right; says how many.
    pub(crate) fn set_right(
        &self,
        home: &Home,
        subject: &Did,
        right: &Right,
        status: AccreditationStatus,
    ) -> Result<usize> {
        let records = home.registry()?.records(subject, right)?;
        let ours = records.into_iter().filter(|record| {
            let accreditation = record.accreditation();
            accreditation.granted_by == self.did() && accreditation.grant.gives(right)
        });
        let ours: Vec<_> = ours.filter(|record| record.status_at(home.now()) != status).collect();
        if ours.is_empty() {
            bail!("{} gave {subject} no such right that is not so already", self.name);
        }
        for record in &ours {
            let draft = draft_status(home.origin(), record, status);
            submit(home, &draft.sign(&self.signer, self.signer.key().verifying_key())?)?;
        }
        Ok(ours.len())
    }

    fn head(&self, home: &Home) -> Result<DidHead> {
        let head = home.registry()?.head_of(&self.did())?;
        head.with_context(|| format!("the DID of {} is not on the ledger", self.name))
    }

    fn to_json(&self) -> Secret<String> {
        let jwk = |key: &SigningKey| key.to_private_jwk().expose().clone();
        let file = json!({
            "ko": self.names.ko, "en": self.names.en, "keyId": self.key_id().as_str(),
            "signing": jwk(self.signer.key()), "update": jwk(&self.update), "next": jwk(&self.next),
        });
        Secret::new(file.to_string())
    }

    fn from_json(name: &str, text: &[u8]) -> Result<Self> {
        let members = json::parse_object(text)?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).context("a member is missing");
        let key = |name: &str| -> Result<SigningKey> {
            Ok(SigningKey::from_private_jwk(&Secret::new(text(name)?.to_owned()))?)
        };
        Ok(Self {
            name: name.to_owned(),
            names: LocalizedName { ko: text("ko")?.to_owned(), en: text("en")?.to_owned() },
            signer: KeySigner::new(text("keyId")?.parse()?, key("signing")?),
            update: key("update")?,
            next: key("next")?,
        })
    }
}

fn file_of(name: &str) -> String {
    format!("organisations/{name}.json")
}

/// The operation that creates the DID, until the ledger has it.
fn creation_of(name: &str) -> String {
    format!("organisations/{name}.creation")
}

/// A short name is part of a file name.
fn check_name(name: &str) -> Result<()> {
    let fine = (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fine {
        bail!("a short name has 1 to 32 lower-case letters, digits and hyphens");
    }
    Ok(())
}

/// Retired keys that a document still names, so that one of them can be revoked later.
const MAX_RETIRED: usize = 16;

/// Adds the keys of the version before, for no use any more: revoked ones, that which `leaked` names, and the last retired.
fn former_keys(document: DidDocument, head: &DidHead, leaked: Option<&KeyId>, now: Timestamp) -> DidDocument {
    let listed = |id: &KeyId| document.methods().iter().any(|method| method.id == *id);
    let former = head.document().methods().iter().filter(|method| !listed(&method.id)).cloned();
    let former = former.map(|method| match leaked {
        Some(id) if *id == method.id => {
            VerificationMethod { revoked: method.revoked.or(Some(now)), ..method }
        }
        _ => method,
    });
    let (revoked, retired): (Vec<_>, Vec<_>) = former.partition(|method| method.revoked.is_some());
    let kept = revoked.into_iter().chain(retired.into_iter().take(MAX_RETIRED));
    kept.fold(document, |document, method| document.with_key(method, &[]))
}

/// Adds what the version before says besides keys: other names, such as that of a twin, and services.
fn carried(document: &DidDocument, head: &DidHead) -> Result<DidDocument> {
    let (mut members, before) = (document.to_json(), head.document().to_json());
    for name in ["alsoKnownAs", "service"] {
        members.extend(before.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    Ok(DidDocument::from_json(&members)?)
}

fn document(did: &Did, key_name: &str, signing: &SigningKey) -> DidDocument {
    let key = PublicKeyMaterial::Multikey(signing.verifying_key().to_multikey());
    let empty = DidDocument::new(did.clone());
    match did.key(key_name) {
        Ok(id) => {
            empty.with_key(VerificationMethod { id, controller: did.clone(), key, revoked: None }, &USES)
        }
        Err(_) => empty,
    }
}

fn sign<T>(draft: sinpyo_registry::Draft<T>, key: &SigningKey) -> Result<Operation<T>> {
    let multikey = key.verifying_key().to_multikey();
    let id: KeyId = format!("did:key:{multikey}#{multikey}").parse()?;
    let prepared = draft.prepare(sinpyo_proof::Signatory { key_id: &id, key: key.verifying_key() })?;
    let signature = key.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}

/// Appends `operation`; returns when a checkpoint commits to it.
pub(crate) fn submit<T>(home: &Home, operation: &Operation<T>) -> Result<()> {
    home.registry()?.submit(operation.as_bytes()).map(|_| ())
}

/// Waits until ledger time has passed `moment`, so that what is appended next is later than it.
pub(crate) fn wait_past(home: &Home, moment: Timestamp) {
    while home.now() <= moment {
        std::thread::sleep(Duration::from_millis(20));
    }
}
