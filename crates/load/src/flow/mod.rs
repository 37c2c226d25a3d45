//! A wallet's way through issuance and presentation, over the machines of `sinpyo-openid4vci` and `sinpyo-openid4vp`.
//!
//! A [`Phone`] keeps what a wallet keeps between flows: whom it trusts, and the metadata that it has read. A [`Pocket`]
//! holds the credentials of one flow with their keys, which are made anew for each. Steps that a test wants to repeat,
//! interleave or lose are methods of their own.

mod browser;
mod error;
mod phone;
mod pocket;
mod receive;

pub use browser::PageBrowser;
pub use error::FlowError;
pub use phone::{Patience, Phone, Trust, WalletName};
pub use pocket::Pocket;
pub use receive::Browser;
