//! The routing table: from a method and a path to a call with typed values.

use chassis::conditional::Precondition;
use chassis::{Body, Input, Method, Problem, Route};
use storage::Id;

use crate::patch::Patch;
use crate::problems::no_such_person;
use crate::store::Change;
use crate::vitals::Vitals;

/// A call of this service; the ids are those of persons.
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

/// Every route of this service; those of the chassis follow. 404, 502 and 504 also pass on an answer of person.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::GET, "/vitals", |_| Ok(Call::Vitals), &[200]).open(),
    Route::of_id(Method::POST, RECORD, no_such_person, add, &[201, 404, 409, 502, 504, 507])
        .takes(Body::Json),
    Route::of_id(Method::GET, RECORD, no_such_person, read, &[200, 304, 404, 502, 504]),
    Route::of_id(Method::PUT, RECORD, no_such_person, replace, &[200, 404, 412, 502, 504, 507])
        .takes(Body::Json),
    Route::of_id(Method::PATCH, RECORD, no_such_person, merge, &[200, 404, 412, 502, 504, 507])
        .takes(Body::MergePatch),
    Route::of_id(Method::DELETE, RECORD, no_such_person, delete, &[204, 404, 412, 502, 504, 507]),
];

fn add(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Add(id, Vitals::parse(input.body)?))
}

fn read(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Read(id, input.precondition))
}

fn replace(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Change(id, Change::Replace(Vitals::parse(input.body)?), input.precondition))
}

fn merge(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Change(id, Change::Merge(Patch::parse(input.body)?), input.precondition))
}

fn delete(id: Id, input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Change(id, Change::Delete, input.precondition))
}
