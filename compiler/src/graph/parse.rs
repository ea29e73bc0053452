//! Text to graph: what [`print`](super::GraphText) writes, and what a user writes by hand as a `.fd` file.
//!
//! In comes text, the rules of the operators, and the constants that the text refers to by hash. Out comes a graph that the
//! verifier has passed, or the first fault with its line and column. A type may be left out: it is then inferred. A comment
//! `; FILE:LINE in MODULE` behind a node is its source; a node without one has the line of this text.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrodyne_plan::dims::parse_dim;
use ferrodyne_plan::text::{Cursor, TextError, TokenKind};
use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor, Name, Range, Source, Var};

use super::print::role_word;
use super::{Builder, Graph, InputRole, NodeId, OpRules, TensorType, verify};

mod statement;

/// Graphs within graphs deeper than this are refused, for the reader recurses.
const DEPTH_MAX: usize = 32;

/// What a text of a graph refers to.
#[derive(Clone, Copy)]
pub struct ParseCx<'a> {
    /// The operators.
    pub rules: &'static dyn OpRules,
    /// The constants behind hashes, as [`constants`](super::constants) gives them.
    pub constants: &'a dyn Fn(&str) -> Option<Arc<HostTensor>>,
    /// Name of the text for messages and sources; without one, a node without a comment has no source.
    pub file: Option<&'a str>,
}

impl<'a> ParseCx<'a> {
    /// For text that stands alone.
    pub fn new(rules: &'static dyn OpRules) -> ParseCx<'a> {
        ParseCx { rules, constants: &|_| None, file: None }
    }

    /// With a name for the text.
    pub fn file(self, file: &'a str) -> ParseCx<'a> {
        ParseCx { file: Some(file), ..self }
    }

    /// With constants behind hashes.
    pub fn constants(self, constants: &'a dyn Fn(&str) -> Option<Arc<HostTensor>>) -> ParseCx<'a> {
        ParseCx { constants, ..self }
    }
}

/// Reads a graph and verifies it.
///
/// # Errors
/// What is wrong with the text, with its line and column, or what the verifier finds.
pub fn parse(text: &str, cx: ParseCx<'_>) -> Result<Graph, Diagnostic> {
    let fault = |error: TextError| {
        let message = match cx.file {
            Some(file) => format!("{file}: {error}"),
            None => error.to_string(),
        };
        Diagnostic::new("text", message)
    };
    let cursor = Cursor::new(text).map_err(fault)?;
    let ends = cursor.tokens().iter().map(|token| (token.line, token.column)).collect();
    let mut reader = Reader { cursor, lines: text.lines().collect(), ends, cx, depth: 0 };
    let graph = reader.graph().map_err(|refused| match refused {
        Refused::Text(error) => fault(error),
        Refused::Rule(diagnostic) => *diagnostic,
    })?;
    reader.cursor.expect_end().map_err(fault)?;
    verify(&graph, cx.rules)?;
    Ok(graph)
}

/// Why a text was refused: its form, or a rule of an operator.
enum Refused {
    Text(TextError),
    Rule(Box<Diagnostic>),
}

impl From<TextError> for Refused {
    fn from(error: TextError) -> Refused {
        Refused::Text(error)
    }
}

impl From<Diagnostic> for Refused {
    fn from(diagnostic: Diagnostic) -> Refused {
        Refused::Rule(Box::new(diagnostic))
    }
}

struct Reader<'a> {
    cursor: Cursor,
    /// The lines of the text, and on each the column at which its last token starts.
    lines: Vec<&'a str>,
    ends: BTreeMap<u32, u32>,
    cx: ParseCx<'a>,
    depth: usize,
}

/// The values that a graph's text has named so far.
type Scope = BTreeMap<String, NodeId>;

impl Reader<'_> {
    /// `graph NAME(INPUT, ..) where SYMBOL in RANGE, .. { STATEMENT .. }`
    fn graph(&mut self) -> Result<Graph, Refused> {
        self.cursor.expect("graph")?;
        let name = self.cursor.name()?;
        let mut builder = Builder::new(name, self.cx.rules);
        let inputs = self.cursor.clone();
        self.skip_inputs()?;
        if self.cursor.eat("where") {
            self.symbols(&mut builder)?;
        }
        let body = std::mem::replace(&mut self.cursor, inputs);
        let mut scope = Scope::new();
        self.inputs(&mut builder, &mut scope)?;
        self.cursor = body;
        self.cursor.expect("{")?;
        self.subgraphs(&mut builder)?;
        while !self.cursor.is("return") {
            self.statement(&mut builder, &mut scope)?;
        }
        self.results(&mut builder, &mut scope)?;
        self.cursor.expect("}")?;
        Ok(builder.finish())
    }

    /// Symbols are declared behind the inputs that use them, so the inputs are passed over first.
    fn skip_inputs(&mut self) -> Result<(), TextError> {
        self.cursor.expect("(")?;
        let mut depth = 1;
        while depth > 0 {
            match self.cursor.peek() {
                TokenKind::Punct("(") => depth += 1,
                TokenKind::Punct(")") => depth -= 1,
                TokenKind::End => return Err(self.cursor.expected("`)`")),
                _ => {}
            }
            self.cursor.next();
        }
        Ok(())
    }

    fn symbols(&mut self, builder: &mut Builder) -> Result<(), TextError> {
        loop {
            let name = self.cursor.name()?;
            self.cursor.expect("in")?;
            let range = Range::parse(&mut self.cursor)?;
            let hint = if self.cursor.eat("hint") { Some(self.cursor.int()?) } else { None };
            builder.symbol(name, range, hint);
            if !self.cursor.eat(",") {
                return Ok(());
            }
        }
    }

    fn inputs(&mut self, builder: &mut Builder, scope: &mut Scope) -> Result<(), TextError> {
        self.cursor.expect("(")?;
        while !self.cursor.eat(")") {
            let role = self.role();
            let source = self.here();
            let at = self.cursor.clone();
            let (label, name) = self.label()?;
            let name = name.unwrap_or_else(|| label[1..].to_owned());
            self.cursor.expect(":")?;
            let ty = self.tensor_type(builder.graph())?;
            builder.set_source(source);
            let node = builder.input(name, role, ty);
            if scope.insert(label.clone(), node).is_some() {
                return Err(at.error(format!("`{label}` stands for two values")));
            }
            if !self.cursor.is(")") {
                self.cursor.expect(",")?;
            }
        }
        Ok(())
    }

    fn role(&mut self) -> InputRole {
        let roles = [InputRole::Parameter, InputRole::Buffer, InputRole::Scalar];
        let role = roles.into_iter().find(|role| self.cursor.is(role_word(*role)));
        if role.is_some() {
            self.cursor.next();
        }
        role.unwrap_or(InputRole::Argument)
    }

    /// `%3`, `%x`, or a label followed by a name in quotes.
    fn label(&mut self) -> Result<(String, Option<String>), TextError> {
        let label = self.value_label()?;
        let name = match self.cursor.peek() {
            TokenKind::Str(_) => Some(self.cursor.string()?),
            _ => {
                label[1..].starts_with(|c: char| !c.is_ascii_digit()).then(|| label[1..].to_owned())
            }
        };
        Ok((label, name))
    }

    fn value_label(&mut self) -> Result<String, TextError> {
        match self.cursor.peek() {
            TokenKind::Ident(label) if label.starts_with('%') => self.cursor.ident(),
            _ => Err(self.cursor.expected("a value such as `%0`")),
        }
    }

    fn value(&mut self, scope: &Scope) -> Result<NodeId, TextError> {
        let at = self.cursor.clone();
        let label = self.value_label()?;
        scope
            .get(&label)
            .copied()
            .ok_or_else(|| at.error(format!("there is no value `{label}` above")))
    }

    fn tensor_type(&mut self, graph: &Graph) -> Result<TensorType, TextError> {
        let at = self.cursor.clone();
        let word = self.cursor.ident()?;
        let dtype: DType = word.parse().map_err(|e| at.error(format!("{e}")))?;
        Ok(TensorType { dtype, dims: self.dims(graph)? })
    }

    fn dims(&mut self, graph: &Graph) -> Result<Vec<Dim>, TextError> {
        let mut dims = Vec::new();
        self.cursor.expect("[")?;
        while !self.cursor.eat("]") {
            dims.push(self.dim(graph)?);
            if !self.cursor.is("]") {
                self.cursor.expect(",")?;
            }
        }
        Ok(dims)
    }

    fn dim(&mut self, graph: &Graph) -> Result<Dim, TextError> {
        let known = |name: &str| graph.symbols.contains_key(name).then(|| Var::Sym(name.into()));
        parse_dim(&mut self.cursor, &known)
    }

    /// `KEY = graph NAME(..) {..}`
    fn subgraphs(&mut self, builder: &mut Builder) -> Result<(), Refused> {
        while self.cursor.is_nth(1, "=") && self.cursor.is_nth(2, "graph") {
            let at = self.cursor.clone();
            let key = Name::from(self.cursor.name()?);
            self.cursor.expect("=")?;
            if self.depth == DEPTH_MAX {
                return Err(at.error(format!("graphs nest deeper than {DEPTH_MAX}")).into());
            }
            self.depth += 1;
            let sub = Arc::new(self.graph()?);
            self.depth -= 1;
            if builder.graph_mut().subgraphs.insert(key.clone(), sub).is_some() {
                return Err(at.error(format!("two graphs are called `{key}`")).into());
            }
        }
        Ok(())
    }

    /// `return %VALUE as NAME, ..`
    fn results(&mut self, builder: &mut Builder, scope: &mut Scope) -> Result<(), TextError> {
        self.cursor.expect("return")?;
        while !self.cursor.is("}") {
            let at = self.cursor.clone();
            let node = self.value(scope)?;
            let name = match (self.cursor.eat("as"), &builder.graph().node(node).name) {
                (true, _) => Name::from(self.cursor.name()?),
                (false, Some(name)) => name.clone(),
                (false, None) => return Err(at.error("this result needs a name: `%0 as NAME`")),
            };
            builder.output(name, node);
            if !self.cursor.eat(",") {
                break;
            }
        }
        Ok(())
    }

    /// The place of the token at hand in this text, if the text has a name.
    fn here(&self) -> Source {
        self.line_source(self.cursor.token().line)
    }

    fn line_source(&self, line: u32) -> Source {
        match self.cx.file {
            Some(file) => Source { file: Some(file.into()), line, module: None },
            None => Source::unknown(),
        }
    }

    /// The source of the statement that was just read: the comment at its end, else `line`.
    fn source(&self, line: u32) -> Source {
        let next = self.cursor.token().line;
        let comment = self.ends.range(..next).next_back().and_then(|(last, column)| {
            let text = self.lines.get(*last as usize - 1)?;
            let rest: String = text.chars().skip(*column as usize - 1).collect();
            comment_source(rest.split_once(';')?.1.trim())
        });
        comment.unwrap_or_else(|| self.line_source(line))
    }
}

/// The source that a comment of the form `FILE:LINE in MODULE`, `FILE:LINE` or `in MODULE` gives.
fn comment_source(comment: &str) -> Option<Source> {
    let (place, module) = match comment.strip_prefix("in ") {
        Some(module) => ("", Some(module)),
        None => match comment.split_once(" in ") {
            Some((place, module)) => (place, Some(module)),
            None => (comment, None),
        },
    };
    let module = module.map(|m| Name::from(m.trim()));
    if place.is_empty() {
        return module.map(|module| Source { file: None, line: 0, module: Some(module) });
    }
    let (file, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    Some(Source { file: Some(Name::from(file)), line, module })
}
