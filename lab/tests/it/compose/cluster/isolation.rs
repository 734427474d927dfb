//! What the containers of the cluster reach, and their rights.

use crate::compose::hardening::assert_minimal_rights;
use crate::compose::isolation::{mounts, networks, reaches};
use crate::compose::stack::{SERVICES, Stack};

use super::roles;

/// The services that keep running, with the numbers of their containers.
const CONTAINERS: [(&str, usize); 7] = [
    ("auth", 2),
    ("person", 2),
    ("health", 2),
    ("auth-balancer", 1),
    ("person-balancer", 1),
    ("health-balancer", 1),
    ("postgres", 1),
];

#[test]
fn service_reaches_only_its_own_data_and_what_it_calls() {
    let stack = Stack::cluster();
    containers_have_minimal_rights(&stack);
    service_mounts_the_keys_and_its_own_password(&stack);
    networks_are_separate(&stack);
    roles::reach_only_their_own_database(&stack);
}

fn containers_have_minimal_rights(stack: &Stack) {
    for (service, replicas) in CONTAINERS {
        assert_eq!(stack.containers(service).len(), replicas, "{service}");
        assert_minimal_rights(stack, service, "unless-stopped");
    }
    assert_minimal_rights(stack, "databases", "no");
}

fn service_mounts_the_keys_and_its_own_password(stack: &Stack) {
    for service in SERVICES {
        let expected = [format!("{service}-password:/run/password:ro"), "keys:/keys:ro".to_owned()];
        for inspected in stack.inspect_each(service) {
            assert_eq!(mounts(&inspected), expected.clone().into());
        }
    }
}

fn networks_are_separate(stack: &Stack) {
    for (service, expected) in [
        ("auth", &["auth"][..]),
        ("person", &["person"]),
        ("health", &["health", "person"]),
        ("auth-balancer", &["auth"]),
        ("person-balancer", &["person"]),
        ("health-balancer", &["health"]),
        ("postgres", &["auth", "health", "person"]),
        ("databases", &["none"]),
    ] {
        let expected = expected.iter().map(|&name| name.to_owned()).collect();
        for inspected in stack.inspect_each(service) {
            assert_eq!(networks(&inspected), expected, "{service}");
        }
    }
    assert!(reaches(stack, "health", "person-balancer", "5001"));
    for (from, to, port) in [
        ("auth", "person-balancer", "5001"),
        ("auth", "person", "5001"),
        ("person", "auth-balancer", "5003"),
        ("health", "auth-balancer", "5003"),
    ] {
        assert!(!reaches(stack, from, to, port), "{from} reaches {to}");
    }
    for service in SERVICES {
        assert!(reaches(stack, service, "postgres", "5432"), "{service}");
    }
}
