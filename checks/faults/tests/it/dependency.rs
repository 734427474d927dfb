//! A person service that fails in each possible way, with hundreds of callers of health: each gets the answer of the
//! contract in time, and no health record is touched.

mod absence;
mod answers;
mod backlog;
mod health;
mod order;
mod threads;
