//! Graphs over a vocabulary of a few operators.

mod text;
mod vocabulary;
mod wellformed;
