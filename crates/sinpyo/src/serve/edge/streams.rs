//! How many streams of events there are at once, and who has them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Streams at once that anybody can have, and of one peer: behind a proxy all are one.
const MOST: usize = 256;
const MOST_OF_ONE: usize = 128;
/// Streams at once of one page: it is open in one browser, perhaps in a few tabs.
const MOST_OF_PAGE: usize = 4;
/// Streams at once for those who were admitted with a token, and of each of their addresses.
const MOST_MANAGED: usize = 64;
const MOST_OF_MANAGED: usize = 16;

/// For whom a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// For anybody.
    Everybody,
    /// For the page at this address.
    Page,
    /// For who manages the service, and was admitted.
    Managers,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Share {
    Open,
    Managed,
    Peer(IpAddr),
    Path(String),
}

/// The places for streams.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<HashMap<Share, usize>>);

/// A place that is taken; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    streams: Arc<Streams>,
    shares: Vec<Share>,
}

impl Streams {
    /// A place for a stream at `path`; `None` if there are as many as there may be.
    pub(super) fn take(self: &Arc<Self>, audience: Audience, peer: IpAddr, path: &str) -> Option<Place> {
        let path = Share::Path(path.to_owned());
        let shares = match audience {
            Audience::Everybody => vec![(Share::Open, MOST), (Share::Peer(peer), MOST_OF_ONE)],
            Audience::Page => {
                vec![(Share::Open, MOST), (Share::Peer(peer), MOST_OF_ONE), (path, MOST_OF_PAGE)]
            }
            Audience::Managers => vec![(Share::Managed, MOST_MANAGED), (path, MOST_OF_MANAGED)],
        };
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = |(share, most): &(Share, usize)| taken.get(share).is_none_or(|count| count < most);
        if !shares.iter().all(is_free) {
            return None; // [CLI-31]
        }
        let shares: Vec<_> = shares.into_iter().map(|(share, _)| share).collect();
        for share in &shares {
            *taken.entry(share.clone()).or_default() += 1;
        }
        Some(Place { streams: Arc::clone(self), shares })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        for share in &self.shares {
            if let Some(count) = taken.get_mut(share) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(share);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_page_leave_places_for_others() {
        let streams = Arc::new(Streams::default());
        let peer = |last| IpAddr::from([192, 0, 2, last]);
        let mut held: Vec<_> =
            (0..5).map_while(|_| streams.take(Audience::Page, peer(1), "/bank/r/1/events")).collect();
        assert_eq!(held.len(), 4);
        held.extend((0..200).map_while(|n| streams.take(Audience::Page, peer(1), &format!("/r/{n}"))));
        assert_eq!(held.len(), 128);
        held.extend((0..200).map_while(|n| streams.take(Audience::Page, peer(2), &format!("/s/{n}"))));
        assert_eq!(held.len(), 256);
        assert!(streams.take(Audience::Page, peer(3), "/t").is_none());
        // Whoever manages has places of its own.
        assert!(streams.take(Audience::Managers, peer(1), "/manage/bank/events").is_some());
        held.pop();
        assert!(streams.take(Audience::Everybody, peer(3), "/events").is_some());
    }
}
