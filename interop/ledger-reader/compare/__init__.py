"""Compares the reader with `sinpyo ledger audit`."""
