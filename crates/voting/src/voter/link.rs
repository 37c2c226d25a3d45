//! Where an election is, as it is written on posters and code sheets.

use super::VoterError;
use crate::form::{from_hex_array, to_hex};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::Secret;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What a link or QR code for voters begins with.
pub const SCHEME: &str = "sinpyo-vote:";

/// Longest link, in bytes.
const MAX_LINK: usize = 2048;

/// An election, and where its service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    at: String,
    election: ElectionId,
    host: Option<[u8; 32]>,
}

/// What a link says.
#[derive(Debug)]
pub struct VoterLink {
    /// Which election, where.
    pub place: Place,
    /// The code of a line of the roll, if the link is a voter's own.
    pub code: Option<Secret<String>>,
}

impl VoterLink {
    /// Reads `sinpyo-vote:<address>?host=<key>&code=<code>`, or the bare address of an election, `…/e/<64 hex digits>`.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, VoterError> {
        let text = text.trim();
        let fine = text.len() <= MAX_LINK && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !fine {
            return Err(VoterError::Link); // [VTR-06]
        }
        let text = text.strip_prefix(SCHEME).unwrap_or(text);
        let (at, query) = text.split_once('?').unwrap_or((text, ""));
        let mut place = Place::parse(at)?;
        let mut code = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("host", key)) => place.host = Some(from_hex_array(key).ok_or(VoterError::Link)?),
                Some(("code", own)) => code = Some(normal_code(own)),
                // Of a later version, or of who counts visits.
                _ => {}
            }
        }
        Ok(Self { place, code })
    }
}

/// A code as it is sent: upper case, without what people put between its groups.
pub fn normal_code(typed: &str) -> Secret<String> {
    let kept = typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
    Secret::new(kept.collect())
}

impl Place {
    /// Reads the address of an election: `<scheme>://<host>[:<port>]/e/<64 hex digits>`, each in its one form, so that no
    /// voter can be given an address of their own by which what they send is known. Which schemes and hosts may be spoken
    /// to is for the edge to say.
    ///
    /// # Errors
    /// It is another address, also with a user, a path before `/e/` or a query.
    pub fn parse(at: &str) -> Result<Self, VoterError> {
        let at = at.strip_suffix('/').unwrap_or(at);
        let (before, election) = at.rsplit_once("/e/").ok_or(VoterError::Link)?;
        let (scheme, site) = before.split_once("://").ok_or(VoterError::Link)?;
        let fine = is_site(scheme, site); // [VTR-06]
        let election = from_hex_array(election).filter(|_| fine).ok_or(VoterError::Link)?;
        Ok(Self { at: at.to_owned(), election: ElectionId(election), host: None })
    }

    /// The same, called by the owner of this key and by nobody else.
    #[must_use]
    pub fn called_by(self, host: [u8; 32]) -> Self {
        Self { host: Some(host), ..self }
    }

    /// Its address, without a slash at the end.
    pub fn address(&self) -> &str {
        &self.at
    }

    /// The host of its service, and the port unless it is the usual one.
    pub fn site(&self) -> &str {
        let (_, after) = self.at.split_once("://").unwrap_or_default();
        after.split_once('/').map_or(after, |(site, _)| site)
    }

    /// The election.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// The key of who called the election, if it is known.
    pub const fn host(&self) -> Option<&[u8; 32]> {
        self.host.as_ref()
    }

    /// What a voter's wallet reads.
    pub fn link(&self) -> String {
        let host = self.host.map(|host| format!("?host={}", to_hex(&host))).unwrap_or_default();
        format!("{SCHEME}{}{host}", self.at)
    }

    /// The address of `path` below it.
    pub(super) fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.at)
    }
}

/// Whether that is a host, and a port unless it is the scheme's own: in small letters and nothing beside it.
fn is_site(scheme: &str, site: &str) -> bool {
    let usual = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return false,
    };
    let (host, port) = match site.rsplit_once(':') {
        Some((host, port)) if !site.ends_with(']') => (host, Some(port)),
        _ => (site, None),
    };
    let has_port = port.is_none_or(|port| {
        port.parse::<u16>().is_ok_and(|number| ![0, usual].contains(&number) && number.to_string() == port)
    });
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|read| read.to_string() == address),
        // What ends in a number is an IPv4 address, or read as one.
        None if host.rsplit('.').next().is_some_and(is_number) => host.parse::<Ipv4Addr>().is_ok(),
        None => host.split('.').all(is_label),
    };
    has_port && is_host
}

/// A number, in one of the forms that browsers read as such.
fn is_number(label: &str) -> bool {
    label.starts_with("0x") || !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// A part of a host's name.
fn is_label(label: &str) -> bool {
    let fine = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !label.is_empty() && label.bytes().all(fine)
}
