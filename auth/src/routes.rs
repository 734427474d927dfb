//! The routing table: what a method and a path come to.

use chassis::{Body, Kind, Method, Route};

/// A call of this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `POST /register`
    Register,
    /// `POST /login`
    LogIn,
    /// `GET /me`
    Me,
}

/// Every route of this service; those of the chassis come after.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::POST, "/register", |_| Ok(Call::Register), &[201, 409, 507]).open().takes(Body::Json),
    Route::new(Method::POST, "/login", |_| Ok(Call::LogIn), &[200, 401, 429]).open().takes(Body::Json),
    Route::new(Method::GET, "/me", |_| Ok(Call::Me), &[200]),
];

/// The kinds of problem that only this service has.
pub static PROBLEMS: &[&Kind] = &[&WRONG_CREDENTIALS, &USERNAME_TAKEN, &TOO_MANY_FAILURES];

pub(crate) static WRONG_CREDENTIALS: Kind = Kind {
    slug: "wrong-credentials",
    status: 401,
    title: "Username or password is wrong",
    help: "Either there is no such user or the password is another; which of the two is not told, so that nobody\n\
           can find out who has an account. POST /register makes one.",
};

pub(crate) static USERNAME_TAKEN: Kind = Kind {
    slug: "username-taken",
    status: 409,
    title: "The username is taken",
    help: "Somebody registered it already. Choose another, or log in if it was you.",
};

pub(crate) static TOO_MANY_FAILURES: Kind = Kind {
    slug: "too-many-failures",
    status: 429,
    title: "Too many failed logins",
    help: "After five failures in a row on a username each further one makes the next try wait: a second, then\n\
           two, up to a minute. Wait as long as `Retry-After` says; trying earlier does not lengthen the wait.",
};
