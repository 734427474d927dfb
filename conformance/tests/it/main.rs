//! The checker, tried on our own services, and on a lab that is wrong on purpose.

mod bad_lab;
mod mistakes;
mod our_lab;
mod switches;
