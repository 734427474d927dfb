//! Clocks that jump, forwards and back, while the services run. libfaketime changes the wall clock of the services, and
//! nothing else.

mod purge;
mod throttle;
mod tokens;
mod wall_clock;
