//! The three services together, and the `lab` that runs them in one process; what holds for the whole
//! workspace; and the commands of the README. With the feature `docker`, the same in containers; with `browser`, the
//! pages at `/docs` in a browser.

mod access;
mod api_page;
#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "docker")]
mod compose;
mod crash;
mod deletion;
mod hop;
mod images;
mod invariants;
mod journey;
mod lab;
mod lab_page;
mod lab_process;
mod process;
mod readme;
mod refusals;
mod stopping;
mod users;
mod writers;
