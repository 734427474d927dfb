//! What each call does. It knows no SQL.

use chassis::conditional::{Precondition, fresh_or_not_modified, with_etag};
use chassis::header::{HeaderValue, LINK};
use chassis::{Fields, Problem, Reply, Request, Service, StatusCode};

use crate::person::{Name, Viewer};
use crate::routes::{Call, no_such_person};
use crate::store::{Refusal, Store};

/// The length of a page where the caller asks for none.
const PAGE: u64 = 100;
/// The longest page: some 100 KB as a rule, 900 KB with the longest names there may be.
const LONGEST_PAGE: u64 = 1000;

/// The person service.
#[derive(Debug)]
pub struct PersonService {
    pub(crate) store: Store,
}

impl Service for PersonService {
    type Call = Call;

    async fn handle(&self, call: Call, request: &mut Request) -> Result<Reply, Problem> {
        let viewer = Viewer::of(&request.caller().claims);
        match call {
            Call::List => {
                let page = Page::parse(request)?;
                let persons = self.store.page(viewer, page.after, page.limit + 1).await?;
                Ok(page.reply("/persons", persons, |person| person.id))
            }
            Call::ListDeleted => {
                let page = Page::parse(request)?;
                let deletions = self.store.deletions(page.after, page.limit + 1).await?;
                Ok(page.reply("/persons/deleted", deletions, |deletion| deletion.seq))
            }
            Call::Create => {
                let name = parse_name(request.take_fields())?;
                let person = self.store.create(name, request.caller().claims.subject.clone()).await?;
                let reply =
                    Reply::json(StatusCode::CREATED, &person).location(&format!("/persons/{}", person.id));
                Ok(with_etag(reply, person.version))
            }
            Call::Read(id) => {
                let person = self.store.read(id, &viewer)?;
                Ok(fresh_or_not_modified(request, person.version, || Reply::json(StatusCode::OK, &person)))
            }
            Call::Rename(id) => {
                let name = parse_name(request.take_fields())?;
                let person = self.store.rename(id, name, viewer, Precondition::of(request)).await?;
                Ok(with_etag(Reply::json(StatusCode::OK, &person), person.version))
            }
            Call::Delete(id) => {
                self.store.delete(id, viewer, Precondition::of(request)).await?;
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        self.store.check()
    }
}

fn parse_name(mut fields: Fields) -> Result<Name, Problem> {
    let name = fields.string("name", Name::parse);
    let faults = fields.finish(|unknown| match unknown {
        "id" => "must not be sent: the service generates it".to_owned(),
        "owner" => "must not be sent: it is the holder of the token".to_owned(),
        _ => "is unknown; a person has a `name`".to_owned(),
    });
    Ok(faults.or(name)?.expect("a name that is missing is a fault"))
}

/// Which part of a list is asked for.
struct Page {
    after: i64,
    limit: i64,
}

impl Page {
    fn parse(request: &Request) -> Result<Self, Problem> {
        let after = request.query_number("after", 0..=i64::MAX.unsigned_abs())?.unwrap_or(0);
        let limit = request.query_number("limit", 1..=LONGEST_PAGE)?.unwrap_or(PAGE);
        Ok(Self { after: after.cast_signed(), limit: limit.cast_signed() })
    }

    /// `items` holds one more than the page, where there is one: then a link leads on.
    fn reply<T: serde::Serialize>(&self, path: &str, mut items: Vec<T>, key: impl Fn(&T) -> i64) -> Reply {
        let limit = usize::try_from(self.limit).expect("at most a thousand");
        let more = items.len() > limit;
        items.truncate(limit);
        let reply = Reply::json(StatusCode::OK, &items);
        match items.last() {
            Some(last) if more => {
                let link = format!("<{path}?limit={limit}&after={}>; rel=\"next\"", key(last));
                reply.header(LINK, HeaderValue::try_from(link).expect("our paths are printable ASCII"))
            }
            _ => reply,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Missing => no_such_person(),
            Refusal::Hidden => Self::insufficient_scope("This person belongs to somebody else."),
            Refusal::Stale => Precondition::failed(),
            Refusal::Failed(error) => error.into(),
        }
    }
}
