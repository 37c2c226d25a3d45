//! OpenID for Verifiable Presentations 1.0: verifier and wallet, bytes in and bytes out.
