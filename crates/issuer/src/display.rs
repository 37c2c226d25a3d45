//! What wallets and verifiers are told about the credentials of a profile before there are any.

use crate::{Disclosure, Format, Profile};
use sinpyo_core::{accreditation::LocalizedName, claims::ClaimPath};

/// A profile's credentials in one format, for people and for the metadata of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description<'a> {
    /// What a credential of this format is called by machines.
    pub kind: Kind<'a>,
    /// What it is called by people.
    pub name: &'a LocalizedName,
    /// Who issues it, as people read it.
    pub issuer: &'a LocalizedName,
    /// Its claims, in the order of the profile.
    pub claims: Vec<ClaimDescription<'a>>,
}

/// The type of a credential as its format writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// `vct` of an SD-JWT VC.
    Vct(&'a str),
    /// `docType` of a mobile document.
    DocType(&'a str),
    /// `@context` and `type` of a W3C credential.
    W3c {
        /// The contexts, in order.
        contexts: [&'static str; 2],
        /// The types.
        types: [&'a str; 2],
    },
}

/// One claim, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimDescription<'a> {
    /// Where it stands in a credential of the format.
    pub path: ClaimPath,
    /// Whether every credential has it.
    pub mandatory: bool,
    /// Its name.
    pub name: &'a LocalizedName,
}

impl Profile {
    /// The profile's credentials in `format`; none if it says nothing about how they are mobile documents.
    ///
    /// Claims that nobody asks for are described too: the holder sees them, and needs their names.
    pub fn describe(&self, format: Format) -> Option<Description<'_>> {
        let mdoc = if format == Format::Mdoc { Some(self.mdoc()?) } else { None };
        let own = self.credential_type().as_str();
        let kind = match (mdoc, format.is_w3c()) {
            (Some(form), _) => Kind::DocType(form.doc_type().as_str()),
            (None, true) => Kind::W3c {
                contexts: [sinpyo_core::vcdm::CONTEXT_V2, crate::issuer::CLAIMS_CONTEXT],
                types: ["VerifiableCredential", own],
            },
            (None, false) => Kind::Vct(own),
        };
        let path = |claim: &str| match (mdoc, format.is_w3c()) {
            (Some(form), _) => form.path(claim),
            (None, true) => ClaimPath::name("credentialSubject").member(claim),
            (None, false) => ClaimPath::name(claim),
        };
        let claims = self.claims().iter().map(|claim| ClaimDescription {
            path: path(&claim.name),
            mandatory: claim.disclosure == Disclosure::Always,
            name: &claim.display,
        });
        Some(Description { kind, name: self.name(), issuer: self.issuer(), claims: claims.collect() })
    }
}
