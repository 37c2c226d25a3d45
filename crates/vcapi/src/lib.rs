//! VCALM / VC-API and the DID Resolution HTTP binding: bytes in, bytes out.
