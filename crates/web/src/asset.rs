//! Files that pages refer to, under addresses that change with their content.

use crate::answer::{for_ever, with_type};
use http::{HeaderValue, Response, header};
use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::Sha256;

/// Where assets are served, for the table of routes.
pub const PATH: &str = "/assets/{digest}/{file}";

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file as it stands in the source.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name below `/assets/…/`, such as `offer.js`.
    pub name: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// What it holds.
    pub content: &'static str,
}

impl Asset {
    /// An ES module.
    pub const fn module(name: &'static str, content: &'static str) -> Self {
        Self { name, media: SCRIPT, content }
    }
}

/// What every page of ours needs.
static OWN: [Asset; 5] = [
    Asset { name: "sinpyo.css", media: "text/css; charset=utf-8", content: include_str!("asset/sinpyo.css") },
    Asset { name: "icon.svg", media: "image/svg+xml", content: include_str!("asset/icon.svg") },
    Asset::module("dom.js", include_str!("asset/dom.js")),
    Asset::module("copy.js", include_str!("asset/copy.js")),
    Asset::module("live.js", include_str!("asset/live.js")),
];

/// The files of a service, ours and its own. They share one digest, so that modules import each other by `./name.js`.
#[derive(Clone, Debug)]
pub struct Assets {
    more: &'static [Asset],
    digest: String,
}

impl Assets {
    /// The shared files, and `more` of the service's own.
    pub fn new(more: &'static [Asset]) -> Self {
        let mut hash = Sha256::new();
        for asset in OWN.iter().chain(more) {
            for part in [asset.name, asset.media, asset.content] {
                hash.update(&u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        let mut digest = to_base64url(&hash.finish());
        digest.truncate(16);
        Self { more, digest }
    }

    /// The path of the file `name`.
    pub fn path(&self, name: &str) -> String {
        format!("/assets/{}/{name}", self.digest)
    }

    /// The file `name`, as it was asked for under `digest`; none if there is none.
    pub fn answer(&self, digest: &str, name: &str) -> Option<Response<Vec<u8>>> {
        let asset = OWN.iter().chain(self.more).find(|asset| asset.name == name)?;
        let response = with_type(asset.media, asset.content.as_bytes().to_vec());
        if digest == self.digest {
            return Some(for_ever(response));
        }
        // A page of another version of us, just now replaced: this is the best there is, and nobody keeps it.
        let mut response = response;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(response)
    }
}
