//! Credentials in the content of the file.

use super::{KeyWire, content::ContentWire, history::asker, logo::place, parsed, paths};
use crate::{
    display::Display,
    held::{HeldCredential, HeldId},
    logo::Logo,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sinpyo_core::{
    accreditation::LocalizedName,
    claims::ClaimPath,
    credential::{Credential, CredentialType, Holder, Validity},
    status::{StatusEntry, StatusMessages, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_dcql::{Authority, AuthorityKind};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldWire {
    id: u64,
    credential: CredentialWire,
    key: KeyWire,
    /// The SD-JWT VC, of which version 1 knew nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wire: Option<String>,
    /// Since version 2: the credential in another format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<ContentWire>,
    withheld: Vec<Value>,
    /// Since version 2: what stands behind the issuer, as `[type, value]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    authorities: Vec<(String, String)>,
    /// Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display: Option<DisplayWire>,
    shown_to: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DisplayWire {
    name: NameWire,
    issuer: NameWire,
    labels: Vec<(Value, NameWire)>,
    /// Since version 3: its place among the logos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logo: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NameWire {
    ko: String,
    en: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialWire {
    id: Option<String>,
    types: Vec<String>,
    issuer: String,
    /// Since version 2: the DID to which it is bound; if none, it is bound to the key itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    issued_at: Option<i64>,
    from: Option<i64>,
    until: Option<i64>,
    status: Vec<StatusWire>,
    claims: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusWire {
    list: String,
    index: u64,
    /// Only of a Bitstring Status List.
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<String>>,
}

impl HeldWire {
    pub(super) fn from_held<'w>(held: &'w HeldCredential, logos: &mut Vec<&'w Logo>) -> Self {
        let (wire, content) = ContentWire::from_content(&held.content);
        let authority = |authority: &Authority| (authority.kind.as_str().to_owned(), authority.value.clone());
        Self {
            id: held.id.0,
            credential: CredentialWire::from_credential(&held.credential),
            key: KeyWire::from_key(&held.key),
            wire,
            content,
            withheld: held.withheld.iter().map(ClaimPath::to_json).collect(),
            authorities: held.authorities.iter().map(authority).collect(),
            display: held.display.as_ref().map(|display| DisplayWire::from_display(display, logos)),
            shown_to: held.shown_to.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn into_held(self, logos: &[Logo]) -> Option<HeldCredential> {
        let key = self.key.into_key()?;
        let authority = |(kind, value): (String, String)| {
            AuthorityKind::named(&kind).map(|kind| Authority { kind, value })
        };
        let display = self.display.map(|display| display.into_display(logos).ok_or(Malformed));
        let display = display.transpose().ok()?;
        Some(HeldCredential {
            id: HeldId(self.id),
            credential: self.credential.into_credential(key.public())?,
            key,
            content: ContentWire::into_content(self.wire, self.content)?,
            withheld: paths(&self.withheld)?,
            authorities: self.authorities.into_iter().map(authority).collect::<Option<_>>()?,
            display,
            shown_to: self.shown_to.iter().map(|text| asker(text)).collect::<Option<_>>()?,
        })
    }
}

impl DisplayWire {
    fn from_display<'w>(display: &'w Display, logos: &mut Vec<&'w Logo>) -> Self {
        let label = |(path, name): &(ClaimPath, LocalizedName)| (path.to_json(), NameWire::from_name(name));
        Self {
            name: NameWire::from_name(display.name()),
            issuer: NameWire::from_name(display.issuer()),
            labels: display.labels().iter().map(label).collect(),
            logo: display.logo().map(|logo| place(logo, logos)),
        }
    }

    fn into_display(self, logos: &[Logo]) -> Option<Display> {
        let label =
            |(path, name): (Value, NameWire)| Some((ClaimPath::from_json(&path).ok()?, name.into_name()));
        let labels: Vec<_> = self.labels.into_iter().map(label).collect::<Option<_>>()?;
        let logo = self.logo.map(|place| logos.get(place).cloned().ok_or(Malformed)).transpose().ok()?;
        Some(Display::new(&self.name.into_name(), &self.issuer.into_name(), labels).with_logo(logo))
    }
}

impl NameWire {
    fn from_name(name: &LocalizedName) -> Self {
        Self { ko: name.ko.clone(), en: name.en.clone() }
    }

    fn into_name(self) -> LocalizedName {
        LocalizedName { ko: self.ko, en: self.en }
    }
}

impl CredentialWire {
    fn from_credential(credential: &Credential) -> Self {
        let validity = credential.validity();
        Self {
            id: credential.id().map(str::to_owned),
            types: credential.types().iter().map(ToString::to_string).collect(),
            issuer: credential.issuer().to_owned(),
            holder: match credential.holder() {
                Holder::Did(did) => Some(did.to_string()),
                Holder::Key(_) | Holder::Bearer => None,
            },
            issued_at: credential.issued_at().map(Timestamp::unix),
            from: validity.from.map(Timestamp::unix),
            until: validity.until.map(Timestamp::unix),
            status: credential.status().iter().map(StatusWire::from_entry).collect(),
            claims: credential.claims().clone(),
        }
    }

    /// The credential, bound to the public half of its holder's key.
    fn into_credential(self, key: &VerifyingKey) -> Option<Credential> {
        let mut types = parsed::<CredentialType>(&self.types)?.into_iter();
        let validity = Validity { from: time(self.from).ok()?, until: time(self.until).ok()? };
        let holder = match self.holder {
            Some(did) => Holder::Did(did.parse().ok()?),
            None => Holder::Key(key.to_jwk()),
        };
        let mut credential = Credential::builder(types.next()?, &self.issuer)
            .holder(holder)
            .valid(validity)
            .claims(self.claims);
        for kind in types {
            credential = credential.also(kind);
        }
        for entry in self.status {
            credential = credential.status(entry.into_entry()?);
        }
        if let Some(id) = self.id {
            credential = credential.id(id);
        }
        if let Some(at) = time(self.issued_at).ok()? {
            credential = credential.issued_at(at);
        }
        Some(credential.build())
    }
}

impl StatusWire {
    fn from_entry(entry: &StatusEntry) -> Self {
        let (purpose, messages) = match entry {
            StatusEntry::Token { .. } => (None, None),
            StatusEntry::Bitstring { purpose, messages, .. } => {
                (Some(purpose.name().to_owned()), messages.as_ref().map(|messages| messages.texts().to_vec()))
            }
        };
        Self { list: entry.list().to_owned(), index: entry.index(), purpose, messages }
    }

    fn into_entry(self) -> Option<StatusEntry> {
        let Self { list, index, purpose, messages } = self;
        match purpose {
            None => Some(StatusEntry::Token { list, index }),
            Some(name) => {
                let purpose = StatusPurpose::from_name(&name)?;
                let messages = messages.map(StatusMessages::new).transpose().ok()?;
                Some(StatusEntry::Bitstring { list, index, purpose, messages })
            }
        }
    }
}

/// Absent stays absent; what is there and makes no sense makes the whole content malformed.
fn time(seconds: Option<i64>) -> Result<Option<Timestamp>, Malformed> {
    seconds.map(|seconds| Timestamp::from_unix(seconds).ok_or(Malformed)).transpose()
}

struct Malformed;
