//! Logos in the content of the file.

use crate::logo::{Logo, LogoKind};
use serde::{Deserialize, Serialize};
use sinpyo_core::encoding::{from_base64url, to_base64url};

/// What it is, and the picture in base64url.
#[derive(Serialize, Deserialize)]
pub(super) struct LogoWire(String, String);

impl LogoWire {
    pub(super) fn from_logo(logo: &Logo) -> Self {
        Self(name(logo.kind()).to_owned(), to_base64url(logo.bytes()))
    }

    pub(super) fn into_logo(self) -> Option<Logo> {
        let kind = [LogoKind::Png, LogoKind::Svg].into_iter().find(|kind| name(*kind) == self.0)?;
        Logo::new(kind, &from_base64url(&self.1).ok()?)
    }
}

const fn name(kind: LogoKind) -> &'static str {
    match kind {
        LogoKind::Png => "png",
        LogoKind::Svg => "svg",
    }
}

/// Where `logo` stands among `logos`, at whose end it is put if it is new.
pub(super) fn place<'l>(logo: &'l Logo, logos: &mut Vec<&'l Logo>) -> usize {
    logos.iter().position(|known| *known == logo).unwrap_or_else(|| {
        logos.push(logo);
        logos.len() - 1
    })
}
