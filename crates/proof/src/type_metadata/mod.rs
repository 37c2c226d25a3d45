//! Type metadata of SD-JWT VC: what the issuer of a type says about its credentials [SD-JWT VC §6].
//!
//! Pure functions over documents that somebody has fetched or bundled; nothing is fetched here. Metadata give no
//! authority: an issuer must be accredited for the type that its credential names, whatever that extends.

mod display;
mod integrity;

use crate::{
    jws::Typ,
    sd_jwt::{Parts, SdJwtError, Shown},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    claims::ClaimPath,
    json::{self, JsonError},
};

pub use display::{Display, safe_text};
pub use integrity::check as check_integrity;

/// Most types that extend one another.
const MAX_TYPES: usize = 8;
/// Most claims that the metadata of one type describe.
const MAX_CLAIMS: usize = 256;
/// Longest document, in bytes.
const MAX_LENGTH: usize = 256 << 10;

/// Whether a claim may be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Disclosable {
    /// The issuer must make it selectively disclosable.
    Always,
    /// The issuer may.
    #[default]
    Allowed,
    /// The issuer must not.
    Never,
}

/// What the metadata say about one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimMetadata {
    /// Which claim.
    pub path: ClaimPath,
    /// How it is called.
    pub display: Vec<Display>,
    /// Whether every credential of the type states it.
    pub mandatory: bool,
    /// Whether it may be hidden.
    pub disclosable: Disclosable,
}

/// The metadata of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeMetadata {
    vct: String,
    extends: Option<Reference>,
    display: Vec<Display>,
    claims: Vec<ClaimMetadata>,
}

/// A type, and the hash that its document must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The type's name.
    pub vct: String,
    /// Subresource integrity of its document; none if nothing fixes it.
    pub integrity: Option<String>,
}

impl Reference {
    /// The type that verified claims name, with `vct#integrity`; none if they name none.
    ///
    /// # Errors
    /// One of the two is not a text: a hash that cannot be read is not the same as none.
    pub fn of_claims(claims: &Map<String, Value>) -> Result<Option<Self>, TypeMetadataError> {
        Self::read(claims, ("vct", "vct#integrity"))
    }

    fn read(
        members: &Map<String, Value>,
        (name, hash): (&'static str, &'static str),
    ) -> Result<Option<Self>, TypeMetadataError> {
        let text = |name: &'static str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(TypeMetadataError::Member(name)), // [VCT-01]
        };
        let integrity = text(hash)?;
        Ok(text(name)?.map(|vct| Self { vct, integrity }))
    }
}

impl TypeMetadata {
    /// Reads the document of `reference`. Members that are not known are ignored.
    ///
    /// # Errors
    /// Not a JSON object for this type, not the octets that the reference fixes, or a malformed member.
    pub fn parse(reference: &Reference, document: &[u8]) -> Result<Self, TypeMetadataError> {
        if document.len() > MAX_LENGTH {
            return Err(TypeMetadataError::TooLarge); // [VCT-06]
        }
        if let Some(integrity) = &reference.integrity {
            check_integrity(document, integrity)?;
        }
        let members = json::parse_object(document).map_err(TypeMetadataError::Json)?;
        if members.get("vct").and_then(Value::as_str) != Some(&reference.vct) {
            return Err(TypeMetadataError::OtherType); // [VCT-02]
        }
        let extends = Reference::read(&members, ("extends", "extends#integrity"))?;
        let claims = list(&members, "claims")?;
        if claims.len() > MAX_CLAIMS {
            return Err(TypeMetadataError::TooLarge); // [VCT-06]
        }
        Ok(Self {
            vct: reference.vct.clone(),
            extends,
            display: displays(members.get("display"), "name"),
            claims: claims.iter().map(claim).collect::<Result<_, _>>()?,
        })
    }
}

fn list<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<&'m [Value], TypeMetadataError> {
    match members.get(name) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(TypeMetadataError::Member(name)), // [VCT-01]
    }
}

fn displays(entries: Option<&Value>, label: &str) -> Vec<Display> {
    let entries = entries.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    entries.iter().filter_map(|entry| Display::read(entry, label)).collect()
}

fn claim(entry: &Value) -> Result<ClaimMetadata, TypeMetadataError> {
    const WHAT: TypeMetadataError = TypeMetadataError::Member("claims");
    let path = entry.get("path").and_then(|path| ClaimPath::from_json(path).ok());
    let mandatory = entry.get("mandatory").map_or(Some(false), Value::as_bool);
    let disclosable = match entry.get("sd").map(Value::as_str) {
        None | Some(Some("allowed")) => Disclosable::Allowed,
        Some(Some("always")) => Disclosable::Always,
        Some(Some("never")) => Disclosable::Never,
        Some(_) => return Err(WHAT), // [VCT-01]
    };
    Ok(ClaimMetadata {
        path: path.ok_or(WHAT)?, // [VCT-01]
        display: displays(entry.get("display"), "label"),
        mandatory: mandatory.ok_or(WHAT)?,
        disclosable,
    })
}

/// A type with everything that it extends, the most specific first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeChain(Vec<TypeMetadata>);

/// When a credential is compared with its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The holder received it, with every disclosure.
    Issued,
    /// A verifier was shown a part of it: what is missing may have been withheld.
    Presented,
}

impl TypeChain {
    /// Reads the type of `reference` and all that it extends; `document` gives the document of a type.
    ///
    /// # Errors
    /// A document is missing or malformed, types extend each other in a circle or too deep, or one loosens what it
    /// extends.
    pub fn load<'d>(
        reference: &Reference,
        document: impl Fn(&str) -> Option<&'d [u8]>,
    ) -> Result<Self, TypeMetadataError> {
        let mut chain: Vec<TypeMetadata> = Vec::new();
        let mut next = Some(reference.clone());
        while let Some(reference) = next.take() {
            if chain.len() == MAX_TYPES || chain.iter().any(|known| known.vct == reference.vct) {
                return Err(TypeMetadataError::Circle); // [VCT-04]
            }
            let document = document(&reference.vct).ok_or(TypeMetadataError::Missing)?; // [VCT-05]
            let metadata = TypeMetadata::parse(&reference, document)?;
            next.clone_from(&metadata.extends);
            chain.push(metadata);
        }
        let chain = Self(chain);
        chain.check_inheritance()?;
        Ok(chain)
    }

    /// The names of the type and of those it extends. Not what its issuer is entitled to.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|metadata| metadata.vct.as_str())
    }

    /// How the type is called in `locale`, or in the language next to it.
    pub fn display(&self, locale: &str) -> Option<&Display> {
        self.0.iter().find_map(|metadata| display::for_locale(&metadata.display, locale))
    }

    /// How a claim is called in `locale`, or in the language next to it.
    pub fn claim_display(&self, path: &ClaimPath, locale: &str) -> Option<&Display> {
        self.all(path).find_map(|claim| display::for_locale(&claim.display, locale))
    }

    /// The claims that are described, each by the most specific type that does.
    pub fn claims(&self) -> impl Iterator<Item = &ClaimMetadata> {
        let all = self.0.iter().flat_map(|metadata| &metadata.claims);
        all.filter(|claim| self.all(&claim.path).next().is_some_and(|first| std::ptr::eq(first, *claim)))
    }

    fn all<'c, 'p>(&'c self, path: &'p ClaimPath) -> impl Iterator<Item = &'c ClaimMetadata> + use<'c, 'p> {
        self.0.iter().flat_map(|metadata| &metadata.claims).filter(move |claim| claim.path == *path)
    }

    /// A type may narrow what it extends, not loosen it.
    fn check_inheritance(&self) -> Result<(), TypeMetadataError> {
        let loosens = |claim: &ClaimMetadata| {
            self.all(&claim.path).skip_while(|other| !std::ptr::eq(*other, claim)).skip(1).any(|extended| {
                let fixed = extended.disclosable != Disclosable::Allowed;
                (extended.mandatory && !claim.mandatory)
                    || (fixed && claim.disclosable != extended.disclosable)
            })
        };
        let mut all = self.0.iter().flat_map(|metadata| &metadata.claims);
        if all.any(loosens) { Err(TypeMetadataError::Loosened) } else { Ok(()) } // [VCT-07]
    }

    /// Compares the SD-JWT VC `wire`, which the caller has verified, with its type.
    ///
    /// # Errors
    /// A mandatory claim is missing, or a claim is hidden that must not be, or the other way round.
    pub fn check(&self, wire: &str, stage: Stage) -> Result<(), TypeMetadataError> {
        let parts = Parts::parse(wire.to_owned(), &[Typ::SD_JWT_VC]).map_err(TypeMetadataError::SdJwt)?;
        let Shown { plain, disclosed: shown } = Shown::of(&parts).map_err(TypeMetadataError::SdJwt)?;
        for claim in self.claims() {
            let (stated, disclosed) = (claim.path.select(&plain), claim.path.select(&shown));
            if claim.mandatory && disclosed.is_empty() {
                let withheld = stage == Stage::Presented && claim.disclosable != Disclosable::Never;
                if !withheld {
                    return Err(TypeMetadataError::MandatoryClaim(claim.path.clone())); // [VCT-08]
                }
            }
            let breaks = match claim.disclosable {
                Disclosable::Always => !stated.is_empty(),
                Disclosable::Never => stated.len() < disclosed.len(),
                Disclosable::Allowed => false,
            };
            if breaks {
                return Err(TypeMetadataError::Disclosability(claim.path.clone())); // [VCT-09]
            }
        }
        Ok(())
    }
}

/// Why type metadata are refused, or a credential by them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypeMetadataError {
    /// The document is not strict JSON.
    #[error("the type metadata are refused")]
    Json(#[source] JsonError),
    /// VCT-01: a member is malformed.
    #[error("member \"{0}\" of the type metadata is malformed")]
    Member(&'static str),
    /// VCT-02: the document of another type.
    #[error("the type metadata are those of another type")]
    OtherType,
    /// VCT-03: not the octets that the reference fixes, or no known hash fixes them.
    #[error("the type metadata are not the ones that the credential refers to")]
    Integrity,
    /// VCT-04: types that extend each other in a circle, or more than 8.
    #[error("the types extend each other without end")]
    Circle,
    /// VCT-05: the document of a type is not there.
    #[error("the metadata of a type are missing")]
    Missing,
    /// VCT-06: too large to be read.
    #[error("the type metadata are too large")]
    TooLarge,
    /// VCT-07: a type loosens what it extends.
    #[error("the type allows what the type that it extends forbids")]
    Loosened,
    /// VCT-08: the credential does not state what every one of its type does.
    #[error("the credential lacks the claim {0}, which its type demands")]
    MandatoryClaim(ClaimPath),
    /// VCT-09: the issuer hid what must be visible, or showed what must be hidden.
    #[error("the claim {0} is hidden or visible against the rules of its type")]
    Disclosability(ClaimPath),
    /// What is compared is no SD-JWT VC.
    #[error(transparent)]
    SdJwt(SdJwtError),
}

impl TypeMetadataError {
    /// The rule that was broken, as in `spec/checks/{vct,json,sdj}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Member(_) => "VCT-01",
            Self::OtherType => "VCT-02",
            Self::Integrity => "VCT-03",
            Self::Circle => "VCT-04",
            Self::Missing => "VCT-05",
            Self::TooLarge => "VCT-06",
            Self::Loosened => "VCT-07",
            Self::MandatoryClaim(_) => "VCT-08",
            Self::Disclosability(_) => "VCT-09",
            Self::SdJwt(error) => error.code(),
        }
    }
}
