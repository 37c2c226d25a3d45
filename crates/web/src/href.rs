//! Addresses that a page may lead to.

use sinpyo_core::encoding::to_base64;
use std::fmt;

/// Longest address, in bytes.
const MAX_LENGTH: usize = 8 << 10;

/// The schemes that wallets listen to [OpenID4VCI 1.0, OpenID4VP 1.0 §13, HAIP 1.0 §4.2, §5.1].
const WALLETS: [&str; 7] = [
    "openid-credential-offer",
    "openid4vp",
    "haip-vci",
    "haip-vp",
    "eudi-openid4vp",
    "mdoc-openid4vp",
    "sinpyo-vote",
];

/// Where a link may lead: to this server, to another by `https`, or to a wallet.
#[derive(Clone, PartialEq, Eq)]
pub struct Href(String);

/// An address that no page of ours leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address that a page may lead to")]
pub struct HrefError;

impl HrefError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        "HTTP-07"
    }
}

impl Href {
    /// A path of this server, with or without a query, as `/offers/7?lang=ko`.
    ///
    /// # Errors
    /// Browsers would take it for something else.
    pub fn local(path: &str) -> Result<Self, HrefError> {
        // `//host` and `/\host` lead to another server.
        let is_local = path.starts_with('/') && !path.get(1..).is_some_and(|rest| rest.starts_with('/'));
        checked(path, is_local) // [HTTP-07]
    }

    /// A place on this page, as `#main`.
    ///
    /// # Errors
    /// It is none.
    pub fn fragment(id: &str) -> Result<Self, HrefError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_id = !id.is_empty() && id.bytes().all(plain);
        checked(&format!("#{id}"), is_id)
    }

    /// Another server, reached by `https`.
    ///
    /// # Errors
    /// It is not, or carries a user's name.
    pub fn https(url: &str) -> Result<Self, HrefError> {
        let rest = url.strip_prefix("https://").ok_or(HrefError)?; // [HTTP-07]
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        checked(url, !authority.is_empty() && !authority.contains('@'))
    }

    /// A wallet, as `openid4vp://?…`.
    ///
    /// # Errors
    /// The scheme is none that wallets listen to.
    pub fn wallet(url: &str) -> Result<Self, HrefError> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        checked(url, scheme.is_some_and(|scheme| WALLETS.contains(&scheme))) // [HTTP-07]
    }

    /// As it stands in the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads to this server.
    pub fn is_local(&self) -> bool {
        self.0.starts_with('/')
    }
}

/// What every address must be: printable ASCII without what browsers drop or turn into a slash.
fn checked(url: &str, is_allowed: bool) -> Result<Href, HrefError> {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_allowed && is_plain && url.len() <= MAX_LENGTH).then(|| Href(url.to_owned())).ok_or(HrefError)
}

impl fmt::Debug for Href {
    /// An offer or a request is a secret: what follows `?` is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.split(['?', '#']).next().unwrap_or_default();
        f.debug_tuple("Href").field(&shown).finish()
    }
}

/// A picture that a page may show: one of this server, or one that the page itself carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(String);

/// The kinds of pictures that pages carry. Scripts in an SVG do not run in `<img>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureKind {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/svg+xml`
    Svg,
    /// `image/webp`
    Webp,
}

impl Picture {
    /// The picture at a path of this server.
    ///
    /// # Errors
    /// The path leads elsewhere.
    pub fn local(path: &str) -> Result<Self, HrefError> {
        Href::local(path).map(|href| Self(href.0))
    }

    /// The picture of these bytes.
    pub fn inline(kind: PictureKind, bytes: &[u8]) -> Self {
        let media = match kind {
            PictureKind::Png => "image/png",
            PictureKind::Jpeg => "image/jpeg",
            PictureKind::Svg => "image/svg+xml",
            PictureKind::Webp => "image/webp",
        };
        Self(format!("data:{media};base64,{}", to_base64(bytes)))
    }

    /// As it stands in the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
