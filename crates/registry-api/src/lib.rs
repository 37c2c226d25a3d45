//! The registry over HTTP, bytes in and bytes out, with its explorer page.
