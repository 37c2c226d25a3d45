//! What a kind of credential states, read from JSON: a new kind is a new file and no code.

use crate::{ClaimType, MdocForm, Term};
use serde_json::{Map, Value};
use sinpyo_core::{
    accreditation::LocalizedName,
    claims::{ClaimPath, nfc},
    credential::CredentialType,
    json::{self, JsonError},
};

/// Prefix of every type that a profile defines.
const TYPE_PREFIX: &str = "urn:sinpyo:credential:";

/// Most claims in one profile.
const MAX_CLAIMS: usize = 100;

/// Members of the credential itself, which no claim may take the name of [SD-JWT VC §3.2.2, VCDM 2.0 §4].
const RESERVED: [&str; 14] = [
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "vct", "status", "aka_vcts", "id", "type",
    "proof",
];

/// The profiles that come with this crate.
#[derive(Clone, Debug)]
pub struct Catalogue(Vec<Profile>);

impl Catalogue {
    /// The bundled catalogue, K01 to K62.
    ///
    /// # Errors
    /// Never in a tested build: the catalogue is part of it.
    pub fn bundled() -> Result<Self, ProfileError> {
        Self::from_json(include_bytes!("../profiles/credentials.json"))
    }

    /// Reads a catalogue: an object whose `credentials` are profiles.
    ///
    /// # Errors
    /// A profile is malformed, or two have one id or one type.
    pub fn from_json(text: &[u8]) -> Result<Self, ProfileError> {
        let members = json::parse_object(text).map_err(ProfileError::Json)?;
        let profiles = members.get("credentials").and_then(Value::as_array);
        let profiles = profiles.ok_or(ProfileError::Catalogue)?;
        let mut catalogue: Vec<Profile> = Vec::with_capacity(profiles.len());
        for profile in profiles {
            let profile = Profile::from_value(profile)?;
            if catalogue.iter().any(|other| other.id == profile.id || other.kind == profile.kind) {
                return Err(ProfileError::Repeated { profile: profile.id });
            }
            catalogue.push(profile);
        }
        Ok(Self(catalogue))
    }

    /// All profiles, in the order of the catalogue.
    pub fn profiles(&self) -> &[Profile] {
        &self.0
    }

    /// The profile of this catalogue number, such as `K01`.
    pub fn by_id(&self, id: &str) -> Option<&Profile> {
        self.0.iter().find(|profile| profile.id == id)
    }

    /// The profile that defines this type.
    pub fn by_type(&self, kind: &CredentialType) -> Option<&Profile> {
        self.0.iter().find(|profile| profile.kind == *kind)
    }
}

/// One kind of credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    id: String,
    kind: CredentialType,
    name: LocalizedName,
    issuer: LocalizedName,
    lifetime: Lifetime,
    status: StatusKind,
    claims: Vec<ClaimSpec>,
    mdoc: Option<MdocForm>,
}

/// Until when a credential holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// This long from its issue, or shorter if the issuer says so.
    For(Term),
    /// Until a moment that the issuer says: the end of a session, a contract, a version of a register.
    Given,
    /// For ever: the fact is historic, though a wrong record can be revoked.
    Unlimited,
}

/// How its status is made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusKind {
    /// `SL1`: a status list that knows valid and revoked.
    Revocable,
    /// `SL2`: a status list that knows valid, revoked and suspended.
    Suspendable,
    /// `SHORT`: it ends too soon to need any.
    ShortLived,
    /// `ONCE`: it is used up by a registry of spent tags.
    Once,
    /// `EVT`: it follows a version of an event chain.
    EventVersion,
}

impl StatusKind {
    /// Whether a credential of this kind has an entry in a status list.
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Revocable | Self::Suspendable)
    }
}

/// How far a claim is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    /// To everybody who sees the credential.
    Always,
    /// To whom the holder chooses.
    Selective,
    /// To whom the holder chooses; the issuer computed it so that the facts behind it need not be shown.
    Predicate,
    /// Committed to, and asked for by no shipped service.
    Held,
}

/// One claim of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimSpec {
    /// Its name in the credential.
    pub name: String,
    /// What its value has to be.
    pub kind: ClaimType,
    /// How far it is shown.
    pub disclosure: Disclosure,
    /// Its name as people read it.
    pub display: LocalizedName,
}

impl Profile {
    /// Reads one profile.
    ///
    /// # Errors
    /// What is malformed, by profile and claim.
    pub fn from_json(text: &[u8]) -> Result<Self, ProfileError> {
        Self::from_value(&Value::Object(json::parse_object(text).map_err(ProfileError::Json)?))
    }

    fn from_value(profile: &Value) -> Result<Self, ProfileError> {
        let id = text(profile, "id").unwrap_or_default();
        let wrong = |member| ProfileError::Member { profile: id.to_owned(), member };
        if !(1..=64).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(wrong("id"));
        }
        let kind = text(profile, "type").filter(|name| is_type_name(name)).ok_or(wrong("type"))?;
        let kind = format!("{TYPE_PREFIX}{kind}").parse().map_err(|_| wrong("type"))?;
        let lifetime = text(profile, "validity").and_then(Lifetime::from_text).ok_or(wrong("validity"))?;
        let status = text(profile, "status").and_then(StatusKind::from_text).ok_or(wrong("status"))?;
        let claims = profile.get("claims").and_then(Value::as_array).ok_or(wrong("claims"))?;
        if !(1..=MAX_CLAIMS).contains(&claims.len()) {
            return Err(wrong("claims"));
        }
        let mut checked: Vec<ClaimSpec> = Vec::with_capacity(claims.len());
        for claim in claims {
            let claim = ClaimSpec::from_value(id, claim)?;
            if checked.iter().any(|other| other.name == claim.name) {
                return Err(ProfileError::Claim {
                    profile: id.to_owned(),
                    claim: claim.name,
                    member: "name",
                });
            }
            checked.push(claim);
        }
        let mdoc = profile.get("mdoc").map(|form| MdocForm::from_value(form, &checked).ok_or(wrong("mdoc")));
        Ok(Self {
            mdoc: mdoc.transpose()?,
            id: id.to_owned(),
            kind,
            name: names(profile, "display").ok_or(wrong("display"))?,
            issuer: names(profile, "issuer").ok_or(wrong("issuer"))?,
            lifetime,
            status,
            claims: checked,
        })
    }

    /// Its number in the catalogue, such as `K01`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The type of its credentials (`vct`), such as `urn:sinpyo:credential:ResidentCredential`.
    pub const fn credential_type(&self) -> &CredentialType {
        &self.kind
    }

    /// Its name as people read it.
    pub const fn name(&self) -> &LocalizedName {
        &self.name
    }

    /// Who issues it, as people read it. Who may is for the accreditations to say.
    pub const fn issuer(&self) -> &LocalizedName {
        &self.issuer
    }

    /// Until when its credentials hold.
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// How their status is made known.
    pub const fn status(&self) -> StatusKind {
        self.status
    }

    /// How its credentials are mobile documents, if they can be.
    pub const fn mdoc(&self) -> Option<&MdocForm> {
        self.mdoc.as_ref()
    }

    /// Its claims.
    pub fn claims(&self) -> &[ClaimSpec] {
        &self.claims
    }

    /// The claim of this name.
    pub fn claim(&self, name: &str) -> Option<&ClaimSpec> {
        self.claims.iter().find(|claim| claim.name == name)
    }

    /// The claims that a wallet must not offer to anybody.
    pub fn held(&self) -> Vec<ClaimPath> {
        let held = self.claims.iter().filter(|claim| claim.disclosure == Disclosure::Held);
        held.map(|claim| ClaimPath::name(&claim.name)).collect()
    }
}

impl Lifetime {
    /// The first word counts; what follows is a note to people (`P1Y technical, licence itself open-ended`).
    fn from_text(text: &str) -> Option<Self> {
        match text.split([' ', ',']).next()? {
            "none" => Some(Self::Unlimited),
            "session" | "version-bound" | "until" | "per" | "period" => Some(Self::Given),
            term => term.parse().ok().map(Self::For),
        }
    }
}

impl StatusKind {
    /// The first word counts (`SL1 + principal withdrawal`).
    fn from_text(text: &str) -> Option<Self> {
        match text.split(' ').next()? {
            "SL1" => Some(Self::Revocable),
            "SL2" => Some(Self::Suspendable),
            "SHORT" => Some(Self::ShortLived),
            "ONCE" => Some(Self::Once),
            "EVT" => Some(Self::EventVersion),
            _ => None,
        }
    }
}

impl Disclosure {
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "always" => Some(Self::Always),
            "selective" => Some(Self::Selective),
            "predicate" => Some(Self::Predicate),
            "held" => Some(Self::Held),
            _ => None,
        }
    }
}

impl ClaimSpec {
    fn from_value(profile: &str, claim: &Value) -> Result<Self, ProfileError> {
        let name = text(claim, "name").unwrap_or_default();
        let wrong =
            |member| ProfileError::Claim { profile: profile.to_owned(), claim: name.to_owned(), member };
        if !is_claim_name(name) {
            return Err(wrong("name"));
        }
        let kind: ClaimType = text(claim, "type").and_then(|kind| kind.parse().ok()).ok_or(wrong("type"))?;
        let disclosure =
            text(claim, "disclosure").and_then(Disclosure::from_text).ok_or(wrong("disclosure"))?;
        if disclosure == Disclosure::Predicate && kind != ClaimType::Bool {
            return Err(wrong("disclosure"));
        }
        let display = names(claim, "display").ok_or(wrong("display"))?;
        Ok(Self { name: name.to_owned(), kind, disclosure, display })
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn names(object: &Value, name: &str) -> Option<LocalizedName> {
    let members: &Map<String, Value> = object.get(name)?.as_object()?;
    let text = |language| {
        let text = members.get(language).and_then(Value::as_str)?;
        ((1..=400).contains(&text.len()) && !text.contains(char::is_control)).then(|| nfc(text))
    };
    Some(LocalizedName { ko: text("ko")?, en: text("en")? })
}

fn is_type_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_claim_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !RESERVED.contains(&name)
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not JSON that we read.
    #[error("the profile is not JSON")]
    Json(#[source] JsonError),
    /// The catalogue has no list of credentials.
    #[error("the catalogue has no list \"credentials\"")]
    Catalogue,
    /// A member of the profile is missing or malformed.
    #[error("profile {profile:?}: member \"{member}\" is missing or malformed")]
    Member {
        /// The profile's id, as far as it could be read.
        profile: String,
        /// The member.
        member: &'static str,
    },
    /// A member of a claim is missing or malformed.
    #[error("profile {profile:?}, claim {claim:?}: member \"{member}\" is missing or malformed")]
    Claim {
        /// The profile's id.
        profile: String,
        /// The claim's name, as far as it could be read.
        claim: String,
        /// The member.
        member: &'static str,
    },
    /// Two profiles of one catalogue have one id or one type.
    #[error("profile {profile:?}: its id or type is taken")]
    Repeated {
        /// The second of them.
        profile: String,
    },
}

impl ProfileError {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        "ISS-01"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_profile_of_the_catalogue_loads() {
        let catalogue = Catalogue::bundled().unwrap();
        let expected: Vec<_> = (1..=62).map(|number| format!("K{number:02}")).collect();
        let ids: Vec<_> = catalogue.profiles().iter().map(Profile::id).collect();
        assert_eq!(ids, expected);
        // Counted in the catalogue's text: 269 claims, 4 of them held, 32 predicates; 33 of SL2 and 21 of SL1.
        let claims: Vec<_> = catalogue.profiles().iter().flat_map(Profile::claims).collect();
        let of = |class| claims.iter().filter(|claim| claim.disclosure == class).count();
        assert_eq!((claims.len(), of(Disclosure::Held), of(Disclosure::Predicate)), (269, 4, 32));
        assert_eq!(catalogue.profiles().iter().filter(|profile| profile.status.is_listed()).count(), 54);
        let resident = catalogue.by_id("K01").unwrap();
        assert_eq!(resident.credential_type().as_str(), "urn:sinpyo:credential:ResidentCredential");
        assert_eq!(resident.lifetime(), Lifetime::For("P1Y".parse().unwrap()));
        assert_eq!(resident.held(), [ClaimPath::name("birth_date"), ClaimPath::name("road_address")]);
        assert_eq!(catalogue.by_type(resident.credential_type()), Some(resident));
        assert_eq!(catalogue.by_id("K62").unwrap().lifetime(), Lifetime::Given);
        assert_eq!(catalogue.by_id("K13").unwrap().lifetime(), Lifetime::Unlimited);
    }

    fn profile() -> Value {
        json!({"id": "X1", "type": "LibraryCard", "display": {"ko": "도서관 회원증", "en": "Library card"},
            "issuer": {"ko": "도서관", "en": "Library"}, "validity": "P1Y", "status": "SL1",
            "claims": [{"name": "member_no", "type": "string(1..20)", "disclosure": "selective",
                "display": {"ko": "회원번호", "en": "Member number"}}]})
    }

    fn with(change: impl FnOnce(&mut Value)) -> Result<Profile, ProfileError> {
        let mut profile = profile();
        change(&mut profile);
        Profile::from_json(profile.to_string().as_bytes())
    }

    #[test]
    fn a_malformed_profile_is_refused_by_name() {
        assert!(with(|_| ()).is_ok());
        for (member, value) in [
            ("id", json!("")),
            ("type", json!("library card")),
            ("type", json!(1)),
            ("validity", json!("forever")),
            ("status", json!("SL3")),
            ("claims", json!([])),
            ("claims", json!({})),
            ("display", json!({"ko": "가"})),
            ("issuer", json!("Library")),
        ] {
            let profile = if member == "id" { "" } else { "X1" }.to_owned();
            let error = ProfileError::Member { profile, member };
            assert_eq!(with(|profile| profile[member] = value.clone()), Err(error), "{member} {value}");
        }
        assert!(matches!(Profile::from_json(b"{"), Err(ProfileError::Json(_))));
        assert!(matches!(Profile::from_json(br#"{"id":"X1","id":"X2"}"#), Err(ProfileError::Json(_))));
    }

    #[test]
    fn a_malformed_claim_is_refused_by_name() {
        for (member, value) in [
            ("name", json!("Member No")),
            ("name", json!("exp")),
            ("name", json!("_sd")),
            ("type", json!("text")),
            ("disclosure", json!("never")),
            ("disclosure", json!("predicate")), // of a text
            ("display", json!({"en": "Member number"})),
        ] {
            let claim = if member == "name" { value.as_str().unwrap() } else { "member_no" }.to_owned();
            let error = ProfileError::Claim { profile: "X1".into(), claim, member };
            assert_eq!(
                with(|profile| profile["claims"][0][member] = value.clone()),
                Err(error),
                "{member} {value}"
            );
        }
        let twice = with(|profile| {
            let first = profile["claims"][0].clone();
            profile["claims"].as_array_mut().unwrap().push(first);
        });
        assert!(matches!(twice, Err(ProfileError::Claim { member: "name", .. })));
    }

    #[test]
    fn a_catalogue_names_each_kind_once() {
        let twice = json!({"credentials": [profile(), profile()]}).to_string();
        let error = ProfileError::Repeated { profile: "X1".into() };
        assert_eq!(Catalogue::from_json(twice.as_bytes()).unwrap_err(), error);
        assert_eq!(Catalogue::from_json(b"{}").unwrap_err(), ProfileError::Catalogue);
    }
}
