//! The problem types that the chassis does not have.

use chassis::{Problem, ProblemType};

/// Every type; the types of the chassis follow.
pub static TYPES: &[&ProblemType] = &[&NO_SUCH_PERSON];

static NO_SUCH_PERSON: ProblemType = ProblemType {
    slug: "no-such-person",
    status: 404,
    title: "There is no such person",
    help: "No person has this id: it was never used, or its person was deleted. Ids are never reused.\n\
           GET /persons lists the persons that you may see; POST /persons creates one.",
};

/// Returns the problem for an unknown id.
pub(crate) fn no_such_person() -> Problem {
    Problem::new(&NO_SUCH_PERSON, "No person has this id.")
}
