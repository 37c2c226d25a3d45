//! From what a source system knows to what a credential states.

use crate::{ClaimError, Disclosure, Profile};
use serde_json::{Map, Value};
use sinpyo_core::time::Date;

/// The fact behind the age predicates.
const BIRTH_DATE: &str = "birth_date";
/// Prefix of the predicates computed from it.
const AGE_OVER: &str = "age_over_";

impl Profile {
    /// Checks that a credential of this kind could state `known` on the day `on` in Korea.
    ///
    /// # Errors
    /// As issuing it would refuse.
    pub fn check(&self, known: &Map<String, Value>, on: Date) -> Result<(), StatementError> {
        state(self, known, on).map(drop)
    }

    /// Whether something is made of a claim of this name.
    pub fn takes(&self, name: &str) -> bool {
        self.claim(name).is_some() || (name == BIRTH_DATE && computed(self).next().is_some())
    }
}

/// The claims of a credential of `profile` issued on the day `on` in Korea: each of its type, normalised, and with
/// the age predicates that follow from the date of birth.
///
/// `birth_date` may be given although the profile has no such claim: the predicates are computed, and it is left out.
pub(crate) fn state(
    profile: &Profile,
    known: &Map<String, Value>,
    on: Date,
) -> Result<Map<String, Value>, StatementError> {
    let mut stated = Map::new();
    for (name, value) in known {
        let Some(spec) = profile.claim(name) else {
            if name == BIRTH_DATE && computed(profile).next().is_some() {
                continue;
            }
            return Err(StatementError::Unknown { claim: name.clone() }); // [ISS-02]
        };
        let value =
            spec.kind.check(value).map_err(|why| StatementError::Value { claim: name.clone(), why })?;
        stated.insert(name.clone(), value);
    }
    if let Some(born) = known.get(BIRTH_DATE) {
        let born = birth_date(born, on)?;
        for (name, years) in computed(profile) {
            let holds = born.plus_years(years) <= on;
            if stated.insert(name.to_owned(), Value::from(holds)).is_some_and(|given| given != holds) {
                return Err(StatementError::Contradiction { claim: name.to_owned() }); // [ISS-08]
            }
        }
    }
    let missing = |name: &str| !stated.contains_key(name);
    match profile.claims().iter().find(|spec| spec.disclosure == Disclosure::Always && missing(&spec.name)) {
        Some(spec) => Err(StatementError::Missing { claim: spec.name.clone() }), // [ISS-03]
        None => Ok(stated),
    }
}

/// The age predicates of `profile`, with their ages.
fn computed(profile: &Profile) -> impl Iterator<Item = (&str, u16)> {
    let predicates = profile.claims().iter().filter(|spec| spec.disclosure == Disclosure::Predicate);
    predicates.filter_map(|spec| {
        let years = spec.name.strip_prefix(AGE_OVER)?.parse().ok()?;
        Some((spec.name.as_str(), years))
    })
}

fn birth_date(value: &Value, on: Date) -> Result<Date, StatementError> {
    let wrong = |why| StatementError::Value { claim: BIRTH_DATE.to_owned(), why };
    let text = value.as_str().ok_or(wrong(ClaimError::Kind))?;
    let born: Date = text.parse().map_err(|_| wrong(ClaimError::Form))?;
    if born > on { Err(wrong(ClaimError::Range)) } else { Ok(born) }
}

/// Why claims do not make a credential of a profile. Names the claim, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// ISS-02: the profile has no such claim.
    #[error("the profile has no claim {claim:?}")]
    Unknown {
        /// The claim.
        claim: String,
    },
    /// ISS-03: a claim that everybody sees is missing.
    #[error("claim {claim:?} is missing")]
    Missing {
        /// The claim.
        claim: String,
    },
    /// ISS-04, ISS-06, ISS-07: the value is not one of the claim's type.
    #[error("claim {claim:?} is refused")]
    Value {
        /// The claim.
        claim: String,
        /// What is wrong with it.
        #[source]
        why: ClaimError,
    },
    /// ISS-08: the source system says otherwise than the date of birth.
    #[error("claim {claim:?} contradicts the date of birth")]
    Contradiction {
        /// The claim.
        claim: String,
    },
}

impl StatementError {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "ISS-02",
            Self::Missing { .. } => "ISS-03",
            Self::Value { why, .. } => why.code(),
            Self::Contradiction { .. } => "ISS-08",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;
    use serde_json::json;

    fn stated(id: &str, claims: Value) -> Result<Map<String, Value>, StatementError> {
        let catalogue = Catalogue::bundled().unwrap();
        let Value::Object(claims) = claims else { unreachable!() };
        state(catalogue.by_id(id).unwrap(), &claims, "2026-07-01".parse().unwrap())
    }

    #[test]
    fn age_is_computed_from_the_date_of_birth_on_the_day_of_issue() {
        for (born, ages) in [
            ("2012-07-02", [false, false, false]),
            ("2012-07-01", [true, false, false]),
            ("2008-07-01", [true, true, false]),
            ("2008-02-29", [true, true, false]),
            ("2007-07-02", [true, true, false]),
            ("2007-07-01", [true, true, true]),
        ] {
            let claims = stated("K01", json!({"birth_date": born})).unwrap();
            assert_eq!(
                ["age_over_14", "age_over_18", "age_over_19"].map(|name| claims[name] == true),
                ages,
                "{born}"
            );
        }
    }

    #[test]
    fn a_predicate_that_contradicts_the_date_of_birth_is_refused() {
        let fine = json!({"birth_date": "2000-01-01", "age_over_18": true});
        assert!(stated("K01", fine).is_ok());
        let error = stated("K01", json!({"birth_date": "2010-01-01", "age_over_18": true})).unwrap_err();
        assert_eq!(
            (error.code(), error),
            ("ISS-08", StatementError::Contradiction { claim: "age_over_18".into() })
        );
    }

    #[test]
    fn a_date_of_birth_is_left_out_where_only_the_predicate_is_stated() {
        let student =
            stated("K41", json!({"university": "did:web:u.example", "birth_date": "2000-01-01"})).unwrap();
        assert_eq!(Value::Object(student), json!({"university": "did:web:u.example", "age_over_19": true}));
        let error = stated("K41", json!({"university": "did:web:u.example", "birth_date": "2026-07-02"}));
        let why = ClaimError::Range;
        assert_eq!(error, Err(StatementError::Value { claim: "birth_date".into(), why }));
    }

    #[test]
    fn a_missing_or_unknown_claim_is_refused() {
        let missing = stated("K14", json!({"family_name": "김"})).unwrap_err();
        assert_eq!(
            (missing.code(), missing),
            ("ISS-03", StatementError::Missing { claim: "customer_ref".into() })
        );
        // K04 computes no age: a date of birth is as unknown to it as any other claim.
        for claim in ["birth_date", "nickname", "exp", "_sd"] {
            let unknown = stated("K04", json!({ claim: "2000-01-01" })).unwrap_err();
            assert_eq!(
                (unknown.code(), unknown),
                ("ISS-02", StatementError::Unknown { claim: claim.into() })
            );
        }
    }

    #[test]
    fn a_refused_value_names_its_claim_and_not_itself() {
        for (claim, value, code) in [
            ("grade", "3", "ISS-04"),
            ("family_name", "김\u{200d}", "ISS-06"),
            ("licence_number", "000000-0000000", "ISS-07"),
        ] {
            let error = stated("K04", json!({ claim: value })).unwrap_err();
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(claim) && !format!("{error} {error:?}").contains(value));
        }
    }
}
