//! What type rules have in common: one dtype, broadcasting, axes, and sizes that must be equal.

use ferrodyne_plan::{DType, Diagnostic, Dim, Proof};

use crate::graph::{GuardFact, TensorType, TypeCx};

/// How a message that refuses an element type ends: by the names of the conversion in both fronts.
macro_rules! converted {
    ($rule:literal, $it:literal) => {
        concat!($rule, "; convert ", $it, " with `to_dtype` (`Cast` in ONNX)")
    };
}
pub(super) use converted;

impl TypeCx<'_> {
    /// Refuses operands of different element types; gives the common one.
    pub fn one_dtype(&self, operands: &[usize]) -> Result<DType, Diagnostic> {
        let first = operands[0];
        let dtype = self.inputs[first].dtype;
        match operands.iter().find(|&&k| self.inputs[k].dtype != dtype) {
            None => Ok(dtype),
            Some(&other) => Err(self.fault(
                "dtype",
                format_args!(
                    "{} but {}: both must have one dtype; convert one with `to_dtype`",
                    self.operand(first),
                    self.operand(other)
                ),
            )),
        }
    }

    /// Refuses an operand that is not of a floating-point type.
    pub fn float(&self, k: usize) -> Result<DType, Diagnostic> {
        self.require(k, DType::is_float, converted!("it must be a float", "it"))
    }

    /// Refuses an operand that is no number.
    pub fn number(&self, k: usize) -> Result<DType, Diagnostic> {
        self.require(k, |d| d != DType::Bool, converted!("it must be a number", "it"))
    }

    /// Refuses an operand that cannot be an index.
    pub fn index(&self, k: usize) -> Result<DType, Diagnostic> {
        let signed = |d| matches!(d, DType::I64 | DType::Long | DType::I32 | DType::I8);
        self.require(k, signed, converted!("indices must be i64, i32 or i8", "them"))
    }

    /// Refuses an operand whose element type does not pass a test.
    pub fn require(
        &self,
        k: usize,
        test: impl Fn(DType) -> bool,
        rule: &str,
    ) -> Result<DType, Diagnostic> {
        let dtype = self.inputs[k].dtype;
        if test(dtype) {
            return Ok(dtype);
        }
        Err(self.fault("dtype", format_args!("{}: {rule}", self.operand(k))))
    }

    /// The common shape of the operands by numpy's rule: shapes are aligned at the last axis, and an axis of size 1 repeats.
    /// A symbolic size of 1 repeats too, and that it is 1 becomes a guard.
    pub fn broadcast(&mut self, operands: &[usize]) -> Result<Vec<Dim>, Diagnostic> {
        let rank = operands.iter().map(|&k| self.inputs[k].rank()).max().unwrap_or(0);
        let mut dims = vec![Dim::constant(1); rank];
        let mut from = vec![operands[0]; rank];
        for &k in operands {
            let offset = rank - self.inputs[k].rank();
            for axis in offset..rank {
                let (have, size) = (dims[axis].clone(), self.inputs[k].dims[axis - offset].clone());
                let Some(joined) = self.join(&have, &size) else {
                    let (a, b) = (self.operand(from[axis]), self.operand(k));
                    let rule = format!("{a} but {b}: {have} and {size} must be equal or 1");
                    return Err(self.fault("shape", rule));
                };
                if joined != have {
                    from[axis] = k;
                }
                dims[axis] = joined;
            }
        }
        Ok(dims)
    }

    /// The size to which two sizes broadcast; `None` when they do not.
    fn join(&mut self, a: &Dim, b: &Dim) -> Option<Dim> {
        let one = Dim::constant(1);
        if *a == one || self.facts.prove_eq(a, b) == Proof::Yes {
            return Some(b.clone());
        }
        if *b == one {
            return Some(a.clone());
        }
        if a.is_const() && b.is_const() {
            return None;
        }
        let (first, second) = ((self.hint)(a), (self.hint)(b));
        match (first, second) {
            (Some(1), Some(n)) if n != 1 => self.is_one(a).then(|| b.clone()),
            (Some(n), Some(1)) if n != 1 => self.is_one(b).then(|| a.clone()),
            _ if self.equal(a, b) => Some(if b.is_const() { b.clone() } else { a.clone() }),
            _ => None,
        }
    }

    fn is_one(&mut self, dim: &Dim) -> bool {
        let one = Dim::constant(1);
        match self.facts.prove_eq(dim, &one) {
            Proof::Yes => true,
            Proof::No => false,
            Proof::Unknown => {
                self.facts.assume_equal(dim, &one);
                self.guard(GuardFact::Equal(dim.clone(), one));
                true
            }
        }
    }

    /// Refuses two sizes that are not equal: `a` of operand `j`, `b` of operand `k`.
    pub fn same_size(
        &mut self,
        (j, a): (usize, &Dim),
        (k, b): (usize, &Dim),
    ) -> Result<(), Diagnostic> {
        if self.equal(a, b) {
            return Ok(());
        }
        let (x, y) = (self.operand(j), self.operand(k));
        Err(self.fault("shape", format_args!("{x} but {y}: {a} and {b} must be equal")))
    }

    /// Whether `a <= b`. What is not known is decided by the values of the call at hand and becomes a guard; without such
    /// values it is taken to hold.
    pub fn at_most(&mut self, a: &Dim, b: &Dim) -> bool {
        let room = b - a;
        match self.facts.prove_le(a, b) {
            Proof::Yes => true,
            Proof::No => false,
            Proof::Unknown => {
                let holds = (self.hint)(&room).is_none_or(|room| room >= 0);
                if holds {
                    self.facts.assume_lt(a, b + 1);
                    self.guard(GuardFact::Within(room, ferrodyne_plan::Range::at_least(0)));
                }
                holds
            }
        }
    }

    /// Whether a number divides a size. What is not known is decided and guarded as by [`TypeCx::at_most`].
    pub fn divides(&mut self, factor: i64, size: &Dim) -> bool {
        match self.facts.prove_multiple(size, factor) {
            Proof::Yes => true,
            Proof::No => false,
            Proof::Unknown => {
                let holds = (self.hint)(size).is_none_or(|size| size % factor == 0);
                if holds {
                    self.facts.assume_multiple(size, factor);
                    self.guard(GuardFact::Multiple(size.clone(), factor));
                }
                holds
            }
        }
    }

    /// The integers of an attribute as distinct axes of a tensor of the given rank.
    pub fn axes(&self, attr: &str, rank: usize) -> Result<Vec<usize>, Diagnostic> {
        let mut axes = Vec::new();
        for &axis in self.attrs.get_ints(attr) {
            let axis = self.in_rank(attr, axis, rank)?;
            if axes.contains(&axis) {
                return Err(self.fault("axis", format_args!("`{attr}` names axis {axis} twice")));
            }
            axes.push(axis);
        }
        Ok(axes)
    }

    /// The integer of an attribute as an axis of a tensor of the given rank.
    pub fn axis(&self, attr: &str, rank: usize) -> Result<usize, Diagnostic> {
        self.in_rank(attr, self.attrs.get_int(attr), rank)
    }

    fn in_rank(&self, attr: &str, axis: i64, rank: usize) -> Result<usize, Diagnostic> {
        match usize::try_from(axis) {
            Ok(axis) if axis < rank => Ok(axis),
            _ if rank == 0 => {
                Err(self
                    .fault("axis", format_args!("`{attr}` holds {axis}, but rank 0 has no axes")))
            }
            _ => Err(self.fault(
                "axis",
                format_args!(
                    "`{attr}` holds {axis}, but the axes of rank {rank} are 0 to {}",
                    rank - 1
                ),
            )),
        }
    }

    /// Refuses a list attribute of another length than one entry an axis.
    pub fn lengths(&self, attr: &str, got: usize, want: usize) -> Result<(), Diagnostic> {
        if got == want {
            return Ok(());
        }
        Err(self
            .fault("attribute", format_args!("`{attr}` has {got} entries, but must have {want}")))
    }
}

/// One result.
pub(super) fn one(dtype: DType, dims: Vec<Dim>) -> Result<Vec<TensorType>, Diagnostic> {
    Ok(vec![TensorType { dtype, dims }])
}
