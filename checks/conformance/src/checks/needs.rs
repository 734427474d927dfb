//! The routes that must work before a check means anything.

use crate::check::{Area, Check};
use crate::subject::route::Route::{
    self, CreatePerson, CreateRecord, DeletePerson, DeleteRecord, ReadPerson, ReadRecord, ReplaceRecord,
};

/// Returns the routes that a check needs.
pub(crate) fn needs(check: &Check) -> &'static [Route] {
    match check.id {
        "person-create" | "health-create" => &[],
        "person-read" | "person-name-unicode" | "person-name-quotes" => &[CreatePerson],
        "person-delete" | "person-id-integer" | "person-ids-differ" | "person-at-once" | "person-created"
        | "person-redirect" => &[CreatePerson],
        "person-delete-missing" | "person-delete-status" | "person-id-not-reused" | "person-id-unique" => {
            &[CreatePerson, ReadPerson, DeletePerson]
        }
        "rule-no-inheritance" => &[CreatePerson, DeletePerson, CreateRecord, ReadRecord],
        "health-read" | "health-created" | "health-location" | "health-redirect" => &[CreateRecord],
        "health-put-missing" | "health-etag" | "health-if-match" | "rule-missing-put" | "rule-asks-put" => {
            &[CreateRecord, ReadRecord, ReplaceRecord]
        }
        "health-delete-missing" | "health-delete-one" | "rule-missing-delete" | "rule-asks-delete" => {
            &[CreateRecord, ReadRecord, DeleteRecord]
        }
        "person-no-token"
        | "person-open-read"
        | "person-forged-token"
        | "person-unsigned-token"
        | "person-closed-401" => &[CreatePerson, ReadPerson],
        "health-no-token"
        | "health-open-read"
        | "health-forged-token"
        | "health-unsigned-token"
        | "health-closed-401"
        | "auth-challenge" => &[CreateRecord, ReadRecord],
        _ => match check.area {
            Area::Person => &[CreatePerson, ReadPerson],
            Area::Health | Area::Rule => &[CreateRecord, ReadRecord],
            Area::Auth => &[],
        },
    }
}
