//! Strict CBOR, COSE_Sign1 and COSE_Mac0, CWT claims.
