//! The routing table: from a method and a path to a call with typed values.

use chassis::{Body, Method, Route};

use crate::account::{Credentials, PasswordChange, Registration};

/// A call of this service.
#[derive(Debug)]
pub enum Call {
    /// `POST /register`
    Register(Registration),
    /// `POST /login`
    LogIn(Credentials),
    /// `GET /me`
    Me,
    /// `PUT /me/password`
    ChangePassword(PasswordChange),
    /// `DELETE /me`
    Close,
}

/// Every route of this service; the routes of the chassis follow.
pub static ROUTES: &[Route<Call>] = &[
    Route::new(Method::POST, "/register", &[201, 409, 507], |input| {
        Ok(Call::Register(Registration::from_body(input.body)?))
    })
    .open()
    .takes(Body::Json),
    Route::new(Method::POST, "/login", &[200, 401, 429], |input| {
        Ok(Call::LogIn(Credentials::from_body(input.body)?))
    })
    .open()
    .takes(Body::Json),
    Route::new(Method::GET, "/me", &[200], |_| Ok(Call::Me)),
    Route::new(Method::DELETE, "/me", &[204, 507], |_| Ok(Call::Close)),
    Route::new(Method::PUT, "/me/password", &[204, 429, 507], |input| {
        Ok(Call::ChangePassword(PasswordChange::from_body(input.body)?))
    })
    .takes(Body::Json),
];
