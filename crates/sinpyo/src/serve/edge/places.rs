//! How many connections there are at once, in all and from one peer.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at once. A process may usually open 1,024 files, and the store needs some of them.
const MOST: usize = 900;
/// Of which one peer may have so many, so that no one peer takes all.
const MOST_OF_ONE: u32 = 600;

/// The places for connections.
#[derive(Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    taken: Mutex<HashMap<IpAddr, u32>>,
}

/// A place that is taken; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    peer: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(MOST)), taken: Mutex::default() })
    }

    /// Waits until there is a place for somebody.
    pub(super) async fn any(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Gives the place to `address`; `None` if that has as many as it may have.
    pub(super) fn take(self: &Arc<Self>, permit: OwnedSemaphorePermit, address: IpAddr) -> Option<Place> {
        let peer = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(peer).or_default();
        if *count >= MOST_OF_ONE {
            return None;
        }
        *count += 1;
        Some(Place { places: Arc::clone(self), peer, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.peer);
            }
        }
    }
}

/// Who counts as one peer: an IPv4 address, or a /64 of IPv6.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_peer_does_not_take_every_place() {
        let places = Places::new();
        let mut held = Vec::new();
        loop {
            let permit = places.any().await.unwrap();
            // Another address of the same /64 each time.
            let address = IpAddr::V6(Ipv6Addr::from_bits(1 + u128::try_from(held.len()).unwrap()));
            let Some(place) = places.take(permit, address) else { break };
            held.push(place);
        }
        assert_eq!(held.len(), 600);
        let other = IpAddr::V6(Ipv6Addr::from_bits(1 << 64));
        let permit = places.any().await.unwrap();
        assert!(places.take(permit, other).is_some());
        held.pop();
        let permit = places.any().await.unwrap();
        assert!(places.take(permit, IpAddr::V6(Ipv6Addr::LOCALHOST)).is_some());
    }
}
