//! The reader of what `print` writes.
//!
//! ```text
//! dim    := product (("+" | "-") product)*
//! product:= factor (("*" | "div" | "mod") factor)*
//! factor := "-" factor | INT | NAME | "(" dim ")" | ("min" | "max" | "ceildiv") "(" dim "," dim ")"
//! ```

use super::{Dim, Var};
use crate::text::{Cursor, TextError, TokenKind};

/// Says which variable a name stands for; `None` makes the name an error.
pub type Classifier<'a> = dyn Fn(&str) -> Option<Var> + 'a;

/// Deeper nesting is refused, for the reader recurses.
const MAX_DEPTH: usize = 128;

impl Dim {
    /// Reads a dim; `classify` says what each name is.
    pub fn parse(text: &str, classify: &Classifier<'_>) -> Result<Dim, TextError> {
        let mut cursor = Cursor::new(text)?;
        let dim = parse_dim(&mut cursor, classify)?;
        cursor.expect_end()?;
        Ok(dim)
    }

    /// Reads a dim whose names are all symbols.
    pub fn parse_syms(text: &str) -> Result<Dim, TextError> {
        Dim::parse(text, &|name| Some(Var::Sym(name.into())))
    }
}

/// Reads a dim off the cursor, as far as it goes.
pub fn parse_dim(cursor: &mut Cursor, classify: &Classifier<'_>) -> Result<Dim, TextError> {
    sum(cursor, classify, 0)
}

fn sum(cursor: &mut Cursor, classify: &Classifier<'_>, depth: usize) -> Result<Dim, TextError> {
    let mut total = product(cursor, classify, depth)?;
    loop {
        if cursor.eat("+") {
            total += product(cursor, classify, depth)?;
        } else if cursor.is("-") {
            // The sign goes with the product: the smallest integer has no positive counterpart.
            total += product(cursor, classify, depth)?;
        } else {
            return Ok(total);
        }
    }
}

fn product(cursor: &mut Cursor, classify: &Classifier<'_>, depth: usize) -> Result<Dim, TextError> {
    let negative = cursor.is("-") && !matches!(cursor.peek_nth(1), TokenKind::Int(_));
    if negative {
        cursor.next();
    }
    let mut total = factor(cursor, classify, depth)?;
    loop {
        if cursor.eat("*") {
            total *= factor(cursor, classify, depth)?;
        } else if cursor.eat("div") {
            total = total.floor_div(&factor(cursor, classify, depth)?);
        } else if cursor.eat("mod") {
            total = total.modulo(&factor(cursor, classify, depth)?);
        } else {
            return Ok(if negative { -total } else { total });
        }
    }
}

fn factor(cursor: &mut Cursor, classify: &Classifier<'_>, depth: usize) -> Result<Dim, TextError> {
    if depth > MAX_DEPTH {
        return Err(cursor.error(format!("dims nest deeper than {MAX_DEPTH}")));
    }
    if cursor.is("-") && !matches!(cursor.peek_nth(1), TokenKind::Int(_)) {
        cursor.next();
        return Ok(-factor(cursor, classify, depth + 1)?);
    }
    if cursor.is("-") || matches!(cursor.peek(), TokenKind::Int(_)) {
        return cursor.int().map(Dim::constant);
    }
    if cursor.eat("(") {
        let inner = sum(cursor, classify, depth + 1)?;
        cursor.expect(")")?;
        return Ok(inner);
    }
    for (word, function) in
        [("min", Dim::min as fn(&Dim, &Dim) -> Dim), ("max", Dim::max), ("ceildiv", Dim::ceil_div)]
    {
        if cursor.is(word) && cursor.is_nth(1, "(") {
            cursor.next();
            cursor.next();
            let a = sum(cursor, classify, depth + 1)?;
            cursor.expect(",")?;
            let b = sum(cursor, classify, depth + 1)?;
            cursor.expect(")")?;
            return Ok(function(&a, &b));
        }
    }
    variable(cursor, classify)
}

pub(super) fn variable(cursor: &mut Cursor, classify: &Classifier<'_>) -> Result<Dim, TextError> {
    let mut unknown = cursor.error("");
    let name = match cursor.peek() {
        TokenKind::Ident(_) | TokenKind::Str(_) => cursor.name()?,
        _ => return Err(cursor.expected("a dim")),
    };
    classify(&name).map(Dim::var).ok_or_else(|| {
        unknown.message = format!("`{name}` is neither a size nor an axis in scope");
        unknown
    })
}

impl serde::Serialize for Dim {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let vars: Vec<Var> = self.vars().into_iter().collect();
        (self.to_string(), vars).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Dim {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Dim, D::Error> {
        let (text, vars) = <(String, Vec<Var>)>::deserialize(deserializer)?;
        let classify = |name: &str| vars.iter().find(|var| &**var.name() == name).cloned();
        Dim::parse(&text, &classify).map_err(serde::de::Error::custom)
    }
}
