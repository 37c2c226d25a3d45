//! The wallet's pages for the browser of its holder.

use super::edge::{Answer, Limits, Service};
use crate::{
    os::{OsEntropy, SystemClock},
    pocket::Pocket,
};
use hyper::{Request, StatusCode, body::Bytes};
use sinpyo_core::time::Clock as _;
use sinpyo_wallet_app::{MAX_BODY, Step, WalletApp};
use std::sync::{Mutex, PoisonError};

/// A wallet that is served; it answers once it knows under which address.
pub(crate) struct ServedWallet {
    app: Mutex<Option<WalletApp>>,
    pocket: Mutex<Pocket>,
}

impl ServedWallet {
    pub(crate) fn new(pocket: Pocket) -> Self {
        Self { app: Mutex::default(), pocket: Mutex::new(pocket) }
    }

    /// From now on it answers.
    pub(crate) fn open(&self, app: WalletApp) {
        *self.app.lock().unwrap_or_else(PoisonError::into_inner) = Some(app);
    }

    fn with(&self, act: impl FnOnce(&mut WalletApp) -> Step) -> Option<Step> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
    }
}

impl Service for ServedWallet {
    fn answer(&self, request: Request<Bytes>) -> Answer {
        let request = request.map(|body| body.to_vec());
        let mut step = self.with(|app| app.answer(&request, SystemClock.now(), &mut OsEntropy));
        loop {
            match step {
                Some(Step::Answer(answer)) => return Answer::Whole(answer),
                // The application is not held while others are asked.
                Some(Step::Need(need, pending)) => {
                    let found = self.pocket.lock().unwrap_or_else(PoisonError::into_inner).find(need);
                    step = self.with(|app| app.resume(pending, found, SystemClock.now(), &mut OsEntropy));
                }
                None => return Answer::Whole(super::plain(StatusCode::SERVICE_UNAVAILABLE)),
            }
        }
    }

    fn limits(&self) -> Limits {
        Limits { body: MAX_BODY, at_once: 4 }
    }
}
