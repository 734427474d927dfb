//! The routing table: from a method and a path to a call with typed values.

use chassis::conditional::Precondition;
use chassis::{Body, Method, Route};
use storage::Id;

use crate::patch::Patch;
use crate::problems::no_such_person;
use crate::store::Change;
use crate::vitals::Vitals;

/// A call of this service; every id is the id of a person.
#[derive(Debug)]
pub enum Call {
    /// `GET /vitals`
    Vitals,
    /// `GET /health/{person_id}`
    Read(Id, Precondition),
    /// `POST /health/{person_id}`
    Add(Id, Vitals),
    /// `PUT`, `PATCH` or `DELETE /health/{person_id}`
    Change(Id, Change, Precondition),
}

const RECORD: &str = "/health/{person_id}";

/// Every route of this service; the routes of the chassis follow. 404, 502 and 504 also pass on an answer of person.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::GET, "/vitals", &[200], |_| Ok(Call::Vitals)).open(),
    Route::of_id(Method::POST, RECORD, no_such_person, &[201, 404, 409, 502, 504, 507], |id, input| {
        Ok(Call::Add(id, Vitals::parse(input.body)?))
    })
    .takes(Body::Json),
    Route::of_id(Method::GET, RECORD, no_such_person, &[200, 304, 404, 412, 502, 504], |id, input| {
        Ok(Call::Read(id, input.precondition))
    }),
    Route::of_id(Method::PUT, RECORD, no_such_person, &[200, 404, 412, 502, 504, 507], |id, input| {
        Ok(Call::Change(id, Change::Replace(Vitals::parse(input.body)?), input.precondition))
    })
    .takes(Body::Json),
    Route::of_id(Method::PATCH, RECORD, no_such_person, &[200, 404, 412, 502, 504, 507], |id, input| {
        Ok(Call::Change(id, Change::Merge(Patch::parse(input.body)?), input.precondition))
    })
    .takes(Body::MergePatch),
    Route::of_id(Method::DELETE, RECORD, no_such_person, &[204, 404, 412, 502, 504, 507], |id, input| {
        Ok(Call::Change(id, Change::Delete, input.precondition))
    }),
];
