//! What an issuer sent, until it is in the wallet.

use super::{ReceiveFlowError, logos::Logos};
use crate::{flow::World, need::Need};
use serde_json::Value;
use sinpyo_core::{
    accreditation::LocalizedName,
    credential::Credential,
    did::Did,
    encoding::from_base64url,
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_mdoc::IssuerTrust;
use sinpyo_openid4vci::{
    configuration::{Configuration, Format},
    display::{Displays, Languages},
    wallet::{Proposal, Received as Sent},
};
use sinpyo_proof::{KeyRing, Profile, Unverified};
use sinpyo_wallet::{Display, HeldId, Received};
use std::sync::Arc;

/// Credentials that are not verified yet.
#[derive(Debug)]
pub(super) struct Arrived {
    sent: Sent,
    documents: Vec<Resolved>,
    is_held: bool,
}

impl Arrived {
    pub(super) const fn new(sent: Sent) -> Self {
        Self { sent, documents: Vec::new(), is_held: false }
    }

    pub(super) const fn is_held(&self) -> bool {
        self.is_held
    }

    pub(super) fn know(&mut self, document: Resolved) {
        self.documents.push(document);
    }

    fn configuration<'p>(&self, proposal: &'p Proposal) -> Result<&'p Configuration, ReceiveFlowError> {
        let known = proposal.metadata.configurations.get(&self.sent.configuration_id);
        known.ok_or(ReceiveFlowError::OtherType)
    }

    /// The document of an issuer that is not known yet.
    pub(super) fn need(&self, proposal: &Proposal) -> Result<Option<Need>, ReceiveFlowError> {
        let format = &self.configuration(proposal)?.format;
        for value in &self.sent.credentials {
            let Some((did, at)) = signer(value, format)? else { continue };
            if !self.documents.iter().any(|known| *known.did() == did) {
                let version = at.map_or(VersionSelector::Latest, VersionSelector::Time);
                return Ok(Some(Need::Document { did, version }));
            }
        }
        Ok(None)
    }

    /// Verifies all, and then takes all into the wallet.
    pub(super) fn hold(
        &mut self,
        proposal: &Proposal,
        logos: &Logos,
        world: &mut World<'_>,
    ) -> Result<Vec<HeldId>, ReceiveFlowError> {
        let configuration = self.configuration(proposal)?;
        let mut keys = KeyRing::new();
        keys.trust_certificates(Arc::clone(&world.rules.issuer_roots));
        self.documents.iter().for_each(|document| keys.add(document));
        let logo = logos.get(&self.sent.configuration_id).cloned();
        let display = display(configuration, &proposal.metadata.displays).with_logo(logo);
        let verify = |value: &Value| verified(value, &configuration.format, &keys, world);
        let received: Vec<Received> = self.sent.credentials.iter().map(verify).collect::<Result<_, _>>()?;
        let mut held = Vec::new();
        for received in received {
            let kind = received.credential().types().first();
            let withheld = kind.and_then(|kind| world.rules.withheld.get(kind)).cloned();
            let received = received.described(display.clone());
            held.push(world.wallet.hold(received, withheld.unwrap_or_default())?);
        }
        self.is_held = true;
        Ok(held)
    }
}

/// The bytes of one credential.
fn wire(value: &Value, format: &Format) -> Result<Vec<u8>, ReceiveFlowError> {
    match (format, value) {
        (Format::Mdoc { .. }, Value::String(text)) => {
            from_base64url(text).map_err(|_| ReceiveFlowError::OtherType)
        }
        (Format::SdJwtVc { .. } | Format::Jwt { .. }, Value::String(text)) => Ok(text.clone().into_bytes()),
        (Format::DataIntegrity { .. }, Value::Object(_)) => Ok(value.to_string().into_bytes()),
        _ => Err(ReceiveFlowError::OtherType),
    }
}

/// The DID that is said to have signed, and when. None if it is known by a certificate.
fn signer(value: &Value, format: &Format) -> Result<Option<(Did, Option<Timestamp>)>, ReceiveFlowError> {
    if matches!(format, Format::Mdoc { .. }) {
        return Ok(None);
    }
    let hint = Unverified::<Credential>::parse(&wire(value, format)?)
        .map_err(sinpyo_wallet::ReceiveError::from)?
        .hint();
    Ok(hint.claimed_key().map(|key| (key.did(), hint.claimed_time())))
}

fn verified(
    value: &Value,
    format: &Format,
    keys: &KeyRing,
    world: &World<'_>,
) -> Result<Received, ReceiveFlowError> {
    let (wire, now) = (wire(value, format)?, world.now);
    let received = match format {
        Format::SdJwtVc { .. } => Received::verify(&wire, keys, now)?, // [VCI-CRS-06]
        Format::Mdoc { .. } => {
            Received::verify_mdoc(&wire, IssuerTrust::Roots(&world.rules.issuer_roots), now)?
        }
        Format::Jwt { .. } | Format::DataIntegrity { .. } => {
            Received::verify_w3c(&wire, keys, &Profile::default(), now)?
        }
        Format::Other(_) => return Err(ReceiveFlowError::OtherType),
    };
    let types = received.credential().types();
    let has = |name: &String| types.iter().any(|kind| kind.as_str() == name);
    let is_offered = match format {
        Format::SdJwtVc { vct } => types.first().is_some_and(|kind| kind.as_str() == vct),
        Format::Mdoc { doctype } => has(doctype),
        // Every W3C credential has the general type, which is not listed.
        Format::Jwt { types } | Format::DataIntegrity { types, .. } => {
            types.iter().filter(|name| *name != "VerifiableCredential").all(has)
        }
        Format::Other(_) => false,
    };
    if is_offered { Ok(received) } else { Err(ReceiveFlowError::OtherType) } // [WAP-01]
}

/// The names that the issuer published, in both languages.
fn display(configuration: &Configuration, issuer: &Displays) -> Display {
    let labels = configuration.claims.iter().filter(|claim| !claim.displays.is_empty());
    Display::new(
        &named(&configuration.displays),
        &named(issuer),
        labels.map(|claim| (claim.path.clone(), named(&claim.displays))),
    )
}

/// A name in both languages; empty if there is none.
pub(crate) fn named(displays: &Displays) -> LocalizedName {
    let name = |tag| {
        let display = displays.choose(&Languages::accept(tag));
        display.and_then(|display| display.name()).unwrap_or_default().to_owned()
    };
    LocalizedName { ko: name("ko"), en: name("en") }
}
