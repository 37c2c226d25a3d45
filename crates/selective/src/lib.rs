//! Selective disclosure of RDF credentials: ecdsa-sd-2023 and bbs-2023.
