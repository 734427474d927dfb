//! The routing table: from a method and a path to a call with typed values.

use chassis::conditional::Precondition;
use chassis::{Body, IdempotencyKey, Method, Problem, Query, Route};
use storage::Id;

use crate::person::Name;
use crate::problems::no_such_person;

/// A call of this service.
#[derive(Debug, Clone)]
pub enum Call {
    /// `GET /persons`
    List(Page),
    /// `POST /persons`
    Create(Name, Option<IdempotencyKey>),
    /// `GET /persons/deleted`
    ListDeleted(Page),
    /// `GET /persons/{id}`
    Read(Id, Precondition),
    /// `PUT /persons/{id}`
    Rename(Id, Name, Precondition),
    /// `DELETE /persons/{id}`
    Delete(Id, Precondition),
}

/// The issuer that may read the feed of deletions, the only other service that person has heard of.
const FEED_READER: &str = "health";

/// Every route of this service; the routes of the chassis follow.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::GET, "/persons", &[200], |input| Ok(Call::List(Page::parse(&input.query)?)))
        .query(PAGE_QUERY),
    Route::new(Method::POST, "/persons", &[201, 507], |input| {
        Ok(Call::Create(Name::from_body(input.body)?, input.idempotency_key))
    })
    .takes(Body::Json)
    .repeatable(),
    Route::new(Method::GET, "/persons/deleted", &[200], |input| {
        Ok(Call::ListDeleted(Page::parse(&input.query)?))
    })
    .for_service(FEED_READER)
    .query(PAGE_QUERY),
    Route::of_id(Method::GET, "/persons/{id}", no_such_person, &[200, 304, 404, 412], |id, input| {
        Ok(Call::Read(id, input.precondition))
    }),
    Route::of_id(Method::PUT, "/persons/{id}", no_such_person, &[200, 404, 412, 507], |id, input| {
        Ok(Call::Rename(id, Name::from_body(input.body)?, input.precondition))
    })
    .takes(Body::Json),
    Route::of_id(Method::DELETE, "/persons/{id}", no_such_person, &[204, 404, 412, 507], |id, input| {
        Ok(Call::Delete(id, input.precondition))
    }),
];

/// The part of a list that a request asks for: at most `limit` items after the number `after`.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub(crate) after: i64,
    pub(crate) limit: u16,
}

/// The query parameters of a list.
const PAGE_QUERY: &[&str] = &["limit", "after"];
/// The default length of a page.
const PAGE: u16 = 100;
/// The longest page; one of long names holds fewer.
const LONGEST_PAGE: u16 = 1000;

impl Page {
    fn parse(query: &Query) -> Result<Self, Problem> {
        let after = query.number("after", 0..=i64::MAX.unsigned_abs())?.unwrap_or(0).cast_signed();
        let limit = query.number("limit", 1..=LONGEST_PAGE.into())?;
        Ok(Self { after, limit: limit.and_then(|limit| limit.try_into().ok()).unwrap_or(PAGE) })
    }
}
