//! Arithmetic in WGSL, with the meaning that [`Math`] gives it.
//!
//! Where WGSL leaves room (NaN, zero divisors, saturation, accuracy), a function of the library stands.

use ferrodyne_plan::loops::{FoldKind, Literal, Math, Val};
use ferrodyne_plan::{DType, Scalar};

use super::emit::{Id, Kind, Ty};
use super::expand::Expand;
use super::fault::WgslFault;

impl Expand<'_> {
    /// The operation on values; `args` are what they were made of, for constants among them.
    pub(super) fn math(&mut self, math: Math, ids: &[Id], args: &[Val]) -> Result<Id, WgslFault> {
        let id = match ids {
            [x] => self.unary(math, *x),
            [a, b] => self.binary(math, *a, *b, args),
            [condition, a, b] if math == Math::Select => Some(self.select(*condition, *a, *b)),
            _ => None,
        };
        id.ok_or_else(|| WgslFault::Operands {
            kernel: self.kernel.name.clone(),
            operation: format!("{math:?}").to_lowercase(),
        })
    }

    /// `condition ? a : b`.
    pub(super) fn select(&mut self, condition: Id, a: Id, b: Id) -> Id {
        let width = [condition, a, b].iter().map(|id| self.emit.ty(*id).width).fold(1, u8::max);
        let (a, b) = (self.splat(a, width), self.splat(b, width));
        let ty = self.emit.ty(a);
        self.emit.node(Kind::Call("select".to_owned()), &[b, a, condition], ty)
    }

    pub(super) fn prefix(&mut self, op: &'static str, x: Id) -> Id {
        let ty = self.emit.ty(x);
        self.emit.node(Kind::Prefix(op), &[x], ty)
    }

    pub(super) fn call(&mut self, name: &str, args: &[Id], ty: Ty) -> Id {
        self.emit.node(Kind::Call(name.to_owned()), args, ty)
    }

    /// A function of the library, component by component where the library has it for scalars.
    pub(super) fn library(&mut self, name: &str, args: &[Id], scalar: Scalar) -> Id {
        let width = args.iter().map(|id| self.emit.ty(*id).width).fold(1, u8::max);
        let args: Vec<Id> = args.iter().map(|id| self.splat(*id, width)).collect();
        let ty = Ty::of(scalar, width);
        self.library.insert(name.to_owned());
        if width == 1 {
            return self.call(name, &args, ty);
        }
        let types: Vec<String> = args.iter().map(|id| self.emit.ty(*id).text()).collect();
        let wide = format!("{name}_x{width}");
        let params: Vec<String> =
            types.iter().enumerate().map(|(at, ty)| format!("a{at}: {ty}")).collect();
        let parts = (0..width).map(|c| {
            let args: Vec<String> = (0..types.len()).map(|at| format!("a{at}[{c}]")).collect();
            format!("{name}({})", args.join(", "))
        });
        let body = format!("{}({})", ty.text(), parts.collect::<Vec<_>>().join(", "));
        let line =
            format!("fn {wide}({}) -> {} {{ return {body}; }}", params.join(", "), ty.text());
        if !self.module.contains(&line) {
            self.module.push(line);
        }
        self.call(&wide, &args, ty)
    }

    fn unary(&mut self, math: Math, x: Id) -> Option<Id> {
        let ty = self.emit.ty(x);
        if ty.scalar == Scalar::Long {
            return self.long_unary(math, x);
        }
        let float = ty.scalar == Scalar::F32;
        let name = match math {
            Math::Exp => "exp",
            Math::Log => "log",
            Math::Sin => "sin",
            Math::Cos => "cos",
            Math::Sqrt => "sqrt",
            Math::Rsqrt => "inverseSqrt",
            Math::Floor => "floor",
            Math::Ceil => "ceil",
            Math::Round => "round",
            Math::Trunc => "trunc",
            Math::Abs if ty.scalar != Scalar::Bool => "abs",
            _ => return self.unary_special(math, x),
        };
        if name == "abs" && ty.scalar == Scalar::U32 {
            return Some(x);
        }
        (float || name == "abs").then(|| self.call(name, &[x], ty))
    }

    fn unary_special(&mut self, math: Math, x: Id) -> Option<Id> {
        let ty = self.emit.ty(x);
        let float = ty.scalar == Scalar::F32;
        Some(match (math, ty.scalar) {
            (Math::Neg, Scalar::U32) => {
                let zero = self.literal(Literal::U32(0));
                let zero = self.splat(zero, ty.width);
                self.emit.node(Kind::Infix("-"), &[zero, x], ty)
            }
            (Math::Neg, Scalar::F32 | Scalar::I32) => self.prefix("-", x),
            (Math::Not, Scalar::Bool) => self.prefix("!", x),
            (Math::Not, Scalar::I32 | Scalar::U32) => self.prefix("~", x),
            (Math::Recip, Scalar::F32) => {
                let one = self.literal(Literal::F32(1.0));
                self.emit.node(Kind::Infix("/"), &[one, x], ty)
            }
            (Math::Sign, Scalar::F32) => self.library("fd_sign", &[x], Scalar::F32),
            (Math::Sign, Scalar::I32) => self.call("sign", &[x], ty),
            (Math::Sign, Scalar::U32) => {
                let one = self.literal(Literal::U32(1));
                let one = self.splat(one, ty.width);
                self.call("min", &[x, one], ty)
            }
            (Math::IsNan, Scalar::F32) => self.library("fd_is_nan", &[x], Scalar::Bool),
            (Math::Expm1, _) if float => self.library("fd_expm1", &[x], Scalar::F32),
            (Math::Log1p, _) if float => self.library("fd_log1p", &[x], Scalar::F32),
            (Math::Tanh, _) if float => self.library("fd_tanh", &[x], Scalar::F32),
            (Math::Erf, _) if float => self.library("fd_erf", &[x], Scalar::F32),
            (Math::RoundTo(DType::F16), _) if float => {
                self.library("fd_round_f16", &[x], Scalar::F32)
            }
            (Math::RoundTo(DType::BF16), _) if float => {
                self.library("fd_round_bf16", &[x], Scalar::F32)
            }
            (Math::RoundTo(_), _) if float => x,
            (Math::Cast(to), _) => self.cast(x, to),
            (Math::Bitcast(to), scalar) if to != Scalar::Bool && scalar != Scalar::Bool => {
                let to = Ty::of(to, ty.width);
                if to == ty { x } else { self.call(&format!("bitcast<{}>", to.text()), &[x], to) }
            }
            _ => return None,
        })
    }

    /// Conversion: saturating from floats, wrapping between integers, `!= 0` to `bool`.
    pub(super) fn cast(&mut self, x: Id, to: Scalar) -> Id {
        let ty = self.emit.ty(x);
        let wide = Ty::of(to, ty.width);
        match (ty.scalar, to) {
            (from, to) if from == to => x,
            (from, Scalar::Long) => self.long_of(x, from),
            (Scalar::F32, Scalar::I32) => self.library("fd_f32_to_i32", &[x], Scalar::I32),
            (Scalar::F32, Scalar::U32) => self.library("fd_f32_to_u32", &[x], Scalar::U32),
            (from, Scalar::Bool) => {
                let zero = match from {
                    Scalar::F32 => Literal::F32(0.0),
                    Scalar::I32 => Literal::I32(0),
                    _ => Literal::U32(0),
                };
                let zero = self.literal(zero);
                let zero = self.splat(zero, ty.width);
                // Not `!=`: some drivers answer it wrongly for NaN.
                let equal = self.emit.node(Kind::Infix("=="), &[x, zero], wide);
                self.prefix("!", equal)
            }
            _ => self.call(&wide.text(), &[x], wide),
        }
    }

    fn binary(&mut self, math: Math, a: Id, b: Id, args: &[Val]) -> Option<Id> {
        let width = self.emit.ty(a).width.max(self.emit.ty(b).width);
        let scalar = self.emit.ty(a).scalar;
        if scalar == Scalar::Long {
            return self.long_binary(math, a, b);
        }
        let ty = Ty::of(scalar, width);
        let constant = |at: usize| match args.get(at) {
            Some(Val::Const(literal)) => Some(*literal),
            _ => None,
        };
        if let Some(id) = self.arithmetic(math, a, b, ty) {
            return Some(id);
        }
        Some(match (math, scalar) {
            (Math::Min | Math::Max, Scalar::F32) => {
                self.extremum(math, a, b, [constant(0), constant(1)])
            }
            (Math::Min, Scalar::I32 | Scalar::U32) => self.wide_call("min", a, b, ty),
            (Math::Max, Scalar::I32 | Scalar::U32) => self.wide_call("max", a, b, ty),
            (Math::Div, Scalar::I32 | Scalar::U32) | (Math::Rem, Scalar::I32 | Scalar::U32) => {
                self.integer_division(math, a, b, constant(1), ty)
            }
            (Math::Rem, Scalar::F32) => self.library("fd_rem", &[a, b], Scalar::F32),
            (Math::Pow, Scalar::F32) => match constant(1) {
                Some(Literal::F32(2.0)) => self.emit.node(Kind::Infix("*"), &[a, a], ty),
                Some(Literal::F32(3.0)) => {
                    let square = self.emit.node(Kind::Infix("*"), &[a, a], ty);
                    self.emit.node(Kind::Infix("*"), &[square, a], ty)
                }
                _ => self.library("fd_pow", &[a, b], Scalar::F32),
            },
            (Math::Pow, Scalar::I32) => self.library("fd_pow_i32", &[a, b], Scalar::I32),
            (Math::Pow, Scalar::U32) => self.library("fd_pow_u32", &[a, b], Scalar::U32),
            (Math::Atan2, Scalar::F32) => self.library("fd_atan2", &[a, b], Scalar::F32),
            (Math::Min, Scalar::Bool) => self.wide_infix("&", a, b, ty),
            (Math::Max, Scalar::Bool) => self.wide_infix("|", a, b, ty),
            _ => return None,
        })
    }

    /// What is an operator of WGSL.
    fn arithmetic(&mut self, math: Math, a: Id, b: Id, ty: Ty) -> Option<Id> {
        let number = ty.scalar != Scalar::Bool;
        let truth = Ty::of(Scalar::Bool, ty.width);
        Some(match math {
            Math::Add if number => self.wide_infix("+", a, b, ty),
            Math::Sub if number => self.wide_infix("-", a, b, ty),
            Math::Mul if number => self.wide_infix("*", a, b, ty),
            Math::Div if ty.scalar == Scalar::F32 => self.wide_infix("/", a, b, ty),
            Math::And if ty.scalar != Scalar::F32 => self.wide_infix("&", a, b, ty),
            Math::Or if ty.scalar != Scalar::F32 => self.wide_infix("|", a, b, ty),
            Math::Xor if number && ty.scalar != Scalar::F32 => self.wide_infix("^", a, b, ty),
            Math::Xor if ty.scalar == Scalar::Bool => self.wide_infix("!=", a, b, truth),
            Math::Add | Math::Or if ty.scalar == Scalar::Bool => self.wide_infix("|", a, b, ty),
            Math::Mul if ty.scalar == Scalar::Bool => self.wide_infix("&", a, b, ty),
            Math::Shl | Math::Shr if number && ty.scalar != Scalar::F32 => {
                let amount = Ty::of(Scalar::U32, self.emit.ty(b).width);
                let b = if self.emit.ty(b) == amount {
                    b
                } else {
                    self.call(&amount.text(), &[b], amount)
                };
                let low = self.literal(Literal::U32(31));
                let b = self.wide_infix("&", b, low, amount);
                self.wide_infix(if math == Math::Shl { "<<" } else { ">>" }, a, b, ty)
            }
            Math::Eq => self.wide_infix("==", a, b, truth),
            Math::Ne if ty.scalar == Scalar::F32 => {
                // `!=` of a NaN is answered wrongly by some drivers.
                let equal = self.wide_infix("==", a, b, truth);
                self.prefix("!", equal)
            }
            Math::Ne => self.wide_infix("!=", a, b, truth),
            Math::Lt if number => self.wide_infix("<", a, b, truth),
            Math::Le if number => self.wide_infix("<=", a, b, truth),
            Math::Gt if number => self.wide_infix(">", a, b, truth),
            Math::Ge if number => self.wide_infix(">=", a, b, truth),
            Math::Lt | Math::Le | Math::Gt | Math::Ge => {
                let number = |this: &mut Self, x: Id| {
                    let ty = Ty::of(Scalar::U32, this.emit.ty(x).width);
                    this.call(&ty.text(), &[x], ty)
                };
                let (a, b) = (number(self, a), number(self, b));
                return self.arithmetic(math, a, b, Ty::of(Scalar::U32, ty.width));
            }
            _ => return None,
        })
    }

    /// An operator on operands of one width; arithmetic takes a scalar beside a vector as it is.
    fn wide_infix(&mut self, op: &'static str, a: Id, b: Id, ty: Ty) -> Id {
        let arithmetic = matches!(op, "+" | "-" | "*" | "/");
        let width = self.emit.ty(a).width.max(self.emit.ty(b).width);
        let (a, b) = if arithmetic { (a, b) } else { (self.splat(a, width), self.splat(b, width)) };
        self.emit.node(Kind::Infix(op), &[a, b], ty)
    }

    fn wide_call(&mut self, name: &str, a: Id, b: Id, ty: Ty) -> Id {
        let (a, b) = (self.splat(a, ty.width), self.splat(b, ty.width));
        self.call(name, &[a, b], ty)
    }

    /// The smaller or larger float, NaN if either is. Beside a number a comparison does, for it is false for NaN.
    fn extremum(&mut self, math: Math, a: Id, b: Id, constants: [Option<Literal>; 2]) -> Id {
        let number = |literal: Option<Literal>| matches!(literal, Some(Literal::F32(value)) if !value.is_nan());
        let op = if math == Math::Max { "<" } else { ">" };
        let (x, bound) = match constants {
            [_, constant] if number(constant) => (a, b),
            [constant, _] if number(constant) => (b, a),
            _ => {
                let name = if math == Math::Max { "fd_max" } else { "fd_min" };
                return self.library(name, &[a, b], Scalar::F32);
            }
        };
        let width = self.emit.ty(x).width;
        let bound = self.splat(bound, width);
        let beyond = self.emit.node(Kind::Infix(op), &[x, bound], Ty::of(Scalar::Bool, width));
        self.select(beyond, bound, x)
    }

    fn integer_division(
        &mut self,
        math: Math,
        a: Id,
        b: Id,
        divisor: Option<Literal>,
        ty: Ty,
    ) -> Id {
        let positive = matches!(divisor, Some(Literal::I32(1..) | Literal::U32(1..)));
        let (op, name) = match (math, ty.scalar) {
            (Math::Div, Scalar::I32) => ("/", "fd_div_i32"),
            (Math::Div, _) => ("/", "fd_div_u32"),
            (_, Scalar::I32) => ("%", "fd_rem_i32"),
            _ => ("%", "fd_rem_u32"),
        };
        if positive {
            let b = self.splat(b, ty.width);
            let a = self.splat(a, ty.width);
            return self.emit.node(Kind::Infix(op), &[a, b], ty);
        }
        self.library(name, &[a, b], ty.scalar)
    }

    /// Two states of a reduction as one, for reductions with one value.
    pub(super) fn merged(&mut self, kind: FoldKind, a: Id, b: Id) -> Result<Id, WgslFault> {
        let math = match kind {
            FoldKind::Sum => Math::Add,
            FoldKind::Prod => Math::Mul,
            FoldKind::Max => Math::Max,
            FoldKind::Min => Math::Min,
            FoldKind::And => Math::And,
            FoldKind::Or => Math::Or,
            FoldKind::ArgMax | FoldKind::ArgMin | FoldKind::Welford => {
                let operation = format!("merge {kind:?}").to_lowercase();
                return Err(WgslFault::Operands { kernel: self.kernel.name.clone(), operation });
            }
        };
        self.math(math, &[a, b], &[])
    }
}
