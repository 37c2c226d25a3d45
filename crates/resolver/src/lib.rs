//! DID resolution: did:key, did:jwk and did:tlog.
