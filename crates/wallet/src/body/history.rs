//! The history in the content of the file.

use super::paths;
use crate::{
    asked::Accredited,
    asker::Asker,
    held::{CopyUse, HeldId},
    history::{PresentationRecord, ShownCredential},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sinpyo_core::{accreditation::LocalizedName, claims::ClaimPath, time::Timestamp};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordWire {
    at: i64,
    /// A client identifier; of version 1 the DID alone.
    verifier: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name_ko: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name_en: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    /// Since version 2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transactions: Vec<String>,
    shown: Vec<ShownWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownWire {
    held: u64,
    kind: String,
    claims: Vec<Value>,
    copy: CopyWire,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CopyWire {
    Again,
    Fresh,
    Linkable,
}

impl RecordWire {
    pub(super) fn from_record(record: &PresentationRecord) -> Self {
        let shown = |shown: &ShownCredential| ShownWire {
            held: shown.held.0,
            kind: shown.kind.to_string(),
            claims: shown.claims.iter().map(ClaimPath::to_json).collect(),
            copy: match shown.copy {
                CopyUse::Again => CopyWire::Again,
                CopyUse::Fresh => CopyWire::Fresh,
                CopyUse::Linkable => CopyWire::Linkable,
            },
        };
        Self {
            at: record.at.unix(),
            verifier: record.asker.to_string(),
            name_ko: record.accredited.as_ref().map(|accredited| accredited.name.ko.clone()),
            name_en: record.accredited.as_ref().map(|accredited| accredited.name.en.clone()),
            service: record.accredited.as_ref().map(|accredited| accredited.service.to_string()),
            transactions: record.transactions.clone(),
            shown: record.shown.iter().map(shown).collect(),
        }
    }

    pub(super) fn into_record(self) -> Option<PresentationRecord> {
        let shown = |shown: ShownWire| {
            let copy = match shown.copy {
                CopyWire::Again => CopyUse::Again,
                CopyWire::Fresh => CopyUse::Fresh,
                CopyWire::Linkable => CopyUse::Linkable,
            };
            let (held, kind) = (HeldId(shown.held), shown.kind.parse().ok()?);
            Some(ShownCredential { held, kind, claims: paths(&shown.claims)?, copy })
        };
        let accredited = match (self.name_ko, self.name_en, self.service) {
            (Some(ko), Some(en), Some(service)) => {
                Some(Accredited { name: LocalizedName { ko, en }, service: service.parse().ok()? })
            }
            (None, None, None) => None,
            _ => return None,
        };
        Some(PresentationRecord {
            at: Timestamp::from_unix(self.at)?,
            asker: asker(&self.verifier)?,
            accredited,
            transactions: self.transactions,
            shown: self.shown.into_iter().map(shown).collect::<Option<_>>()?,
        })
    }
}

/// Reads a client identifier, or the bare DID that stood in its place in version 1.
pub(super) fn asker(text: &str) -> Option<Asker> {
    if text.starts_with("did:") { text.parse().ok().map(Asker::Did) } else { text.parse().ok() }
}
