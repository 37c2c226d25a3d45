//! How many streams of events are open: a reader who is gone, or one with many windows, leaves room for the others.

use sinpyo_web::limit::Caller;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What a stream counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Share {
    /// All pages: the institutions' own streams have room beside them.
    Pages,
    /// One page, of a tenant.
    Page(String),
    /// All pages that one address reads.
    Peer(Caller),
    /// All that a client of the management interface follows.
    Client(String),
}

impl Share {
    const fn most(&self) -> usize {
        match self {
            Self::Pages => 128,
            Self::Page(_) => 4,
            Self::Peer(_) | Self::Client(_) => 16,
        }
    }
}

/// The streams of one node.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<Share, usize>>);

/// The place of one stream; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    streams: Arc<Streams>,
    shares: Vec<Share>,
}

impl Streams {
    /// A place that counts for all of `shares`; none if one of them has no more.
    pub(crate) fn seat(self: &Arc<Self>, shares: Vec<Share>) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |share: &Share| taken.get(share).is_some_and(|count| *count >= share.most());
        if shares.iter().any(is_full) {
            return None; // [ISV-21]
        }
        for share in &shares {
            *taken.entry(share.clone()).or_default() += 1;
        }
        Some(Seat { streams: Arc::clone(self), shares })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        for share in &self.shares {
            if let Some(count) = taken.get_mut(share) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    taken.remove(share);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, Streams};
    use sinpyo_web::limit::Caller;
    use std::{net::Ipv4Addr, sync::Arc};

    #[test]
    fn pages_leave_room_for_institutions() {
        let streams = Arc::new(Streams::default());
        let page = |number: u32| {
            let peer = Share::Peer(Caller::from(std::net::IpAddr::from(Ipv4Addr::from_bits(number))));
            streams.seat(vec![Share::Pages, Share::Page(number.to_string()), peer])
        };
        let mut seats: Vec<_> = (0..128).map(|number| page(number).unwrap()).collect();
        assert!(page(200).is_none());
        let own = streams.seat(vec![Share::Client("portal".to_owned())]);
        assert!(own.is_some());
        seats.pop();
        assert!(page(200).is_some());
        drop((seats, own));
        assert!(streams.0.lock().unwrap().is_empty(), "nothing is remembered of who is gone");
    }
}
