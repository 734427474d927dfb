//! The page at `/docs` as its readers use it, in headless Chromium: `cargo test -p lab --features browser browser`.

mod chromium;
mod layout;
mod policy;
mod tab;
mod trying;
