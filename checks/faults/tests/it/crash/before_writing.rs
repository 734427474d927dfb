//! `kill -9` before a system call by which a service on SQLite, under load, writes to its store. A random kill hardly ever
//! meets this moment, in which an answer that is sent too early is lost. strace sends the signal.

use faults::{Random, Store, scaled};

use super::kills::Tally;

#[test]
fn a_kill_before_a_write_to_the_store_loses_nothing() {
    let mut random = Random::seeded("before writing");
    // Creating the store takes some forty writes for person.
    for (service, least) in [("person", 60), ("auth", 30)] {
        let (store, mut tally) = (Store::of(service), Tally::default());
        for _ in 0..scaled(10) {
            let inject = format!("inject=pwrite64:signal=KILL:when={}", random.number(least..2 * least));
            let strace =
                format!("exec strace -f -qq -o /dev/null -e trace=pwrite64 -e {inject} \"$0\" serve");
            tally.write_until_killed(&store, store.dir.serve_after(&strace), |mut strace, _| {
                assert!(!strace.ended().success(), "the service was not killed");
            });
            tally.check(&store, &mut store.dir.serve(), &mut random);
        }
        tally.report(&format!("`kill -9` of {service} just before a write to its store"));
    }
}
