//! What a container may do.

use serde_json::{Value, json};

use super::stack::Stack;

#[test]
fn a_container_has_no_right_and_no_room_that_it_does_not_need() {
    let stack = Stack::up();
    for service in ["auth", "person", "health", "keys"] {
        let inspected = stack.inspect(service);
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
        assert!(host["LogConfig"]["Config"]["max-size"].is_string(), "{service}: logs without end");
        let restart = if service == "keys" { "no" } else { "unless-stopped" };
        assert_eq!(host["RestartPolicy"]["Name"], restart, "{service}");
    }
}

#[test]
fn ports_are_open_to_this_machine_alone() {
    let stack = Stack::up();
    for (service, port) in [("auth", "5003/tcp"), ("person", "5001/tcp"), ("health", "5002/tcp")] {
        let bindings = &stack.inspect(service)["HostConfig"]["PortBindings"];
        assert_eq!(bindings.as_object().expect("bindings").len(), 1, "{bindings}");
        assert_eq!(bindings[port][0]["HostIp"], "127.0.0.1", "{bindings}");
    }
    assert_eq!(stack.inspect("keys")["HostConfig"]["PortBindings"], json!({}));
}

#[test]
fn a_service_writes_to_its_data_and_nowhere_else() {
    let stack = Stack::up();
    for file in ["/keys/jwt.keys.new", "/new"] {
        let (_, said) = stack.refused(&["exec", "-T", "auth", "/auth", "keygen", file]);
        assert!(said.contains("Read-only file system"), "{file}: {said}");
    }
    stack.compose(&["exec", "-T", "auth", "/auth", "keygen", "/data/new"]);
}
