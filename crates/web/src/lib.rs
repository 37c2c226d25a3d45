//! What our HTTP services and their pages have in common: bytes in, bytes out.
//!
//! What it promises: text enters a page as text, whoever wrote it, because an [`html::Html`] cannot be made otherwise; a
//! page leads only to this server, to `https` and to wallets; every page and answer carries its security headers. One
//! table of routes is the routing and the description. One kind of refusal names its rule and the mend in English and
//! Korean. A request that is sent twice under one name is done once. Callers are counted in bounded memory.
//!
//! What it refuses to do: hold a socket, a thread or a clock; believe a header about who asks or which host is meant;
//! read what is compressed, names a field twice, or does not say what it is; write a person into a log.
//!
//! ```
//! use http::{Request, StatusCode};
//! use sinpyo_web::{
//!     asset::Assets,
//!     component::{heading, plain_card},
//!     form::Fields,
//!     html::Html,
//!     lang::{Lang, say},
//!     page::{Page, Width},
//!     site::Site,
//! };
//!
//! let site = Site::new("https://issuer.example.kr".parse()?, Vec::new());
//! let request = Request::get("/?lang=en").header("host", "issuer.example.kr").body(())?;
//! let (asked, ()) = request.into_parts();
//! let origin = site.own_page(&asked)?;
//!
//! let lang = Lang::choose(&Fields::of_query(asked.uri.query().unwrap_or_default())?, &asked.headers);
//! let name_from_elsewhere = "<script>alert(1)</script>";
//! let page = Page {
//!     lang,
//!     title: say("자격증명", "Credential").of(lang),
//!     institution: "Busan Post",
//!     here: asked.uri.path_and_query().map(|here| here.as_str()),
//!     menu: &[],
//!     main: Html::from(heading(say("안녕하세요", "Hello").of(lang), ""))
//!         .and(plain_card(Html::foreign(name_from_elsewhere))),
//!     footer: Html::new(),
//!     scripts: &[],
//!     width: Width::Column,
//! };
//! let response = page.answer(StatusCode::OK, &Assets::new(&[]), origin.transport());
//! let document = String::from_utf8(response.into_body())?;
//! assert!(document.contains("<html lang=\"en\">"));
//! assert!(document.contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod account;
pub mod answer;
pub mod asset;
pub mod audit;
pub mod body;
pub mod component;
pub mod cookie;
pub mod event;
pub mod form;
pub mod href;
pub mod html;
pub mod idempotency;
pub mod key;
pub mod lang;
pub mod limit;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod qr;
pub mod route;
pub mod sealed;
pub mod session;
pub mod site;
pub mod webhook;
