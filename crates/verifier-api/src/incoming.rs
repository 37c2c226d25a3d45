//! What came in.

use http::Request;
use std::net::IpAddr;

/// A request, and where it came from. Keep it while it is answered again after [`crate::Step::Need`]: the limits count it
/// once.
#[derive(Debug)]
pub struct Incoming<'r> {
    pub(crate) request: &'r Request<Vec<u8>>,
    pub(crate) peer: IpAddr,
    pub(crate) passage: Passage,
}

/// Whether the limits have seen a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    New,
    LetThrough,
}

impl<'r> Incoming<'r> {
    /// `request`, which came from `peer` just now.
    pub const fn new(request: &'r Request<Vec<u8>>, peer: IpAddr) -> Self {
        Self { request, peer, passage: Passage::New }
    }
}
