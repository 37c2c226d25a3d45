//! Credentials and presentations, whatever their wire format.
//!
//! A [`Credential`] says what an issuer states; whether anybody signed it is a matter of its container
//! (`Unverified` and `Verified` in `sinpyo-proof`).

use crate::{claims::ClaimPath, did::Did, jwk::PublicJwk, status::StatusEntry, time::Timestamp};
use serde_json::{Map, Value};
use std::{fmt, marker::PhantomData, str::FromStr};

/// Name of a kind of credential: the `vct` of an SD-JWT VC, or an entry of `type` in the W3C data model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialType(Box<str>);

impl CredentialType {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CredentialType {
    type Err = ParseTypeError;

    fn from_str(text: &str) -> Result<Self, ParseTypeError> {
        let fine =
            (1..=512).contains(&text.len()) && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if fine { Ok(Self(text.into())) } else { Err(ParseTypeError) }
    }
}

/// The text is empty, longer than 512 bytes, or holds white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a credential type")]
pub struct ParseTypeError;

/// To whom a credential is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// To whoever holds the private half of this key (`cnf.jwk`).
    Key(PublicJwk),
    /// To the controller of this DID (`credentialSubject.id`).
    Did(Did),
    /// To nobody: whoever has it may show it.
    Bearer,
}

/// From when to when something holds. Both ends belong to it; an open end has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Validity {
    /// First moment.
    pub from: Option<Timestamp>,
    /// Last moment.
    pub until: Option<Timestamp>,
}

impl Validity {
    /// How `at` lies to this period.
    pub fn at(&self, at: Timestamp) -> Phase {
        if self.from.is_some_and(|from| at < from) {
            Phase::NotYet
        } else if self.until.is_some_and(|until| at > until) {
            Phase::Over
        } else {
            Phase::Within
        }
    }
}

/// Where a moment lies in a [`Validity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before its start.
    NotYet,
    /// In it.
    Within,
    /// After its end.
    Over,
}

/// Statements of an issuer about a subject.
///
/// Debug output names the claims and shows no value, nor anything that tells one holder from another.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    id: Option<String>,
    types: Vec<CredentialType>,
    issuer: String,
    issued_at: Option<Timestamp>,
    validity: Validity,
    holder: Holder,
    status: Vec<StatusEntry>,
    claims: Map<String, Value>,
}

impl Credential {
    /// Starts a credential of `issuer`, a DID or URL; `kind` is its most specific type.
    pub fn builder(kind: CredentialType, issuer: &str) -> CredentialBuilder<WantsHolder> {
        CredentialBuilder {
            credential: Self {
                id: None,
                types: vec![kind],
                issuer: issuer.to_owned(),
                issued_at: None,
                validity: Validity::default(),
                holder: Holder::Bearer,
                status: Vec::new(),
                claims: Map::new(),
            },
            state: PhantomData,
        }
    }

    /// Its own identifier, if it has one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its types, the most specific first; at least one.
    pub fn types(&self) -> &[CredentialType] {
        &self.types
    }

    /// Who states it: a DID, or another URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When the issuer says to have issued it; issuers round it so that copies look alike.
    pub const fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    /// From when to when it holds.
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// To whom it is bound.
    pub const fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Where its status stands; empty if its issuer publishes none.
    pub fn status(&self) -> &[StatusEntry] {
        &self.status
    }

    /// What is stated, as far as it is disclosed.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claim at the end of `path`, if exactly one is disclosed there.
    pub fn claim(&self, path: &ClaimPath) -> Option<&Value> {
        match *path.select(&self.claims) {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("types", &self.types)
            .field("issuer", &self.issuer)
            .field("validity", &self.validity)
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// State of a [`CredentialBuilder`]: the holder is not said yet.
#[derive(Debug)]
pub struct WantsHolder(());
/// State of a [`CredentialBuilder`]: the validity is not said yet.
#[derive(Debug)]
pub struct WantsValidity(());
/// State of a [`CredentialBuilder`]: everything required is said.
#[derive(Debug)]
pub struct Ready(());

/// Builds a [`Credential`]; there is no `build` until holder and validity were said.
#[derive(Debug)]
#[must_use]
pub struct CredentialBuilder<State> {
    credential: Credential,
    state: PhantomData<State>,
}

impl<State> CredentialBuilder<State> {
    fn into<Next>(self) -> CredentialBuilder<Next> {
        CredentialBuilder { credential: self.credential, state: PhantomData }
    }
}

impl CredentialBuilder<WantsHolder> {
    /// Says to whom it is bound.
    pub fn holder(mut self, holder: Holder) -> CredentialBuilder<WantsValidity> {
        self.credential.holder = holder;
        self.into()
    }
}

impl CredentialBuilder<WantsValidity> {
    /// Says from when to when it holds.
    pub fn valid(mut self, validity: Validity) -> CredentialBuilder<Ready> {
        self.credential.validity = validity;
        self.into()
    }
}

impl CredentialBuilder<Ready> {
    /// Gives it an identifier.
    pub fn id(mut self, id: String) -> Self {
        self.credential.id = Some(id);
        self
    }

    /// Adds a less specific type.
    pub fn also(mut self, kind: CredentialType) -> Self {
        self.credential.types.push(kind);
        self
    }

    /// Says when it is issued.
    pub fn issued_at(mut self, at: Timestamp) -> Self {
        self.credential.issued_at = Some(at);
        self
    }

    /// Adds a place where its status stands.
    pub fn status(mut self, entry: StatusEntry) -> Self {
        self.credential.status.push(entry);
        self
    }

    /// States a claim, replacing an earlier one of the same name.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.credential.claims.insert(name.to_owned(), value.into());
        self
    }

    /// States all of `claims`.
    pub fn claims(mut self, claims: Map<String, Value>) -> Self {
        self.credential.claims.extend(claims);
        self
    }

    /// The credential.
    pub fn build(self) -> Credential {
        self.credential
    }
}

/// Credentials that a holder shows to one verifier, for one challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// What is shown, as far as it is disclosed.
    pub credentials: Vec<Credential>,
    /// For whom it was made; none if nothing binds it to a verifier.
    pub binding: Option<Binding>,
}

/// What the holder signed to bind a presentation to one verifier and one challenge.
///
/// Debug output shows no nonce.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// The verifier (`aud`, `domain`).
    pub audience: String,
    /// The verifier's challenge (`nonce`, `challenge`).
    pub nonce: String,
    /// When the holder says to have signed.
    pub signed_at: Timestamp,
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding")
            .field("audience", &self.audience)
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{ClaimQuery, CredentialQuery, PresentationRequest};
    use serde_json::json;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    #[test]
    fn both_ends_belong_to_the_validity() {
        let validity = Validity { from: Some(at(10)), until: Some(at(20)) };
        let phases = [9, 10, 20, 21].map(|second| validity.at(at(second)));
        assert_eq!(phases, [Phase::NotYet, Phase::Within, Phase::Within, Phase::Over]);
        assert_eq!(Validity::default().at(at(0)), Phase::Within);
    }

    #[test]
    fn debug_output_shows_no_value() {
        const PLANTED: &str = "planted-value-planted-value";
        let builder = || {
            let jwk = json!({"kty": "EC", "x": PLANTED}).as_object().unwrap().clone();
            Credential::builder("T".parse().unwrap(), "did:x:issuer")
                .holder(Holder::Key(PublicJwk::from_members(jwk).unwrap()))
                .valid(Validity::default())
                .id(PLANTED.into())
                .status(StatusEntry::Token { list: PLANTED.into(), index: 0 })
                .claim("given_name", PLANTED)
                .claim("address", json!({"road": [PLANTED]}))
        };
        let binding = || Binding { audience: "a".into(), nonce: PLANTED.into(), signed_at: at(1) };
        let claim = || ClaimQuery { path: ClaimPath::name("given_name"), values: vec![json!([PLANTED])] };
        let query =
            || CredentialQuery { id: "q".into(), types: vec!["T".parse().unwrap()], claims: vec![claim()] };
        let request = PresentationRequest {
            verifier: "did:x:post".parse().unwrap(),
            service: "post.login".parse().unwrap(),
            nonce: PLANTED.into(),
            issued_at: at(1),
            expires_at: at(2),
            queries: vec![query()],
        };
        let presentation = Presentation { credentials: vec![builder().build()], binding: Some(binding()) };
        let shown: [(&str, &dyn fmt::Debug, &str); 7] = [
            ("Credential", &builder().build(), "given_name"),
            ("CredentialBuilder", &builder(), "given_name"),
            ("Presentation", &presentation, "given_name"),
            ("Binding", &binding(), "audience"),
            ("PresentationRequest", &request, "given_name"),
            ("CredentialQuery", &query(), "given_name"),
            ("ClaimQuery", &claim(), "given_name"),
        ];
        for (name, value, told) in shown {
            let debug = format!("{value:?}");
            assert!(debug.starts_with(name) && debug.contains(told), "{debug}");
            assert!(!debug.contains("planted"), "{debug}");
        }
    }

    #[test]
    fn a_type_name_is_one_word() {
        assert!("urn:sinpyo:credential:ResidentCredential".parse::<CredentialType>().is_ok());
        for text in ["", "a b", "a\n", &"a".repeat(513)] {
            assert!(text.parse::<CredentialType>().is_err(), "{text:?}");
        }
    }
}
