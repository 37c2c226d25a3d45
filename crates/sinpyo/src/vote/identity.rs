//! Which election a record is of, and whether it is the one that was meant: a record without fault may be another's.

use super::place::log_of;
use crate::files;
use anyhow::{Context, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::TreeHead, note::LogKey};
use sinpyo_voting::{
    audit::Examined,
    form::{from_hex_array, to_hex},
    manifest::Words,
    voter::{SCHEME, VoterLink},
};
use std::path::Path;

const MAX_CHECKPOINT: u64 = 1 << 20;

/// What is known of an election beforehand.
#[derive(Debug, Default)]
pub(crate) struct Meant {
    election: Option<[u8; 32]>,
    host: Option<[u8; 32]>,
    head: Option<SignedCheckpoint>,
}

impl Meant {
    /// Where the record is, and what that says of its election: the link of voters names it and its host, its address
    /// names it, a folder does not.
    pub(crate) fn by(place: &str) -> Result<(String, Self)> {
        let is_address = place.starts_with("https://") || place.starts_with("http://");
        if place.starts_with(SCHEME) || is_address && place.contains('?') {
            let link = VoterLink::parse(place)
                .with_context(|| "this is no link of an election: sinpyo-vote:https://…/e/<id>?host=<key>")?;
            let (election, host) = (Some(link.place.election().0), link.place.host().copied());
            return Ok((link.place.address().to_owned(), Self { election, host, head: None }));
        }
        let election = if is_address { election_of(place) } else { None };
        Ok((place.to_owned(), Self { election, ..Self::default() }))
    }

    /// The same, called by the owner of the key with these 64 hex digits.
    pub(crate) fn called_by(self, host: &str) -> Result<Self> {
        let host =
            from_hex_array(host).context("the host's key has 64 hex digits, as the voters' link has it")?;
        if self.host.is_some_and(|own| own != host) {
            bail!("the link names another host than --host");
        }
        Ok(Self { host: Some(host), ..self })
    }

    /// The same, grown from the checkpoint in a file.
    pub(crate) fn grown_from(self, file: &Path) -> Result<Self> {
        let text = String::from_utf8(files::read(file, MAX_CHECKPOINT)?).context("a checkpoint is text")?;
        let head = text.parse().with_context(|| format!("{} is no checkpoint", file.display()))?;
        Ok(Self { head: Some(head), ..self })
    }

    /// The head that the record must have grown from.
    pub(crate) fn head(&self) -> Option<TreeHead> {
        self.head.as_ref().map(SignedCheckpoint::claimed_head)
    }

    /// What of it does not hold for a record. That it grew from the head is for the audit to say. [CLI-33]
    pub(crate) fn objections(&self, seen: &Identity) -> Vec<String> {
        let named = |what: Option<[u8; 32]>| what.map_or_else(|| "none".to_owned(), |key| to_hex(&key));
        let mut objections = Vec::new();
        if self.election.is_some() && self.election != seen.election {
            objections.push(format!("this is another election: {}", named(seen.election)));
        }
        if self.host.is_some() && self.host != seen.host {
            objections.push(format!("another host called this election: {}", named(seen.host)));
        }
        if let Some(head) = &self.head
            && seen.log.as_ref().is_none_or(|key| head.verify(key).is_err())
        {
            objections.push("the head that was seen before is not signed by this log".to_owned());
        }
        objections
    }
}

/// The election that an address names, also as that of its log.
fn election_of(address: &str) -> Option<[u8; 32]> {
    let log = log_of(address);
    let (_, election) = log.strip_suffix("/log")?.rsplit_once("/e/")?;
    from_hex_array(&election.to_ascii_lowercase())
}

/// By what an election is told from another.
#[derive(Debug)]
pub(crate) struct Identity {
    title: Option<Words>,
    election: Option<[u8; 32]>,
    host: Option<[u8; 32]>,
    log: Option<LogKey>,
    head: TreeHead,
}

impl Identity {
    /// That of a record.
    pub(crate) fn of(seen: &Examined) -> Result<Self> {
        let manifest = seen.manifest.as_ref();
        Ok(Self {
            title: manifest.map(|manifest| manifest.title.clone()),
            election: seen.election().id()?.map(|id| id.0),
            host: manifest.and_then(|manifest| manifest.host.to_multikey().key().try_into().ok()),
            log: manifest.map(|manifest| manifest.log.log.clone()),
            head: seen.head,
        })
    }

    /// Its members for machines.
    pub(crate) fn to_json(&self) -> [(&'static str, Value); 5] {
        let hex = |key: &Option<[u8; 32]>| key.map(|key| to_hex(&key));
        [
            ("title", json!(self.title)),
            ("election", json!(hex(&self.election))),
            ("host", json!(hex(&self.host))),
            ("log", json!(self.log.as_ref().map(ToString::to_string))),
            ("head", json!({"size": self.head.size, "root": self.root()})),
        ]
    }

    /// Its lines for people, who compare them with the link, the poster or the paper that they have.
    pub(crate) fn lines(&self, lang: &str) -> Vec<(&'static str, &'static str, String)> {
        let title = self.title.as_ref().and_then(|title| title.get(lang)).cloned();
        let hex = |key: Option<[u8; 32]>| key.map(|key| to_hex(&key));
        let lines = [
            ("이름", "title", title),
            ("선거", "election", hex(self.election)),
            ("주관자", "host", hex(self.host)),
            ("원장", "log", self.log.as_ref().map(ToString::to_string)),
            ("머리", "head", Some(format!("{} {}", self.head.size, self.root()))),
        ];
        lines.into_iter().filter_map(|(ko, en, value)| Some((ko, en, value?))).collect()
    }

    /// The root as a checkpoint has it.
    fn root(&self) -> String {
        STANDARD.encode(self.head.root.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_election_and_a_link_its_host() {
        let (id, key) = ("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4));
        let at = format!("https://vote.example.kr/e/{id}");
        let election = from_hex_array(&id);
        for place in [at.clone(), format!("{at}/"), format!("{at}/log"), format!("{at}/log/")] {
            let (address, meant) = Meant::by(&place).unwrap();
            assert_eq!((address, meant.election, meant.host), (place, election, None));
        }
        for place in [format!("sinpyo-vote:{at}?host={key}&code=AAAA"), format!("{at}?host={key}")] {
            let (address, meant) = Meant::by(&place).unwrap();
            assert_eq!((&address, meant.election, meant.host), (&at, election, from_hex_array(&key)));
            assert!(meant.called_by(&id).is_err(), "two hosts");
        }
        for place in ["record", "https://logs.example.kr/mirror", "https://vote.example.kr/e/00"] {
            let (address, meant) = Meant::by(place).unwrap();
            assert_eq!((&*address, meant.election, meant.host), (place, None, None));
        }
        assert!(Meant::by("sinpyo-vote:https://vote.example.kr/u/7/e/00").is_err());
        assert!(Meant::by("record").unwrap().1.called_by("00").is_err());
    }

    #[test]
    fn an_audit_is_of_the_election_that_was_meant() {
        let seen = |election: Option<[u8; 32]>, host: Option<[u8; 32]>| Identity {
            title: None,
            election,
            host,
            log: None,
            head: sinpyo_tlog::merkle::Frontier::new().head(),
        };
        let meant = Meant { election: Some([1; 32]), host: Some([2; 32]), head: None };
        let objects = |election, host| meant.objections(&seen(election, host)).len();
        assert_eq!(objects(Some([1; 32]), Some([2; 32])), 0);
        assert_eq!(objects(Some([9; 32]), Some([2; 32])), 1);
        assert_eq!(objects(Some([1; 32]), Some([9; 32])), 1);
        assert_eq!(objects(None, None), 2, "a record without an election is not the one");
        assert!(Meant::default().objections(&seen(Some([9; 32]), None)).is_empty());
    }
}
