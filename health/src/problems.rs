//! The problem types that the chassis does not have.

use chassis::{Problem, ProblemType};

/// Every type; the types of the chassis follow.
pub static TYPES: &[&ProblemType] = &[
    &NO_SUCH_PERSON,
    &NO_HEALTH_RECORD,
    &RECORD_EXISTS,
    &PERSON_UNREACHABLE,
    &PERSON_TIMEOUT,
    &PERSON_BROKEN,
    &PERSON_REPLACED,
];

static NO_SUCH_PERSON: ProblemType = ProblemType {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "The person service does not know this id. Health never creates a person: POST /persons there,\n\
           then use the id of the response here.",
};

static NO_HEALTH_RECORD: ProblemType = ProblemType {
    slug: "no-health-record",
    status: 404,
    title: "The person has no health record",
    help: "The person exists, but nothing has been recorded yet. POST to the same path creates the record;\n\
           PUT and PATCH only change an existing one.",
};

static RECORD_EXISTS: ProblemType = ProblemType {
    slug: "health-record-exists",
    status: 409,
    title: "The person has a health record already",
    help: "POST creates a record and never overwrites one. PUT replaces it, PATCH changes a part of it.",
};

static PERSON_UNREACHABLE: ProblemType = ProblemType {
    slug: "person-unreachable",
    status: 503,
    title: "The person service does not answer",
    help: "Health asks the person service before every operation and continues only on `200 OK`, so that it never\n\
           stores data of a person who does not exist. Nothing was changed. Check that the person service is\n\
           running, then retry.",
};

static PERSON_TIMEOUT: ProblemType = ProblemType {
    slug: "person-timeout",
    status: 504,
    title: "The person service is too slow",
    help: "Health waits one second for the response of the person service. Nothing was changed. Retry in a moment.",
};

static PERSON_BROKEN: ProblemType = ProblemType {
    slug: "person-broken",
    status: 502,
    title: "Invalid response from the person service",
    help: "The response was not the requested person: an unexpected status, a redirect, a truncated body, or\n\
           another person. Nothing was changed. Does PERSON_URL point to the person service?",
};

static PERSON_REPLACED: ProblemType = ProblemType {
    slug: "person-replaced",
    status: 503,
    title: "The person service has another database",
    help: "Every record belongs to a person of one database, and the person service now has another one, in which the\n\
           same id is another person. Nothing was read or changed. The operator restores person's database from a\n\
           backup with `person restore`, or, if it is lost, runs `health adopt`, which sets the records aside.",
};

/// Returns the problem for an unknown id.
pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "No person has this id.")
}

/// Returns the problem for a person without a record.
pub(crate) fn no_health_record() -> Problem {
    Problem::new(&NO_HEALTH_RECORD, "The person exists, but has no health record.")
}

/// Returns the problem for a second record.
pub(crate) fn record_exists() -> Problem {
    Problem::new(&RECORD_EXISTS, "The person has a health record already.")
}

/// Returns the problem for a lookup without an answer.
pub(crate) fn person_unreachable() -> Problem {
    Problem::new(&PERSON_UNREACHABLE, "The person service does not answer.").retry_after(1)
}

/// Returns the problem for a lookup that took too long.
pub(crate) fn person_timeout() -> Problem {
    Problem::new(&PERSON_TIMEOUT, "The person service did not answer within a second.")
}

/// Returns the problem for an invalid response; `status` is its status, if it has one.
pub(crate) fn person_broken(status: Option<u16>) -> Problem {
    let cause = status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
    Problem::new(&PERSON_BROKEN, "The person service sent an invalid response. Is PERSON_URL right?")
        .because(cause)
}

/// Returns the problem for an answer from another database of person.
pub(crate) fn person_replaced() -> Problem {
    let detail = "The records belong to another database of the person service. Restore that database, or run \
                  `health adopt`.";
    Problem::new(&PERSON_REPLACED, detail)
}
