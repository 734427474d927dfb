//! Clocks that jump, forwards and back, while the services run: libfaketime changes what the wall clock says to them,
//! and nothing else.

mod lab;
mod purge;
mod throttle;
mod tokens;
