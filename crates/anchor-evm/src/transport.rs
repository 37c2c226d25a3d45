//! Requests to a node, whose answers are read up to a limit.

use alloy::{
    rpc::json_rpc::{RequestPacket, ResponsePacket},
    transports::{
        TransportError, TransportErrorKind, TransportFut,
        http::reqwest::{Client, header::CONTENT_TYPE},
    },
};
use std::task::{Context, Poll};
use tower_service::Service;
use url::Url;

/// Longest answer, in bytes. The longest one that is asked for is a block's list of transaction hashes: 70 bytes each.
const MAX_ANSWER: usize = 4 << 20;

/// A node's address. alloy's own transport reads whatever comes, and puts it into its errors.
#[derive(Clone, Debug)]
pub(crate) struct Bounded {
    pub(crate) client: Client,
    pub(crate) url: Url,
}

impl Bounded {
    async fn ask(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let body = serde_json::to_vec(&request).map_err(TransportError::ser_err)?;
        let request = self.client.post(self.url).header(CONTENT_TYPE, "application/json").body(body);
        let mut response = request.send().await.map_err(TransportErrorKind::custom)?;
        let status = response.status();
        let mut content = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(TransportErrorKind::custom)? {
            if content.len() + chunk.len() > MAX_ANSWER {
                return Err(TransportErrorKind::custom_str("the node's answer is too long")); // [EVM-27]
            }
            content.extend_from_slice(&chunk);
        }
        match serde_json::from_slice::<ResponsePacket>(&content) {
            // Some nodes give an error's status to a JSON-RPC error.
            Ok(answer) if status.is_success() || answer.is_error() => Ok(answer),
            Err(error) if status.is_success() => Err(TransportError::deser_err(error, "")),
            _ => Err(TransportErrorKind::http_error(status.as_u16(), String::new())),
        }
    }
}

impl Service<RequestPacket> for Bounded {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
