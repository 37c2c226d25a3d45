//! Nothing: `tests/` holds `didwebvh-rs` against our did:webvh.
