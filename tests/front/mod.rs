//! What users write: compiled functions, modules, layers, state dicts.

mod ahead;
mod backends;
mod bisect;
mod compiled;
mod contracts;
mod explain;
mod explained;
#[allow(unreachable_pub)]
#[rustfmt::skip]
mod generated;
mod layers;
mod listing;
mod logging;
mod modules;
mod trace_file;
