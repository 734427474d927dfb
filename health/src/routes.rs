//! The routing table: from a method and a path to a call.

use chassis::{Body, Id, Method, Problem, Route};

use crate::problems::no_such_person;

/// A call of this service. Each id is the id of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `GET /vitals`
    Vitals,
    /// `POST /health/{person_id}`
    Add(Id),
    /// `GET /health/{person_id}`
    Read(Id),
    /// `PUT /health/{person_id}`
    Replace(Id),
    /// `PATCH /health/{person_id}`
    Merge(Id),
    /// `DELETE /health/{person_id}`
    Delete(Id),
}

const RECORD: &str = "/health/{person_id}";

/// Every route of this service, besides the common ones of the chassis. Each lists the statuses that the handler
/// itself may answer; 502, 504 and most 404s come from the lookup of the person.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::GET, "/vitals", |_| Ok(Call::Vitals), &[200]).open(),
    Route::new(Method::POST, RECORD, |id| Ok(Call::Add(parse(id)?)), &[201, 404, 409, 502, 504, 507])
        .takes(Body::Json),
    Route::new(Method::GET, RECORD, |id| Ok(Call::Read(parse(id)?)), &[200, 304, 404, 502, 504]),
    Route::new(Method::PUT, RECORD, |id| Ok(Call::Replace(parse(id)?)), &[200, 404, 412, 502, 504, 507])
        .takes(Body::Json),
    Route::new(Method::PATCH, RECORD, |id| Ok(Call::Merge(parse(id)?)), &[200, 404, 412, 502, 504, 507])
        .takes(Body::MergePatch),
    Route::new(Method::DELETE, RECORD, |id| Ok(Call::Delete(parse(id)?)), &[204, 404, 412, 502, 504, 507]),
];

fn parse(id: &str) -> Result<Id, Problem> {
    Id::parse(id).ok_or_else(no_such_person)
}
