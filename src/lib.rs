//! ferrodyne.
