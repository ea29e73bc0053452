//! Reads the text form of kernels.
//!
//! ```text
//! kernel := "kernel" NAME "(" param,* ")" "{" source* note* axis* stmt* ["where" facts] "}"
//! param  := ("in" | "out" | "inout") NAME ":" DTYPE "[" dim,* "]" ["padded"]
//! source := "source" [STRING] INT ["in" STRING]
//! note   := "note" STRING
//! axis   := "axis" NAME "in" dim ["@" BIND] ["=" NAME+] ["tail" ("exact" | "clamp" | "unit" | "pad")]
//! stmt   := "for" NAME+ "{" stmt* "}"
//!         | ["keep"] "let" NAME ["[" NAME+ "]"] ":" SCALAR "=" val
//!         | "fold" NAME,+ ["[" NAME+ "]"] "=" FOLD ["over" NAME+] ["order" NAME+] "{" stmt* val,+ "}" stage*
//!         | "online" NAME "block" NAME "anchor" NAME "{" stmt* "}"
//!         | NAME "[" dim,* "]" ["over" NAME+] ["if" dim "<" dim ("&" dim "<" dim)*] ["merge" FOLD] "=" val
//! stage  := "with" NAME "at" NAME ("register" | "lane" NAME | "workgroup") ["vec" "(" NAME+ ")"]
//! val    := val INFIX val | CALL "(" val,* ")" | "(" val ")" | literal | NAME
//!         | NAME "[" (dim ["?"]),* "]" ["else" literal]        ; `?` = checked
//!         | "ix" "(" dim ")" | "uix" "(" dim ")"                ; index as i32, as u32
//!         | "case" dim "{" (dim ".." dim "=>" val),* "}"
//! literal:= 1.5 | -inf | nan | "bits" "(" INT ")" | 3 | 3u | true | false
//! ```
//! Infix operators, loosest first: `|`, `^`, `&`, comparisons (which do not chain), `<< >>`, `+ -`, `* / %`. A statement
//! inside a fold starts with `let`, `keep`, `fold`, `for` or `online`. Names that are words of this language or no
//! identifiers stand in quotes. In a dim, a name is an axis or a value if one is declared before, else a size.

use std::collections::BTreeSet;

use super::words::{BINDS, CALLS, INFIX, TAILS, WORDS};
use super::{
    Axis, Bind, Coord, FoldKind, Kernel, Level, Literal, Param, Place, Role, Stage, Stmt, Tail, Val,
};
use crate::dims::{parse_dim, parse_facts};
use crate::text::{Cursor, TextError, TokenKind};
use crate::{DType, Dim, Facts, Name, Scalar, Source, Var};

/// Deeper nesting is refused, for the reader recurses.
const MAX_DEPTH: usize = 200;

impl Kernel {
    /// Reads one kernel.
    ///
    /// # Errors
    /// The first place where the text is not of the grammar.
    pub fn parse(text: &str) -> Result<Kernel, TextError> {
        let cursor = Cursor::new(text)?;
        let mut parser =
            Parser { cursor, axes: BTreeSet::new(), values: BTreeSet::new(), depth: 0 };
        let kernel = parser.kernel()?;
        parser.cursor.expect_end()?;
        Ok(kernel)
    }
}

struct Parser {
    cursor: Cursor,
    axes: BTreeSet<String>,
    values: BTreeSet<String>,
    depth: usize,
}

type Parsed<T> = Result<T, TextError>;

impl Parser {
    fn kernel(&mut self) -> Parsed<Kernel> {
        self.cursor.expect("kernel")?;
        let name = self.name()?;
        self.cursor.expect("(")?;
        let params = self.until(")", Parser::param)?;
        self.cursor.expect("{")?;
        let mut kernel = Kernel {
            name,
            params,
            axes: Vec::new(),
            body: Vec::new(),
            facts: Facts::new(),
            notes: Vec::new(),
            sources: Vec::new(),
        };
        while self.cursor.eat("source") {
            kernel.sources.push(self.source()?);
        }
        while self.cursor.eat("note") {
            kernel.notes.push(self.cursor.string()?);
        }
        while self.cursor.eat("axis") {
            kernel.axes.push(self.axis()?);
        }
        while !self.cursor.is("}") && !self.cursor.is("where") {
            kernel.body.push(self.stmt()?);
        }
        if self.cursor.eat("where") {
            let (axes, values) = (&self.axes, &self.values);
            kernel.facts =
                parse_facts(&mut self.cursor, &|name| Some(classify(axes, values, name)))?;
        }
        self.cursor.expect("}")?;
        Ok(kernel)
    }

    fn name(&mut self) -> Parsed<Name> {
        if self.at_word() {
            return Err(self.cursor.expected("a name"));
        }
        self.cursor.name().map(Name::from)
    }

    fn at_word(&self) -> bool {
        matches!(self.cursor.peek(), TokenKind::Ident(text) if WORDS.contains(&text.as_str()))
    }

    fn names(&mut self) -> Parsed<Vec<Name>> {
        let mut names = vec![self.name()?];
        while matches!(self.cursor.peek(), TokenKind::Ident(_) | TokenKind::Str(_))
            && !self.at_word()
        {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// Items between commas, up to and with the closing sign.
    fn until<T>(&mut self, close: &str, item: fn(&mut Parser) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while !self.cursor.eat(close) {
            if !items.is_empty() {
                self.cursor.expect(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn dim(&mut self) -> Parsed<Dim> {
        let (axes, values) = (&self.axes, &self.values);
        parse_dim(&mut self.cursor, &|name| Some(classify(axes, values, name)))
    }

    fn param(&mut self) -> Parsed<Param> {
        let role = match self.cursor.ident()?.as_str() {
            "in" => Role::In,
            "out" => Role::Out,
            "inout" => Role::InOut,
            other => {
                return Err(self
                    .cursor
                    .error(format!("`{other}` is none of `in`, `out`, `inout`")));
            }
        };
        let name = self.name()?;
        self.cursor.expect(":")?;
        let word = self.cursor.ident()?;
        let dtype: DType = word.parse().map_err(|e| self.cursor.error(format!("{e}")))?;
        self.cursor.expect("[")?;
        let dims = self.until("]", Parser::dim)?;
        let padded = self.cursor.eat("padded");
        let ranges = self.ranges()?;
        Ok(Param { name, dtype, dims, role, padded, ranges })
    }

    fn ranges(&mut self) -> Parsed<u32> {
        if !self.cursor.eat("ranges") {
            return Ok(1);
        }
        let count = u32::try_from(self.cursor.int()?).ok().filter(|count| *count > 0);
        count.ok_or_else(|| self.cursor.error("a buffer is bound in 1 range or more"))
    }

    fn source(&mut self) -> Parsed<Source> {
        let file = match self.cursor.peek() {
            TokenKind::Str(_) => Some(Name::from(self.cursor.string()?)),
            _ => None,
        };
        let line = self.cursor.int()?;
        let line =
            u32::try_from(line).map_err(|_| self.cursor.error("a line number needs 32 bits"))?;
        let module =
            if self.cursor.eat("in") { Some(Name::from(self.cursor.string()?)) } else { None };
        Ok(Source { file, line, module })
    }

    fn row<T: Copy>(&mut self, what: &str, rows: &[(T, &str)]) -> Parsed<T> {
        let found = rows.iter().find(|(_, name)| self.cursor.is(name)).map(|row| row.0);
        let Some(found) = found else { return Err(self.cursor.expected(what)) };
        self.cursor.next();
        Ok(found)
    }

    fn axis(&mut self) -> Parsed<Axis> {
        let name = self.name()?;
        self.cursor.expect("in")?;
        let extent = self.dim()?;
        let bind = if self.cursor.eat("@") { self.row("a binding", &BINDS)? } else { Bind::Serial };
        let parts = if self.cursor.eat("=") { self.names()? } else { Vec::new() };
        let tail = if self.cursor.eat("tail") { self.row("a tail", &TAILS)? } else { Tail::Exact };
        self.axes.insert(name.to_string());
        Ok(Axis { name, extent, bind, parts, tail })
    }

    fn body(&mut self) -> Parsed<Vec<Stmt>> {
        self.cursor.expect("{")?;
        let mut body = Vec::new();
        while !self.cursor.eat("}") {
            body.push(self.stmt()?);
        }
        Ok(body)
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Parser) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.cursor.error(format!("the text nests deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn stmt(&mut self) -> Parsed<Stmt> {
        self.nested(|parser| {
            if parser.cursor.eat("for") {
                return Ok(Stmt::For { axes: parser.names()?, body: parser.body()? });
            }
            if parser.cursor.is("let") || parser.cursor.is("keep") {
                return parser.definition();
            }
            if parser.cursor.eat("fold") {
                return parser.fold();
            }
            if parser.cursor.eat("online") {
                let axis = parser.name()?;
                parser.cursor.expect("block")?;
                let block = parser.name()?;
                parser.cursor.expect("anchor")?;
                return Ok(Stmt::Online {
                    axis,
                    block,
                    anchor: parser.name()?,
                    body: parser.body()?,
                });
            }
            parser.store()
        })
    }

    fn definition(&mut self) -> Parsed<Stmt> {
        let place = if self.cursor.eat("keep") { Place::Keep } else { Place::Inline };
        self.cursor.expect("let")?;
        let name = self.name()?;
        let over = self.family()?;
        self.cursor.expect(":")?;
        let scalar = self.row("a scalar type", &SCALARS)?;
        self.cursor.expect("=")?;
        let val = self.val(0)?;
        self.values.insert(name.to_string());
        Ok(Stmt::Let { name, scalar, over, val, place })
    }

    fn family(&mut self) -> Parsed<Vec<Name>> {
        if !self.cursor.eat("[") {
            return Ok(Vec::new());
        }
        let names = self.names()?;
        self.cursor.expect("]")?;
        Ok(names)
    }

    fn fold_kind(&mut self) -> Parsed<FoldKind> {
        let word = self.cursor.ident()?;
        FoldKind::from_name(&word)
            .ok_or_else(|| self.cursor.error(format!("`{word}` is not a fold")))
    }

    fn fold(&mut self) -> Parsed<Stmt> {
        let mut names = vec![self.name()?];
        while self.cursor.eat(",") {
            names.push(self.name()?);
        }
        let over = self.family()?;
        self.cursor.expect("=")?;
        let kind = self.fold_kind()?;
        let red = if self.cursor.eat("over") { self.names()? } else { Vec::new() };
        let order = if self.cursor.eat("order") { self.names()? } else { Vec::new() };
        self.cursor.expect("{")?;
        let mut inner = Vec::new();
        while ["let", "keep", "fold", "for", "online"].iter().any(|word| self.cursor.is(word)) {
            inner.push(self.stmt()?);
        }
        let args = self.until("}", |parser| parser.val(0))?;
        let mut stages = Vec::new();
        while self.cursor.eat("with") {
            stages.push(self.stage()?);
        }
        self.values.extend(names.iter().map(Name::to_string));
        Ok(Stmt::Fold { names, kind, over, red, order, inner, args, stages })
    }

    fn stage(&mut self) -> Parsed<Stage> {
        let buf = self.name()?;
        self.cursor.expect("at")?;
        let at = self.name()?;
        let level = if self.cursor.eat("register") {
            Level::Register
        } else if self.cursor.eat("lane") {
            Level::Lane(self.name()?)
        } else {
            self.cursor.expect("workgroup")?;
            Level::Workgroup
        };
        let mut vec = Vec::new();
        if self.cursor.eat("vec") {
            self.cursor.expect("(")?;
            vec = self.names()?;
            self.cursor.expect(")")?;
        }
        Ok(Stage { buf, at, level, vec })
    }

    fn store(&mut self) -> Parsed<Stmt> {
        let buf = self.name()?;
        self.cursor.expect("[")?;
        let at = self.until("]", Parser::dim)?;
        let over = if self.cursor.eat("over") { self.names()? } else { Vec::new() };
        let mut guard = Vec::new();
        if self.cursor.eat("if") {
            guard.push(self.bound()?);
            while self.cursor.eat("&") {
                guard.push(self.bound()?);
            }
        }
        let merge = if self.cursor.eat("merge") { Some(self.fold_kind()?) } else { None };
        self.cursor.expect("=")?;
        Ok(Stmt::Store { buf, at, val: self.val(0)?, over, guard, merge })
    }

    fn bound(&mut self) -> Parsed<(Dim, Dim)> {
        let value = self.dim()?;
        self.cursor.expect("<")?;
        Ok((value, self.dim()?))
    }

    fn val(&mut self, level: u8) -> Parsed<Val> {
        self.nested(|parser| {
            let mut left = parser.primary()?;
            let mut most = u8::MAX;
            while let Some((math, sign, own)) = INFIX
                .iter()
                .find(|(_, sign, own)| *own >= level && *own <= most && parser.cursor.is(sign))
            {
                parser.cursor.expect(sign)?;
                let right = parser.val(own + 1)?;
                left = Val::Op(*math, vec![left, right]);
                most = if *own == 4 { 3 } else { *own };
            }
            Ok(left)
        })
    }

    fn primary(&mut self) -> Parsed<Val> {
        if self.cursor.eat("(") {
            let inner = self.val(0)?;
            self.cursor.expect(")")?;
            return Ok(inner);
        }
        for (word, scalar) in [("ix", Scalar::I32), ("uix", Scalar::U32)] {
            if self.cursor.eat(word) {
                self.cursor.expect("(")?;
                let dim = self.dim()?;
                self.cursor.expect(")")?;
                return Ok(Val::Index(dim, scalar));
            }
        }
        if self.cursor.eat("case") {
            let on = self.dim()?;
            self.cursor.expect("{")?;
            return Ok(Val::Case { on, arms: self.until("}", Parser::arm)? });
        }
        if self.cursor.is_nth(1, "(") && !self.at_word() {
            let math = self.row("a function", &CALLS)?;
            self.cursor.expect("(")?;
            return Ok(Val::Op(math, self.until(")", |parser| parser.val(0))?));
        }
        match self.cursor.peek() {
            TokenKind::Str(_) | TokenKind::Ident(_) if !self.at_word() => self.element(),
            _ => self.literal().map(Val::Const),
        }
    }

    fn arm(&mut self) -> Parsed<(Dim, Dim, Val)> {
        let from = self.dim()?;
        self.cursor.expect("..")?;
        let to = self.dim()?;
        self.cursor.expect("=>")?;
        Ok((from, to, self.val(0)?))
    }

    fn element(&mut self) -> Parsed<Val> {
        let name = self.name()?;
        if !self.cursor.eat("[") {
            return Ok(Val::Ref(name));
        }
        let at = self.until("]", |parser| {
            Ok(Coord { ix: parser.dim()?, checked: parser.cursor.eat("?") })
        })?;
        let fill = if self.cursor.eat("else") { Some(self.literal()?) } else { None };
        Ok(Val::Load { buf: name, at, fill })
    }

    fn literal(&mut self) -> Parsed<Literal> {
        if self.cursor.eat("true") {
            return Ok(Literal::Bool(true));
        }
        if self.cursor.eat("false") {
            return Ok(Literal::Bool(false));
        }
        if self.cursor.eat("bits") {
            self.cursor.expect("(")?;
            let bits = self.cursor.int()?;
            self.cursor.expect(")")?;
            let bits = u32::try_from(bits).map_err(|_| self.cursor.error("a float has 32 bits"))?;
            return Ok(Literal::F32(f32::from_bits(bits)));
        }
        let sign = usize::from(self.cursor.is("-"));
        if !matches!(self.cursor.peek_nth(sign), TokenKind::Int(_)) {
            return match self.cursor.float() {
                Ok(x) => Ok(Literal::F32(if x.is_nan() { f32::NAN } else { x as f32 })),
                Err(_) => Err(self.cursor.expected("a value")),
            };
        }
        let start = self.cursor.token().clone();
        let value = self.cursor.int()?;
        let wide = |_| self.cursor.error(format!("`{value}` does not fit 32 bits"));
        // A `u` apart from the number is a name.
        let (end, digits) = (self.cursor.token(), value.to_string().len());
        let joined =
            end.line == start.line && end.column as usize == start.column as usize + digits;
        if joined && self.cursor.is("u") {
            let value = u32::try_from(value).map_err(wide)?;
            self.cursor.next();
            return Ok(Literal::U32(value));
        }
        if joined && self.cursor.is("l") {
            self.cursor.next();
            return Ok(Literal::Long(value));
        }
        i32::try_from(value).map(Literal::I32).map_err(wide)
    }
}

const SCALARS: [(Scalar, &str); 5] = [
    (Scalar::F32, "f32"),
    (Scalar::I32, "i32"),
    (Scalar::U32, "u32"),
    (Scalar::Long, "long"),
    (Scalar::Bool, "bool"),
];

fn classify(axes: &BTreeSet<String>, values: &BTreeSet<String>, name: &str) -> Var {
    match name {
        name if axes.contains(name) => Var::Axis(name.into()),
        name if values.contains(name) => Var::Data(name.into()),
        name => Var::Sym(name.into()),
    }
}

/// Calls and infix operators, checked in tests to be all of [`Math`].
#[cfg(test)]
pub(super) fn all_math() -> Vec<super::Math> {
    INFIX.iter().map(|row| row.0).chain(CALLS.iter().map(|row| row.0)).collect()
}
