//! The routing table: what a method and a path come to.

use chassis::{Body, Id, Kind, Method, Problem, Route};

/// A call of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `GET /persons`
    List,
    /// `POST /persons`
    Create,
    /// `GET /persons/deleted`
    ListDeleted,
    /// `GET /persons/{id}`
    Read(Id),
    /// `PUT /persons/{id}`
    Rename(Id),
    /// `DELETE /persons/{id}`
    Delete(Id),
}

/// Who alone may follow the deletions: the service that keeps data about persons.
const FOLLOWER: &str = "health";

/// Every route of this service; those of the chassis come after.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::GET, "/persons", |_| Ok(Call::List), &[200]).query(&["limit", "after"]),
    Route::new(Method::POST, "/persons", |_| Ok(Call::Create), &[201, 507]).takes(Body::Json),
    Route::new(Method::GET, "/persons/deleted", |_| Ok(Call::ListDeleted), &[200])
        .for_service(FOLLOWER)
        .query(&["limit", "after"]),
    Route::new(Method::GET, "/persons/{id}", |id| Ok(Call::Read(parse(id)?)), &[200, 304, 404]),
    Route::new(Method::PUT, "/persons/{id}", |id| Ok(Call::Rename(parse(id)?)), &[200, 404, 412, 507])
        .takes(Body::Json),
    Route::new(Method::DELETE, "/persons/{id}", |id| Ok(Call::Delete(parse(id)?)), &[204, 404, 412, 507]),
];

fn parse(id: &str) -> Result<Id, Problem> {
    Id::parse(id).ok_or_else(no_such_person)
}

/// The answer where nobody has the id.
pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "Nobody has this id.")
}

/// The kinds of problem that only this service has.
pub static PROBLEMS: &[&Kind] = &[&NO_SUCH_PERSON];

static NO_SUCH_PERSON: Kind = Kind {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "Nobody has this id: it was never given out, or its person was deleted. An id is never used again.\n\
           GET /persons lists those that you may see; POST /persons makes a new one.",
};
