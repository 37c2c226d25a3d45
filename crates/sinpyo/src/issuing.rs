//! Issuing credentials and keeping their status lists, for one organisation and one profile.

use crate::{
    files::{self, Access},
    home::Home,
    office::{self, Organisation},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use sinpyo_core::{
    accreditation::Right, credential::Holder, did::Did, jwk::PublicJwk, status::CredentialStatus,
    time::Timestamp,
};
use sinpyo_crypto::{KeySigner, hash::sha256};
use sinpyo_issuer::{
    Allocated, Cadence, Issued, Issuer, IssuerOptions, ListForm, ListSeries, Order, Profile, Recipient, Slot,
    StatusBook, StatusCommand, StatusEvent,
};
use sinpyo_registry::status_digest::{self, StatusDigest};
use sinpyo_state::{Change, CommitError, Key, OwnedChange, Space, State, Unavailable, Version};
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// What happened to the status lists, by their addresses.
pub(crate) const STATUS: Space = Space::new("status");

/// Their entries that were given out.
const STATUS_INDEX: Space = Space::new("status.index");

/// Entries of one status list.
const LIST_ENTRIES: u64 = 131_072;

/// Events read in one go.
const PAGE: usize = 10_000;

const CADENCE: Cadence = Cadence { ttl: Duration::from_hours(12), lifetime: Duration::from_hours(24 * 7) };

/// An organisation at work on credentials of one profile.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    home: &'a Home,
    organisation: &'a Organisation,
    profile: &'a Profile,
    /// The profile as [`Home::profile`] finds it again.
    profile_name: &'a str,
    issuer: Issuer<&'a KeySigner>,
    /// The status lists, if credentials of the profile have any.
    series: Option<ListSeries>,
    /// Entries given out since the events were last written.
    fresh: Vec<Allocated>,
}

impl<'a> Desk<'a> {
    /// Opens the desk. Somebody who is not accredited may open it and will find that nobody accepts the result.
    pub(crate) fn open(
        home: &'a Home,
        organisation: &'a Organisation,
        (profile_name, profile): (&'a str, &'a Profile),
    ) -> Result<Self> {
        let right = Right::Issue(profile.credential_type().clone());
        let chain = home.registry()?.chain(&organisation.did(), &right, home.now())?;
        let accredited_since = chain.and_then(|chain| chain.accreditation()?.validity.from);
        let options = IssuerOptions { accredited_since, ..IssuerOptions::default() };
        let issuer = Issuer::new(&organisation.signer, &organisation.resolve(home)?, options)?;
        let prefix = format!("https://status.{}.example/{}", organisation.name, profile.id());
        let series = if profile.status().is_listed() {
            Some(ListSeries::new(&prefix, ListForm::Token, profile.status(), LIST_ENTRIES)?)
        } else {
            None
        };
        Ok(Self { home, organisation, profile, profile_name, issuer, series, fresh: Vec::new() })
    }

    /// Issues a credential that states `claims` to `holder`, ending at `until` at the latest.
    ///
    /// Its status entry is taken for good at once; call [`Desk::publish`] before anybody looks it up.
    pub(crate) fn issue(
        &mut self,
        claims: &Map<String, Value>,
        holder: &PublicJwk,
        until: Option<Timestamp>,
    ) -> Result<Issued> {
        let allocated = self.allocate()?;
        let status = match (&self.series, allocated) {
            (Some(series), Some(entry)) => series.status(entry),
            _ => Vec::new(),
        };
        let order = Order { profile: self.profile, claims, until };
        let recipient = Recipient { holder: Holder::Key(holder.clone()), status };
        let issued = self.issuer.issue(&order, &recipient, self.home.now(), &mut OsEntropy)?;
        self.fresh.extend(allocated);
        Ok(issued)
    }

    fn allocate(&self) -> Result<Option<Allocated>> {
        let Some(series) = &self.series else { return Ok(None) };
        let take =
            |entry: Allocated| take_index(&self.home.state, &series_uri(series, entry.list), entry.index);
        Ok(Some(series.allocate(0, &mut OsEntropy, take)?))
    }

    /// Changes what the list says about the credential at `index` of `list`, and publishes the list.
    pub(crate) fn set_status(&mut self, list: &str, index: u64, status: CredentialStatus) -> Result<()> {
        let number = self.number_of(list)?;
        let book = self.book(number)?;
        let events = book.1.decide(StatusCommand::Set { index, status })?;
        self.append(list, book.0, &events)?;
        // The other lists say what they said: a change rewrites one of them, however many there are.
        let (_, book) = self.book(number)?;
        self.publish_list(&book)
    }

    /// Writes down the entries given out, and publishes every list that has any.
    pub(crate) fn publish(&mut self) -> Result<()> {
        let Some(series) = self.series.clone() else { return Ok(()) };
        for number in 0_u32.. {
            let fresh = self.fresh.iter().filter(|entry| entry.list == number);
            let fresh: Vec<_> = fresh.map(|entry| StatusEvent::Allocated { index: entry.index }).collect();
            let uri = series_uri(&series, number);
            let (version, _) = self.book(number)?;
            if version == Version(0) && fresh.is_empty() {
                break;
            }
            self.append(&uri, version, &fresh)?;
            let (_, book) = self.book(number)?;
            self.publish_list(&book)?;
        }
        self.fresh.clear();
        Ok(())
    }

    fn publish_list(&self, book: &StatusBook) -> Result<()> {
        let (now, did) = (self.home.now(), self.organisation.did());
        for list in self.issuer.publish(book, CADENCE, now)? {
            let newest = self.home.registry()?.status_digest(&did, &list.uri)?;
            let newest = newest.map_or(0, |newest| newest.version);
            let digest = StatusDigest {
                by: did.clone(),
                list: list.uri.clone(),
                version: newest + 1,
                sha256: sha256(list.wire.as_bytes()),
                issued_at: now,
                time_to_live: CADENCE.ttl,
            };
            let draft = status_digest::publish(self.home.origin(), digest);
            let signer = &self.organisation.signer;
            office::submit(self.home, &draft.sign(signer, signer.key().verifying_key())?)?;
            let path = published_at(self.home, &list.uri);
            files::replace(&path, list.wire.as_bytes(), Access::Public)?;
            let desk = format!("{}\n{}\n", self.organisation.name, self.profile_name);
            files::replace(&path.with_extension("desk"), desk.as_bytes(), Access::Public)?;
        }
        Ok(())
    }

    /// The list `number`, and how many events it stands for.
    fn book(&self, number: u32) -> Result<(Version, StatusBook)> {
        let series = self.series.clone().context("credentials of this profile have no status list")?;
        let stream = Key::named(STATUS, &series_uri(&series, number));
        let mut book = StatusBook::new(series, number)?;
        let mut version = Version(0);
        loop {
            let page = self.home.state.events(&stream, version, PAGE)?;
            for event in &page {
                book.apply(&StatusEvent::from_bytes(event)?)?;
            }
            version.0 += u64::try_from(page.len())?;
            if page.len() < PAGE {
                return Ok((version, book));
            }
        }
    }

    fn append(&self, uri: &str, version: Version, events: &[StatusEvent]) -> Result<()> {
        let events = events.iter().map(StatusEvent::to_bytes);
        self.home.state.commit_owned(&appended(uri, version, events))?;
        Ok(())
    }

    fn number_of(&self, uri: &str) -> Result<u32> {
        let series = self.series.as_ref().context("credentials of this profile have no status list")?;
        let number = uri.rsplit('/').next().and_then(|number| number.parse().ok());
        match number {
            Some(number) if series_uri(series, number) == uri => Ok(number),
            _ => bail!("{} publishes no list {uri}", self.organisation.name),
        }
    }
}

/// Publishes all lists of `organisation` anew: verifiers want them signed with its current key.
pub(crate) fn republish(home: &Home, organisation: &Organisation) -> Result<()> {
    let mut profiles = BTreeSet::new();
    for file in std::fs::read_dir(home.path("status")).context("cannot read the folder of status lists")? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "desk") {
            let text =
                String::from_utf8(files::read(&path, 4096)?).context("a note on a status list is no text")?;
            match text.split_once('\n') {
                Some((name, profile)) if name == organisation.name => {
                    profiles.extend([profile.trim().to_owned()]);
                }
                _ => {}
            }
        }
    }
    for name in profiles {
        let profile = home.profile(&name)?;
        Desk::open(home, organisation, (&name, &profile))?.publish()?;
    }
    Ok(())
}

/// The profile whose credentials point to the list `uri` of an organisation: the last but one part of the address.
pub(crate) fn profile_of(uri: &str) -> Option<&str> {
    uri.rsplit('/').nth(1)
}

fn series_uri(series: &ListSeries, list: u32) -> String {
    series
        .status(Allocated { list, index: 0 })
        .first()
        .map(|entry| entry.list().to_owned())
        .unwrap_or_default()
}

/// Takes `index` of the list at `uri` for good, if it is free.
pub(crate) fn take_index(state: &dyn State, uri: &str, index: u64) -> Result<Slot, Unavailable> {
    let key = Key::named(STATUS_INDEX, &format!("{uri}#{index}"));
    match state.commit(&[Change::insert(&key, b"", None)]) {
        Ok(()) => Ok(Slot::Taken),
        Err(CommitError::Unavailable(error)) => Err(error),
        Err(_) => Ok(Slot::Occupied), // [STO-15]
    }
}

/// One more event of the list at `uri` for each of `events`, if it has so many.
pub(crate) fn appended(
    uri: &str,
    after: Version,
    events: impl IntoIterator<Item = Vec<u8>>,
) -> Vec<OwnedChange> {
    let next = (after.0..).map(Version).zip(events);
    next.map(|(after, event)| OwnedChange::append(Key::named(STATUS, uri), after, event)).collect()
}

/// Where the published list `uri` lies in this installation; its name is a hash, since the address is not ours to trust.
pub(crate) fn published_at(home: &Home, uri: &str) -> PathBuf {
    let digest = sha256(uri.as_bytes());
    home.path(format!("status/{}.jwt", sinpyo_core::encoding::to_base64url(&digest)))
}

/// Whether the ledger's newest digest of the list `uri` of `issuer` is that of `wire`.
pub(crate) fn is_newest(home: &Home, issuer: &Did, uri: &str, wire: &[u8]) -> Result<bool> {
    let newest = home.registry()?.status_digest(issuer, uri)?;
    Ok(newest.is_some_and(|newest| newest.sha256 == sha256(wire)))
}

/// Whether the ledger knows a newer edition of the list `uri` of `issuer` than `wire`; not if it knows none at all.
pub(crate) fn is_outdated(home: &Home, issuer: &Did, uri: &str, wire: &[u8]) -> Result<bool> {
    let newest = home.registry()?.status_digest(issuer, uri)?;
    Ok(newest.is_some_and(|newest| newest.sha256 != sha256(wire)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::{SharedClock, SystemClock};
    use sinpyo_core::accreditation::LocalizedName;
    use sinpyo_crypto::Algorithm;
    use sinpyo_state::MemoryState;

    #[test]
    fn an_index_is_given_out_once_per_list() {
        let state = MemoryState::new();
        let take = |list: &str, index| take_index(&state, list, index).unwrap();
        for index in [0, 7, u64::MAX] {
            assert_eq!(take("https://status.example/1", index), Slot::Taken);
            assert_eq!(take("https://status.example/1", index), Slot::Occupied);
            assert_eq!(take("https://status.example/2", index), Slot::Taken);
        }
    }

    #[test]
    fn a_list_is_outdated_if_the_ledger_knows_another_edition() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(&folder.path().join("home"), SharedClock::new(SystemClock)).unwrap();
        let names = LocalizedName { ko: "가".to_owned(), en: "A".to_owned() };
        let office = Organisation::create(&home, "a", names, Algorithm::Es256, false).unwrap();
        let (did, list) = (office.did(), "https://status.example/1");
        assert!(!is_outdated(&home, &did, list, b"first").unwrap(), "an issuer need not commit its lists");
        let digest = StatusDigest {
            by: did.clone(),
            list: list.to_owned(),
            version: 1,
            sha256: sha256(b"second"),
            issued_at: home.now(),
            time_to_live: CADENCE.ttl,
        };
        let draft = status_digest::publish(home.origin(), digest);
        let signed = draft.sign(&office.signer, office.signer.key().verifying_key()).unwrap();
        office::submit(&home, &signed).unwrap();
        assert!(is_outdated(&home, &did, list, b"first").unwrap());
        assert!(!is_outdated(&home, &did, list, b"second").unwrap());
    }

    #[test]
    fn events_are_appended_in_their_order_and_only_at_the_end() {
        let state = MemoryState::new();
        let events = || [b"a".to_vec(), b"b".to_vec()];
        state.commit_owned(&appended("list", Version(0), events())).unwrap();
        assert!(state.commit_owned(&appended("list", Version(1), events())).is_err());
        state.commit_owned(&appended("list", Version(2), [b"c".to_vec()])).unwrap();
        let kept = state.events(&Key::named(STATUS, "list"), Version(0), 9).unwrap();
        assert_eq!(kept, [b"a", b"b", b"c"]);
    }
}
