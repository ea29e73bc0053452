//! Runs a compiled kernel.

use super::program::{Binary, Expr, FoldNode, Ix, IxAtom, Node, OnlineNode, Program};
use super::{InterpretError, Tensor};
use crate::dims::EvalError;
use crate::loops::{FoldKind, Literal, Number, Role, State, Tail, number};
use crate::{Dim, Scalar};

type Ran<T> = Result<T, InterpretError>;

/// A member of a family of values, and in which run of its statement it was computed.
#[derive(Clone, Copy)]
struct Member {
    run: u64,
    value: Number,
}

struct Machine<'a> {
    program: &'a Program,
    buffers: &'a mut [Tensor],
    stored: Vec<Vec<bool>>,
    axes: Vec<i64>,
    overhang: Vec<bool>,
    members: Vec<Vec<Member>>,
    /// The last run of each value's statement, and what a `let` computes.
    runs: Vec<u64>,
    lets: Vec<Option<&'a Expr>>,
    clock: u64,
}

pub(super) fn run(program: &Program, buffers: &mut [Tensor]) -> Ran<()> {
    check_buffers(program, buffers)?;
    let empty = Member { run: 0, value: Literal::Bool(false) };
    let mut machine = Machine {
        stored: buffers.iter().map(|tensor| vec![false; tensor.data.len()]).collect(),
        buffers,
        axes: vec![0; program.axes.len()],
        overhang: vec![false; program.axes.len()],
        members: program.values.iter().map(|value| vec![empty; value.size]).collect(),
        runs: vec![0; program.values.len()],
        lets: program.values.iter().map(|_| None).collect(),
        clock: 0,
        program,
    };
    machine.body(&program.body)
}

fn check_buffers(program: &Program, buffers: &[Tensor]) -> Ran<()> {
    let (want, got) = (program.params.len(), buffers.len());
    if want != got {
        return Err(InterpretError::Buffers { want, got });
    }
    for (param, tensor) in program.params.iter().zip(buffers) {
        let same = tensor.dims.len() == param.dims.len()
            && tensor.dims.iter().zip(&param.dims).all(|(&a, &b)| i64::try_from(a) == Ok(b))
            && tensor.data.len() == tensor.dims.iter().product::<usize>();
        if !same || tensor.dtype != param.dtype {
            return Err(InterpretError::Buffer {
                name: param.name.clone(),
                want: param.dtype,
                want_dims: param.dims.clone(),
                got: tensor.dtype,
                got_dims: tensor.dims.clone(),
            });
        }
    }
    Ok(())
}

impl<'a> Machine<'a> {
    fn body(&mut self, body: &'a [Node]) -> Ran<()> {
        body.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &'a Node) -> Ran<()> {
        match node {
            Node::For { axes, body } => self.nest(axes, &mut |machine| machine.body(body)),
            Node::Let { value, val, keep } => {
                self.begin(*value);
                self.lets[*value] = Some(val);
                if !keep {
                    return Ok(());
                }
                self.nest(&self.program.values[*value].over, &mut |machine| {
                    if machine.hangs_over() { Ok(()) } else { machine.read(*value).map(drop) }
                })
            }
            Node::Fold(fold) => {
                let mut states = self.start(fold);
                self.run_fold(fold, &mut states, None)?;
                self.publish(fold, &states);
                Ok(())
            }
            Node::Online(online) => self.online(online),
            Node::Store { buf, at, val, over, guard, merge } => self.nest(over, &mut |machine| {
                if machine.hangs_over() || !machine.guarded(guard)? {
                    return Ok(());
                }
                machine.store(*buf, at, val, *merge)
            }),
        }
    }

    /// Runs `inside` for every point of the axes, which are zero afterwards.
    fn nest(&mut self, axes: &[usize], inside: &mut dyn FnMut(&mut Self) -> Ran<()>) -> Ran<()> {
        let Some((&axis, rest)) = axes.split_first() else { return inside(self) };
        for value in 0..self.program.axes[axis].extent {
            self.set(axis, value)?;
            if rest.is_empty() {
                inside(self)?;
            } else {
                self.nest(rest, inside)?;
            }
        }
        self.set(axis, 0)
    }

    fn set(&mut self, axis: usize, value: i64) -> Ran<()> {
        let program = self.program;
        self.axes[axis] = value;
        for &whole in &program.axes[axis].wholes {
            let split = &program.axes[whole];
            let mut value = 0;
            for &part in &split.parts {
                value = value * program.axes[part].extent + self.axes[part];
            }
            let over = value >= split.extent && split.extent > 0;
            self.overhang[whole] = over;
            if over && split.tail == Tail::Exact {
                let (axis, extent) = (split.name.clone(), split.extent);
                return Err(InterpretError::Overhang { axis, value, extent });
            }
            self.axes[whole] =
                if over && split.tail != Tail::Pad { split.extent - 1 } else { value };
        }
        Ok(())
    }

    /// Whether the point lies beyond the extent of a split axis whose stores are guarded.
    fn hangs_over(&self) -> bool {
        let axes = self.overhang.iter().zip(&self.program.axes);
        axes.into_iter().any(|(&over, axis)| over && axis.tail != Tail::Pad)
    }

    fn pads(&self) -> bool {
        let axes = self.overhang.iter().zip(&self.program.axes);
        axes.into_iter().any(|(&over, axis)| over && axis.tail == Tail::Pad)
    }

    fn begin(&mut self, value: usize) {
        self.clock += 1;
        self.runs[value] = self.clock;
    }

    fn family_index(&self, over: &[usize]) -> usize {
        over.iter().fold(0, |index, &axis| {
            index * self.program.axes[axis].extent as usize + self.axes[axis] as usize
        })
    }

    fn read(&mut self, value: usize) -> Ran<Number> {
        let index = self.family_index(&self.program.values[value].over);
        let member = self.members[value][index];
        if self.runs[value] != 0 && member.run == self.runs[value] {
            return Ok(member.value);
        }
        let Some(expr) = self.lets[value].filter(|_| self.runs[value] != 0) else {
            return Err(InterpretError::NotComputed(self.program.values[value].name.clone()));
        };
        let run = self.runs[value];
        let computed = self.eval(expr)?;
        self.members[value][index] = Member { run, value: computed };
        Ok(computed)
    }

    fn start(&self, fold: &FoldNode) -> Vec<State> {
        let size = self.program.values[fold.results[0]].size;
        vec![(fold.kind.row().init)(&fold.types); size]
    }

    /// Folds all terms into the states. A term is dropped where `anchor`, a running maximum, is still minus infinity.
    fn run_fold(
        &mut self,
        fold: &'a FoldNode,
        states: &mut [State],
        anchor: Option<usize>,
    ) -> Ran<()> {
        let row = fold.kind.row();
        self.nest(&fold.walk, &mut |machine| {
            if fold.dropping.iter().any(|&axis| machine.overhang[axis]) {
                return Ok(());
            }
            if let Some(anchor) = anchor
                && machine.read(anchor)? == Literal::F32(f32::NEG_INFINITY)
            {
                return Ok(());
            }
            machine.body(&fold.inner)?;
            let mut args = [Literal::Bool(false); 2];
            for (arg, expr) in args.iter_mut().zip(&fold.args) {
                *arg = machine.eval(expr)?;
            }
            let state = &mut states[machine.family_index(&fold.over)];
            let next = row.step(*state, &args[..row.args]);
            *state = next.ok_or(InterpretError::FoldTypes(row.name))?;
            Ok(())
        })
    }

    fn publish(&mut self, fold: &FoldNode, states: &[State]) {
        for (nth, &result) in fold.results.iter().enumerate() {
            self.begin(result);
            let run = self.runs[result];
            for (member, state) in self.members[result].iter_mut().zip(states) {
                *member = Member { run, value: fold.kind.row().finish(*state)[nth] };
            }
        }
    }

    fn online(&mut self, online: &'a OnlineNode) -> Ran<()> {
        let mut states: Vec<Vec<State>> = Vec::new();
        for (node, &carried) in online.body.iter().zip(&online.carried) {
            let Node::Fold(fold) = node else {
                states.push(Vec::new());
                continue;
            };
            states.push(if carried { self.start(fold) } else { Vec::new() });
            self.publish(fold, &self.start(fold));
        }
        self.nest(&online.axes, &mut |machine| machine.block(online, &mut states))
    }

    fn block(&mut self, online: &'a OnlineNode, states: &mut [Vec<State>]) -> Ran<()> {
        let before: Vec<Number> =
            self.members[online.anchor].iter().map(|member| member.value).collect();
        for (nth, node) in online.body.iter().enumerate() {
            let Node::Fold(fold) = node else {
                self.node(node)?;
                continue;
            };
            if !online.carried[nth] {
                self.node(node)?;
                continue;
            }
            let states = &mut states[nth];
            let anchor = online.rescaled[nth].then_some(online.anchor);
            if let Some(anchor) = anchor {
                self.rescale(fold, states, anchor, &before)?;
            }
            self.run_fold(fold, states, anchor)?;
            self.publish(fold, states);
        }
        Ok(())
    }

    fn rescale(
        &mut self,
        fold: &FoldNode,
        states: &mut [State],
        anchor: usize,
        before: &[Number],
    ) -> Ran<()> {
        self.nest(&fold.over, &mut |machine| {
            let member = machine.family_index(&machine.program.values[anchor].over);
            let (old, new) = (before[member].to_f32(), machine.read(anchor)?.to_f32());
            if old != new {
                let state = &mut states[machine.family_index(&fold.over)];
                state[0] = Literal::F32(state[0].to_f32() * (old - new).exp());
            }
            Ok(())
        })
    }

    fn guarded(&mut self, guard: &[(Ix, Ix)]) -> Ran<bool> {
        for (value, bound) in guard {
            let (value, bound) = (self.ix(value)?, self.ix(bound)?);
            if value < 0 || value >= bound {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The flat index; `None` in the padding that a tail may touch.
    fn element(&self, buf: usize, at: &[i64]) -> Ran<Option<usize>> {
        let param = &self.program.params[buf];
        if at.len() != param.dims.len() {
            let (want, got) = (param.dims.len(), at.len());
            return Err(InterpretError::Rank { buf: param.name.clone(), want, got });
        }
        let mut flat = 0i64;
        for (&value, &extent) in at.iter().zip(&param.dims) {
            let next = flat.checked_mul(extent).and_then(|flat| flat.checked_add(value));
            flat = next.ok_or(InterpretError::Overflow)?;
        }
        let out =
            at.iter().zip(&param.dims).position(|(&value, &extent)| value < 0 || value >= extent);
        let Some(place) = out else { return Ok(usize::try_from(flat).ok()) };
        let (len, per_row) = (self.buffers[buf].data.len(), 16 / param.dtype.device_bytes());
        let padding = len..len.next_multiple_of(per_row);
        if param.padded
            && self.pads()
            && usize::try_from(flat).is_ok_and(|flat| padding.contains(&flat))
        {
            return Ok(None);
        }
        let (value, extent) = (at[place], param.dims[place]);
        Err(InterpretError::OutOfRange { buf: param.name.clone(), place, value, extent })
    }

    fn store(&mut self, buf: usize, at: &[Ix], val: &'a Expr, merge: Option<FoldKind>) -> Ran<()> {
        let param = &self.program.params[buf];
        if param.role == Role::In {
            return Err(InterpretError::StoreToInput(param.name.clone()));
        }
        let mut value = self.eval(val)?;
        let at = at.iter().map(|ix| self.ix(ix)).collect::<Ran<Vec<i64>>>()?;
        let Some(element) = self.element(buf, &at)? else { return Ok(()) };
        if let Some(kind) = merge {
            let row = kind.row();
            let old = [self.buffers[buf].data[element], Literal::Bool(false), Literal::Bool(false)];
            let next = row.step(old, &[value]).ok_or(InterpretError::FoldTypes(row.name))?;
            value = next[0];
        } else if self.stored[buf][element] {
            return Err(InterpretError::StoredTwice { buf: param.name.clone(), element });
        }
        self.stored[buf][element] = true;
        self.buffers[buf].data[element] = value.stored(param.dtype);
        Ok(())
    }

    fn load(&mut self, buf: usize, at: &[(Ix, bool)], fill: Option<Literal>) -> Ran<Number> {
        let param = &self.program.params[buf];
        let mut coords: smallvec::SmallVec<[i64; 6]> = smallvec::SmallVec::new();
        let mut outside = false;
        for (place, (ix, checked)) in at.iter().enumerate() {
            let value = self.ix(ix)?;
            outside |= *checked && !param.dims.get(place).is_some_and(|&n| (0..n).contains(&value));
            coords.push(value);
        }
        if outside {
            return fill.ok_or_else(|| InterpretError::NoFill(param.name.clone()));
        }
        let Some(element) = self.element(buf, &coords)? else {
            return Ok(Literal::F32(f32::NAN).cast(param.dtype.scalar()));
        };
        match (param.role, self.stored[buf][element]) {
            (Role::Out, _) => {
                Err(InterpretError::ReadOfOutput { buf: param.name.clone(), element })
            }
            (Role::InOut, true) => {
                Err(InterpretError::ReadAfterStore { buf: param.name.clone(), element })
            }
            _ => Ok(self.buffers[buf].data[element]),
        }
    }

    fn eval(&mut self, expr: &'a Expr) -> Ran<Number> {
        match expr {
            Expr::Const(literal) => Ok(*literal),
            Expr::Load { buf, at, fill } => self.load(*buf, at, *fill),
            Expr::Ref(value) => self.read(*value),
            Expr::Index(ix, scalar) => {
                let value = self.ix(ix)?;
                Ok(match scalar {
                    Scalar::U32 => Literal::U32(value as u32),
                    _ => Literal::I32(value as i32),
                })
            }
            Expr::Op(math, args) => {
                let mut values = [Literal::Bool(false); 3];
                if args.len() > values.len() {
                    return Err(InterpretError::Operands(*math));
                }
                for (value, arg) in values.iter_mut().zip(args) {
                    *value = self.eval(arg)?;
                }
                number::apply(*math, &values[..args.len()]).ok_or(InterpretError::Operands(*math))
            }
            Expr::Case { on, text, arms } => {
                let value = self.ix(on)?;
                for (from, to, val) in arms {
                    if self.ix(from)? <= value && value < self.ix(to)? {
                        return self.eval(val);
                    }
                }
                Err(InterpretError::NoArm { on: text.clone(), value })
            }
        }
    }

    fn ix(&mut self, ix: &Ix) -> Ran<i64> {
        let mut sum = ix.constant;
        for (coeff, atoms) in &ix.terms {
            let mut product = *coeff;
            for atom in atoms {
                let value = self.atom(atom)?;
                product = product.checked_mul(value).ok_or(InterpretError::Overflow)?;
            }
            sum = sum.checked_add(product).ok_or(InterpretError::Overflow)?;
        }
        Ok(sum)
    }

    fn atom(&mut self, atom: &IxAtom) -> Ran<i64> {
        let (binary, operands) = match atom {
            IxAtom::Axis(axis) => return Ok(self.axes[*axis]),
            IxAtom::Value(value) => {
                let name = || InterpretError::NotAnIndex(self.program.values[*value].name.clone());
                return self.read(*value)?.to_index().ok_or_else(name);
            }
            IxAtom::Binary(binary, operands) => (binary, operands),
        };
        let (a, b) = (self.ix(&operands.0)?, self.ix(&operands.1)?);
        let (wide_a, wide_b) = (i128::from(a), i128::from(b));
        let value = match binary {
            Binary::Div | Binary::CeilDiv | Binary::Mod if b == 0 => {
                return Err(EvalError::DivisionByZero(Dim::constant(a)).into());
            }
            Binary::Div => (wide_a - floor_mod(wide_a, wide_b)) / wide_b,
            Binary::CeilDiv => -((-wide_a - floor_mod(-wide_a, wide_b)) / wide_b),
            Binary::Mod => floor_mod(wide_a, wide_b),
            Binary::Min => wide_a.min(wide_b),
            Binary::Max => wide_a.max(wide_b),
            Binary::Add => wide_a + wide_b,
            Binary::Mul => wide_a * wide_b,
        };
        i64::try_from(value).map_err(|_| InterpretError::Overflow)
    }
}

/// Has the sign of the divisor, which is not zero.
fn floor_mod(a: i128, b: i128) -> i128 {
    let rem = a % b;
    if rem != 0 && (rem < 0) != (b < 0) { rem + b } else { rem }
}
