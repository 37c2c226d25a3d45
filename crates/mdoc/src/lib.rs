//! ISO 18013-5 mdocs: issued, presented, verified.
