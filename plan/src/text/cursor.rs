//! A position in a list of tokens, with the questions that every parser asks.

use std::sync::Arc;

use super::{Lexer, TextError, Token, TokenKind};

/// Walks over the tokens of a text. A clone is another position in the same tokens.
#[derive(Clone, Debug)]
pub struct Cursor {
    tokens: Arc<[Token]>,
    at: usize,
}

impl Cursor {
    /// A cursor on the first token of `text`.
    pub fn new(text: &str) -> Result<Cursor, TextError> {
        Ok(Cursor { tokens: Lexer::tokens(text)?.into(), at: 0 })
    }

    /// All tokens of the text; the last is `End`.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The token at hand.
    pub fn peek(&self) -> &TokenKind {
        &self.token().kind
    }

    /// The token `n` places ahead; `End` past the end.
    pub fn peek_nth(&self, n: usize) -> &TokenKind {
        self.tokens.get(self.at + n).map_or(&TokenKind::End, |token| &token.kind)
    }

    /// The token at hand, with its position.
    pub fn token(&self) -> &Token {
        &self.tokens[self.at]
    }

    /// The token at hand, which is then passed. `End` is never passed.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> TokenKind {
        let kind = self.peek().clone();
        if kind != TokenKind::End {
            self.at += 1;
        }
        kind
    }

    /// Whether the text is used up.
    pub fn at_end(&self) -> bool {
        *self.peek() == TokenKind::End
    }

    /// Whether the token at hand is this punctuation or this word.
    pub fn is(&self, text: &str) -> bool {
        is(self.peek(), text)
    }

    /// Whether the token `n` places ahead is this punctuation or this word.
    pub fn is_nth(&self, n: usize, text: &str) -> bool {
        is(self.peek_nth(n), text)
    }

    /// Passes this punctuation or word if it is at hand, and says whether it was.
    pub fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.at += 1;
        }
        found
    }

    /// Passes this punctuation or word, or says what stands there instead.
    pub fn expect(&mut self, text: &str) -> Result<(), TextError> {
        if self.eat(text) { Ok(()) } else { Err(self.expected(&format!("`{text}`"))) }
    }

    /// Passes an identifier.
    pub fn ident(&mut self) -> Result<String, TextError> {
        match self.peek() {
            TokenKind::Ident(text) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.expected("a name")),
        }
    }

    /// Passes a string literal.
    pub fn string(&mut self) -> Result<String, TextError> {
        match self.peek() {
            TokenKind::Str(text) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.expected("a string")),
        }
    }

    /// Passes an identifier or a string literal, for names that need not be identifiers.
    pub fn name(&mut self) -> Result<String, TextError> {
        match self.peek() {
            TokenKind::Str(_) => self.string(),
            _ => self.ident(),
        }
    }

    /// Passes a whole number with an optional `-`.
    pub fn int(&mut self) -> Result<i64, TextError> {
        let negative = self.is("-");
        let TokenKind::Int(magnitude) = *self.peek_nth(usize::from(negative)) else {
            return Err(self.expected("a whole number"));
        };
        let value = i128::from(magnitude) * if negative { -1 } else { 1 };
        let value = i64::try_from(value)
            .map_err(|_| self.error(format!("number `{value}` does not fit 64 bits")))?;
        self.at += 1 + usize::from(negative);
        Ok(value)
    }

    /// Passes a number with an optional `-`; `inf` and `nan` are numbers here.
    pub fn float(&mut self) -> Result<f64, TextError> {
        let negative = self.is("-");
        let magnitude = match self.peek_nth(usize::from(negative)) {
            TokenKind::Float(value) => *value,
            TokenKind::Int(value) => *value as f64,
            TokenKind::Ident(text) if text == "inf" => f64::INFINITY,
            TokenKind::Ident(text) if text == "nan" => f64::NAN,
            _ => return Err(self.expected("a number")),
        };
        self.at += 1 + usize::from(negative);
        Ok(if negative { -magnitude } else { magnitude })
    }

    /// An error at the token at hand: "expected WHAT, found TOKEN".
    pub fn expected(&self, what: &str) -> TextError {
        self.error(format!("expected {what}, found {}", self.peek()))
    }

    /// An error at the token at hand.
    pub fn error(&self, message: impl Into<String>) -> TextError {
        let token = self.token();
        TextError { line: token.line, column: token.column, message: message.into() }
    }

    /// Checks that nothing follows.
    pub fn expect_end(&self) -> Result<(), TextError> {
        if self.at_end() { Ok(()) } else { Err(self.expected("the end of the text")) }
    }
}

fn is(kind: &TokenKind, text: &str) -> bool {
    match kind {
        TokenKind::Punct(found) => *found == text,
        TokenKind::Ident(found) => found == text,
        _ => false,
    }
}
