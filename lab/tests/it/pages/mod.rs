//! The commands of the README, of the walkthrough and of the lab's welcome, run as their readers run them:
//! `cargo test -p lab --features pages pages`. That takes curl and jq.

mod readme;
mod walkthrough;
mod welcome;
