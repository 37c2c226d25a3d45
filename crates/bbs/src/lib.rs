//! The IETF BBS signature scheme, both ciphersuites.
