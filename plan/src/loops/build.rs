//! Constructors, so that kernels written in code read like their text.

use super::{
    Axis, Bind, Coord, FoldKind, Kernel, Literal, Math, Param, Place, Role, Stmt, Tail, Val,
};
use crate::{DType, Dim, Facts, Name, Scalar};

/// Collects the header of a kernel; [`KernelBuilder::body`] ends it.
#[derive(Clone, Debug)]
pub struct KernelBuilder(Kernel);

impl KernelBuilder {
    /// An empty kernel.
    pub fn new(name: impl Into<Name>) -> KernelBuilder {
        KernelBuilder(Kernel {
            name: name.into(),
            params: Vec::new(),
            axes: Vec::new(),
            body: Vec::new(),
            facts: Facts::new(),
            notes: Vec::new(),
            sources: Vec::new(),
        })
    }

    /// Adds a parameter.
    pub fn param(
        mut self,
        role: Role,
        name: impl Into<Name>,
        dtype: DType,
        dims: impl IntoIterator<Item = impl Into<Dim>>,
    ) -> KernelBuilder {
        let dims = dims.into_iter().map(Into::into).collect();
        self.0.params.push(Param {
            name: name.into(),
            dtype,
            dims,
            role,
            padded: false,
            ranges: 1,
        });
        self
    }

    /// Adds a serial axis.
    pub fn axis(mut self, name: impl Into<Name>, extent: impl Into<Dim>) -> KernelBuilder {
        self.0.axes.push(Axis::new(name, extent));
        self
    }

    /// States what is known of the symbols.
    pub fn facts(mut self, facts: Facts) -> KernelBuilder {
        self.0.facts = facts;
        self
    }

    /// The kernel of these statements.
    pub fn body(mut self, body: Vec<Stmt>) -> Kernel {
        self.0.body = body;
        self.0
    }
}

impl Axis {
    /// A serial axis without parts.
    pub fn new(name: impl Into<Name>, extent: impl Into<Dim>) -> Axis {
        Axis {
            name: name.into(),
            extent: extent.into(),
            bind: Bind::Serial,
            parts: Vec::new(),
            tail: Tail::Exact,
        }
    }
}

impl From<Dim> for Coord {
    fn from(ix: Dim) -> Coord {
        Coord { ix, checked: false }
    }
}

impl From<&str> for Coord {
    /// The axis of this name.
    fn from(axis: &str) -> Coord {
        Coord::from(Dim::axis(axis))
    }
}

/// Constructors of statements.
pub mod stmt {
    use super::{Coord, Dim, FoldKind, Name, Place, Scalar, Stmt, Val};

    fn names<'a>(names: &[&'a str]) -> Vec<Name> {
        names.iter().map(|&name: &&'a str| Name::from(name)).collect()
    }

    /// A nest of loops, outermost first.
    pub fn nest(axes: &[&str], body: Vec<Stmt>) -> Stmt {
        Stmt::For { axes: names(axes), body }
    }

    /// A named value, computed at each use; a family where `over` is not empty.
    pub fn define(name: impl Into<Name>, over: &[&str], scalar: Scalar, val: Val) -> Stmt {
        Stmt::Let { name: name.into(), scalar, over: names(over), val, place: Place::Inline }
    }

    /// A reduction with one result.
    pub fn fold(name: &str, kind: FoldKind, red: &[&str], arg: Val) -> Stmt {
        fold_family(&[name], kind, &[], red, vec![arg])
    }

    /// A reduction of any arity, with a family of results where `over` is not empty.
    pub fn fold_family(
        results: &[&str],
        kind: FoldKind,
        over: &[&str],
        red: &[&str],
        args: Vec<Val>,
    ) -> Stmt {
        Stmt::Fold {
            names: names(results),
            kind,
            over: names(over),
            red: names(red),
            order: Vec::new(),
            inner: Vec::new(),
            args,
            stages: Vec::new(),
        }
    }

    /// A store for every point of the enclosing loops.
    pub fn store<C: Into<Coord>>(
        buf: impl Into<Name>,
        at: impl IntoIterator<Item = C>,
        val: Val,
    ) -> Stmt {
        store_over(buf, at, val, &[])
    }

    /// A store for every point of the enclosing loops and of `over`.
    pub fn store_over<C: Into<Coord>>(
        buf: impl Into<Name>,
        at: impl IntoIterator<Item = C>,
        val: Val,
        over: &[&str],
    ) -> Stmt {
        let at: Vec<Dim> = at.into_iter().map(|coord| coord.into().ix).collect();
        let guard = Vec::new();
        Stmt::Store { buf: buf.into(), at, val, over: names(over), guard, merge: None }
    }
}

/// Constructors of values.
pub mod val {
    use super::{Coord, Dim, Literal, Math, Name, Scalar, Val};

    /// A constant of type `f32`.
    pub fn f32(value: f32) -> Val {
        Val::Const(Literal::F32(value))
    }

    /// A constant of type `i32`.
    pub fn i32(value: i32) -> Val {
        Val::Const(Literal::I32(value))
    }

    /// A constant of type `u32`.
    pub fn u32(value: u32) -> Val {
        Val::Const(Literal::U32(value))
    }

    /// A constant of type `bool`.
    pub fn bool(value: bool) -> Val {
        Val::Const(Literal::Bool(value))
    }

    /// A named value.
    pub fn named(name: impl Into<Name>) -> Val {
        Val::Ref(name.into())
    }

    /// An index as a value of type `i32`.
    pub fn index(dim: impl Into<Dim>) -> Val {
        Val::Index(dim.into(), Scalar::I32)
    }

    /// An element.
    pub fn load<C: Into<Coord>>(buf: impl Into<Name>, at: impl IntoIterator<Item = C>) -> Val {
        let at = at.into_iter().map(Into::into).collect();
        Val::Load { buf: buf.into(), at, fill: None }
    }

    /// An element, or `fill` where a checked coordinate is out of range.
    pub fn load_or<C: Into<Coord>>(
        buf: impl Into<Name>,
        at: impl IntoIterator<Item = C>,
        fill: Literal,
    ) -> Val {
        let at = at.into_iter().map(Into::into).collect();
        Val::Load { buf: buf.into(), at, fill: Some(fill) }
    }

    /// A coordinate that may be out of range.
    pub fn checked(ix: impl Into<Dim>) -> Coord {
        Coord { ix: ix.into(), checked: true }
    }

    /// A coordinate that is in range.
    pub fn plain(ix: impl Into<Dim>) -> Coord {
        Coord { ix: ix.into(), checked: false }
    }

    /// `c ? a : b`.
    pub fn select(c: Val, a: Val, b: Val) -> Val {
        Val::Op(Math::Select, vec![c, a, b])
    }

    /// Conversion.
    pub fn cast(to: Scalar, x: Val) -> Val {
        Val::Op(Math::Cast(to), vec![x])
    }

    macro_rules! unary {
        ($($name:ident $math:ident),* $(,)?) => {
            $(#[doc = concat!("[`Math::", stringify!($math), "`].")]
            pub fn $name(x: Val) -> Val {
                Val::Op(Math::$math, vec![x])
            })*
        };
    }

    macro_rules! binary {
        ($($name:ident $math:ident),* $(,)?) => {
            $(#[doc = concat!("[`Math::", stringify!($math), "`].")]
            pub fn $name(a: Val, b: Val) -> Val {
                Val::Op(Math::$math, vec![a, b])
            })*
        };
    }

    unary!(
        neg Neg, abs Abs, exp Exp, expm1 Expm1, log Log, log1p Log1p, sin Sin, cos Cos, tanh Tanh, sqrt Sqrt,
        rsqrt Rsqrt, recip Recip, floor Floor, ceil Ceil, round Round, trunc Trunc, erf Erf, sign Sign, not Not,
        is_nan IsNan,
    );
    binary!(
        add Add, sub Sub, mul Mul, div Div, rem Rem, pow Pow, min Min, max Max, atan2 Atan2, and And, or Or, xor Xor,
        shl Shl, shr Shr, eq Eq, ne Ne, lt Lt, le Le, gt Gt, ge Ge,
    );
}
