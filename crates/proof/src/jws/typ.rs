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
    /// A request for a presentation [OpenID4VP 1.0 §5].
    pub const REQUEST: Self = Self("oauth-authz-req+jwt");

    /// Every kind that the crate makes.
    pub const ALL: [Self; 8] = [
        Self::SD_JWT_VC,
        Self::VC_SD_JWT,
        Self::VP_SD_JWT,
        Self::KEY_BINDING,
        Self::VC_JWT,
        Self::VP_JWT,
        Self::STATUS_LIST,
        Self::REQUEST,
    ];

    /// A kind that an application defines for its own SD-JWTs [RFC 9901 §9.11].
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

    /// The word in the header.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
