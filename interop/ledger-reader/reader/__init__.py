"""An auditor of did:tlog logs, written from `spec/did-tlog.md` and the C2SP specifications alone."""
