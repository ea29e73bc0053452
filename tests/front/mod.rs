//! What users write: compiled functions, modules, layers, state dicts.

mod compiled;
mod explain;
mod layers;
mod modules;
