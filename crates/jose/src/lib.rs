//! JSON Web Signatures and Encryption, by strict rules.
