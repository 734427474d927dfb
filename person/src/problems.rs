//! The problem types that the chassis does not have.

use chassis::{Problem, ProblemType};

/// Every type; the types of the chassis follow.
pub static TYPES: &[&ProblemType] = &[&NO_SUCH_PERSON, &LIMIT_REACHED];

static NO_SUCH_PERSON: ProblemType = ProblemType {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "No person has this id: it was never used, or its person was deleted. Ids are never reused.\n\
           GET /persons lists the persons that you may see; POST /persons creates one.",
};

static LIMIT_REACHED: ProblemType = ProblemType {
    slug: "limit-reached",
    status: 403,
    title: "Your account owns as many persons as it may",
    help: "One account owns a limited number of persons, so that nobody fills the disk of all. Delete persons that you\n\
           no longer need. The operator sets the limit with PERSON_LIMIT; it does not hold for administrators.",
};

/// Returns the problem for a person beyond the limit of an account.
pub(crate) fn limit_reached() -> Problem {
    Problem::new(&LIMIT_REACHED, "Your account owns as many persons as it may; delete one first.")
}

/// Returns the problem for an unknown id.
pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "No person has this id.")
}
