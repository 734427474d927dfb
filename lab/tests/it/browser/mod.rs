//! The pages at `/docs` and `/live` as their readers use them, in headless Chromium:
//! `cargo test -p lab --features browser browser`.

mod chromium;
mod cross_origin;
mod drawings;
mod layout;
mod live;
mod live_layout;
mod obstacles;
mod one_login;
mod order;
mod policy;
mod tab;
mod trying;
