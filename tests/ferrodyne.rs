//! End-to-end tests of ferrodyne, and the tests that hold its house in order.

mod engines;
mod flow;
mod front;
mod guards;
mod house;
mod tensor;
