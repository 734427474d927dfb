//! The routing table: from a method and a path to a call with typed values.

use chassis::conditional::Precondition;
use chassis::{Body, Input, Method, Problem, Query, Route};
use storage::Id;

use crate::person::Name;
use crate::problems::no_such_person;

/// A call of this service.
#[derive(Debug, Clone)]
pub enum Call {
    /// `GET /persons`
    List(Page),
    /// `POST /persons`
    Create(Name),
    /// `GET /persons/deleted`
    ListDeleted(Page),
    /// `GET /persons/{id}`
    Read(Id, Precondition),
    /// `PUT /persons/{id}`
    Rename(Id, Name, Precondition),
    /// `DELETE /persons/{id}`
    Delete(Id, Precondition),
}

/// The issuer that may read the deletions: the service that keeps data about persons.
const FOLLOWER: &str = "health";

/// Every route of this service; those of the chassis follow.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::GET, "/persons", list, &[200]).query(&["limit", "after"]),
    Route::new(Method::POST, "/persons", create, &[201, 507]).takes(Body::Json),
    Route::new(Method::GET, "/persons/deleted", list_deleted, &[200])
        .for_service(FOLLOWER)
        .query(&["limit", "after"]),
    Route::of_id(Method::GET, "/persons/{id}", no_such_person, read, &[200, 304, 404]),
    Route::of_id(Method::PUT, "/persons/{id}", no_such_person, rename, &[200, 404, 412, 507])
        .takes(Body::Json),
    Route::of_id(Method::DELETE, "/persons/{id}", no_such_person, delete, &[204, 404, 412, 507]),
];

fn list(input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::List(Page::parse(&input.query)?))
}

fn list_deleted(input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::ListDeleted(Page::parse(&input.query)?))
}

fn create(input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Create(Name::from_body(input.body)?))
}

fn read(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Read(id, input.precondition))
}

fn rename(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Rename(id, Name::from_body(input.body)?, input.precondition))
}

fn delete(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Delete(id, input.precondition))
}

/// A part of a list: at most `limit` items after the number `after`.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub(crate) after: i64,
    pub(crate) limit: u16,
}

/// The default length of a page.
const PAGE: u16 = 100;
/// The longest page: usually some 100 KB, and 900 KB with the longest names.
const LONGEST_PAGE: u16 = 1000;

impl Page {
    fn parse(query: &Query) -> Result<Self, Problem> {
        let after = query.number("after", 0..=i64::MAX.unsigned_abs())?.unwrap_or(0).cast_signed();
        let limit = query.number("limit", 1..=LONGEST_PAGE.into())?;
        Ok(Self { after, limit: limit.and_then(|limit| limit.try_into().ok()).unwrap_or(PAGE) })
    }
}
