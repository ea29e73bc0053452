//! A kernel with its names replaced by numbers and its symbols by sizes.

use std::collections::{BTreeMap, BTreeSet};

use super::InterpretError;
use crate::dims::{Atom, EvalError};
use crate::loops::{Bind, FoldKind, Kernel, Literal, Math, Place, Role, Stmt, Tail, Val};
use crate::{DType, Dim, Name, Scalar, Var};

type Compiled<T> = Result<T, InterpretError>;

pub(super) struct Program {
    pub(super) params: Vec<Buffer>,
    pub(super) axes: Vec<Index>,
    pub(super) values: Vec<Value>,
    pub(super) body: Vec<Node>,
}

pub(super) struct Buffer {
    pub(super) name: Name,
    pub(super) dtype: DType,
    pub(super) dims: Vec<i64>,
    pub(super) role: Role,
    pub(super) padded: bool,
}

pub(super) struct Index {
    pub(super) name: Name,
    pub(super) extent: i64,
    pub(super) bind: Bind,
    pub(super) tail: Tail,
    pub(super) parts: Vec<usize>,
    /// Split axes whose value follows from this one's, inner ones first.
    pub(super) wholes: Vec<usize>,
}

pub(super) struct Value {
    pub(super) name: Name,
    /// Leaf axes of the family.
    pub(super) over: Vec<usize>,
    /// Number of members.
    pub(super) size: usize,
}

pub(super) enum Node {
    For {
        axes: Vec<usize>,
        body: Vec<Node>,
    },
    Let {
        value: usize,
        val: Expr,
        keep: bool,
    },
    Fold(Box<FoldNode>),
    Online(Box<OnlineNode>),
    Store {
        buf: usize,
        at: Vec<Ix>,
        val: Expr,
        over: Vec<usize>,
        guard: Vec<(Ix, Ix)>,
        merge: Option<FoldKind>,
    },
}

pub(super) struct FoldNode {
    pub(super) results: Vec<usize>,
    pub(super) kind: FoldKind,
    pub(super) types: Vec<Scalar>,
    pub(super) over: Vec<usize>,
    pub(super) walk: Vec<usize>,
    /// Split axes whose overhang drops the term.
    pub(super) dropping: Vec<usize>,
    pub(super) inner: Vec<Node>,
    pub(super) args: Vec<Expr>,
}

pub(super) struct OnlineNode {
    pub(super) axes: Vec<usize>,
    pub(super) anchor: usize,
    pub(super) body: Vec<Node>,
    /// For each node of the body: whether it is a fold that goes on from block to block.
    pub(super) carried: Vec<bool>,
    /// For each node of the body: whether its sums are rescaled when the anchor grows.
    pub(super) rescaled: Vec<bool>,
}

pub(super) enum Expr {
    Const(Literal),
    Load { buf: usize, at: Vec<(Ix, bool)>, fill: Option<Literal> },
    Ref(usize),
    Index(Ix, Scalar),
    Op(Math, Vec<Expr>),
    Case { on: Ix, text: String, arms: Vec<(Ix, Ix, Expr)> },
}

/// A sum of products.
pub(super) struct Ix {
    pub(super) constant: i64,
    pub(super) terms: Vec<(i64, Vec<IxAtom>)>,
}

pub(super) enum IxAtom {
    Axis(usize),
    Value(usize),
    Binary(Binary, Box<(Ix, Ix)>),
}

#[derive(Clone, Copy)]
pub(super) enum Binary {
    Div,
    CeilDiv,
    Mod,
    Min,
    Max,
    Add,
    Mul,
}

struct Compiler<'a> {
    kernel: &'a Kernel,
    sizes: &'a dyn Fn(&Name) -> Option<i64>,
    params: BTreeMap<&'a str, usize>,
    axes: BTreeMap<&'a str, usize>,
    values: BTreeMap<&'a str, usize>,
    types: BTreeMap<&'a str, Scalar>,
    program: Program,
}

pub(super) fn compile(kernel: &Kernel, sizes: &dyn Fn(&Name) -> Option<i64>) -> Compiled<Program> {
    let program = Program { params: vec![], axes: vec![], values: vec![], body: vec![] };
    let mut compiler = Compiler {
        kernel,
        sizes,
        params: BTreeMap::new(),
        axes: BTreeMap::new(),
        values: BTreeMap::new(),
        types: super::super::scalars(kernel),
        program,
    };
    compiler.header()?;
    compiler.program.body = compiler.body(&kernel.body)?;
    Ok(compiler.program)
}

impl<'a> Compiler<'a> {
    fn header(&mut self) -> Compiled<()> {
        for (at, param) in self.kernel.params.iter().enumerate() {
            let dims = param.dims.iter().map(|dim| self.size(dim)).collect::<Compiled<_>>()?;
            let (name, dtype, role) = (param.name.clone(), param.dtype, param.role);
            self.program.params.push(Buffer { name, dtype, dims, role, padded: param.padded });
            self.params.insert(&param.name, at);
        }
        for (at, axis) in self.kernel.axes.iter().enumerate() {
            let (name, extent) = (axis.name.clone(), self.size(&axis.extent)?);
            if extent < 0 {
                return Err(InterpretError::Extent { axis: name, extent });
            }
            let (bind, tail) = (axis.bind, axis.tail);
            self.program.axes.push(Index {
                name,
                extent,
                bind,
                tail,
                parts: vec![],
                wholes: vec![],
            });
            self.axes.insert(&axis.name, at);
        }
        for (at, axis) in self.kernel.axes.iter().enumerate() {
            let parts = axis.parts.iter().map(|part| self.axis(part)).collect::<Compiled<_>>()?;
            self.program.axes[at].parts = parts;
        }
        self.link_wholes();
        Ok(())
    }

    /// Inner splits come first, since an axis has fewer wholes above it the further out it is.
    fn link_wholes(&mut self) {
        for leaf in 0..self.program.axes.len() {
            let mut at = leaf;
            let mut wholes = Vec::new();
            while let Some(whole) =
                self.program.axes.iter().position(|axis| axis.parts.contains(&at))
            {
                if wholes.contains(&whole) {
                    break;
                }
                wholes.push(whole);
                at = whole;
            }
            self.program.axes[leaf].wholes = wholes;
        }
    }

    fn size(&self, dim: &Dim) -> Compiled<i64> {
        Ok(dim.eval(&|var| match var {
            Var::Sym(name) => (self.sizes)(name),
            Var::Axis(_) | Var::Data(_) => None,
        })?)
    }

    fn axis(&self, name: &Name) -> Compiled<usize> {
        self.axes.get(name.as_str()).copied().ok_or_else(|| InterpretError::Unknown(name.clone()))
    }

    /// The leaves of these axes.
    fn leaves(&self, names: &[Name]) -> Compiled<Vec<usize>> {
        names
            .iter()
            .flat_map(|name| self.kernel.leaves(name))
            .map(|name| self.axis(&name))
            .collect()
    }

    fn param(&self, name: &Name) -> Compiled<usize> {
        self.params.get(name.as_str()).copied().ok_or_else(|| InterpretError::Unknown(name.clone()))
    }

    fn value(&self, name: &Name) -> Compiled<usize> {
        self.values.get(name.as_str()).copied().ok_or_else(|| InterpretError::Unknown(name.clone()))
    }

    fn declare(&mut self, name: &'a Name, over: &[usize]) -> usize {
        let extents = over.iter().map(|&axis| self.program.axes[axis].extent as usize);
        let size = extents.product();
        self.program.values.push(Value { name: name.clone(), over: over.to_vec(), size });
        let slot = self.program.values.len() - 1;
        self.values.insert(name, slot);
        slot
    }

    fn body(&mut self, body: &'a [Stmt]) -> Compiled<Vec<Node>> {
        body.iter().map(|stmt| self.stmt(stmt, &[])).collect()
    }

    /// `passed`: axes that an enclosing pass visits for its folds.
    fn stmt(&mut self, stmt: &'a Stmt, passed: &[usize]) -> Compiled<Node> {
        Ok(match stmt {
            Stmt::For { axes, body } => {
                Node::For { axes: self.leaves(axes)?, body: self.body(body)? }
            }
            Stmt::Let { name, over, val, place, .. } => {
                let over = self.leaves(over)?;
                let val = self.val(val)?;
                Node::Let { value: self.declare(name, &over), val, keep: *place == Place::Keep }
            }
            Stmt::Fold { .. } => Node::Fold(Box::new(self.fold(stmt, passed)?)),
            Stmt::Online { axis, block, anchor, body } => {
                Node::Online(Box::new(self.online(axis, block, anchor, body)?))
            }
            Stmt::Store { buf, at, val, over, guard, merge } => {
                let at = at.iter().map(|dim| self.ix(dim)).collect::<Compiled<_>>()?;
                let guard = guard.iter().map(|(a, b)| Ok((self.ix(a)?, self.ix(b)?)));
                let guard = guard.collect::<Compiled<_>>()?;
                let (val, over) = (self.val(val)?, self.leaves(over)?);
                Node::Store { buf: self.param(buf)?, at, val, over, guard, merge: *merge }
            }
        })
    }

    fn fold(&mut self, stmt: &'a Stmt, passed: &[usize]) -> Compiled<FoldNode> {
        let Stmt::Fold { names, kind, over, red, order, inner, args, .. } = stmt else {
            // Only folds are handed here.
            return Err(InterpretError::Overflow);
        };
        let (over, red) = (self.leaves(over)?, self.leaves(red)?);
        let mut walk = self.leaves(order)?;
        if walk.is_empty() {
            walk = over.iter().chain(&red).copied().collect();
        }
        walk.retain(|axis| !passed.contains(axis));
        let reduced: BTreeSet<usize> = red
            .iter()
            .chain(passed)
            .flat_map(|&axis| self.program.axes[axis].wholes.clone())
            .collect();
        let drops = |axis: &usize| self.program.axes[*axis].tail == Tail::Unit;
        let dropping = reduced.into_iter().filter(drops).collect();
        let inner = self.body(inner)?;
        let types = args.iter().map(|arg| super::super::scalar_in(arg, self.kernel, &self.types));
        let row = kind.row();
        let types: Option<Vec<Scalar>> = types.collect();
        let types = types
            .filter(|types| (row.takes)(types) && names.len() == row.arity)
            .ok_or(InterpretError::FoldTypes(row.name))?;
        let args = args.iter().map(|arg| self.val(arg)).collect::<Compiled<_>>()?;
        let results = names.iter().map(|name| self.declare(name, &over)).collect();
        Ok(FoldNode { results, kind: *kind, types, over, walk, dropping, inner, args })
    }

    fn online(
        &mut self,
        axis: &Name,
        block: &Name,
        anchor: &Name,
        body: &'a [Stmt],
    ) -> Compiled<OnlineNode> {
        let axes = self.leaves(std::slice::from_ref(axis))?;
        let pass: BTreeSet<Name> =
            [axis, block].into_iter().flat_map(|name| self.kernel.leaves(name)).collect();
        let (mut nodes, mut carried, mut rescaled) = (vec![], vec![], vec![]);
        let mut dependent = BTreeSet::from([anchor.clone()]);
        for stmt in body {
            let mut depends = false;
            stmt.visit(&mut |stmt| {
                for val in stmt.vals() {
                    depends |= !val.refs().is_disjoint(&dependent);
                }
                if depends {
                    dependent.extend(stmt.defines().iter().cloned());
                }
            });
            if depends {
                dependent.extend(stmt.defines().iter().cloned());
            }
            let carries = matches!(stmt, Stmt::Fold { red, .. }
                if red.iter().flat_map(|name| self.kernel.leaves(name)).any(|leaf| pass.contains(&leaf)));
            let is_sum = matches!(stmt, Stmt::Fold { kind: FoldKind::Sum, .. });
            nodes.push(self.stmt(stmt, if carries { &axes } else { &[] })?);
            carried.push(carries);
            rescaled.push(carries && depends && is_sum);
        }
        let anchor = self.value(anchor)?;
        Ok(OnlineNode { axes, anchor, body: nodes, carried, rescaled })
    }

    fn val(&self, val: &Val) -> Compiled<Expr> {
        Ok(match val {
            Val::Const(literal) => Expr::Const(*literal),
            Val::Load { buf, at, fill } => {
                let at = at.iter().map(|coord| Ok((self.ix(&coord.ix)?, coord.checked)));
                Expr::Load { buf: self.param(buf)?, at: at.collect::<Compiled<_>>()?, fill: *fill }
            }
            Val::Ref(name) => Expr::Ref(self.value(name)?),
            Val::Index(dim, scalar) => Expr::Index(self.ix(dim)?, *scalar),
            Val::Op(math, args) => {
                Expr::Op(*math, args.iter().map(|arg| self.val(arg)).collect::<Compiled<_>>()?)
            }
            Val::Case { on, arms } => {
                let arms = arms
                    .iter()
                    .map(|(from, to, val)| Ok((self.ix(from)?, self.ix(to)?, self.val(val)?)));
                let arms = arms.collect::<Compiled<_>>()?;
                Expr::Case { on: self.ix(on)?, text: on.to_string(), arms }
            }
        })
    }

    fn ix(&self, dim: &Dim) -> Compiled<Ix> {
        let known = dim.substitute(&|var| match var {
            Var::Sym(name) => (self.sizes)(name).map(Dim::constant),
            Var::Axis(_) | Var::Data(_) => None,
        });
        let mut terms = Vec::new();
        for term in known.terms() {
            let atoms = term.atoms.iter().map(|atom| self.atom(atom)).collect::<Compiled<_>>()?;
            terms.push((term.coeff, atoms));
        }
        Ok(Ix { constant: known.constant_term(), terms })
    }

    fn atom(&self, atom: &Atom) -> Compiled<IxAtom> {
        let (binary, a, b) = match atom {
            Atom::Var(Var::Sym(name)) => return Err(EvalError::Unbound(name.clone()).into()),
            Atom::Var(Var::Axis(name)) => return Ok(IxAtom::Axis(self.axis(name)?)),
            Atom::Var(Var::Data(name)) => return Ok(IxAtom::Value(self.value(name)?)),
            Atom::Div(a, b) => (Binary::Div, a, b),
            Atom::CeilDiv(a, b) => (Binary::CeilDiv, a, b),
            Atom::Mod(a, b) => (Binary::Mod, a, b),
            Atom::Min(a, b) => (Binary::Min, a, b),
            Atom::Max(a, b) => (Binary::Max, a, b),
            Atom::WideSum(a, b) => (Binary::Add, a, b),
            Atom::WideProduct(a, b) => (Binary::Mul, a, b),
        };
        Ok(IxAtom::Binary(binary, Box::new((self.ix(a)?, self.ix(b)?))))
    }
}
