//! What users write: compiled functions, modules, layers, state dicts.

mod backends;
mod bisect;
mod compiled;
mod examples;
mod explain;
#[allow(unreachable_pub)]
#[rustfmt::skip]
mod generated;
#[allow(unreachable_pub)]
#[rustfmt::skip]
mod generated_branch;
mod layers;
mod listing;
mod modules;
mod passes;
