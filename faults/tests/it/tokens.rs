//! Forged tokens, and who may do what.
