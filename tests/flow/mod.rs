//! Control flow of compiled functions: graph breaks, branches and loops on tensors, each against eager execution.

mod branches;
mod breaks;
mod corpus;
mod devices;
mod generator;
mod random;
mod replay;
mod trace;
mod traps;
