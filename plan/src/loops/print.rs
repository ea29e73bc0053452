//! The text form of kernels: indented, one statement a line. [`super::parse`] gives the grammar and reads it back.

use std::fmt::{self, Display, Formatter};

use super::words::{BINDS, CALLS, INFIX, TAILS, WORDS};
use super::{Axis, Coord, Kernel, Level, Literal, Math, Param, Place, Role, Stage, Stmt, Val};
use crate::text::{lexer::is_identifier, quoted};
use crate::{Dim, Name, Scalar, Source};

/// A name as the parser reads it.
fn word(name: &Name) -> String {
    let bare = is_identifier(name) && !WORDS.contains(&name.as_str());
    if bare { name.to_string() } else { quoted(name) }
}

fn words(names: &[Name]) -> String {
    names.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn list<T: Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

impl Display for Kernel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "kernel {}({}) {{", word(&self.name), list(&self.params))?;
        for source in &self.sources {
            print_source(f, source)?;
        }
        for note in &self.notes {
            writeln!(f, "  note {}", quoted(note))?;
        }
        for axis in &self.axes {
            writeln!(f, "  {axis}")?;
        }
        print_body(f, &self.body, 1)?;
        if !self.facts.is_empty() {
            writeln!(f, "  where {}", self.facts)?;
        }
        writeln!(f, "}}")
    }
}

fn print_source(f: &mut Formatter<'_>, source: &Source) -> fmt::Result {
    f.write_str("  source")?;
    if let Some(file) = &source.file {
        write!(f, " {}", quoted(file))?;
    }
    write!(f, " {}", source.line)?;
    if let Some(module) = &source.module {
        write!(f, " in {}", quoted(module))?;
    }
    writeln!(f)
}

impl Display for Param {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::In => "in",
            Role::Out => "out",
            Role::InOut => "inout",
        };
        write!(f, "{role} {}: {}[{}]", word(&self.name), self.dtype, list(&self.dims))?;
        if self.padded {
            f.write_str(" padded")?;
        }
        if self.ranges > 1 { write!(f, " ranges {}", self.ranges) } else { Ok(()) }
    }
}

impl Display for Axis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "axis {} in {}", word(&self.name), self.extent)?;
        // Every binding and every tail has its row in the tables.
        let bind = BINDS.iter().find(|(bind, _)| *bind == self.bind).map_or("serial", |row| row.1);
        if bind != "serial" {
            write!(f, " @{bind}")?;
        }
        let tail = TAILS.iter().find(|(tail, _)| *tail == self.tail).map_or("exact", |row| row.1);
        match (self.parts.is_empty(), tail) {
            (true, "exact") => Ok(()),
            (true, tail) => write!(f, " tail {tail}"),
            (false, tail) => write!(f, " = {} tail {tail}", words(&self.parts)),
        }
    }
}

fn print_body(f: &mut Formatter<'_>, body: &[Stmt], depth: usize) -> fmt::Result {
    body.iter().try_for_each(|stmt| print_stmt(f, stmt, depth))
}

fn print_stmt(f: &mut Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
    let pad = "  ".repeat(depth);
    f.write_str(&pad)?;
    match stmt {
        Stmt::For { axes, body } => {
            writeln!(f, "for {} {{", words(axes))?;
            print_body(f, body, depth + 1)?;
            writeln!(f, "{pad}}}")
        }
        Stmt::Let { name, scalar, over, val, place } => {
            let keep = if *place == Place::Keep { "keep " } else { "" };
            writeln!(f, "{keep}let {}{}: {scalar} = {val}", word(name), family(over))
        }
        Stmt::Fold { .. } => print_fold(f, stmt, depth),
        Stmt::Online { axis, block, anchor, body } => {
            let (axis, block, anchor) = (word(axis), word(block), word(anchor));
            writeln!(f, "online {axis} block {block} anchor {anchor} {{")?;
            print_body(f, body, depth + 1)?;
            writeln!(f, "{pad}}}")
        }
        Stmt::Store { buf, at, val, over, guard, merge } => {
            write!(f, "{}[{}]", word(buf), list(at))?;
            if !over.is_empty() {
                write!(f, " over {}", words(over))?;
            }
            for (nth, (value, bound)) in guard.iter().enumerate() {
                write!(f, " {} {value} < {bound}", if nth == 0 { "if" } else { "&" })?;
            }
            if let Some(kind) = merge {
                write!(f, " merge {}", kind.row().name)?;
            }
            writeln!(f, " = {val}")
        }
    }
}

fn family(over: &[Name]) -> String {
    if over.is_empty() { String::new() } else { format!("[{}]", words(over)) }
}

fn print_fold(f: &mut Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
    let Stmt::Fold { names, kind, over, red, order, inner, args, stages } = stmt else {
        return Ok(());
    };
    let names: Vec<String> = names.iter().map(word).collect();
    write!(f, "fold {}{} = {}", names.join(", "), family(over), kind.row().name)?;
    if !red.is_empty() {
        write!(f, " over {}", words(red))?;
    }
    if !order.is_empty() {
        write!(f, " order {}", words(order))?;
    }
    if inner.is_empty() {
        write!(f, " {{ {} }}", list(args))?;
    } else {
        writeln!(f, " {{")?;
        print_body(f, inner, depth + 1)?;
        let pad = "  ".repeat(depth);
        write!(f, "{pad}  {}\n{pad}}}", list(args))?;
    }
    for stage in stages {
        write!(f, " {stage}")?;
    }
    writeln!(f)
}

impl Display for Stage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "with {} at {} ", word(&self.buf), word(&self.at))?;
        match &self.level {
            Level::Register => f.write_str("register")?,
            Level::Lane(axis) => write!(f, "lane {}", word(axis))?,
            Level::Workgroup => f.write_str("workgroup")?,
        }
        if self.vec.is_empty() { Ok(()) } else { write!(f, " vec({})", words(&self.vec)) }
    }
}

impl Display for Coord {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.checked {
            false => write!(f, "{}", self.ix),
            true if self.ix.as_var().is_some() || self.ix.is_const() => write!(f, "{}?", self.ix),
            true => write!(f, "({})?", self.ix),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Literal::F32(x) => print_float(f, x),
            Literal::I32(x) => write!(f, "{x}"),
            Literal::U32(x) => write!(f, "{x}u"),
            Literal::Long(x) => write!(f, "{x}l"),
            Literal::Bool(x) => write!(f, "{x}"),
        }
    }
}

fn print_float(f: &mut Formatter<'_>, x: f32) -> fmt::Result {
    if x.is_nan() && x.to_bits() != f32::NAN.to_bits() {
        return write!(f, "bits({})", x.to_bits());
    }
    if !x.is_finite() {
        return f.write_str(if x.is_nan() {
            "nan"
        } else if x > 0.0 {
            "inf"
        } else {
            "-inf"
        });
    }
    // The parser reads 64 bits and rounds, which a shortest text may not survive.
    let short = format!("{x:?}");
    match short.parse::<f64>() {
        Ok(back) if back as f32 == x => f.write_str(&short),
        _ => write!(f, "{:?}", f64::from(x)),
    }
}

impl Display for Val {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        print_val(f, self, 0)
    }
}

/// Prints in parentheses what binds less tightly than `level`.
fn print_val(f: &mut Formatter<'_>, val: &Val, level: u8) -> fmt::Result {
    match val {
        Val::Const(literal) => write!(f, "{literal}"),
        Val::Load { buf, at, fill } => {
            write!(f, "{}[{}]", word(buf), list(at))?;
            fill.map_or(Ok(()), |fill| write!(f, " else {fill}"))
        }
        Val::Ref(name) => f.write_str(&word(name)),
        Val::Index(dim, Scalar::U32) => write!(f, "uix({dim})"),
        Val::Index(dim, _) => write!(f, "ix({dim})"),
        Val::Op(math, args) => print_op(f, *math, args, level),
        Val::Case { on, arms } => print_case(f, on, arms),
    }
}

fn print_op(f: &mut Formatter<'_>, math: Math, args: &[Val], level: u8) -> fmt::Result {
    let infix = INFIX.iter().find(|(own, ..)| *own == math);
    if let (Some((_, sign, own)), [a, b]) = (infix, args) {
        let open = *own < level;
        if open {
            f.write_str("(")?;
        }
        // Comparisons do not chain: `(a < b) == c` keeps its parentheses.
        print_val(f, a, if *own == 4 { 5 } else { *own })?;
        write!(f, " {sign} ")?;
        print_val(f, b, own + 1)?;
        return if open { f.write_str(")") } else { Ok(()) };
    }
    let name = CALLS.iter().find(|(own, _)| *own == math).map(|row| row.1);
    match name {
        Some(name) => write!(f, "{name}({})", list(args)),
        // Only an operation with a wrong number of operands, or a rounding to an odd type, comes here.
        None => write!(f, "{math:?}({})", list(args)),
    }
}

fn print_case(f: &mut Formatter<'_>, on: &Dim, arms: &[(Dim, Dim, Val)]) -> fmt::Result {
    write!(f, "case {on} {{ ")?;
    for (nth, (from, to, val)) in arms.iter().enumerate() {
        let comma = if nth == 0 { "" } else { ", " };
        write!(f, "{comma}{from}..{to} => {val}")?;
    }
    f.write_str(" }")
}
