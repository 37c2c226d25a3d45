//! An issuer as a service: OpenID4VCI, management and pages, bytes in and bytes out.
