//! The log in PostgreSQL, for registries that outlive a machine.
