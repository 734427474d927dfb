//! Checks a version of the lab, in any language, over HTTP. It knows the lab's text and HTTP, and none of the services
//! of this workspace.
//!
//! Each module uses only those above it: `text`, `fields`, `plan`; `http`; `outcome`, `expect`; `shape`, `person`;
//! `subject` (the version under test); `check`; `checks` (start reading here); `finding`, `grid`, `advice`, `cause`,
//! `report`, `run`; `class`.

mod advice;
mod cause;
mod check;
pub mod checks;
pub mod class;
mod expect;
mod fields;
mod finding;
pub mod grid;
mod http;
mod jwt;
mod outcome;
mod person;
mod plan;
pub mod report;
mod run;
mod shape;
mod subject;
mod text;

pub use cause::Cause;
pub use check::{Area, Check, Explanation, Level};
pub use fields::{Fields, Login, Paths};
pub use finding::{Finding, Report};
pub use http::Exchange;
pub use outcome::{Failure, Stop};
pub use plan::Plan;
pub use run::{RunError, run};
pub use text::{Lang, Text};
