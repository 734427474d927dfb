//! The work of each call: first a lookup of the person, always, then the store. It knows no file format.

use std::time::Instant;

use chassis::conditional::{Precondition, with_etag};
use chassis::{Context, Problem, Reply, Service, StatusCode};
use storage::Id;

use crate::person_client::PersonClient;
#[cfg(feature = "cluster")]
use crate::problems::no_such_person;
use crate::problems::{no_health_record, person_replaced, record_exists};
use crate::purge::Purge;
use crate::routes::Call;
use crate::store::{Change, Record, Refusal, Store};
use crate::vitals_documents;

/// The health service.
#[derive(Debug)]
pub struct HealthService {
    pub(crate) _purge: Purge,
    pub(crate) person: PersonClient,
    pub(crate) store: Store,
}

impl Service for HealthService {
    type Call = Call;

    async fn handle(&self, call: Call, context: &mut Context) -> Result<Reply, Problem> {
        match call {
            Call::Vitals => Ok(Reply::json(StatusCode::OK, &vitals_documents::table())),
            Call::Read(id, precondition) => {
                let identity = self.person.must_exist(id, &self.store, context).await?;
                let start = Instant::now();
                let record = context.read(|| self.store.read(id, &identity)).await;
                context.timed("store", start, None);
                let record = record?;
                precondition.answer_read(record.version, || Reply::json(StatusCode::OK, &record.value))
            }
            Call::Add(id, vitals) => {
                let record = self.change(id, Change::Add(vitals), Precondition::default(), context).await?;
                Ok(reply(StatusCode::CREATED, record).location(&format!("/health/{id}")))
            }
            Call::Change(id, change, precondition) => {
                Ok(reply(StatusCode::OK, self.change(id, change, precondition, context).await?))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        // Person does not count: an orchestrator must not take health down because person is down.
        self.store.check()
    }
}

impl HealthService {
    async fn change(
        &self,
        id: Id,
        change: Change,
        precondition: Precondition,
        context: &mut Context,
    ) -> Result<Option<Record>, Problem> {
        let identity = self.person.must_exist(id, &self.store, context).await?;
        let start = Instant::now();
        let outcome = context.write(|| self.store.change(id, change, precondition, identity)).await;
        context.timed("store", start, None);
        Ok(outcome?)
    }
}

/// Answers with the stored record, or with 204 after a deletion.
fn reply(status: StatusCode, record: Option<Record>) -> Reply {
    match record {
        Some(record) => with_etag(Reply::json(status, &record.value), record.version),
        None => Reply::empty(StatusCode::NO_CONTENT),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => no_health_record(),
            Refusal::Exists => record_exists(),
            Refusal::Stale => Precondition::failed(),
            #[cfg(feature = "cluster")]
            Refusal::Gone => no_such_person(),
            Refusal::Replaced => person_replaced(),
            Refusal::Invalid(errors) => errors.into(),
            Refusal::Failed(error) => error.into(),
        }
    }
}
