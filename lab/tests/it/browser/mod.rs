//! The page at `/docs` as its readers use it, in headless Chromium: `cargo test -p lab --features browser browser`.

mod chromium;
mod cross_origin;
mod drawings;
mod layout;
mod obstacles;
mod one_login;
mod order;
mod policy;
mod tab;
mod trying;
