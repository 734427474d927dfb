//! Services reach each other only over HTTP, by Docker's settings and by attempts from inside the containers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stack::{SERVICES, Stack};

/// Returns the volumes of a container as `name:path`, with `:ro` if it cannot write to them.
pub(super) fn mounts(inspected: &Value) -> BTreeSet<String> {
    let mounts = inspected["Mounts"].as_array().expect("mounts").iter();
    let mounts = mounts.map(|mount| {
        assert_eq!(mount["Type"], "volume", "{mount}");
        let name = mount["Name"].as_str().expect("a name").rsplit('_').next().expect("one part at least");
        let writable = if mount["RW"] == true { "" } else { ":ro" };
        format!("{name}:{}{writable}", mount["Destination"].as_str().expect("a path"))
    });
    mounts.collect()
}

pub(super) fn networks(inspected: &Value) -> BTreeSet<String> {
    let networks = inspected["NetworkSettings"]["Networks"].as_object().expect("networks");
    networks.keys().map(|name| name.rsplit('_').next().expect("one part at least").to_owned()).collect()
}

#[test]
fn store_is_mounted_by_its_own_service_only() {
    let stack = Stack::up();
    for service in SERVICES {
        let expected = [format!("{service}:/data"), "keys:/keys:ro".to_owned()];
        assert_eq!(mounts(&stack.inspect(service)), expected.into());
    }
    assert_eq!(mounts(&stack.inspect("keys")), ["keys:/keys".to_owned()].into());
}

#[test]
fn only_health_shares_a_network_with_person() {
    let stack = Stack::up();
    for (service, expected) in [
        ("auth", &["auth"][..]),
        ("person", &["person"]),
        ("health", &["health", "person"]),
        ("keys", &["none"]),
    ] {
        let expected: BTreeSet<_> = expected.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(networks(&stack.inspect(service)), expected, "{service}");
    }
}

/// Returns the address of a service in its own network.
fn address(stack: &Stack, service: &str) -> String {
    let networks = &stack.inspect(service)["NetworkSettings"]["Networks"];
    let networks = networks.as_object().expect("networks");
    let (_, own) =
        networks.iter().find(|(name, _)| name.ends_with(&format!("_{service}"))).expect("its own network");
    own["IPAddress"].as_str().expect("an address").to_owned()
}

/// Returns whether a service's container can connect to a port of a host.
pub(super) fn reaches(stack: &Stack, from: &str, host: &str, port: &str) -> bool {
    let open = format!("timeout 2 bash -c 'exec 3<>/dev/tcp/{host}/{port}' 2>/dev/null");
    stack.in_network_of(from, &format!("{open} && echo yes || echo no")) == "yes\n"
}

#[test]
fn only_health_reaches_person_at_one_port() {
    let stack = Stack::up();
    let seen = |from: &str, host: &str, port: &str| reaches(&stack, from, host, port);
    assert!(seen("health", "person", "5001"));
    for (from, to, port) in [
        ("auth", "person", "5001"),
        ("auth", "health", "5002"),
        ("person", "auth", "5003"),
        ("health", "auth", "5003"),
    ] {
        assert!(!seen(from, to, port), "{from} reaches {to} by its name");
        assert!(!seen(from, &address(&stack, to), port), "{from} reaches {to} by its address");
    }
    // The listeners in person's container, without Docker's resolver on 127.0.0.11. Port 0x1389 is 5001.
    let listening = stack.in_network_of("person", "cat /proc/net/tcp /proc/net/tcp6");
    let listening: Vec<_> = listening
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(3) == Some(&"0A") && !fields[1].starts_with("0B00007F:"))
        .map(|fields| fields[1].to_owned())
        .collect();
    assert_eq!(listening, ["00000000:1389"]);
}
