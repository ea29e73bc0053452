//! `part k 64`: a reduction over workgroups, as two kernels.
//!
//! The first folds each part and writes its state; the second folds the states in their order and does what follows. The
//! reduction must be associative, and a state must be foldable like a term.

use ferrodyne_plan::loops::{Axis, Coord, FoldKind, Kernel, Param, Role, Stmt, Tail, Val};
use ferrodyne_plan::{DType, Dim, Name, Scalar};

use super::{Refusal, fresh, refuse, split};

/// The two kernels of a reduction, and the buffers of its states.
#[derive(Clone, Debug, PartialEq)]
pub struct Parted {
    /// Folds the parts.
    pub partial: Kernel,
    /// Folds the states.
    pub whole: Kernel,
    /// What stands between them.
    pub scratch: Vec<Param>,
}

/// Cuts the one fold over `axis` into `parts`.
pub fn part(kernel: &Kernel, axis: &Name, parts: i64) -> Result<Parted, Refusal> {
    let (rows, body) = match kernel.body.as_slice() {
        [Stmt::For { axes, body }] => (axes.clone(), body.clone()),
        body => (Vec::new(), body.to_vec()),
    };
    let Some(at) = body.iter().position(|stmt| matches!(stmt, Stmt::Fold { .. })) else {
        return refuse("part", axis, "there is no fold");
    };
    let Stmt::Fold { names, kind, over, red, inner, args, .. } = &body[at] else {
        return refuse("part", axis, "there is no fold");
    };
    if !red.contains(axis) || !over.is_empty() || *kind == FoldKind::Welford {
        return refuse(
            "part",
            axis,
            "the fold has a family, does not reduce the axis, or has a state that is no term",
        );
    }
    let follows = |stmt: &Stmt| match stmt {
        Stmt::Let { over, .. } | Stmt::Store { over, .. } => over.is_empty(),
        _ => false,
    };
    let before = &body[..at];
    let families = |stmt: &Stmt| matches!(stmt, Stmt::Let { .. });
    if !before.iter().all(families) || !body[at + 1..].iter().all(follows) {
        return refuse("part", axis, "statements run along it beside the fold");
    }
    let mut cut = Cut { kernel, axis, rows, parts, scratch: Vec::new() };
    let types = cut.types(&body, args);
    let partial = cut.partial(before, &body[at], &types)?;
    let whole = cut.whole(before, &body[at + 1..], (names, *kind, inner), &types);
    Ok(Parted { partial, whole, scratch: cut.scratch })
}

struct Cut<'a> {
    kernel: &'a Kernel,
    axis: &'a Name,
    rows: Vec<Name>,
    parts: i64,
    scratch: Vec<Param>,
}

impl Cut<'_> {
    fn types(&self, body: &[Stmt], args: &[Val]) -> Vec<DType> {
        args.iter().map(|arg| dtype(scalar(self.kernel, body, arg))).collect()
    }

    fn partial(
        &mut self,
        before: &[Stmt],
        fold: &Stmt,
        types: &[DType],
    ) -> Result<Kernel, Refusal> {
        let mut kernel = self.kernel.clone();
        let mut body = before.to_vec();
        body.push(fold.clone());
        kernel.body = body;
        let parts = self.cut(&mut kernel)?;
        let Stmt::Fold { names, .. } = fold else { return Ok(kernel) };
        let mut dims = vec![Dim::constant(self.parts)];
        dims.extend(
            self.rows.iter().filter_map(|row| kernel.axis(row)).map(|axis| axis.extent.clone()),
        );
        let mut at = vec![Dim::axis(parts[0].clone())];
        at.extend(self.rows.iter().map(|row| Dim::axis(row.clone())));
        for stmt in &mut kernel.body {
            if let Stmt::Fold { red, .. } = stmt {
                red.retain(|own| own != self.axis && !parts.contains(own));
                red.push(parts[1].clone());
            }
        }
        for (name, dtype) in names.iter().zip(types) {
            let buf = fresh(&kernel, &format!("{name}_parts"));
            let param = Param {
                name: buf.clone(),
                dtype: *dtype,
                dims: dims.clone(),
                role: Role::Out,
                padded: true,
                ranges: 1,
            };
            kernel.params.push(param.clone());
            self.scratch.push(param);
            let (val, over, guard) = (Val::Ref(name.clone()), Vec::new(), Vec::new());
            kernel.body.push(Stmt::Store { buf, at: at.clone(), val, over, guard, merge: None });
        }
        let mut axes = vec![parts[0].clone()];
        axes.extend(self.rows.clone());
        kernel.body = vec![Stmt::For { axes, body: kernel.body }];
        keep_used(&mut kernel);
        kernel.name = Name::from(format!("{}_parts", self.kernel.name));
        kernel.notes.push(format!("part {} first", self.axis));
        Ok(kernel)
    }

    /// The axis as parts and the steps of one. Where the parts are whole, they are axes by themselves, so that what remains
    /// has the shape of the fold that was cut.
    fn cut(&self, kernel: &mut Kernel) -> Result<[Name; 2], Refusal> {
        let length = kernel.axis(self.axis).map_or(Dim::constant(1), |axis| axis.extent.clone());
        if !kernel.facts.prove_multiple(&length, self.parts).is_yes() {
            let parts =
                split(kernel, self.axis, &[("z", Some(self.parts)), ("c", None)], Tail::Unit)?;
            return Ok([parts[0].clone(), parts[1].clone()]);
        }
        let steps = kernel.facts.simplify(&length.floor_div(&Dim::constant(self.parts)));
        let z = fresh(kernel, &format!("{}.z", self.axis));
        let c = fresh(kernel, &format!("{}.c", self.axis));
        let whole = Dim::axis(z.clone()) * steps.clone() + Dim::axis(c.clone());
        kernel.substitute_axes(&|name| (name == self.axis).then(|| whole.clone()));
        kernel.axes.retain(|axis| axis.name != *self.axis);
        kernel.axes.push(Axis::new(z.clone(), Dim::constant(self.parts)));
        kernel.axes.push(Axis::new(c.clone(), steps));
        Ok([z, c])
    }

    fn whole(
        &self,
        before: &[Stmt],
        after: &[Stmt],
        (names, kind, _): (&[Name], FoldKind, &[Stmt]),
        types: &[DType],
    ) -> Kernel {
        let mut kernel = self.kernel.clone();
        let z = fresh(&kernel, &format!("{}.z", self.axis));
        kernel.axes.push(Axis::new(z.clone(), Dim::constant(self.parts)));
        let mut at = vec![Coord { ix: Dim::axis(z.clone()), checked: false }];
        at.extend(self.rows.iter().map(|row| Coord { ix: Dim::axis(row.clone()), checked: false }));
        let mut args = Vec::new();
        for param in self.scratch.iter().take(types.len()) {
            kernel.params.push(Param { role: Role::In, ..param.clone() });
            args.push(Val::Load { buf: param.name.clone(), at: at.clone(), fill: None });
        }
        let own =
            |stmt: &&Stmt| matches!(stmt, Stmt::Let { over, .. } if !over.contains(self.axis));
        let mut body: Vec<Stmt> = before.iter().filter(own).cloned().collect();
        body.push(Stmt::Fold {
            names: names.to_vec(),
            kind,
            over: Vec::new(),
            red: vec![z],
            order: Vec::new(),
            inner: Vec::new(),
            args,
            stages: Vec::new(),
        });
        body.extend(after.to_vec());
        kernel.body = if self.rows.is_empty() {
            body
        } else {
            vec![Stmt::For { axes: self.rows.clone(), body }]
        };
        keep_used(&mut kernel);
        kernel.notes.push(format!("part {} second", self.axis));
        kernel
    }
}

/// Drops parameters and axes that the body does not use.
pub(in crate::schedule) fn keep_used(kernel: &mut Kernel) {
    let mut used: Vec<Name> = kernel.loads().into_iter().map(|(buf, _)| buf.clone()).collect();
    let mut axes = Vec::new();
    kernel.visit(&mut |stmt| match stmt {
        Stmt::Store { buf, over, .. } => {
            used.push(buf.clone());
            axes.extend(over.iter().cloned());
        }
        Stmt::For { axes: own, .. } => axes.extend(own.iter().cloned()),
        Stmt::Fold { red, over, .. } => axes.extend(red.iter().chain(over).cloned()),
        Stmt::Let { over, .. } => axes.extend(over.iter().cloned()),
        Stmt::Online { .. } => {}
    });
    kernel.params.retain(|param| used.contains(&param.name));
    let leaves: Vec<(Name, Vec<Name>)> =
        kernel.axes.iter().map(|axis| (axis.name.clone(), kernel.leaves(&axis.name))).collect();
    kernel.axes.retain(|axis| {
        leaves.iter().any(|(name, leaves)| {
            *name == axis.name && leaves.iter().all(|leaf| axes.contains(leaf))
        })
    });
}

fn dtype(scalar: Scalar) -> DType {
    match scalar {
        Scalar::F32 => DType::F32,
        Scalar::I32 => DType::I32,
        Scalar::U32 => DType::U32,
        Scalar::Long => DType::Long,
        Scalar::Bool => DType::Bool,
    }
}

/// The type of a value among the definitions of a body.
fn scalar(kernel: &Kernel, body: &[Stmt], val: &Val) -> Scalar {
    use ferrodyne_plan::loops::Math;
    match val {
        Val::Const(literal) => literal.scalar(),
        Val::Load { buf, .. } => {
            kernel.param(buf).map_or(Scalar::F32, |param| param.dtype.scalar())
        }
        Val::Index(_, scalar) => *scalar,
        Val::Case { arms, .. } => {
            arms.first().map_or(Scalar::F32, |(_, _, arm)| scalar(kernel, body, arm))
        }
        Val::Op(math, args) => match math {
            Math::Cast(to) | Math::Bitcast(to) => *to,
            Math::IsNan | Math::Eq | Math::Ne | Math::Lt | Math::Le | Math::Gt | Math::Ge => {
                Scalar::Bool
            }
            Math::Select => scalar(kernel, body, &args[1]),
            _ => scalar(kernel, body, &args[0]),
        },
        Val::Ref(name) => {
            let own = body.iter().find_map(|stmt| match stmt {
                Stmt::Let { name: own, scalar, .. } if own == name => Some(*scalar),
                _ => None,
            });
            own.unwrap_or(Scalar::F32)
        }
    }
}
