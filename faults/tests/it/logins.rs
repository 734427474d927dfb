//! Guessing, floods, and what the logs say.
