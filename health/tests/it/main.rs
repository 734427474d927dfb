//! The health service, tested from outside: over HTTP, through its file, and as a process. The person service is a
//! fake (`testkit::FakePerson`) that can hang, lie and close connections.

mod adopt;
mod backup;
mod bodies;
mod busy;
#[cfg(feature = "cluster")]
mod cluster;
mod common_routes;
mod compaction;
mod conditional;
mod connections;
mod crash;
mod damage;
mod disk_full;
mod documents;
mod erasure;
mod harness;
mod identity;
mod live;
mod log_format;
mod patching;
mod person_answers;
mod process;
mod purge;
mod records;
mod restart;
mod rule;
mod store_file;
mod tokens;
mod torn;
mod vitals;

use testkit::log;
