//! The routing table: what a method and a path come to.

use chassis::{Body, Id, Kind, Method, Problem, Route};

/// A call of this service; the ids are those of persons.
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

/// Every route of this service; those of the chassis come after. 404, 502 and 504 also say what person said.
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

pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "Nobody has this id.")
}

pub(crate) fn no_health_record() -> Problem {
    Problem::new(&NO_HEALTH_RECORD, "The person exists, but has no health record.")
}

pub(crate) fn record_exists() -> Problem {
    Problem::new(&RECORD_EXISTS, "The person has a health record already.")
}

pub(crate) fn person_unreachable() -> Problem {
    Problem::new(&PERSON_UNREACHABLE, "The person service does not answer.").retry_after(1)
}

pub(crate) fn person_timeout() -> Problem {
    Problem::new(&PERSON_TIMEOUT, "The person service did not answer within a second.")
}

/// `status` is what the answer had, if it had one.
pub(crate) fn person_broken(status: Option<u16>) -> Problem {
    let cause = status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
    Problem::new(&PERSON_BROKEN, "The person service gave an answer that makes no sense.").because(cause)
}

/// The kinds of problem that only this service has.
pub static PROBLEMS: &[&Kind] = &[
    &NO_SUCH_PERSON,
    &NO_HEALTH_RECORD,
    &RECORD_EXISTS,
    &PERSON_UNREACHABLE,
    &PERSON_TIMEOUT,
    &PERSON_BROKEN,
];

static NO_SUCH_PERSON: Kind = Kind {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "The person service says that nobody has this id. Health never makes a person: POST /persons there,\n\
           then use the id of the answer here.",
};

static NO_HEALTH_RECORD: Kind = Kind {
    slug: "no-health-record",
    status: 404,
    title: "The person has no health record",
    help: "The person exists, but nothing has been recorded yet. POST to the same path makes the record;\n\
           PUT and PATCH only change one that is there.",
};

static RECORD_EXISTS: Kind = Kind {
    slug: "health-record-exists",
    status: 409,
    title: "The person has a health record already",
    help: "POST makes a record and never overwrites one. PUT replaces it, PATCH changes a part of it.",
};

static PERSON_UNREACHABLE: Kind = Kind {
    slug: "person-unreachable",
    status: 503,
    title: "The person service does not answer",
    help: "Health asks it before every operation and goes on only on `200 OK`, so that nothing is done for\n\
           somebody who does not exist. Nothing was changed. Is it running? Try again in a moment.",
};

static PERSON_TIMEOUT: Kind = Kind {
    slug: "person-timeout",
    status: 504,
    title: "The person service is too slow",
    help: "Health waits a second for its answer and then gives up. Nothing was changed. Try again in a moment.",
};

static PERSON_BROKEN: Kind = Kind {
    slug: "person-broken",
    status: 502,
    title: "The person service makes no sense",
    help: "It answered, but not as a person service does: another status, a redirect, half an answer, or somebody\n\
           else than who was asked for. Nothing was changed. Does PERSON_URL lead to the right place?",
};
