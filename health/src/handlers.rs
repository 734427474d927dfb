//! What each call does: first it asks person, always, then the store. This file knows no file format.

use std::sync::Arc;
use std::time::Instant;

use chassis::conditional::{Precondition, fresh_or_not_modified, with_etag};
use chassis::{Id, Problem, Reply, Request, Service, StatusCode};

use crate::patch::Patch;
use crate::person_client::PersonClient;
use crate::problems::{no_health_record, record_exists};
use crate::purge::Purge;
use crate::routes::Call;
use crate::store::{Change, Record, Refusal, Store};
use crate::vitals::Vitals;
use crate::vitals_documents;

/// The health service.
#[derive(Debug)]
pub struct HealthService {
    // The first field is dropped first: the purge uses the store.
    pub(crate) _purge: Purge,
    pub(crate) person: PersonClient,
    pub(crate) store: Arc<Store>,
}

impl Service for HealthService {
    type Call = Call;

    async fn handle(&self, call: Call, request: &mut Request) -> Result<Reply, Problem> {
        match call {
            Call::Vitals => Ok(Reply::json(StatusCode::OK, &vitals_documents::table())),
            Call::Read(id) => {
                self.person.must_exist(id, request).await?;
                let start = Instant::now();
                let record = self.store.read(id);
                request.timed("store", start, None);
                let record = record.ok_or_else(no_health_record)?;
                Ok(fresh_or_not_modified(request, record.version, || {
                    Reply::json(StatusCode::OK, &record.value)
                }))
            }
            Call::Add(id) => {
                let vitals = Vitals::parse(request.take_fields())?;
                let record = self.change(id, Change::Add(vitals), request).await?;
                Ok(reply(StatusCode::CREATED, record).location(&format!("/health/{id}")))
            }
            Call::Replace(id) => {
                let vitals = Vitals::parse(request.take_fields())?;
                Ok(reply(StatusCode::OK, self.change(id, Change::Replace(vitals), request).await?))
            }
            Call::Merge(id) => {
                let patch = Patch::parse(request.take_fields())?;
                Ok(reply(StatusCode::OK, self.change(id, Change::Merge(patch), request).await?))
            }
            Call::Delete(id) => {
                Ok(reply(StatusCode::NO_CONTENT, self.change(id, Change::Delete, request).await?))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        // All records are in memory, and the process ends if the journal's writer does. Person does not count:
        // an orchestrator must not take health down because person is down.
        Ok(())
    }
}

impl HealthService {
    async fn change(&self, id: Id, change: Change, request: &mut Request) -> Result<Option<Record>, Problem> {
        self.person.must_exist(id, request).await?;
        let start = Instant::now();
        let outcome = self.store.change(id, change, Precondition::of(request)).await;
        request.timed("store", start, None);
        Ok(outcome?)
    }
}

/// Returns a response with the stored record, or without a body after a deletion.
fn reply(status: StatusCode, record: Option<Record>) -> Reply {
    match record {
        Some(record) => with_etag(Reply::json(status, &record.value), record.version),
        None => Reply::empty(status),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => no_health_record(),
            Refusal::Exists => record_exists(),
            Refusal::Stale => Precondition::failed(),
            Refusal::Invalid(errors) => errors.into(),
            Refusal::Failed(error) => error.into(),
        }
    }
}
