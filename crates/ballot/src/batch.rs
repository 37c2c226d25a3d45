//! Many ballots checked together (§9).
