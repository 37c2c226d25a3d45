//! A verifier as a service: OpenID4VP, management and pages, bytes in and bytes out.
//!
//! A tenant's program opens a request by the management interface and sends a browser to its page; a wallet answers; the
//! program fetches the verified claims, once. What must be fetched from elsewhere to judge an answer (documents,
//! accreditations, status lists) the service says, and is told.
//!
//! What it promises: a result goes to the one who ordered it, and on one device only if the browser came back that began;
//! between devices only if the holder chose the number on the screen. How a request ends, its evidence, its line in the
//! log and its notices are one commit. Claims stand nowhere in the memory in clear, nor in the log or a notice at all. The
//! wallet is told that it was refused, the operator the rule.
//!
//! What it refuses to do: hold a connection, a socket or a clock; remember anything outside its memory, so that any node
//! takes any step.
//!
//! ```
//! use http::Request;
//! use sinpyo_core::{Secret, accreditation::LocalizedName, time::Timestamp};
//! use sinpyo_openid4vp::{TransactionTypes, verifier::Lifetimes};
//! use sinpyo_state::{MemoryState, State};
//! use sinpyo_verifier_api::{
//!     Facts, Incoming, Names, Retention, Service, ServiceKey, Settings, Step, Wanted, World, tenant::Tenant,
//! };
//! use sinpyo_web::site::Site;
//! # use sinpyo_testkit::TestEntropy;
//! # #[derive(Debug)]
//! # struct Cache;
//! # impl Facts for Cache {
//! #     fn known(&self, _: &Wanted) -> Option<sinpyo_verifier::Known> { None }
//! # }
//! # let (now, cache) = ("2026-11-22T00:00:00Z".parse::<Timestamp>()?, Cache);
//! # let entropy = &mut TestEntropy::new(1);
//! let service = Service::new(Settings {
//!     site: Site::new("https://verifier.example".parse()?, vec![]),
//!     operator: LocalizedName { ko: "검증 서비스".into(), en: "Verifier".into() },
//!     key: ServiceKey::new(Secret::new([7; 32])), // random, and the same on every node
//!     names: Names::default(),
//!     lifetimes: Lifetimes::default(),
//!     retention: Retention::default(),
//!     transaction_types: TransactionTypes::new(),
//!     catalogue: |_| None,
//! });
//! let state = MemoryState::new();
//! let name = LocalizedName { ko: "우체국".into(), en: "Post office".into() };
//! state.commit_owned(&[Tenant::new("posts".parse()?, name).change(&state, now)?])?;
//!
//! let request = Request::post("/manage/posts/requests").header("host", "verifier.example").body(Vec::new())?;
//! let world = World { state: &state, facts: &cache, now };
//! let mut incoming = Incoming::new(&request, [192, 0, 2, 7].into());
//! let Step::Answer(answer) = service.answer(&mut incoming, &world, entropy) else {
//!     panic!("nothing has to be fetched, and nothing follows")
//! };
//! assert_eq!(answer.status(), 401); // nothing is managed without a token
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod asked;
mod asked_only;
mod call;
mod check;
pub mod client;
mod desk;
mod feed;
mod foreign;
mod incoming;
mod joined;
mod limit;
mod names;
mod outcome;
mod problem;
mod record;
mod route;
mod service;
mod settings;
pub mod tenant;
mod world;

mod admin;
mod manage;
mod openapi;
mod page;
mod protocol;

pub use feed::{Feed, Poll};
pub use incoming::Incoming;
pub use names::{Names, SigningName};
pub use service::{MAX_BODY, Service, Step};
pub use settings::{Retention, ServiceKey, Settings};
pub use world::{Facts, Wanted, World};
