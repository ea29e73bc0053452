//! What users write: compiled functions, modules, layers, state dicts.

mod compiled;
mod layers;
mod modules;
