//! Short forms of operators on the builder: what composites, passes and importers write.
//!
//! Axes are signed here (`-1` is the last) and are made plain before a node is added.

use std::sync::Arc;

use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor};

use super::element;
use crate::graph::{Attrs, Builder, Node, NodeId, TypeCx, in_words};

type Value = Result<NodeId, Diagnostic>;

impl Builder {
    /// Shape of a value.
    pub fn dims(&self, x: NodeId) -> Vec<Dim> {
        self.ty(x).dims.clone()
    }

    /// Element type of a value.
    pub fn dtype(&self, x: NodeId) -> DType {
        self.ty(x).dtype
    }

    /// Number of axes of a value.
    pub fn rank(&self, x: NodeId) -> usize {
        self.ty(x).rank()
    }

    /// A value as messages name it: `` `x` is f32[2, 3] ``.
    pub fn describe(&self, x: NodeId) -> String {
        let name = self.graph().node(x).name.clone();
        let name = name.map_or_else(|| format!("%{}", x.0), |name| name.to_string());
        format!("{} is {}", in_words(&name), self.ty(x))
    }

    /// A fault of an operation: the message is preceded by the operator's name and followed by the present place.
    pub fn fault(
        &self,
        op: &str,
        code: &'static str,
        message: impl std::fmt::Display,
    ) -> Diagnostic {
        Diagnostic::new(code, format!("{op}: {message}")).at(self.source().clone())
    }

    /// A signed axis of a value as a plain one.
    pub fn axis(&self, op: &str, x: NodeId, axis: i64) -> Result<usize, Diagnostic> {
        let rank = self.rank(x) as i64;
        let plain = if axis < 0 { axis + rank } else { axis };
        if (0..rank).contains(&plain) {
            return Ok(plain as usize);
        }
        let rule = match rank {
            0 => "a value of rank 0 has no axes".to_owned(),
            _ => format!("axis {axis} must lie in -{rank}..{rank}"),
        };
        Err(self.fault(op, "axis", format_args!("{}: {rule}", self.describe(x))))
    }

    /// Signed axes of a value as plain ones, in ascending order; none given means all.
    pub fn axes(&self, op: &str, x: NodeId, axes: &[i64]) -> Result<Vec<i64>, Diagnostic> {
        if axes.is_empty() {
            return Ok((0..self.rank(x) as i64).collect());
        }
        let mut plain = Vec::new();
        for &axis in axes {
            plain.push(self.axis(op, x, axis)? as i64);
        }
        plain.sort_unstable();
        Ok(plain)
    }

    /// Whether two sizes are equal, decided and guarded as by [`TypeCx::equal`].
    pub fn equal(&mut self, op: &str, a: &Dim, b: &Dim) -> bool {
        self.deciding(op, |cx| cx.equal(a, b))
    }

    /// Whether `a <= b`, decided and guarded as by [`TypeCx::at_most`].
    pub fn at_most(&mut self, op: &str, a: &Dim, b: &Dim) -> bool {
        self.deciding(op, |cx| cx.at_most(a, b))
    }

    /// Whether a number divides a size, decided and guarded as by [`TypeCx::divides`].
    pub fn divides(&mut self, op: &str, factor: i64, size: &Dim) -> bool {
        self.deciding(op, |cx| cx.divides(factor, size))
    }

    /// A question about sizes under this graph's facts, as type rules ask it.
    fn deciding<T>(&mut self, op: &str, ask: impl FnOnce(&mut TypeCx<'_>) -> T) -> T {
        let source = self.source().clone();
        let graph = self.graph_mut();
        let symbols = &graph.symbols;
        let hint = |dim: &Dim| {
            dim.eval(&|var| symbols.get(var.name()).and_then(|symbol| symbol.hint)).ok()
        };
        ask(&mut TypeCx {
            op,
            attrs: &Attrs::new(),
            inputs: &[],
            names: &[],
            calls: &[],
            results: &[],
            facts: &mut graph.facts,
            guards: &mut graph.guards,
            hint: &hint,
            source: &source,
        })
    }

    /// A polynomial by Horner's rule, the factor of the highest power first; 0 without any.
    pub fn polynomial(&mut self, x: NodeId, factors: &[f64]) -> Value {
        let (first, rest) = factors.split_first().unwrap_or((&0.0, &[]));
        let mut value = self.scalar_like(x, *first)?;
        for factor in rest {
            let scaled = self.binary("mul", value, x)?;
            value = self.with_number("add", scaled, *factor)?;
        }
        Ok(value)
    }

    /// An operator of one operand without attributes.
    pub fn unary(&mut self, op: &str, x: NodeId) -> Value {
        self.add(op, &[x], Attrs::new())
    }

    /// An operator of two operands without attributes; they broadcast.
    pub fn binary(&mut self, op: &str, x: NodeId, y: NodeId) -> Value {
        self.add(op, &[x, y], Attrs::new())
    }

    /// An operator of a value and a number of the value's type.
    pub fn with_number(&mut self, op: &str, x: NodeId, number: f64) -> Value {
        let y = self.scalar_like(x, number)?;
        self.binary(op, x, y)
    }

    /// An operator of a number of the value's type, and the value.
    pub fn number_with(&mut self, op: &str, number: f64, x: NodeId) -> Value {
        let y = self.scalar_like(x, number)?;
        self.binary(op, y, x)
    }

    /// Conversion to an element type; nothing where it is that type already.
    pub fn cast(&mut self, x: NodeId, dtype: DType) -> Value {
        if self.dtype(x) == dtype {
            return Ok(x);
        }
        self.add("cast", &[x], Attrs::new().dtype("dtype", dtype))
    }

    /// `x` where `c` holds, else `y`.
    pub fn select(&mut self, c: NodeId, x: NodeId, y: NodeId) -> Value {
        self.add("select", &[c, x, y], Attrs::new())
    }

    /// Constant data.
    pub fn constant(&mut self, value: Arc<HostTensor>) -> Value {
        self.add("constant", &[], Attrs::new().tensor("value", value))
    }

    /// Constant data made of numbers.
    ///
    /// # Panics
    /// When there are not as many numbers as the shape has.
    pub fn constant_of(&mut self, dtype: DType, dims: &[usize], values: &[f64]) -> Value {
        self.constant(element::host(dtype, dims, values))
    }

    /// A rank-0 constant.
    pub fn scalar(&mut self, dtype: DType, value: f64) -> Value {
        self.constant_of(dtype, &[], &[value])
    }

    /// A rank-0 constant of the type of another value.
    pub fn scalar_like(&mut self, x: NodeId, value: f64) -> Value {
        self.scalar(self.dtype(x), value)
    }

    /// A tensor of equal numbers.
    pub fn full(&mut self, dtype: DType, dims: &[Dim], value: f64) -> Value {
        let value = self.scalar(dtype, value)?;
        self.expand(value, dims)
    }

    /// The index along an axis of a shape.
    pub fn iota(&mut self, dims: &[Dim], axis: usize, dtype: DType) -> Value {
        let attrs = Attrs::new().dims("dims", dims).int("axis", axis as i64);
        self.add("iota", &[], attrs.dtype("dtype", dtype))
    }

    /// A size as a rank-0 number; a constant where the size is one.
    pub fn size(&mut self, dim: &Dim, dtype: DType) -> Value {
        match dim.as_const() {
            Some(value) => self.scalar(dtype, value as f64),
            None => {
                let attrs = Attrs::new().dims("dim", std::slice::from_ref(dim));
                self.add("size", &[], attrs.dtype("dtype", dtype))
            }
        }
    }

    /// A reduction (`sum prod amax amin any all`, or a composite such as `mean`) over signed axes; none means all.
    pub fn reduce(&mut self, op: &str, x: NodeId, axes: &[i64], keep: bool) -> Value {
        let axes = self.axes(op, x, axes)?;
        self.add(op, &[x], Attrs::new().ints("axes", &axes).bool("keepdim", keep))
    }

    /// `argmax` or `argmin` along a signed axis.
    pub fn arg_reduce(&mut self, op: &str, x: NodeId, axis: i64, keep: bool) -> Value {
        self.along(op, &[x], axis, Attrs::new().bool("keepdim", keep))
    }

    /// An operator with an attribute `axis`, signed, of its first operand.
    pub fn along(&mut self, op: &str, operands: &[NodeId], axis: i64, attrs: Attrs) -> Value {
        let axis = self.axis(op, operands[0], axis)?;
        self.add(op, operands, attrs.int("axis", axis as i64))
    }

    /// The same elements under another shape; nothing where it is that shape already.
    pub fn reshape(&mut self, x: NodeId, dims: &[Dim]) -> Value {
        if self.ty(x).dims == dims {
            return Ok(x);
        }
        self.add("reshape", &[x], Attrs::new().dims("dims", dims))
    }

    /// Axes in another order, signed.
    pub fn permute(&mut self, x: NodeId, axes: &[i64]) -> Value {
        let mut plain = Vec::new();
        for &axis in axes {
            plain.push(self.axis("permute", x, axis)? as i64);
        }
        if plain.len() == self.rank(x) && plain.is_sorted_by(|a, b| a < b) {
            return Ok(x);
        }
        self.add("permute", &[x], Attrs::new().ints("axes", &plain))
    }

    /// Two signed axes swapped.
    pub fn transpose(&mut self, x: NodeId, a: i64, b: i64) -> Value {
        let (a, b) = (self.axis("transpose", x, a)?, self.axis("transpose", x, b)?);
        let mut axes: Vec<i64> = (0..self.rank(x) as i64).collect();
        axes.swap(a, b);
        self.permute(x, &axes)
    }

    /// Axes of size 1 repeated, and new axes in front; nothing where it is that shape already.
    pub fn expand(&mut self, x: NodeId, dims: &[Dim]) -> Value {
        if self.ty(x).dims == dims {
            return Ok(x);
        }
        self.add("expand", &[x], Attrs::new().dims("dims", dims))
    }

    /// An axis of size 1 put in at a signed position, counted in the result.
    pub fn unsqueeze(&mut self, x: NodeId, axis: i64) -> Value {
        let rank = self.rank(x) as i64 + 1;
        let at = if axis < 0 { axis + rank } else { axis };
        if !(0..rank).contains(&at) {
            let rule =
                format_args!("{}: axis {axis} must lie in -{rank}..{rank}", self.describe(x));
            return Err(self.fault("unsqueeze", "axis", rule));
        }
        let mut dims = self.dims(x);
        dims.insert(at as usize, Dim::constant(1));
        self.reshape(x, &dims)
    }

    /// A signed axis of size 1 taken out.
    pub fn squeeze(&mut self, x: NodeId, axis: i64) -> Value {
        let axis = self.axis("squeeze", x, axis)?;
        let mut dims = self.dims(x);
        dims.remove(axis);
        self.reshape(x, &dims)
    }

    /// The axes from one to another, both included and signed, made one.
    pub fn flatten(&mut self, x: NodeId, from: i64, to: i64) -> Value {
        if self.rank(x) == 0 {
            return self.reshape(x, &[Dim::constant(1)]);
        }
        let (from, to) = (self.axis("flatten", x, from)?, self.axis("flatten", x, to)?);
        if to < from {
            let rule = format!("{}: axis {from} must not lie behind {to}", self.describe(x));
            return Err(self.fault("flatten", "axis", rule));
        }
        let mut dims = self.dims(x);
        let merged: Dim = dims.drain(from..=to).product();
        dims.insert(from, merged);
        self.reshape(x, &dims)
    }

    /// A part of one signed axis: elements `start..end`, each `step`-th.
    pub fn slice_axis(&mut self, x: NodeId, axis: i64, start: &Dim, end: &Dim, step: i64) -> Value {
        let axis = self.axis("slice", x, axis)?;
        let mut ends = self.dims(x);
        let mut starts = vec![Dim::constant(0); ends.len()];
        let mut steps = vec![1; ends.len()];
        starts[axis] = start.clone();
        ends[axis] = end.clone();
        steps[axis] = step;
        self.slice(x, &starts, &ends, &steps)
    }

    /// A part of every axis.
    pub fn slice(&mut self, x: NodeId, starts: &[Dim], ends: &[Dim], steps: &[i64]) -> Value {
        let whole = starts.iter().all(|s| s.as_const() == Some(0));
        if whole && self.ty(x).dims == ends && steps.iter().all(|&s| s == 1) {
            return Ok(x);
        }
        let attrs = Attrs::new().dims("starts", starts).dims("ends", ends);
        self.add("slice", &[x], attrs.ints("steps", steps))
    }

    /// Signed axes reversed.
    pub fn flip(&mut self, x: NodeId, axes: &[i64]) -> Value {
        if axes.is_empty() {
            return Ok(x);
        }
        let axes = self.axes("flip", x, axes)?;
        self.add("flip", &[x], Attrs::new().ints("axes", &axes))
    }

    /// Elements added before and after every axis; negative numbers take away.
    pub fn pad(&mut self, x: NodeId, low: &[Dim], high: &[Dim], value: f64) -> Value {
        if low.iter().chain(high).all(|by| by.as_const() == Some(0)) {
            return Ok(x);
        }
        let attrs = Attrs::new().dims("low", low).dims("high", high);
        self.add("pad", &[x], attrs.float("value", value))
    }

    /// Elements added before and after one signed axis.
    pub fn pad_axis(&mut self, x: NodeId, axis: i64, low: &Dim, high: &Dim, value: f64) -> Value {
        let axis = self.axis("pad", x, axis)?;
        let mut lows = vec![Dim::constant(0); self.rank(x)];
        let mut highs = lows.clone();
        lows[axis] = low.clone();
        highs[axis] = high.clone();
        self.pad(x, &lows, &highs, value)
    }

    /// The overlapping windows of some signed axes; the elements of a window are new axes at the end.
    pub fn window(
        &mut self,
        x: NodeId,
        axes: &[i64],
        sizes: &[Dim],
        strides: &[i64],
        dilations: &[i64],
    ) -> Value {
        let mut plain = Vec::new();
        for &axis in axes {
            plain.push(self.axis("window", x, axis)? as i64);
        }
        let attrs = Attrs::new().ints("axes", &plain).dims("sizes", sizes);
        self.add("window", &[x], attrs.ints("strides", strides).ints("dilations", dilations))
    }

    /// Tensors one behind the other along a signed axis; nothing where there is one.
    pub fn concat(&mut self, operands: &[NodeId], axis: i64) -> Value {
        match operands {
            [] => Err(self.fault("concat", "arity", "takes at least 1 operand, but got 0")),
            [only] => Ok(*only),
            _ => self.along("concat", operands, axis, Attrs::new()),
        }
    }

    /// Slices along a signed axis picked by an index tensor of any rank.
    pub fn gather(&mut self, x: NodeId, index: NodeId, axis: i64) -> Value {
        self.along("gather", &[x, index], axis, Attrs::new())
    }

    /// Elements along a signed axis picked by an index tensor of the same rank.
    pub fn take_along(&mut self, x: NodeId, index: NodeId, axis: i64) -> Value {
        self.along("take_along", &[x, index], axis, Attrs::new())
    }

    /// Updates merged along a signed axis into the elements that an index tensor names; `mode` is set, add, min or max.
    pub fn scatter(
        &mut self,
        x: NodeId,
        index: NodeId,
        updates: NodeId,
        axis: i64,
        mode: &str,
    ) -> Value {
        self.along("scatter", &[x, index, updates], axis, Attrs::new().str("mode", mode))
    }

    /// Sums of products over contracted axes, for each element of the batch axes; axes are plain, in pairs `(of x, of y)`.
    pub fn dot(
        &mut self,
        x: NodeId,
        y: NodeId,
        batch: &[(i64, i64)],
        contract: &[(i64, i64)],
    ) -> Value {
        let side = |pairs: &[(i64, i64)], right: bool| -> Vec<i64> {
            pairs.iter().map(|&(a, b)| if right { b } else { a }).collect()
        };
        let attrs = Attrs::new()
            .ints("lhs_batch", &side(batch, false))
            .ints("rhs_batch", &side(batch, true))
            .ints("lhs_contract", &side(contract, false))
            .ints("rhs_contract", &side(contract, true));
        self.add("dot", &[x, y], attrs)
    }

    /// The product of two values as numpy's `matmul`.
    pub fn matmul(&mut self, x: NodeId, y: NodeId) -> Value {
        self.binary("matmul", x, y)
    }
}

/// What a function makes of a value; of f16 and bf16 in f32, rounded once at the end.
pub(super) fn in_f32(
    b: &mut Builder,
    x: NodeId,
    f: impl FnOnce(&mut Builder, NodeId) -> Value,
) -> Value {
    let dtype = b.dtype(x);
    if !matches!(dtype, DType::F16 | DType::BF16) {
        return f(b, x);
    }
    let wide = b.cast(x, DType::F32)?;
    let result = f(b, wide)?;
    b.cast(result, dtype)
}

/// A number attribute, or its default where the node lacks it.
pub(super) fn float_or(node: &Node, name: &str, default: f64) -> f64 {
    if node.attrs.get(name).is_some() { node.attrs.get_float(name) } else { default }
}

/// An integer attribute, or its default where the node lacks it.
pub(super) fn int_or(node: &Node, name: &str, default: i64) -> i64 {
    if node.attrs.get(name).is_some() { node.attrs.get_int(name) } else { default }
}

/// A word attribute, or its default where the node lacks it.
pub(super) fn str_or<'a>(node: &'a Node, name: &str, default: &'a str) -> &'a str {
    if node.attrs.get(name).is_some() { node.attrs.get_str(name) } else { default }
}

/// An integers attribute, or none where the node lacks it.
pub(super) fn ints_or<'a>(node: &'a Node, name: &str, default: &'a [i64]) -> &'a [i64] {
    if node.attrs.get(name).is_some() { node.attrs.get_ints(name) } else { default }
}
