//! The lists of a manifest.

use crate::{
    form::{FormError, Members, is_nfc, is_readable},
    manifest::{Choice, Contest, District, ManifestError, TrusteeEntry, Words},
};
use serde_json::Value;
use sinpyo_ballot::ceremony::BoxKey;
use sinpyo_blind_rsa::PublicKey;
use sinpyo_core::encoding::{Multikey, from_base64url};
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::{cosignature::CosignerKey, note::LogKey};
use std::collections::BTreeSet;

/// The multicodec of Ed25519 public keys.
const ED25519: u64 = 0xed;
/// Longest name or title, in bytes.
const MAX_WORDS: usize = 1_000;
/// Most languages.
const MAX_LANGUAGES: usize = 16;
/// The member of a contest that would ask for written names.
const WRITE_IN: &str = "write-in";

/// What was noticed while reading.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) faults: Vec<ManifestError>,
    pub(super) write_in: Option<String>,
}

impl Parts {
    pub(super) fn fault(&mut self, fault: ManifestError) {
        self.faults.push(fault);
    }

    /// Missing members end the reading, unknown ones do not.
    pub(super) fn known(
        &mut self,
        members: Members<'_>,
        names: &[&'static str],
    ) -> Result<(), ManifestError> {
        match members.exactly(names) {
            Ok(_) => Ok(()),
            Err(FormError::Unknown) => {
                self.fault(ManifestError::Form(FormError::Unknown));
                Ok(())
            }
            Err(missing) => Err(ManifestError::Form(missing)),
        }
    }

    /// A name or title. One that is unreadable is a fault, and stays as far as it can be read.
    pub(super) fn words(&mut self, members: Members<'_>, name: &'static str) -> Words {
        let Some(languages) = members.0.get(name).and_then(Value::as_object) else {
            self.fault(ManifestError::Words(name));
            return Words::new();
        };
        let is_language = |tag: &str| {
            (2..=16).contains(&tag.len())
                && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let fine = |(tag, text): (&String, &Value)| {
            let text = text.as_str().filter(|text| is_readable(text, MAX_WORDS) && is_nfc(text))?;
            is_language(tag).then(|| (tag.clone(), text.to_owned()))
        };
        let words: Words = languages.iter().filter_map(fine).collect();
        let has_both = words.contains_key("en") && words.contains_key("ko");
        if !has_both || words.len() != languages.len() || words.len() > MAX_LANGUAGES {
            self.fault(ManifestError::Words(name));
        }
        words
    }

    /// The id of one in a list, which no other in it has.
    fn id(
        &mut self,
        members: Members<'_>,
        list: &'static str,
        seen: &mut BTreeSet<String>,
    ) -> Result<String, ManifestError> {
        let id = members.text("id").map_err(ManifestError::Form)?.to_owned();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if !(1..=64).contains(&id.len()) || !id.bytes().all(is_plain) {
            self.fault(ManifestError::Id(list));
        }
        if !seen.insert(id.clone()) {
            self.fault(ManifestError::Same(list));
        }
        Ok(id)
    }

    pub(super) fn contests(&mut self, body: Members<'_>) -> Result<Vec<Contest>, ManifestError> {
        let mut ids = BTreeSet::new();
        let mut contests = Vec::new();
        for members in objects(body, "contests")? {
            let id = self.id(members, "contests", &mut ids)?;
            if members.has(WRITE_IN) {
                // [AUD-13]
                self.write_in.get_or_insert_with(|| id.clone());
                let mut rest = members.0.clone();
                rest.remove(WRITE_IN);
                self.known(Members(&rest), &["id", "options", "title"])?;
            } else {
                self.known(members, &["id", "options", "title"])?;
            }
            contests.push(Contest {
                id,
                options: self.options(members)?,
                title: self.words(members, "title"),
            });
        }
        Ok(contests)
    }

    fn options(&mut self, contest: Members<'_>) -> Result<Vec<Choice>, ManifestError> {
        let mut ids = BTreeSet::new();
        let mut options = Vec::new();
        for members in objects(contest, "options")? {
            self.known(members, &["id", "name"])?;
            let id = self.id(members, "options", &mut ids)?;
            options.push(Choice { id, name: self.words(members, "name") });
        }
        if options.is_empty() {
            self.fault(ManifestError::Bound("options"));
        }
        Ok(options)
    }

    pub(super) fn styles(
        &mut self,
        body: Members<'_>,
        contests: &[Contest],
    ) -> Result<Vec<Vec<usize>>, ManifestError> {
        let place = |value: &Value| {
            let place = contests.iter().position(|contest| value.as_str() == Some(contest.id.as_str()));
            place.ok_or(ManifestError::Reference("styles"))
        };
        let mut styles = Vec::new();
        for members in objects(body, "styles")? {
            self.known(members, &["contests"])?;
            let ids = members.list("contests").map_err(ManifestError::Form)?;
            let places: Vec<usize> = ids.iter().map(place).collect::<Result<_, _>>()?;
            if places.is_empty() {
                self.fault(ManifestError::Bound("styles"));
            }
            if places.iter().collect::<BTreeSet<_>>().len() != places.len() {
                self.fault(ManifestError::Same("styles"));
            }
            styles.push(places);
        }
        Ok(styles)
    }

    pub(super) fn districts(
        &mut self,
        body: Members<'_>,
        styles: usize,
    ) -> Result<Vec<District>, ManifestError> {
        let mut ids = BTreeSet::new();
        let mut districts = Vec::new();
        for members in objects(body, "districts")? {
            self.known(members, &["id", "legal", "name", "style"])?;
            let id = self.id(members, "districts", &mut ids)?;
            let style = u16::try_from(members.number("style").map_err(ManifestError::Form)?).ok();
            let style = style.filter(|style| usize::from(*style) < styles);
            districts.push(District {
                id,
                legal: members.number("legal").map_err(ManifestError::Form)?,
                name: self.words(members, "name"),
                style: style.ok_or(ManifestError::Reference("districts"))?,
            });
        }
        Ok(districts)
    }

    pub(super) fn trustees(&mut self, body: Members<'_>) -> Result<Vec<TrusteeEntry>, ManifestError> {
        let mut trustees = Vec::new();
        for members in objects(body, "trustees")? {
            self.known(members, &["box", "key", "name"])?;
            let sealing = members.hex("box").map_err(ManifestError::Form)?;
            if BoxKey::new(sealing).is_none() {
                self.fault(ManifestError::Key("trustees.box"));
            }
            trustees.push(TrusteeEntry {
                sealing,
                key: signing_key(members, "key")?,
                name: self.words(members, "name"),
            });
        }
        Ok(trustees)
    }

    pub(super) fn board(&mut self, body: Members<'_>) -> Result<(VerifyingKey, LogKey), ManifestError> {
        let members = object(body, "board")?;
        self.known(members, &["key", "log"])?;
        let log = members.text("log").map_err(ManifestError::Form)?;
        let log = log.parse().map_err(|_| ManifestError::Key("board.log"))?;
        Ok((signing_key(members, "key")?, log))
    }

    /// `{"key": SPKI}`, or null.
    pub(super) fn admission(&mut self, body: Members<'_>) -> Result<Option<PublicKey>, ManifestError> {
        let Some(members) = nullable(body, "admission")? else { return Ok(None) };
        self.known(members, &["key"])?;
        let value = members.value("key").map_err(ManifestError::Form)?;
        Ok(self.rsa_key(value, "admission"))
    }

    /// `{"keys": [SPKI of each district]}`, or null.
    pub(super) fn token(&mut self, body: Members<'_>) -> Result<Option<Vec<PublicKey>>, ManifestError> {
        let Some(members) = nullable(body, "token")? else { return Ok(None) };
        self.known(members, &["keys"])?;
        let keys = members.list("keys").map_err(ManifestError::Form)?;
        // Their places say whose they are: without one, none can be used.
        Ok(keys.iter().map(|key| self.rsa_key(key, "token")).collect())
    }

    fn rsa_key(&mut self, value: &Value, name: &'static str) -> Option<PublicKey> {
        let spki = value.as_str().and_then(|text| from_base64url(text).ok());
        let key = spki.and_then(|spki| PublicKey::from_spki(&spki).ok());
        if key.is_none() {
            self.fault(ManifestError::Key(name));
        }
        key
    }

    pub(super) fn witnesses(&mut self, body: Members<'_>) -> Result<(Vec<CosignerKey>, u64), ManifestError> {
        let members = object(body, "witnesses")?;
        self.known(members, &["keys", "quorum"])?;
        let key = |value: &Value| {
            let key = value.as_str().and_then(|text| text.parse().ok());
            key.ok_or(ManifestError::Key("witnesses.keys"))
        };
        let keys = members.list("keys").map_err(ManifestError::Form)?;
        let keys = keys.iter().map(key).collect::<Result<_, _>>()?;
        Ok((keys, members.number("quorum").map_err(ManifestError::Form)?))
    }
}

/// An Ed25519 key in hexadecimal.
pub(super) fn signing_key(members: Members<'_>, name: &'static str) -> Result<VerifyingKey, ManifestError> {
    let bytes: [u8; 32] = members.hex(name).map_err(ManifestError::Form)?;
    VerifyingKey::from_multikey(&Multikey::new(ED25519, &bytes)).map_err(|_| ManifestError::Key(name))
}

/// An object, or null.
fn nullable<'a>(members: Members<'a>, name: &'static str) -> Result<Option<Members<'a>>, ManifestError> {
    match members.value(name).map_err(ManifestError::Form)? {
        Value::Null => Ok(None),
        value => value.as_object().map(|object| Some(Members(object))).ok_or(ManifestError::Key(name)),
    }
}

fn object<'a>(members: Members<'a>, name: &'static str) -> Result<Members<'a>, ManifestError> {
    let value = members.value(name).map_err(ManifestError::Form)?;
    value.as_object().map(Members).ok_or(ManifestError::Form(FormError::Member(name)))
}

fn objects<'a>(members: Members<'a>, name: &'static str) -> Result<Vec<Members<'a>>, ManifestError> {
    let list = members.list(name).map_err(ManifestError::Form)?;
    let object = |value: &'a Value| value.as_object().map(Members);
    list.iter().map(object).collect::<Option<_>>().ok_or(ManifestError::Form(FormError::Member(name)))
}
