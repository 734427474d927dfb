//! A person service that refuses, hangs, drips, resets, redirects, lies, with hundreds who wait for health: each of
//! them is told what the contract says, in time, and nothing of their data is touched.

mod answers;
mod before;
mod crowd;
mod idle;
mod lab;
mod silence;
mod storm;
mod turns;
