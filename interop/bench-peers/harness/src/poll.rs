//! Some peers are `async` without ever waiting; an executor would only add to their time.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::bail;

/// The output of a future that is ready at its first poll.
///
/// # Errors
///
/// When the future waits for something.
pub fn now_or_never<F: Future>(future: F) -> anyhow::Result<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => bail!("the peer's future waits for something"),
    }
}
