//! OAuth 2.0 for wallets and services: pushed requests, PKCE, DPoP, attested clients, tokens.
