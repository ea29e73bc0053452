//! Control flow of compiled functions: graph breaks, branches and loops on tensors, each against eager execution.

mod branches;
mod breaks;
mod corpus;
mod devices;
mod functions;
mod generator;
mod loop_traps;
mod loops;
mod random;
mod replay;
mod trace;
mod traps;
