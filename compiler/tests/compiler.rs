//! Tests of the compiler as a whole, a module a subject.

mod kernels;
