//! The verifier's whole check of one presentation: an SD-JWT VC with key binding, each of a holder of its own.
//!
//! The issuer's document, the accreditations and the status list are known, as they are after the first presentation
//! of an hour; the store from which a challenge is taken is not part of it.

use super::{
    INPUTS,
    input::{Input, issuer_token, verification},
    resident::{self, Issuer},
    sd_jwt_vc::selection,
};
use crate::{os::OsEntropy, row::Row};
use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName},
    credential::Validity,
    did::{Did, KeyId},
    key::Signer,
    request::{ClaimQuery, CredentialQuery, PresentationRequest},
    status::{BitOrder, StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_proof::{
    KeyRing, Signatory, Unverified, VerifiedStatusList,
    status_token::{self, Publication},
};
use sinpyo_verifier::{Accepted, Answer, Challenge, Fact, Known, Need, Policy};
use std::{
    collections::{BTreeMap, HashMap},
    hint::black_box,
    sync::Arc,
    time::Duration,
};

const VERIFIER: &str = "did:web:verifier.example";
const SERVICE: &str = "bench.resident";
const QUERY: &str = "resident";

/// The row `presentation verify`; its baseline is one raw check although there are two signatures.
pub(super) fn verify(name: &'static str) -> anyhow::Result<Row> {
    let issuer = Issuer::new(Algorithm::Es256)?;
    let now = resident::now()?;
    let (policy, facts) = (policy()?, Facts::new(&issuer, now)?);
    // As they are when they come back from a store: as requests.
    let requests: Vec<PresentationRequest> =
        (0..INPUTS).map(|_| policy.challenge(now, &mut OsEntropy).request().clone()).collect();
    let inputs: Vec<Input> = (0..)
        .zip(&requests)
        .map(|(index, request)| answer(index, request, &issuer, now))
        .collect::<anyhow::Result<_>>()?;
    let shown = resident::shown().len();
    let issuer_key = issuer.key().clone();
    verification(name, &inputs, &issuer_key, |index, wire| {
        let request = requests.get(index).context("no such request")?;
        let accepted = accept(policy.challenge_for(request.clone()), wire, &facts, now)?;
        let credential = accepted.credential(QUERY).context("no credential")?;
        ensure!(credential.claims().len() == shown, "not the claims that were shown");
        drop(black_box(accepted));
        Ok(())
    })
}

fn accept(challenge: Challenge, wire: &str, facts: &Facts, now: Timestamp) -> anyhow::Result<Accepted> {
    let mut check = challenge.check(Answer::parse(wire.as_bytes())?, now)?;
    while let Some(need) = check.need() {
        check.supply(&facts.find(&need)?)?;
    }
    Ok(check.finish()?)
}

fn policy() -> anyhow::Result<Policy> {
    let claims = resident::shown().into_iter().map(|path| ClaimQuery { path, values: Vec::new() });
    let query = CredentialQuery {
        id: QUERY.to_owned(),
        types: vec![resident::TYPE.parse()?],
        claims: claims.collect(),
    };
    Ok(Policy::new(VERIFIER.parse()?, SERVICE.parse()?, vec![query]))
}

/// What a holder of its own sends back.
fn answer(
    index: usize,
    request: &PresentationRequest,
    issuer: &Issuer,
    now: Timestamp,
) -> anyhow::Result<Input> {
    let name: KeyId = "did:example:holder#key".parse()?;
    let holder = KeySigner::new(name, SigningKey::generate(Algorithm::Es256, &mut OsEntropy));
    let key = holder.key().verifying_key();
    let presentation =
        selection(index, issuer, key)?.bind(&request.audience(), &request.nonce, now, (&holder, key))?;
    let wire = json!({"vp_token": {QUERY: [presentation]}}).to_string();
    Input::with_token(wire, issuer_token(&presentation))
}

/// What a verifier knows from its registry and from the issuer.
struct Facts {
    as_of: Timestamp,
    documents: HashMap<Did, Arc<KeyRing>>,
    accreditations: HashMap<Did, Arc<Accreditation>>,
    lists: HashMap<String, Arc<VerifiedStatusList>>,
}

impl Facts {
    fn new(issuer: &Issuer, as_of: Timestamp) -> anyhow::Result<Self> {
        let did: Did = resident::ISSUER.parse()?;
        let scope = BTreeMap::from([(resident::TYPE.parse()?, resident::shown())]);
        let grants = [
            (did.clone(), Grant::Issue { types: vec![resident::TYPE.parse()?] }),
            (VERIFIER.parse()?, Grant::Request { service: SERVICE.parse()?, scope }),
        ];
        let accredited = |(subject, grant): (Did, Grant)| {
            let name = LocalizedName { ko: "기관".to_owned(), en: "Organisation".to_owned() };
            let granted_by = did.clone();
            let accreditation = Accreditation {
                subject: subject.clone(),
                name,
                granted_by,
                grant,
                validity: Validity::default(),
            };
            (subject, Arc::new(accreditation))
        };
        Ok(Self {
            as_of,
            documents: HashMap::from([(did.clone(), Arc::clone(&issuer.keys))]),
            accreditations: grants.into_iter().map(accredited).collect(),
            lists: HashMap::from([(resident::STATUS_LIST.to_owned(), Arc::new(status_list(issuer, as_of)?))]),
        })
    }

    fn find(&self, need: &Need) -> anyhow::Result<Known> {
        let fact = match need {
            Need::Document { did, .. } => {
                self.documents.get(did).map(|keys| Fact::Document(Arc::clone(keys)))
            }
            Need::Accreditation { subject, .. } => {
                Some(Fact::Accreditation(self.accreditations.get(subject).map(Arc::clone)))
            }
            Need::StatusList { entry, .. } => {
                self.lists.get(entry.list()).map(|list| Fact::StatusList(Arc::clone(list)))
            }
            _ => bail!("an unknown need"),
        };
        Ok(Known { fact: fact.context("an unknown fact")?, as_of: self.as_of })
    }
}

/// A list in which everybody is valid.
fn status_list(issuer: &Issuer, now: Timestamp) -> anyhow::Result<VerifiedStatusList> {
    let list = StatusList::new(1, BitOrder::LeastFirst, 1 << 17)?;
    let uri = resident::STATUS_LIST.to_owned();
    let publication = Publication { uri, issued_at: now, expires: None, ttl: Some(Duration::from_hours(1)) };
    let signatory = Signatory { key_id: issuer.signer.key_id(), key: issuer.key() };
    let prepared = status_token::prepare(&list, &publication, signatory);
    let signature = issuer.signer.sign(prepared.signing_input())?;
    let token = prepared.attach(&signature)?;
    let entry = StatusEntry::Token { list: resident::STATUS_LIST.to_owned(), index: 0 };
    Ok(Unverified::<StatusList>::parse(token.as_bytes())?.verify(&entry, &issuer.keys, now)?)
}
