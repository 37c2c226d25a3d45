//! Whether one credential answers one credential query.

use crate::{
    Arrays, Authority, AuthorityKind, Binding, Bound, Candidate, ClaimQuery, CredentialQuery, Kind,
    TrustedAuthorities, Wanted, pointer::select,
};
use serde_json::Value;
use sinpyo_core::claims::{ClaimPath, same_value};

/// How a credential answers a credential query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The claims asked for and there; nothing else is to be shown of what can be withheld.
    pub claims: Vec<ClaimPath>,
    /// Which of the query's claim sets they are, if it has any.
    pub claim_set: Option<usize>,
}

/// Why no credential answers a query, for the one that comes nearest.
///
/// For the holder's eyes. A verifier who learns it learns what the holder has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Miss {
    /// There is no credential at all.
    Nothing,
    /// None has the format.
    Format,
    /// None of that format has the type.
    Type,
    /// None of that type stands under an authority that the verifier trusts.
    Authority,
    /// None of them is bound to a key, which the verifier requires.
    Unbound,
    /// Claims are missing, or have other values than are wanted.
    Claims {
        /// Those which the credential has not.
        absent: Vec<ClaimPath>,
        /// Those with another value.
        unequal: Vec<ClaimPath>,
    },
}

impl Miss {
    /// How far from answering: the smaller, the nearer.
    pub(crate) fn distance(&self) -> usize {
        const FAR: usize = usize::MAX;
        match self {
            Self::Nothing => FAR,
            Self::Format => FAR - 1,
            Self::Type => FAR - 2,
            Self::Authority => FAR - 3,
            Self::Unbound => FAR - 4,
            Self::Claims { absent, unequal } => absent.len().saturating_add(unequal.len()),
        }
    }
}

impl CredentialQuery {
    /// Whether `held`, with everything it says, answers this query, and by which claims.
    ///
    /// # Errors
    /// What it lacks.
    pub fn fit(&self, held: &Candidate) -> Result<Fit, Miss> {
        self.fit_showing(held, &|_| true)
    }

    /// As [`Self::fit`] for a holder who never shows certain claims: one for which `may_show` is false counts as absent.
    ///
    /// # Errors
    /// What it lacks.
    pub fn fit_showing(&self, held: &Candidate, may_show: &dyn Fn(&ClaimPath) -> bool) -> Result<Fit, Miss> {
        self.fit_in(held, &Reading { arrays: Arrays::Whole, may_show })
    }

    /// As [`Self::fit`] for what was presented, from which elements of arrays may have been withheld.
    ///
    /// # Errors
    /// What it lacks.
    pub fn fit_presented(&self, presented: &Candidate) -> Result<Fit, Miss> {
        self.fit_in(presented, &Reading { arrays: presented.arrays, may_show: &|_| true }) // [VP-DCQ-11f]
    }

    fn fit_in(&self, candidate: &Candidate, reading: &Reading<'_>) -> Result<Fit, Miss> {
        if self.wanted.format() != candidate.kind.format().as_str() {
            return Err(Miss::Format);
        }
        if !self.wanted.is_of(&candidate.kind) {
            return Err(Miss::Type);
        }
        // [VP-DCQ-08a]
        if !self.authorities.is_empty() && !self.authorities.iter().any(|trusted| trusted.admits(candidate)) {
            return Err(Miss::Authority);
        }
        if self.binding == Binding::Required && candidate.bound == Bound::ToNobody {
            return Err(Miss::Unbound); // [VP-DCQ-10c]
        }
        self.fit_claims(candidate, reading)
    }

    /// Looks each claim up once, then takes the first claim set of which all are there. Without claims none is
    /// selected.
    fn fit_claims(&self, candidate: &Candidate, reading: &Reading<'_>) -> Result<Fit, Miss> {
        let found: Vec<_> = self.claims.iter().map(|claim| claim.find(candidate, reading)).collect();
        let all = || self.claims.iter().zip(&found);
        if self.claim_sets.is_empty() {
            return conclude(all(), None); // [VP-DCQ-05a] [VP-DCQ-05b]
        }
        let mut nearest = Miss::Nothing;
        for (position, set) in self.claim_sets.iter().enumerate() {
            let members = all().filter(|(claim, _)| claim.id.as_ref().is_some_and(|id| set.contains(id)));
            match conclude(members, Some(position)) {
                Ok(fit) => return Ok(fit), // [VP-DCQ-05c]
                Err(miss) if miss.distance() < nearest.distance() => nearest = miss,
                Err(_) => {}
            }
        }
        Err(nearest)
    }
}

/// How the claims of a credential are read.
struct Reading<'a> {
    arrays: Arrays,
    may_show: &'a dyn Fn(&ClaimPath) -> bool,
}

/// What became of one claim.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Yes,
    Absent,
    Unequal,
}

fn conclude<'a>(
    claims: impl Iterator<Item = (&'a ClaimQuery, &'a Found)>,
    claim_set: Option<usize>,
) -> Result<Fit, Miss> {
    let (mut there, mut absent, mut unequal) = (Vec::new(), Vec::new(), Vec::new());
    for (claim, found) in claims {
        match found {
            Found::Yes => there.push(claim.path.clone()),
            Found::Absent => absent.push(claim.path.clone()),
            Found::Unequal => unequal.push(claim.path.clone()),
        }
    }
    if absent.is_empty() && unequal.is_empty() {
        Ok(Fit { claims: there, claim_set })
    } else {
        Err(Miss::Claims { absent, unequal })
    }
}

impl ClaimQuery {
    fn find(&self, candidate: &Candidate, reading: &Reading<'_>) -> Found {
        if !(reading.may_show)(&self.path) {
            return Found::Absent;
        }
        let Some(selected) = select(&self.path, &candidate.claims, reading.arrays) else {
            return Found::Absent;
        };
        let wanted = |value: &&Value| self.values.iter().any(|wanted| same(wanted, value));
        // [VP-DCQ-07a]
        if self.values.is_empty() || selected.iter().any(wanted) { Found::Yes } else { Found::Unequal }
    }
}

/// Same type and same value: text in NFC, and numbers as such, of which JSON has one type.
fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::Number(wanted), Value::Number(value)) => wanted == value || wanted.as_f64() == value.as_f64(),
        _ => same_value(wanted, value),
    }
}

impl Wanted {
    /// Whether a credential of this format and type is wanted.
    pub fn is_of(&self, kind: &Kind) -> bool {
        let all = |lists: &[Vec<String>], types: &[String]| {
            lists.iter().any(|list| list.iter().all(|wanted| types.contains(wanted)))
        };
        match (self, kind) {
            (Self::SdJwtVc { types }, Kind::SdJwtVc { vct, extends }) => {
                types.iter().any(|wanted| wanted == vct || extends.contains(wanted))
            }
            (Self::Mdoc { doctype: wanted }, Kind::Mdoc { doctype }) => wanted == doctype,
            (Self::JwtVc { types: wanted }, Kind::JwtVc { types })
            | (Self::LdpVc { types: wanted }, Kind::LdpVc { types }) => all(wanted, types),
            _ => false,
        }
    }
}

impl TrustedAuthorities {
    fn admits(&self, candidate: &Candidate) -> bool {
        let Some(kind) = AuthorityKind::named(&self.kind) else { return false };
        let trusted =
            |authority: &Authority| authority.kind == kind && self.values.contains(&authority.value);
        candidate.authorities.iter().any(trusted)
    }
}
