//! RSA blind signatures [RFC 9474].
