//! The work of each call. It knows no SQL.

use std::sync::Arc;

use chassis::conditional::{Precondition, with_etag};
use chassis::header::{HeaderName, HeaderValue, LINK};
use chassis::{Context, Problem, Reply, Service, StatusCode};
use serde::Serialize;

use crate::person::Viewer;
use crate::problems::{idempotency_key_reused, limit_reached, no_such_person};
use crate::routes::{Call, Page};
use crate::store::{Part, Refusal, Store};

/// Names the database that an answer is about: in another database the same id is another person.
static PERSON_STORE: HeaderName = HeaderName::from_static("person-store");

/// The person service.
#[derive(Debug)]
pub struct PersonService {
    pub(crate) store: Store,
}

impl Service for PersonService {
    type Call = Call;

    async fn handle(&self, call: Call, context: &mut Context) -> Result<Reply, Problem> {
        let caller = Arc::clone(context.caller()?);
        let viewer =
            || Viewer::of(&caller.claims).ok_or_else(|| Problem::internal("a service has no account"));
        match call {
            Call::List(page) => {
                let viewer = viewer()?;
                let persons = context.read(|| self.store.page(viewer, page.after, page.limit)).await?;
                Ok(page_reply("/persons", page, persons, |person| person.id))
            }
            Call::ListDeleted(page) => {
                let (identity, deletions) =
                    context.read(|| self.store.deletions(page.after, page.limit)).await?;
                let reply = page_reply("/persons/deleted", page, deletions, |deletion| deletion.seq);
                Ok(reply.header(PERSON_STORE.clone(), header_of(&identity)?))
            }
            Call::Create(name, key) => {
                let viewer = viewer()?;
                let person = context.write(|| self.store.create(name, viewer, key)).await?;
                let reply = Reply::json(StatusCode::CREATED, &person);
                Ok(with_etag(reply.location(&format!("/persons/{}", person.id)), person.version))
            }
            Call::Read(id, precondition) => {
                let viewer = viewer()?;
                let (identity, person) = context.read(|| self.store.read(id, &viewer)).await?;
                let answer = match person {
                    Ok(person) => {
                        precondition.answer_read(person.version, || Reply::json(StatusCode::OK, &person))
                    }
                    Err(refusal) => Err(refusal.into()),
                };
                // A 404 or 403 is about this database too.
                let (name, value) = (PERSON_STORE.clone(), header_of(&identity)?);
                match answer {
                    Ok(reply) => Ok(reply.header(name, value)),
                    Err(problem) => Err(problem.header(name, value)),
                }
            }
            Call::Rename(id, name, precondition) => {
                let viewer = viewer()?;
                let person = context.write(|| self.store.rename(id, name, viewer, precondition)).await?;
                Ok(with_etag(Reply::json(StatusCode::OK, &person), person.version))
            }
            Call::Delete(id, precondition) => {
                let viewer = viewer()?;
                context.write(|| self.store.delete(id, viewer, precondition)).await?;
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        self.store.check()
    }
}

/// Returns the value of [`PERSON_STORE`].
fn header_of(identity: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(identity).map_err(|_| Problem::internal("the identity of the database is no text"))
}

/// Answers with a page. If more items follow, a link leads to them.
fn page_reply<T: Serialize>(
    path: &str,
    page: Page,
    Part { items, more }: Part<T>,
    key: impl Fn(&T) -> i64,
) -> Reply {
    let reply = Reply::json(StatusCode::OK, &items);
    match items.last() {
        Some(last) if more => {
            let link = format!("<{path}?limit={}&after={}>; rel=\"next\"", page.limit, key(last));
            reply.header(LINK, HeaderValue::try_from(link).expect("paths are printable ASCII"))
        }
        _ => reply,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => no_such_person(),
            Refusal::Hidden => Self::insufficient_scope("This person belongs to somebody else."),
            Refusal::Stale => Precondition::failed(),
            Refusal::Beyond(last) => Self::out_of_range("after", 0, last),
            Refusal::LimitReached => limit_reached(),
            Refusal::KeyReused => idempotency_key_reused(),
            Refusal::Failed(error) => error.into(),
        }
    }
}
