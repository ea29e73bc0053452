//! Text in, tokens out. Every token knows its line and column; a malformed one is a `TextError`.
//!
//! Identifiers start with a letter, `_`, or `%` or `$` directly before a letter, digit or `_`; they
//! go on with letters, digits, `_`, and a `.` that stands between two of these (`layer1.0.conv1`).
//! A `;` starts a comment that ends with the line. Signs are punctuation.

use super::TextError;

/// A token and where it starts, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What was read.
    pub kind: TokenKind,
    /// The line of its first character.
    pub line: u32,
    /// The column of its first character.
    pub column: u32,
}

/// The kinds of token.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// An identifier, keywords included.
    Ident(String),
    /// A whole number without sign.
    Int(u64),
    /// A number with a point or an exponent, without sign.
    Float(f64),
    /// A string literal, its escapes undone.
    Str(String),
    /// Punctuation, one to three characters.
    Punct(&'static str),
    /// The end of the text.
    End,
}

impl std::fmt::Display for TokenKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TokenKind::Ident(text) => write!(f, "`{text}`"),
            TokenKind::Int(value) => write!(f, "`{value}`"),
            TokenKind::Float(value) => write!(f, "`{value:?}`"),
            TokenKind::Str(text) => write!(f, "{}", super::quoted(text)),
            TokenKind::Punct(text) => write!(f, "`{text}`"),
            TokenKind::End => f.write_str("the end of the text"),
        }
    }
}

/// Longest first, so that `..=` is not read as `..`.
const PUNCTUATION: &[&str] = &[
    "..=", "...", "->", "=>", "==", "!=", "<=", ">=", "..", "::", "<<", ">>", "&&", "||", "+=",
    "(", ")", "[", "]", "{", "}", "<", ">", ",", ":", "=", "+", "-", "*", "/", "%", "&", "|", "!",
    "?", "@", "#", ".", "^", "~", "$",
];

/// Reads tokens off a text, one at a time.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    column: u32,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `text`.
    pub fn new(text: &'a str) -> Lexer<'a> {
        Lexer { rest: text, line: 1, column: 1 }
    }

    /// All tokens of `text`; the last is `End`.
    pub fn tokens(text: &'a str) -> Result<Vec<Token>, TextError> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.token()?;
            let ended = token.kind == TokenKind::End;
            tokens.push(token);
            if ended {
                return Ok(tokens);
            }
        }
    }

    /// The next token; `End` at the end of the text, again and again.
    pub fn token(&mut self) -> Result<Token, TextError> {
        self.skip_blanks();
        let (line, column) = (self.line, self.column);
        let kind = self.kind()?;
        Ok(Token { kind, line, column })
    }

    fn kind(&mut self) -> Result<TokenKind, TextError> {
        let mut chars = self.rest.chars();
        let Some(first) = chars.next() else { return Ok(TokenKind::End) };
        let second = chars.next();
        if first.is_ascii_digit() {
            return self.number();
        }
        if first == '"' {
            return self.string();
        }
        let sigil = matches!(first, '%' | '$') && second.is_some_and(is_word);
        if sigil || (is_word(first) && !first.is_numeric()) {
            let len = word_len(self.rest);
            return Ok(TokenKind::Ident(self.take(len).to_owned()));
        }
        match PUNCTUATION.iter().copied().find(|p| self.rest.starts_with(p)) {
            Some(text) => {
                self.take(text.len());
                Ok(TokenKind::Punct(text))
            }
            None => Err(self.error(format!("unexpected character {first:?}"))),
        }
    }

    fn number(&mut self) -> Result<TokenKind, TextError> {
        let bytes = self.rest.as_bytes();
        let digits =
            |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut len = digits(0);
        let mut float = false;
        if bytes.get(len) == Some(&b'.') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit) {
            len += 1 + digits(len + 1);
            float = true;
        }
        if matches!(bytes.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
            let exponent = digits((len + 1 + sign).min(bytes.len()));
            if exponent > 0 {
                len += 1 + sign + exponent;
                float = true;
            }
        }
        let text = &self.rest[..len];
        let kind = if float {
            text.parse().ok().map(TokenKind::Float)
        } else {
            text.parse().ok().map(TokenKind::Int)
        };
        let kind = kind.ok_or_else(|| self.error(format!("number `{text}` is too large")))?;
        self.take(len);
        Ok(kind)
    }

    fn string(&mut self) -> Result<TokenKind, TextError> {
        let mut text = String::new();
        self.take(1);
        loop {
            let Some(c) = self.rest.chars().next() else {
                return Err(self.error("string without a closing `\"`".to_owned()));
            };
            self.take(c.len_utf8());
            match c {
                '"' => return Ok(TokenKind::Str(text)),
                '\\' => text.push(self.escape()?),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, TextError> {
        let c = self.rest.chars().next().unwrap_or(' ');
        let value = match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '"' | '\\' => c,
            'u' => {
                let code = self.rest.strip_prefix("u{").and_then(|rest| rest.split_once('}'));
                let value = code
                    .and_then(|(hex, _)| u32::from_str_radix(hex, 16).ok())
                    .and_then(char::from_u32);
                let (Some((hex, _)), Some(value)) = (code, value) else {
                    return Err(self.error("expected `u{HEX}` after `\\`".to_owned()));
                };
                let len = hex.len() + 2;
                self.take(len);
                value
            }
            _ => return Err(self.error(format!("unknown escape `\\{c}`"))),
        };
        self.take(1);
        Ok(value)
    }

    fn skip_blanks(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.take(blank);
            if !self.rest.starts_with(';') {
                return;
            }
            let line = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(line);
        }
    }

    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(len);
        for c in taken.chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn error(&self, message: String) -> TextError {
        TextError { line: self.line, column: self.column, message }
    }
}

/// Whether the text is read back as one identifier.
pub(crate) fn is_identifier(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|c| is_word(c) && !c.is_numeric()) && word_len(text) == text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length in bytes of the identifier at the start; its first character was judged before.
fn word_len(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let joins = c == '.' && chars.peek().is_some_and(|(_, next)| is_word(*next));
        if !is_word(c) && !joins {
            return at;
        }
    }
    text.len()
}
