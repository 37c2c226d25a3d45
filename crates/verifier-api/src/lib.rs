//! A verifier as a service: OpenID4VP, management and pages, bytes in and bytes out.
