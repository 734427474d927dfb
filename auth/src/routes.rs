//! The routing table: from a method and a path to a call with typed values.

use chassis::{Body, Input, Method, Problem, Route};

use crate::account::{Credentials, Registration};

/// A call of this service.
#[derive(Debug)]
pub enum Call {
    /// `POST /register`
    Register(Registration),
    /// `POST /login`
    LogIn(Credentials),
    /// `GET /me`
    Me,
}

/// Every route of this service; those of the chassis follow.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::POST, "/register", register, &[201, 409, 507]).open().takes(Body::Json),
    Route::new(Method::POST, "/login", log_in, &[200, 401, 429]).open().takes(Body::Json),
    Route::new(Method::GET, "/me", |_| Ok(Call::Me), &[200]),
];

fn register(input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::Register(Registration::from_body(input.body)?))
}

fn log_in(input: Input<'_>) -> Result<Call, Problem> {
    Ok(Call::LogIn(Credentials::from_body(input.body)?))
}
