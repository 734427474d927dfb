//! The page at `/docs` as its readers use it, in headless Chromium: `cargo test -p lab --features browser browser`.

mod chromium;
mod cross_origin;
mod layout;
mod obstacles;
mod policy;
mod tab;
mod trying;
