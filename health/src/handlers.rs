//! What each call does: ask person first, always; then the store. It knows no file format.

use std::sync::Arc;
use std::time::Instant;

use chassis::conditional::{Precondition, fresh_or_not_modified, with_etag};
use chassis::{Id, Problem, Reply, Request, Service, StatusCode};

use crate::patch::Patch;
use crate::person_client::PersonClient;
use crate::purge::Purge;
use crate::routes::{Call, no_health_record, record_exists};
use crate::store::{Change, Record, Refusal, Store};
use crate::vitals::Vitals;
use crate::vitals_documents;

/// The health service.
#[derive(Debug)]
pub struct HealthService {
    // Dropped first: it uses the store.
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
                let change = Change::Add(Vitals::parse(request.take_fields())?);
                let record = self.change(id, change, request).await?;
                Ok(reply(StatusCode::CREATED, record).location(&format!("/health/{id}")))
            }
            Call::Replace(id) => {
                let change = Change::Replace(Vitals::parse(request.take_fields())?);
                Ok(reply(StatusCode::OK, self.change(id, change, request).await?))
            }
            Call::Merge(id) => {
                let change = Change::Merge(Patch::parse(request.take_fields())?);
                Ok(reply(StatusCode::OK, self.change(id, change, request).await?))
            }
            Call::Delete(id) => {
                let record = self.change(id, Change::Delete, request).await?;
                Ok(reply(StatusCode::NO_CONTENT, record))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        // Everything is in memory, and without its writer the process ends. Person is asked when it is needed:
        // an orchestrator must not take health down because person is.
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

/// The record as it now is; nothing where there is none any more.
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
            Refusal::Invalid(faults) => faults.into(),
            Refusal::Failed(error) => error.into(),
        }
    }
}
