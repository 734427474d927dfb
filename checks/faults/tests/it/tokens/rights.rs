//! Who may do what: every operation of the three services, for everybody who may ask for it.

use std::collections::BTreeSet;

use faults::report;
use faults::trio::Trio;
use serde_json::json;
use testkit::{Client, tokens};

use super::operations::{COMMON, For, OPERATIONS, Operation, ask, documented};

/// Somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Who made the person.
    Owner,
    /// Another user.
    Other,
    /// An administrator.
    Admin,
    /// The health service, with the token that it signs for itself.
    Health,
    /// Somebody without a token.
    Nobody,
}

const EVERYBODY: [Who; 5] = [Who::Owner, Who::Other, Who::Admin, Who::Health, Who::Nobody];

impl Who {
    fn at(self, client: &Client) -> Client {
        match self {
            Self::Owner => client.with_token(&tokens::user("ada")),
            Self::Other => client.with_token(&tokens::user("bob")),
            Self::Admin => client.with_token(&tokens::admin("root")),
            Self::Health => client.with_token(&tokens::service()),
            Self::Nobody => client.clone(),
        }
    }
}

/// What the contract says of this operation to whoever asks.
fn status(operation: &Operation, who: Who) -> u16 {
    match (operation.open_to, who) {
        (For::All, _) => operation.status,
        (_, Who::Nobody) => 401,
        (For::Health, Who::Health) => operation.status,
        (For::Health, _) => 403,
        // It is taken for the deletions alone, and is for person alone.
        (_, Who::Health) => 401,
        (For::Owner, Who::Other) => 403,
        (For::Users | For::Owner, _) => operation.status,
    }
}

#[test]
fn everybody_may_do_what_the_contract_says_and_nothing_else() {
    let (mut asked, mut refused) = (0, 0);
    // Each on services of their own: whoever may delete the person leaves nothing for the next.
    for who in EVERYBODY {
        let trio = Trio::start(tokens::KEY_FILE, &[]);
        let ada = tokens::user("ada");
        let _ = trio.person.client.with_token(&ada).post("/persons", &json!({"name": "Ada"})).expect(201);
        for operation in OPERATIONS {
            // There is a record to be read and changed, whatever this one was allowed to make of it before.
            if operation.template.starts_with("/health/") && operation.method != "POST" {
                let health = trio.health.client.with_token(&ada);
                let _ = health.post("/health/1", &json!({"weight": 57.5}));
            }
            asked += 1;
            let client = who.at(&trio.service(operation.service).client);
            let answer = ask(&client, operation.method, operation.path).send();
            let expected = status(operation, who);
            let Operation { method, path, .. } = operation;
            assert_eq!(answer.status, expected, "{method} {path} for {who:?}: {}", answer.text());
            match expected {
                401 if who == Who::Nobody => drop(answer.expect_problem(401, "missing-token")),
                401 => drop(answer.expect_problem(401, "invalid-token")),
                403 => drop(answer.expect_problem(403, "insufficient-scope")),
                _ => continue,
            }
            refused += 1;
        }
        for service in trio.services() {
            for (path, _) in COMMON {
                asked += 1;
                let answer = who.at(&service.client).get(path);
                assert_eq!(answer.status, 200, "{path} of {} for {who:?}", service.name);
            }
        }
    }
    report(
        "every operation for owner, other, administrator, service, nobody",
        &format!("{asked} requests"),
        &format!("{refused} refused, each as the contract says"),
    );
}

#[test]
fn no_service_serves_an_operation_that_the_table_of_rights_does_not_name() {
    let trio = Trio::start(tokens::KEY_FILE, &[]);
    for service in trio.services() {
        let own = OPERATIONS.iter().filter(|operation| operation.service == service.name);
        let own = own.map(|operation| (operation.method, operation.template));
        let all = own.chain(COMMON.iter().map(|(_, template)| ("GET", *template)));
        let named: BTreeSet<_> =
            all.map(|(method, template)| (method.to_owned(), template.to_owned())).collect();
        assert_eq!(documented(service), named, "{}", service.name);
    }
}
