//! Files that a crash has left incomplete, or with a changed bit, at random places and on files that the services wrote
//! under load. The service starts with all acknowledged items, or refuses and changes nothing. `health/tests/it` has the
//! exhaustive tests on small hand-written logs, also for lines that are missing, doubled or swapped.

mod damage;
mod log;
mod wal;
