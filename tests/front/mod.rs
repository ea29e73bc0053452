//! What users write: compiled functions, modules, layers, state dicts.

mod ahead;
mod backends;
mod bisect;
mod compiled;
mod contracts;
mod examples;
mod explain;
mod explained;
#[allow(unreachable_pub)]
#[rustfmt::skip]
mod generated;
#[allow(unreachable_pub)]
#[rustfmt::skip]
mod generated_branch;
#[allow(unreachable_pub)]
#[rustfmt::skip]
mod generated_scan;
mod faults;
mod layers;
mod listing;
mod logging;
mod models;
mod modules;
mod passes;
mod trace_file;
