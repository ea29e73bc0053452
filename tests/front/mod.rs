//! What users write: compiled functions, modules, layers, state dicts.

mod backends;
mod bisect;
mod compiled;
mod explain;
mod layers;
mod modules;
