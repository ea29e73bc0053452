//! Builds the form of a kernel: symbols become numbers, names become ids.

mod index;
mod segments;
mod survey;

use std::collections::HashMap;

use ferrodyne_plan::loops::{Coord, FoldKind, Kernel, Literal, Math, Role, Stmt, Val};
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{DType, Dim, Name, Scalar};

use super::values::Values;
use super::{
    AxisId, BufId, Buffer, Check, Def, DefId, Fold, Form, Ix, Refusal, St, Store, V, ValId, fuse,
    set,
};
use crate::cpu::lanes::Storage;
use survey::{chain, count_uses, divisors_in};

/// Elements of a family that is kept rather than computed at each use, at most.
const KEPT: i64 = 1 << 16;

/// The form of a kernel at the given sizes.
pub(crate) fn form(kernel: &Kernel, sizes: &Sizes) -> Result<Form, Refusal> {
    let mut builder = Builder::new(kernel, sizes)?;
    let body = builder.block(&kernel.body)?;
    let mut form = Form {
        extents: builder.extents,
        buffers: builder.buffers,
        values: builder.values.list,
        defs: builder.defs,
        body,
    };
    for value in &form.values {
        if let V::Load { buf, .. } | V::Repeat { buf, .. } = value.kind {
            form.buffers[buf].read = true;
        }
    }
    form.prune();
    fuse::fuse_axes(&mut form, &|_, _| true);
    Ok(form)
}

struct Builder<'a> {
    sizes: &'a Sizes,
    /// What stands for an axis: a constant, itself, or its parts.
    axes: HashMap<Name, Dim>,
    axis_ids: HashMap<Name, AxisId>,
    /// Parts of axes that indices take apart, the outermost first.
    parts: HashMap<Name, Vec<Name>>,
    extents: Vec<i64>,
    params: HashMap<Name, (BufId, Vec<i64>)>,
    buffers: Vec<Buffer>,
    values: Values,
    defs: Vec<Def>,
    names: HashMap<Name, ValId>,
    uses: HashMap<Name, usize>,
    /// Axes of the loops around the present statement.
    around: Vec<AxisId>,
}

fn refuse<T>(text: String) -> Result<T, Refusal> {
    Err(Refusal(text))
}

impl<'a> Builder<'a> {
    fn new(kernel: &'a Kernel, sizes: &'a Sizes) -> Result<Builder<'a>, Refusal> {
        let mut builder = Builder {
            sizes,
            axes: HashMap::new(),
            axis_ids: HashMap::new(),
            parts: HashMap::new(),
            extents: Vec::new(),
            params: HashMap::new(),
            buffers: Vec::new(),
            values: Values::default(),
            defs: Vec::new(),
            names: HashMap::new(),
            uses: HashMap::new(),
            around: Vec::new(),
        };
        builder.declare_axes(kernel)?;
        for param in &kernel.params {
            let dims: Vec<i64> =
                param.dims.iter().map(|d| builder.size(d)).collect::<Result<_, _>>()?;
            let len = dims.iter().try_fold(1i64, |n, &d| n.checked_mul(d));
            let Some(len) = len else {
                return refuse(format!("`{}` is too large", param.name));
            };
            let buffer = Buffer {
                dtype: param.dtype,
                storage: storage(param.dtype),
                len,
                read: false,
                written: param.role != Role::In,
            };
            builder.params.insert(param.name.clone(), (builder.buffers.len(), dims));
            builder.buffers.push(buffer);
        }
        count_uses(&kernel.body, &mut builder.uses);
        Ok(builder)
    }

    fn declare_axis(&mut self, name: &Name, extent: i64) {
        let dim = if extent == 1 { Dim::constant(0) } else { Dim::axis(name.clone()) };
        self.axes.insert(name.clone(), dim);
        self.axis_ids.insert(name.clone(), self.extents.len());
        self.extents.push(extent);
    }

    /// Declares `i div 64`, `i mod 64 div 32` and `i mod 32` as axes of their own, in which indices are affine.
    fn declare_parts(&mut self, name: &Name, extent: i64, chain: &[i64]) {
        let (mut whole, mut parts, mut size) = (Dim::constant(0), Vec::new(), extent);
        for &divisor in chain.iter().chain(&[1]) {
            let part = Name::from(format!("{name} div {divisor}"));
            self.declare_axis(&part, size / divisor);
            whole += Dim::axis(part.clone()) * divisor;
            parts.push(part);
            size = divisor;
        }
        self.axes.insert(name.clone(), whole);
        self.parts.insert(name.clone(), parts);
    }

    fn declare_axes(&mut self, kernel: &Kernel) -> Result<(), Refusal> {
        let mut divisors: HashMap<Name, Vec<i64>> = HashMap::new();
        divisors_in(&kernel.body, &mut |axis, divisor| {
            if let Ok(divisor) = self.size(divisor) {
                divisors.entry(axis.clone()).or_default().push(divisor);
            }
        });
        for axis in &kernel.axes {
            let extent = self.size(&axis.extent)?.max(0);
            if !axis.parts.is_empty() {
                return refuse(format!(
                    "axis `{}` is split; the executor splits itself",
                    axis.name
                ));
            }
            let chain = divisors.get(&axis.name).map(|all| chain(extent, all));
            match chain.filter(|chain| !chain.is_empty()) {
                Some(chain) => self.declare_parts(&axis.name, extent, &chain),
                None => self.declare_axis(&axis.name, extent),
            }
        }
        if self.extents.len() > 128 {
            return refuse(format!("{} axes are more than 128", self.extents.len()));
        }
        Ok(())
    }

    fn size(&self, dim: &Dim) -> Result<i64, Refusal> {
        self.sizes.eval(dim).map_err(|e| Refusal(e.to_string()))
    }

    /// Ids of axes, those with one point left out.
    fn ids(&self, names: &[Name]) -> Result<Vec<AxisId>, Refusal> {
        let mut ids = Vec::new();
        let whole = |name| self.parts.get(name).map_or(std::slice::from_ref(name), |p| &p[..]);
        for name in names.iter().flat_map(whole) {
            let Some(&id) = self.axis_ids.get(name) else {
                return refuse(format!("axis `{name}` is not declared"));
            };
            if self.extents[id] != 1 {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    fn block(&mut self, body: &[Stmt]) -> Result<Vec<St>, Refusal> {
        let mut out = Vec::new();
        for stmt in body {
            match stmt {
                Stmt::For { axes, body } => out.extend(self.nests(axes, body)?),
                Stmt::Let { name, scalar, over, val, .. } => {
                    let over = self.ids(over)?;
                    let val = self.within(&over, |b| b.val(val))?;
                    out.extend(self.name_value(name, *scalar, over, val));
                }
                Stmt::Fold { .. } => out.push(St::Fold(self.fold(stmt)?)),
                Stmt::Store { .. } => out.push(St::Store(self.store(stmt)?)),
                Stmt::Online { axis, .. } => {
                    return refuse(format!("`online {axis}` is a step for GPUs"));
                }
            }
        }
        Ok(out)
    }

    fn nest(&mut self, axes: &[Name], body: &[Stmt]) -> Result<Vec<St>, Refusal> {
        let axes = self.ids(axes)?;
        let body = self.within(&axes, |b| b.block(body))?;
        Ok(if axes.is_empty() { body } else { vec![St::For { axes, body }] })
    }

    fn within<T>(&mut self, axes: &[AxisId], f: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.around.len();
        self.around.extend(axes);
        let result = f(self);
        self.around.truncate(depth);
        result
    }

    /// Binds a name; a family that is dear and used again is kept.
    fn name_value(
        &mut self,
        name: &Name,
        scalar: Scalar,
        over: Vec<AxisId>,
        val: ValId,
    ) -> Option<St> {
        let volume: i64 = over.iter().map(|&a| self.extents[a]).product();
        let again = self.uses.get(name).is_some_and(|&n| n > 1);
        if !over.is_empty() && again && volume <= KEPT && self.is_dear(val) {
            let def = self.define(scalar, &over);
            let named = self.values.add(V::Def(def), scalar, &self.defs);
            self.names.insert(name.clone(), named);
            return Some(St::Keep { def, val });
        }
        self.names.insert(name.clone(), val);
        None
    }

    fn define(&mut self, scalar: Scalar, over: &[AxisId]) -> DefId {
        let axes = set(&self.around) | set(over);
        self.defs.push(Def { scalar, over: over.to_vec(), axes });
        self.defs.len() - 1
    }

    /// Whether computing a value again costs more than keeping it.
    fn is_dear(&self, val: ValId) -> bool {
        match &self.values.list[val].kind {
            V::Math(math, args) => {
                use Math::*;
                let dear = matches!(
                    math,
                    Exp | Expm1 | Log | Log1p | Sin | Cos | Tanh | Erf | Pow | Atan2 | Rem
                );
                dear || args.iter().any(|&a| self.is_dear(a))
            }
            V::ExpNonpositive(_) => true,
            _ => false,
        }
    }

    fn fold(&mut self, stmt: &Stmt) -> Result<Fold, Refusal> {
        let Stmt::Fold { names, kind, over, red, inner, args, .. } = stmt else {
            return refuse("not a fold".to_owned());
        };
        let (over, red) = (self.ids(over)?, self.ids(red)?);
        let axes: Vec<AxisId> = over.iter().chain(&red).copied().collect();
        let (body, args) = self.within(&axes, |b| {
            let body = b.block(inner)?;
            let args = args.iter().map(|a| b.val(a)).collect::<Result<Vec<_>, _>>()?;
            Ok((body, args))
        })?;
        let Some(&first) = args.first() else { return refuse("a fold of nothing".to_owned()) };
        let scalar = self.values.list[first].scalar;
        let mut defs = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let indexed = matches!(kind, FoldKind::ArgMax | FoldKind::ArgMin) && i == 1;
            let scalar = if indexed { self.values.list[args[1]].scalar } else { scalar };
            let def = self.define(scalar, &over);
            let named = self.values.add(V::Def(def), scalar, &self.defs);
            self.names.insert(name.clone(), named);
            defs.push(def);
        }
        if *kind == FoldKind::Max && scalar == Scalar::F32 {
            self.note_maximum(defs[0], args[0]);
        }
        Ok(Fold { defs, kind: *kind, scalar, over, red, args, body })
    }

    /// Remembers what a maximum is of: `exp(x - max x)` has no positive argument.
    fn note_maximum(&mut self, def: DefId, arg: ValId) {
        let max = self.values.add(V::Def(def), Scalar::F32, &self.defs);
        let difference = V::Math(Math::Sub, vec![arg, max]);
        let difference = self.values.add(difference, Scalar::F32, &self.defs);
        self.maxima().push(difference);
    }

    fn store(&mut self, stmt: &Stmt) -> Result<Store, Refusal> {
        let Stmt::Store { buf, at, val, over, guard, merge } = stmt else {
            return refuse("not a store".to_owned());
        };
        let over = self.ids(over)?;
        self.within(&over.clone(), |b| {
            let coords: Vec<Coord> =
                at.iter().map(|ix| Coord { ix: ix.clone(), checked: false }).collect();
            let (id, at, mut checks) = b.element(buf, &coords)?;
            for (ix, end) in guard {
                let (ix, end) = (b.ix(ix)?, b.ix(end)?);
                let Some(end) = end.as_affine().filter(|e| e.terms.is_empty()) else {
                    return refuse(format!("the guard of a store to `{buf}` has no fixed end"));
                };
                checks.extend(b.values.check(&ix, end.constant, &b.extents));
            }
            let val = b.val(val)?;
            Ok(Store { buf: id, at, checks, val, over, merge: *merge })
        })
    }

    /// The flat index of an element, and what must be checked for it.
    fn element(&mut self, buf: &Name, at: &[Coord]) -> Result<(BufId, Ix, Vec<Check>), Refusal> {
        let Some((id, dims)) = self.params.get(buf).cloned() else {
            return refuse(format!("`{buf}` is not a parameter"));
        };
        if dims.len() != at.len() {
            return refuse(format!("`{buf}` has rank {}, not {}", dims.len(), at.len()));
        }
        let (mut flat, mut checks, mut stride) = (Ix::default(), Vec::new(), 1i64);
        for (coord, &dim) in at.iter().zip(&dims).rev() {
            let ix = self.ix(&coord.ix)?;
            // A coordinate that is not known to be in range is checked, whatever the plan says.
            checks.extend(self.values.check(&ix, dim, &self.extents));
            if flat.add(stride, &ix).is_none() {
                return refuse(format!("an index of `{buf}` overflows"));
            }
            stride *= dim.max(1);
        }
        Ok((id, flat, checks))
    }

    fn val(&mut self, val: &Val) -> Result<ValId, Refusal> {
        let (kind, scalar) = match val {
            Val::Const(Literal::Long(value)) => (V::ConstLong(*value), Scalar::Long),
            Val::Const(literal) => (V::Const(bits(*literal) as u32), literal.scalar()),
            Val::Load { buf, at, fill } => {
                let (buf, at, checks) = self.element(buf, at)?;
                let fill = fill.map_or(0, bits);
                let scalar = self.buffers[buf].dtype.scalar();
                (V::Load { buf, at, checks, fill }, scalar)
            }
            Val::Ref(name) => {
                return match self.names.get(name) {
                    Some(&val) => Ok(val),
                    None => refuse(format!("`{name}` is not defined")),
                };
            }
            Val::Index(dim, scalar) => {
                let ix = self.ix(dim)?;
                let Some(val) = self.values.of_ix(&ix, &self.defs) else {
                    return refuse(format!("the index {dim} overflows"));
                };
                let kind = self.values.list[val].kind.clone();
                (kind, *scalar)
            }
            Val::Op(math, args) => return self.math(*math, args),
            Val::Case { on, arms } => return self.case(on, arms),
        };
        Ok(self.values.add(kind, scalar, &self.defs))
    }

    fn math(&mut self, math: Math, args: &[Val]) -> Result<ValId, Refusal> {
        let args = args.iter().map(|a| self.val(a)).collect::<Result<Vec<_>, _>>()?;
        let of = |i: usize| args.get(i).map(|&a: &ValId| self.values.list[a].scalar);
        use Math::*;
        let scalar = match math {
            Cast(to) | Bitcast(to) => Some(to),
            IsNan | Eq | Ne | Lt | Le | Gt | Ge => Some(Scalar::Bool),
            Select => of(1),
            _ => of(0),
        };
        let Some(scalar) = scalar else { return refuse(format!("{math:?} lacks operands")) };
        if math == Exp && self.maxima().contains(&args[0]) {
            return Ok(self.values.add(V::ExpNonpositive(args[0]), scalar, &self.defs));
        }
        Ok(self.values.add(V::Math(math, args), scalar, &self.defs))
    }

    /// The arms of a case by selects; loads of the arms that are not taken are checked.
    fn case(&mut self, on: &Dim, arms: &[(Dim, Dim, Val)]) -> Result<ValId, Refusal> {
        let on = self.ix(on)?;
        let (low, high) = self.values.ix_range(&on, &self.extents);
        let mut result = None;
        for (from, to, val) in arms.iter().rev() {
            let (from, to) = (self.size(from)?, self.size(to)?);
            if to <= low || from > high || from >= to {
                continue;
            }
            let val = self.val(val)?;
            let Some(rest) = result else {
                result = Some(val);
                continue;
            };
            let Some(on) = self.values.of_ix(&on, &self.defs) else {
                return refuse("the index of a case overflows".to_owned());
            };
            let (from, to) = (self.values.int(from), self.values.int(to));
            let not_before =
                self.values.add(V::Math(Math::Ge, vec![on, from]), Scalar::Bool, &self.defs);
            let before = self.values.add(V::Math(Math::Lt, vec![on, to]), Scalar::Bool, &self.defs);
            let inside = V::Math(Math::And, vec![not_before, before]);
            let inside = self.values.add(inside, Scalar::Bool, &self.defs);
            let scalar = self.values.list[val].scalar;
            let select = V::Math(Math::Select, vec![inside, val, rest]);
            result = Some(self.values.add(select, scalar, &self.defs));
        }
        match (result, arms.last()) {
            (Some(result), _) => Ok(result),
            // Where an axis is empty nothing runs, and an arm says only of which type the value is.
            (None, Some((.., val))) if self.extents.contains(&0) => {
                let like = self.val(val)?;
                let scalar = self.values.list[like].scalar;
                Ok(self.values.add(V::Const(0), scalar, &self.defs))
            }
            _ => refuse("a case without an arm in range".to_owned()),
        }
    }

    fn maxima(&mut self) -> &mut Vec<ValId> {
        &mut self.values.maxima
    }
}

/// How elements of a type are stored on this device.
pub(crate) fn storage(dtype: DType) -> Storage {
    match dtype {
        DType::F16 => Storage::F16,
        DType::BF16 => Storage::Bf16,
        DType::I8 => Storage::I8,
        DType::U8 => Storage::U8,
        DType::Long => Storage::Long,
        _ => Storage::Word,
    }
}

/// The bits of a literal; those of 32 bits have no others.
fn bits(literal: Literal) -> u64 {
    match literal {
        Literal::F32(x) => x.to_bits().into(),
        Literal::I32(x) => (x as u32).into(),
        Literal::U32(x) => x.into(),
        Literal::Long(x) => x as u64,
        Literal::Bool(x) => x.into(),
    }
}
