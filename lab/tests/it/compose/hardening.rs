//! The rights, limits and health checks of the containers.

use serde_json::{Value, json};

use super::stack::{SERVICES, Stack};

/// Checks the rights and limits of a service's containers.
#[track_caller]
pub(super) fn assert_minimal_rights(stack: &Stack, service: &str, restart: &str) {
    for inspected in stack.inspect_each(service) {
        let host = &inspected["HostConfig"];
        assert_eq!(host["ReadonlyRootfs"], true, "{service}");
        assert_eq!(host["CapDrop"], json!(["ALL"]), "{service}");
        assert_eq!(host["CapAdd"], Value::Null, "{service}");
        assert_eq!(host["SecurityOpt"], json!(["no-new-privileges:true"]), "{service}");
        assert_eq!(host["Privileged"], false, "{service}");
        for limit in ["Memory", "PidsLimit"] {
            assert!(host[limit].as_i64().is_some_and(|limit| limit > 0), "{service}: no {limit}");
        }
        assert_eq!(host["Ulimits"][0]["Name"], "nofile", "{service}");
        assert!(host["LogConfig"]["Config"]["max-size"].is_string(), "{service}: unlimited logs");
        assert_eq!(host["RestartPolicy"]["Name"], restart, "{service}");
    }
}

#[test]
fn containers_have_minimal_rights_and_limits() {
    let stack = Stack::up();
    for service in SERVICES {
        assert_minimal_rights(&stack, service, "unless-stopped");
    }
    assert_minimal_rights(&stack, "keys", "no");
}

#[test]
fn compose_checks_the_health_every_five_seconds() {
    let stack = Stack::up();
    for service in SERVICES {
        let check = &stack.inspect(service)["Config"]["Healthcheck"];
        assert_eq!(check["Test"], json!(["CMD", format!("/{service}"), "healthcheck"]));
        assert_eq!(check["Interval"], 5_000_000_000_u64, "{service}");
    }
    assert_eq!(stack.inspect("keys")["Config"]["Healthcheck"], Value::Null);
}

#[test]
fn ports_are_published_on_the_loopback_only() {
    let stack = Stack::up();
    for (service, port) in [("auth", "5003/tcp"), ("person", "5001/tcp"), ("health", "5002/tcp")] {
        let bindings = &stack.inspect(service)["HostConfig"]["PortBindings"];
        assert_eq!(bindings.as_object().expect("bindings").len(), 1, "{bindings}");
        assert_eq!(bindings[port][0]["HostIp"], "127.0.0.1", "{bindings}");
    }
    assert_eq!(stack.inspect("keys")["HostConfig"]["PortBindings"], json!({}));
}

#[test]
fn only_the_data_volume_is_writable() {
    let stack = Stack::up();
    for file in ["/keys/jwt.keys.new", "/new"] {
        let (_, said) = stack.refused(&["exec", "-T", "auth", "/auth", "keygen", file]);
        assert!(said.contains("Read-only file system"), "{file}: {said}");
    }
    stack.compose(&["exec", "-T", "auth", "/auth", "keygen", "/data/new"]);
}
