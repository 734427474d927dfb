//! The checker, tried on our own services, and on a lab that is wrong on purpose.

mod adapting;
mod bad_lab;
mod command_line;
mod document;
mod mistakes;
mod our_lab;
mod reports;
mod switches;
