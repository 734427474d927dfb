//! Every operation of the three services, for every kind of caller.

use std::collections::BTreeSet;

use faults::report;
use faults::services::Services;
use serde_json::json;
use testkit::{Client, openapi, tokens};

use super::operations::{COMMON, For, OPERATIONS, Operation, path, request};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// The account that has created the person.
    Owner,
    /// Another account.
    Other,
    Admin,
    /// The health service, with its own token.
    Health,
    /// A caller without a token.
    Anonymous,
}

const CALLERS: [Caller; 5] = [Caller::Owner, Caller::Other, Caller::Admin, Caller::Health, Caller::Anonymous];

impl Caller {
    fn at(self, client: &Client) -> Client {
        match self {
            Self::Owner => client.with_token(&tokens::user("ada")),
            Self::Other => client.with_token(&tokens::user("bob")),
            Self::Admin => client.with_token(&tokens::admin("root")),
            Self::Health => client.with_token(&tokens::service()),
            Self::Anonymous => client.clone(),
        }
    }
}

/// Returns the status of the contract.
fn status((.., callers, status): &Operation, caller: Caller) -> u16 {
    match (callers, caller) {
        (For::All, _) => *status,
        (_, Caller::Anonymous) => 401,
        (For::Health, Caller::Health) => *status,
        (For::Health, _) => 403,
        // The token of health is valid for the feed of deletions only.
        (_, Caller::Health) => 401,
        (For::Owner, Caller::Other) => 403,
        (For::Users | For::Owner, _) => *status,
    }
}

#[test]
fn each_operation_is_open_to_its_callers_only() {
    let (mut asked, mut refused) = (0, 0);
    // A caller that may delete the person leaves none for the next, so each caller gets new services.
    for caller in CALLERS {
        let services = Services::start(|dir| dir);
        let ada = tokens::user("ada");
        let _ = services.person.client.with_token(&ada).post("/persons", &json!({"name": "Ada"})).expect(201);
        for operation in OPERATIONS {
            let (service, method, template, ..) = operation;
            // Restores the record that an earlier operation may have deleted.
            if template.starts_with("/health/") && *method != "POST" {
                let _ = services.health.client.with_token(&ada).post("/health/1", &json!({"weight": 57.5}));
            }
            asked += 1;
            let client = caller.at(&services.named(service).client);
            let answer = request(&client, method, &path(template)).send();
            let expected = status(operation, caller);
            assert_eq!(answer.status, expected, "{method} {template} for {caller:?}: {}", answer.text());
            match expected {
                401 if caller == Caller::Anonymous => drop(answer.expect_problem(401, "missing-token")),
                401 => drop(answer.expect_problem(401, "invalid-token")),
                403 => drop(answer.expect_problem(403, "insufficient-scope")),
                _ => continue,
            }
            refused += 1;
        }
        for service in services.all() {
            for template in COMMON.split_whitespace() {
                asked += 1;
                let answer = caller.at(&service.client).get(&path(template));
                assert_eq!(answer.status, 200, "{template} of {} for {caller:?}", service.name);
            }
        }
    }
    report(
        "every operation as owner, other user, administrator, service, without a token",
        &format!("{asked} requests"),
        &format!("{refused} refused, each as the contract says"),
    );
}

#[test]
fn every_documented_operation_is_in_the_table_of_rights() {
    for service in Services::start(|dir| dir).all() {
        let own = OPERATIONS.iter().filter(|(name, ..)| *name == service.name);
        let own = own.map(|(_, method, template, ..)| (*template, *method));
        let all = own.chain(COMMON.split_whitespace().map(|template| (template, "GET")));
        let named: BTreeSet<_> =
            all.map(|(template, method)| (template.to_owned(), method.to_ascii_lowercase())).collect();
        let document = service.client.get("/openapi.json").expect(200).json();
        assert_eq!(openapi::operations(&document), named, "{}", service.name);
    }
}
