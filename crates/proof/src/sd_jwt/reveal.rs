//! Putting disclosed claims back into their places [RFC 9901 §7.1].

use super::{
    DigestAlgorithm, SdJwtError,
    disclosure::{ALGORITHM, DIGESTS, Disclosure, ELEMENT},
    parts::digest_algorithm,
};
use serde_json::{Map, Value};
use sinpyo_core::json::MAX_DEPTH;
use std::collections::{HashMap, HashSet};

/// What an issuer must not hide, and a disclosure must not bring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visible<'a> {
    /// Top-level claims that control acceptance: themselves, and whatever is in them.
    pub(crate) claims: &'a [&'a str],
    /// What becomes of who the subject is.
    pub(crate) subject: Subject,
}

/// Whether the claims are about a `credentialSubject`, and what its identifier decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// There is none.
    Absent,
    /// Who it is must not be hidden.
    Named,
    /// That, and the credential belongs to whom it names: hidden claims of a subject without a name could be its name.
    Decides,
}

impl Visible<'_> {
    /// Nothing: for looking at what is known to be authentic, and for claims that control nothing.
    pub(crate) const NOTHING: Self = Self { claims: &[], subject: Subject::Absent };

    /// Refuses claims of which a part can be withheld that must not be.
    fn check(&self, signed: &Map<String, Value>) -> Result<(), SdJwtError> {
        let hidden = self.claims.iter().filter_map(|name| signed.get(*name)).any(hides);
        if hidden || (self.subject != Subject::Absent && self.hides_subject(signed)) {
            return Err(SdJwtError::MustBeVisible); // [SDJ-10]
        }
        Ok(())
    }

    fn hides_subject(&self, signed: &Map<String, Value>) -> bool {
        let subjects = match signed.get("credentialSubject") {
            Some(Value::Array(subjects)) => subjects.as_slice(),
            subject => subject.map_or(&[][..], std::slice::from_ref),
        };
        let bound = signed.contains_key("cnf");
        subjects.iter().filter_map(Value::as_object).any(|subject| {
            let unnamed = subject.contains_key(DIGESTS) && !subject.contains_key("id");
            let id_hides = subject.get("id").is_some_and(hides);
            subject.contains_key(ELEMENT)
                || id_hides
                || (unnamed && !bound && self.subject == Subject::Decides)
        })
    }

    /// Whether no disclosure may bring the member `name` of the object at `place`.
    fn fixes(&self, place: Place, name: &str) -> bool {
        match place {
            Place::Top => {
                self.claims.contains(&name)
                    || (self.subject != Subject::Absent && name == "credentialSubject")
            }
            Place::Subject => self.subject != Subject::Absent && name == "id",
            Place::Within => false,
        }
    }
}

/// Whether something in `value` can be withheld.
fn hides(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(DIGESTS) || members.contains_key(ELEMENT) || members.values().any(hides)
        }
        Value::Array(elements) => elements.iter().any(hides),
        _ => false,
    }
}

/// Where an object stands in the claims.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    /// As a subject, or among several.
    Subject,
    Within,
}

impl Place {
    /// Where the member `name` of the object here stands.
    fn member(self, name: &str) -> Self {
        if self == Self::Top && name == "credentialSubject" { Self::Subject } else { Self::Within }
    }
}

/// The claims of `signed` with `disclosures` in their places and every trace of the format removed.
pub(super) fn reveal<'t>(
    mut signed: Map<String, Value>,
    disclosures: impl Iterator<Item = &'t str>,
    visible: Visible<'_>,
) -> Result<Map<String, Value>, SdJwtError> {
    visible.check(&signed)?;
    let algorithm = digest_algorithm(&signed)?;
    signed.remove(ALGORITHM);
    let pending = by_digest(disclosures, algorithm)?;
    let mut revealing = Revealing { pending, seen: HashSet::new(), visible };
    let shown = revealing.object(signed, 1, Place::Top)?;
    if !revealing.pending.is_empty() {
        return Err(SdJwtError::Unreferenced); // [SDJ-05]
    }
    Ok(shown)
}

fn by_digest<'t>(
    disclosures: impl Iterator<Item = &'t str>,
    algorithm: DigestAlgorithm,
) -> Result<HashMap<String, Disclosure>, SdJwtError> {
    let mut pending = HashMap::new();
    for text in disclosures {
        // Of two equal disclosures at most one is referenced.
        if pending.insert(algorithm.digest(text), Disclosure::parse(text)?).is_some() {
            return Err(SdJwtError::Unreferenced); // [SDJ-05]
        }
    }
    Ok(pending)
}

struct Revealing<'v> {
    /// Disclosures whose place was not met yet.
    pending: HashMap<String, Disclosure>,
    /// Every digest met, decoys included.
    seen: HashSet<String>,
    visible: Visible<'v>,
}

impl Revealing<'_> {
    fn value(&mut self, value: Value, depth: usize, place: Place) -> Result<Value, SdJwtError> {
        match value {
            Value::Object(members) => self.object(members, depth, place).map(Value::Object),
            Value::Array(elements) => self.array(elements, depth, place).map(Value::Array),
            scalar => Ok(scalar),
        }
    }

    fn object(
        &mut self,
        mut members: Map<String, Value>,
        depth: usize,
        place: Place,
    ) -> Result<Map<String, Value>, SdJwtError> {
        check_depth(depth)?;
        if members.contains_key(ELEMENT) {
            return Err(SdJwtError::ReservedName); // [SDJ-07]
        }
        let digests = members.remove(DIGESTS);
        for (name, member) in &mut members {
            if member.is_object() || member.is_array() {
                *member = self.value(member.take(), depth + 1, place.member(name))?;
            }
        }
        let digests = match digests {
            None => return Ok(members),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(SdJwtError::Kind), // [SDJ-08]
        };
        for digest in digests {
            let Value::String(digest) = digest else { return Err(SdJwtError::Kind) };
            let Some(disclosure) = self.meet(digest)? else { continue };
            let name = disclosure.name.ok_or(SdJwtError::Kind)?; // [SDJ-08]
            if self.visible.fixes(place, &name) {
                return Err(SdJwtError::MustBeVisible); // [SDJ-10]
            }
            if members.contains_key(&name) {
                return Err(SdJwtError::NameClash); // [SDJ-06]
            }
            members.insert(name, self.value(disclosure.value, depth + 1, Place::Within)?);
        }
        Ok(members)
    }

    fn array(&mut self, elements: Vec<Value>, depth: usize, place: Place) -> Result<Vec<Value>, SdJwtError> {
        check_depth(depth)?;
        let mut shown = Vec::with_capacity(elements.len());
        for mut element in elements {
            let placeholder = match &mut element {
                Value::Object(members) if members.contains_key(ELEMENT) => {
                    if members.len() > 1 {
                        return Err(SdJwtError::ReservedName); // [SDJ-07]
                    }
                    members.remove(ELEMENT)
                }
                _ => None,
            };
            let value = match placeholder {
                None => element,
                Some(Value::String(digest)) => {
                    let Some(disclosure) = self.meet(digest)? else { continue };
                    if disclosure.name.is_some() {
                        return Err(SdJwtError::Kind); // [SDJ-08]
                    }
                    disclosure.value
                }
                Some(_) => return Err(SdJwtError::Kind), // [SDJ-08]
            };
            shown.push(self.value(value, depth + 1, place)?);
        }
        Ok(shown)
    }

    /// The disclosure that belongs where `digest` stands, if it was sent.
    fn meet(&mut self, digest: String) -> Result<Option<Disclosure>, SdJwtError> {
        let disclosure = self.pending.remove(&digest);
        if self.seen.insert(digest) { Ok(disclosure) } else { Err(SdJwtError::DuplicateDigest) } // [SDJ-04]
    }
}

/// Each JSON text is at most this deep, but disclosures can contain disclosures.
const fn check_depth(depth: usize) -> Result<(), SdJwtError> {
    if depth > MAX_DEPTH { Err(SdJwtError::TooDeep) } else { Ok(()) } // [SDJ-21]
}
