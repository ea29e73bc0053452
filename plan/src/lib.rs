//! The language in which ferrodyne's compiler and runtime meet.

pub mod dims;
pub mod text;

pub use text::Name;
