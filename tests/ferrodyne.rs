//! End-to-end tests of ferrodyne, and the tests that hold its house in order.

#![recursion_limit = "256"]

mod front;
mod house;
mod tensor;
