//! The health service, tested through its public door: HTTP, its file, and the process that users start. The
//! person service that it asks is a fake (`testkit::FakePerson`), which can hang, lie and break off.

mod backup;
mod bodies;
mod busy;
mod common_routes;
mod compaction;
mod conditional;
mod connections;
mod crash;
mod damage;
mod disk_full;
mod documents;
mod lab;
mod log_format;
mod patching;
mod person_answers;
mod process;
mod purge;
mod records;
mod restart;
mod rule;
mod tokens;
mod torn;
mod vitals;

use testkit::log;
