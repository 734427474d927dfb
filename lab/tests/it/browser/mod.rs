//! The page at `/docs` as a reader uses it, in headless Chromium: `cargo test -p lab --features browser browser`.

mod chromium;
mod layout;
mod policy;
mod tab;
mod trying;
