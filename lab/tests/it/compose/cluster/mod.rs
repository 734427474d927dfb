//! The replicas over PostgreSQL of `deploy/cluster.yml`. Starting them takes half a minute, so each test has one stack
//! for all that it can see there.

mod isolation;
mod pages;
mod replicas;
mod roles;
