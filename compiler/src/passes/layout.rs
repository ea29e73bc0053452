//! Convolutions channels-last, from the first to the last, with one transposition at each border.
//!
//! Assumes decomposed graphs; runs best before `simplify`, which cancels permutations and turns those of unit axes into reshapes.
//! A convolution over one channel at a time has no layout of its own: it goes channels-last only where its image lies so already.
//! A convolution in layout `nchw` becomes one in `nhwc` whose weight is permuted as a node of its own (part of the weight program when the
//! weight is a parameter). Its result is known by a permuted tensor, and so are the results of what can work on it as it lies:
//! pointwise operations, folds, pads, slices, windows, concatenations, gathers, permutations (which then cost nothing) and
//! reshapes. Whoever cannot gets the plain value back by a permutation, made once. Linear in nodes.

use ferrodyne_plan::{Diagnostic, Dim, Proof};

use super::{Changed, Pass, PassCx};
use crate::graph::{Attr, Attrs, Graph, Node, NodeId, Rewriter};
use crate::ops::{self, OpClass};

mod dot;
mod reshape;

/// The pass.
pub(super) const PASS: Pass = Pass { name: "layout", doc: "runs convolutions channels-last", run };

/// A value by way of a tensor whose axis `k` is the value's axis `axes[k]`.
#[derive(Clone)]
struct Permuted {
    tensor: NodeId,
    axes: Vec<usize>,
}

struct Layout<'a> {
    rewriter: Rewriter<'a>,
    /// The plain value, where it was made.
    plain: Vec<Option<NodeId>>,
    /// The permuted value, where there is one.
    permuted: Vec<Option<Permuted>>,
}

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    if !graph.nodes.iter().any(|node| is_conv(node) && !is_depthwise(graph, node)) {
        return Ok(Changed::No);
    }
    let count = graph.nodes.len();
    let rewriter = Rewriter::new(graph, cx.rules);
    let mut layout = Layout { rewriter, plain: vec![None; count], permuted: vec![None; count] };
    for input in &graph.inputs {
        layout.plain[input.node.index()] = Some(layout.rewriter.get(input.node));
    }
    for id in layout.rewriter.ids() {
        let node = graph.node(id);
        layout.rewriter.enter(id);
        let moves = is_conv(node) && (!is_depthwise(graph, node) || layout.is_channels_last(node));
        let permuted = if moves { Some(layout.conv(node)?) } else { layout.follow(node)? };
        match permuted {
            Some(permuted) => layout.set(id, permuted),
            None => layout.copy(id)?,
        }
    }
    for root in graph.roots() {
        let value = layout.plain(root)?;
        layout.rewriter.replace(root, value);
    }
    *graph = layout.rewriter.finish();
    Ok(Changed::Yes)
}

fn is_conv(node: &Node) -> bool {
    node.op.as_str() == "conv" && node.attrs.get_str("layout") == "nchw"
}

/// Whether each result is made of one channel: then no operand is shared by channels, and any order of axes is as good.
fn is_depthwise(graph: &Graph, conv: &Node) -> bool {
    conv.attrs.get_int("groups") > 1 && graph.ty(conv.inputs[1]).dims[1].as_const() == Some(1)
}

/// The order of axes in which channels are last.
fn channels_last(rank: usize) -> Vec<usize> {
    [0].into_iter().chain(2..rank).chain([1]).collect()
}

fn identity(axes: &[usize]) -> bool {
    axes.iter().enumerate().all(|(k, axis)| k == *axis)
}

fn ints(axes: &[usize]) -> Vec<i64> {
    axes.iter().map(|&axis| axis as i64).collect()
}

/// Entry `axes[k]` of a list with one entry an axis, for each `k`.
fn pick<T: Clone>(list: &[T], axes: &[usize]) -> Vec<T> {
    axes.iter().map(|&axis| list[axis].clone()).collect()
}

impl Permuted {
    /// Where an axis of the value stands in the tensor.
    fn position(&self, axis: usize) -> usize {
        self.axes.iter().position(|&a| a == axis).expect("a permutation has every axis")
    }

    fn positions(&self, axes: &[i64]) -> Vec<i64> {
        axes.iter().map(|&axis| self.position(axis as usize) as i64).collect()
    }
}

impl Layout<'_> {
    fn set(&mut self, id: NodeId, permuted: Permuted) {
        if identity(&permuted.axes) {
            self.plain[id.index()] = Some(permuted.tensor);
        } else {
            self.permuted[id.index()] = Some(permuted);
        }
        let name = self.rewriter.old().node(id).name.clone();
        let unnamed = self.rewriter.graph().node(self.tensor(id)).name.is_none();
        if let (Some(name), true) = (name, unnamed) {
            let tensor = self.tensor(id);
            self.rewriter.builder().name(tensor, name);
        }
    }

    /// The tensor by which a value is known.
    fn tensor(&self, id: NodeId) -> NodeId {
        let permuted = self.permuted[id.index()].as_ref().map(|p| p.tensor);
        permuted.or(self.plain[id.index()]).expect("values are made in order")
    }

    /// Copies a node that works on plain values.
    fn copy(&mut self, id: NodeId) -> Result<(), Diagnostic> {
        let old = self.rewriter.old();
        let operands = old.node(id).inputs.iter().map(|&operand| self.plain(operand));
        let operands = operands.collect::<Result<Vec<_>, _>>()?;
        self.plain[id.index()] = Some(self.rewriter.copy_with(id, operands));
        Ok(())
    }

    /// The plain value of a node.
    fn plain(&mut self, id: NodeId) -> Result<NodeId, Diagnostic> {
        if let Some(value) = self.plain[id.index()] {
            return Ok(value);
        }
        let rank = self.rewriter.old().ty(id).rank();
        let value = self.in_order(id, &(0..rank).collect::<Vec<_>>())?;
        self.plain[id.index()] = Some(value);
        Ok(value)
    }

    /// A value as a tensor whose axes stand in the given order.
    fn in_order(&mut self, id: NodeId, want: &[usize]) -> Result<NodeId, Diagnostic> {
        let have = match &self.permuted[id.index()] {
            Some(permuted) if permuted.axes == want => return Ok(permuted.tensor),
            Some(permuted) => permuted.clone(),
            None => {
                let tensor = self.tensor(id);
                Permuted { tensor, axes: (0..want.len()).collect() }
            }
        };
        let tensor = self.permute(&have, want)?;
        // A tensor that was permuted once need not be again.
        if self.permuted[id.index()].is_none() && !identity(want) {
            self.permuted[id.index()] = Some(Permuted { tensor, axes: want.to_vec() });
        }
        Ok(tensor)
    }

    fn permute(&mut self, have: &Permuted, want: &[usize]) -> Result<NodeId, Diagnostic> {
        if have.axes == want {
            return Ok(have.tensor);
        }
        let axes: Vec<i64> = want.iter().map(|&axis| have.position(axis) as i64).collect();
        self.rewriter.add("permute", &[have.tensor], Attrs::new().ints("axes", &axes))
    }

    /// Whether the image of a convolution lies channels-last already.
    fn is_channels_last(&self, conv: &Node) -> bool {
        let permuted = self.permuted[conv.inputs[0].index()].as_ref();
        permuted.is_some_and(|permuted| permuted.axes == channels_last(conv.ty().rank()))
    }

    /// A convolution, channels-last.
    fn conv(&mut self, node: &Node) -> Result<Permuted, Diagnostic> {
        let rank = node.ty().rank();
        let axes = channels_last(rank);
        let x = self.in_order(node.inputs[0], &axes)?;
        let weight = self.plain(node.inputs[1])?;
        let mut taps: Vec<i64> = (2..rank as i64).collect();
        taps.extend([1, 0]);
        let weight = self.rewriter.add("permute", &[weight], Attrs::new().ints("axes", &taps))?;
        let attrs = node.attrs.clone().str("layout", "nhwc");
        let tensor = self.rewriter.add("conv", &[x, weight], attrs)?;
        Ok(Permuted { tensor, axes })
    }

    /// A node that works on a permuted operand as it lies, if it can and there is one.
    fn follow(&mut self, node: &Node) -> Result<Option<Permuted>, Diagnostic> {
        let rank = node.ty().rank();
        let lead = node.inputs.iter().find_map(|id| self.permuted[id.index()].clone());
        let Some(lead) = lead.filter(|_| node.types.len() == 1 && node.calls.is_empty()) else {
            return Ok(None);
        };
        let class = ops::find(&node.op).map(|row| row.class);
        match (node.op.as_str(), class) {
            (_, Some(OpClass::Pointwise)) if lead.axes.len() == rank => {
                self.pointwise(node, &lead).map(Some)
            }
            ("pad", _) => self.with_picked(node, &lead, &["low", "high"]).map(Some),
            ("slice", _) => self.with_picked(node, &lead, &["starts", "ends", "steps"]).map(Some),
            ("expand", _) if lead.axes.len() == rank => {
                self.with_picked(node, &lead, &["dims"]).map(Some)
            }
            ("flip", _) => {
                let axes = lead.positions(node.attrs.get_ints("axes"));
                self.unary(node, &lead, node.attrs.clone().ints("axes", &axes), lead.axes.clone())
            }
            ("window", _) => {
                let at = lead.positions(node.attrs.get_ints("axes"));
                let axes = lead.axes.iter().copied().chain(lead.axes.len()..rank).collect();
                self.unary(node, &lead, node.attrs.clone().ints("axes", &at), axes)
            }
            ("permute", _) => {
                let order = node.attrs.get_ints("axes");
                let to = |axis: usize| order.iter().position(|&a| a as usize == axis);
                let axes = lead.axes.iter().filter_map(|&axis| to(axis)).collect();
                Ok(Some(Permuted { tensor: lead.tensor, axes }))
            }
            ("reshape", _) => self.reshape(node, &lead),
            ("concat", _) => self.concat(node, &lead).map(Some),
            ("gather", _) => self.gather(node, &lead),
            ("dot", _) => self.dot(node).map(Some),
            (_, Some(OpClass::Reduce)) => self.fold(node, &lead),
            _ => Ok(None),
        }
    }

    fn unary(
        &mut self,
        node: &Node,
        lead: &Permuted,
        attrs: Attrs,
        axes: Vec<usize>,
    ) -> Result<Option<Permuted>, Diagnostic> {
        let tensor = self.rewriter.add(&node.op, &[lead.tensor], attrs)?;
        Ok(Some(Permuted { tensor, axes }))
    }

    /// A view whose attributes have one entry an axis.
    fn with_picked(
        &mut self,
        node: &Node,
        lead: &Permuted,
        lists: &[&str],
    ) -> Result<Permuted, Diagnostic> {
        let mut attrs = node.attrs.clone();
        for name in lists {
            attrs = match attrs.get(name) {
                Some(Attr::Dims(dims)) => {
                    let dims = pick(dims, &lead.axes);
                    attrs.dims(name, &dims)
                }
                Some(Attr::Ints(list)) => {
                    let list = pick(list, &lead.axes);
                    attrs.ints(name, &list)
                }
                _ => attrs,
            };
        }
        let tensor = self.rewriter.add(&node.op, &[lead.tensor], attrs)?;
        Ok(Permuted { tensor, axes: lead.axes.clone() })
    }

    /// All operands in the order of the first permuted one; operands of lower rank get axes of size 1 in front first.
    fn pointwise(&mut self, node: &Node, lead: &Permuted) -> Result<Permuted, Diagnostic> {
        let rank = lead.axes.len();
        let mut operands = Vec::new();
        for &id in &node.inputs {
            let dims = &self.rewriter.old().ty(id).dims;
            operands.push(match dims.len() {
                0 => self.plain(id)?,
                same if same == rank => self.in_order(id, &lead.axes)?,
                lower => {
                    let mut padded = vec![Dim::constant(1); rank - lower];
                    padded.extend(dims.iter().cloned());
                    let attrs = Attrs::new().dims("dims", &padded);
                    let plain = self.plain(id)?;
                    let tensor = self.rewriter.add("reshape", &[plain], attrs)?;
                    self.permute(&Permuted { tensor, axes: (0..rank).collect() }, &lead.axes)?
                }
            });
        }
        let tensor = self.rewriter.add(&node.op, &operands, node.attrs.clone())?;
        Ok(Permuted { tensor, axes: lead.axes.clone() })
    }

    fn concat(&mut self, node: &Node, lead: &Permuted) -> Result<Permuted, Diagnostic> {
        let operands = node.inputs.iter().map(|&id| self.in_order(id, &lead.axes));
        let operands = operands.collect::<Result<Vec<_>, _>>()?;
        let axis = lead.position(node.attrs.get_int("axis") as usize) as i64;
        let tensor = self.rewriter.add("concat", &operands, Attrs::new().int("axis", axis))?;
        Ok(Permuted { tensor, axes: lead.axes.clone() })
    }

    /// Rows of a permuted operand by a list of indices.
    fn gather(&mut self, node: &Node, lead: &Permuted) -> Result<Option<Permuted>, Diagnostic> {
        let is_list = self.rewriter.old().ty(node.inputs[1]).rank() == 1;
        if !is_list || self.permuted[node.inputs[0].index()].is_none() {
            return Ok(None);
        }
        let index = self.plain(node.inputs[1])?;
        let axis = lead.position(node.attrs.get_int("axis") as usize) as i64;
        let attrs = node.attrs.clone().int("axis", axis);
        let tensor = self.rewriter.add("gather", &[lead.tensor, index], attrs)?;
        Ok(Some(Permuted { tensor, axes: lead.axes.clone() }))
    }

    /// A fold over some axes.
    fn fold(&mut self, node: &Node, lead: &Permuted) -> Result<Option<Permuted>, Diagnostic> {
        let (folded, attrs) = match (node.attrs.get("axes"), node.attrs.get("axis")) {
            (Some(Attr::Ints(axes)), _) => {
                let mut at = lead.positions(axes);
                at.sort_unstable();
                (axes.clone(), node.attrs.clone().ints("axes", &at))
            }
            (_, Some(Attr::Int(axis))) => {
                let at = lead.position(*axis as usize) as i64;
                (vec![*axis], node.attrs.clone().int("axis", at))
            }
            _ => return Ok(None),
        };
        let mut axes = lead.axes.clone();
        if !node.attrs.get_bool("keepdim") {
            axes.retain(|axis| !folded.contains(&(*axis as i64)));
            let before = |axis: usize| folded.iter().filter(|f| (**f as usize) < axis).count();
            axes = axes.into_iter().map(|axis| axis - before(axis)).collect();
        }
        self.unary(node, lead, attrs, axes)
    }

    fn equal(&self, a: &Dim, b: &Dim) -> bool {
        a == b || self.rewriter.graph().facts.prove_eq(a, b) == Proof::Yes
    }
}
