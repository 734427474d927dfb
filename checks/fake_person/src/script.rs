//! The script that a test sets, and the answers of a correct person service.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::{FEED, RecordedRequest, Response};

#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) usual: Response,
    pub(super) by_path: HashMap<String, Response>,
    pub(super) next: VecDeque<Response>,
    /// `None`: everybody exists.
    pub(super) persons: Option<BTreeSet<String>>,
    /// Another name of the field `name`; the fake then sends both fields.
    pub(super) name_field: Option<String>,
    pub(super) closes_each_connection: bool,
    /// The identity of its database in each scripted or correct answer.
    pub(super) store: Option<String>,
    pub(super) deletions: Vec<(i64, i64)>,
    /// Whether the feed never ends: every number is the deletion of the person with this id.
    pub(super) deletes_everybody: bool,
    pub(super) requests: Vec<RecordedRequest>,
}

impl Script {
    /// Returns what a correct person service would answer.
    pub(super) fn truth(&self, request: &RecordedRequest) -> (u16, String) {
        let path = request.path();
        if path == FEED {
            return (200, self.deletions_after(request.query("after"), request.query("limit")));
        }
        let last = request.last_segment();
        match &self.persons {
            None => (200, self.person(last)),
            Some(persons) if persons.contains(last) => (200, self.person(last)),
            Some(persons) if request.is_list() => {
                let persons: Vec<_> = persons.iter().map(|id| self.person(id)).collect();
                (200, format!("[{}]", persons.join(",")))
            }
            Some(_) => (404, r#"{"error":"no such person"}"#.to_owned()),
        }
    }

    fn person(&self, id: &str) -> String {
        let id: i64 = id.parse().unwrap_or(0);
        let renamed = self.name_field.iter().map(|field| format!(r#",{field:?}:"Ada""#)).collect::<String>();
        format!(r#"{{"id":{id},"name":"Ada"{renamed}}}"#)
    }

    fn deletions_after(&self, after: Option<i64>, limit: Option<i64>) -> String {
        let limit = usize::try_from(limit.unwrap_or(100)).unwrap_or(0);
        let after = after.unwrap_or(0);
        let page: Vec<_> = if self.deletes_everybody {
            (after + 1..).map(|seq| (seq, seq)).take(limit).collect()
        } else {
            self.deletions.iter().copied().filter(|(seq, _)| *seq > after).take(limit).collect()
        };
        let page: Vec<_> = page.iter().map(|(seq, id)| format!(r#"{{"seq":{seq},"id":{id}}}"#)).collect();
        format!("[{}]", page.join(","))
    }
}
