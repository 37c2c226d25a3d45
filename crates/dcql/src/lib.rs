//! The Digital Credentials Query Language: what is asked for, what matches it, and whether an answer does.
