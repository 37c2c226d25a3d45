//! The kinds of token.

/// The `typ` of a token, compared byte by byte, so that no token passes for one of another kind [RFC 8725 §3.11].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Typ(&'static str);

impl Typ {
    /// An SD-JWT VC [SD-JWT VC §3.2.1].
    pub const SD_JWT_VC: Self = Self("dc+sd-jwt");
    /// A W3C credential as SD-JWT [VC-JOSE-COSE §3.2.1]; also an SD-JWT VC by the name that drafts before -06 gave it,
    /// which is read only where a profile says so.
    pub const VC_SD_JWT: Self = Self("vc+sd-jwt");
    /// A W3C presentation as SD-JWT [VC-JOSE-COSE §3.2.2].
    pub const VP_SD_JWT: Self = Self("vp+sd-jwt");
    /// A key binding token [RFC 9901 §4.3].
    pub const KEY_BINDING: Self = Self("kb+jwt");
    /// A W3C credential [VC-JOSE-COSE §3.1.1].
    pub const VC_JWT: Self = Self("vc+jwt");
    /// A W3C presentation [VC-JOSE-COSE §3.1.2].
    pub const VP_JWT: Self = Self("vp+jwt");
    /// A status list token [Token Status List §5.1].
    pub const STATUS_LIST: Self = Self("statuslist+jwt");
    /// A request for a presentation [OpenID4VP 1.0 §5; RFC 9101 §10.8].
    pub const REQUEST: Self = Self("oauth-authz-req+jwt");
    /// What somebody whom wallets trust says about a verifier [OpenID4VP 1.0 §12].
    pub const VERIFIER_ATTESTATION: Self = Self("verifier-attestation+jwt");
    /// A wallet's proof that it holds the key of the credential it asks for [OpenID4VCI 1.0 §F.1].
    pub const CREDENTIAL_PROOF: Self = Self("openid4vci-proof+jwt");
    /// What a wallet's provider says about keys [OpenID4VCI 1.0 §D.1].
    pub const KEY_ATTESTATION: Self = Self("key-attestation+jwt");
    /// An issuer's signed metadata [OpenID4VCI 1.0 §12.2.3].
    pub const ISSUER_METADATA: Self = Self("openidvci-issuer-metadata+jwt");
    /// What a wallet's provider says about one wallet [Attestation-Based Client Authentication §5.1].
    pub const CLIENT_ATTESTATION: Self = Self("oauth-client-attestation+jwt");
    /// The wallet's proof that the attestation is its own [Attestation-Based Client Authentication §5.2].
    pub const CLIENT_ATTESTATION_POP: Self = Self("oauth-client-attestation-pop+jwt");
    /// A proof of possession for one HTTP request [RFC 9449 §4.2].
    pub const DPOP: Self = Self("dpop+jwt");
    /// An access token [RFC 9068 §2.1].
    pub const ACCESS_TOKEN: Self = Self("at+jwt");
    /// A client's assertion about itself, by its newer name [RFC 7523bis].
    pub const CLIENT_AUTHENTICATION: Self = Self("client-authentication+jwt");
    /// A token of a protocol that gives its tokens no type, whose sender wrote `JWT` [RFC 7519 §5.1].
    pub const JWT: Self = Self("JWT");
    /// A token of a protocol that gives its tokens no type, without `typ`. What is in it must tell it from others.
    pub const ABSENT: Self = Self("");

    /// Every kind that has a type of its own.
    pub const ALL: [Self; 17] = [
        Self::SD_JWT_VC,
        Self::VC_SD_JWT,
        Self::VP_SD_JWT,
        Self::KEY_BINDING,
        Self::VC_JWT,
        Self::VP_JWT,
        Self::STATUS_LIST,
        Self::REQUEST,
        Self::VERIFIER_ATTESTATION,
        Self::CREDENTIAL_PROOF,
        Self::KEY_ATTESTATION,
        Self::ISSUER_METADATA,
        Self::CLIENT_ATTESTATION,
        Self::CLIENT_ATTESTATION_POP,
        Self::DPOP,
        Self::ACCESS_TOKEN,
        Self::CLIENT_AUTHENTICATION,
    ];

    /// A kind that an application defines for its own tokens [RFC 9901 §9.11].
    pub const fn application(typ: &'static str) -> Self {
        Self(typ)
    }

    /// What a token of this kind says about its content [VC-JOSE-COSE §3].
    pub(crate) fn content(self) -> Option<&'static str> {
        match self {
            Self::VC_JWT | Self::VC_SD_JWT => Some("vc"),
            Self::VP_JWT | Self::VP_SD_JWT => Some("vp"),
            _ => None,
        }
    }

    /// The word in the header; nothing for [`Typ::ABSENT`].
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
