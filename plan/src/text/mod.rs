//! What all text forms share: names, a lexer, a cursor over its tokens, and positioned errors.

mod cursor;
pub(crate) mod lexer;
mod name;

pub use cursor::Cursor;
pub use lexer::{Lexer, Token, TokenKind};
pub use name::{Name, quoted};

/// A fault in a text form, with its position (both counted from 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TextError {
    /// The line of the fault.
    pub line: u32,
    /// The column of the fault, in characters.
    pub column: u32,
    /// What was expected and what was found.
    pub message: String,
}
