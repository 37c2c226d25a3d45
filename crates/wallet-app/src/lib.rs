//! The holder's wallet as a local web application, bytes in and bytes out.
