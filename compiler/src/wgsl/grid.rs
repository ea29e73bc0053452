//! The dispatch grid: which axis is which number of the hardware, how many workgroups there are, how large each is.

use ferrodyne_plan::loops::{Bind, GridDim, Stmt};
use ferrodyne_plan::{Dim, Name, Range, Var};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Env, Expand};
use super::fault::WgslFault;

/// The grid of a kernel.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) groups: [Dim; 3],
    pub(super) workgroup_size: [u32; 3],
    /// Arguments of the entry point.
    pub(super) builtins: Vec<&'static str>,
}

const DIMS: [GridDim; 3] = [GridDim::X, GridDim::Y, GridDim::Z];
const LETTERS: [&str; 3] = ["x", "y", "z"];

impl<'a> Expand<'a> {
    /// Finds the grid and names the axes that run on it. Axes on one dimension form one number, the first axis slowest.
    pub(super) fn grid(&mut self) -> Result<Grid, WgslFault> {
        let used = self.used_axes();
        let on = |bind: Bind| -> Vec<Name> {
            let bound = |name: &&Name| self.axes.get(*name).is_some_and(|axis| axis.bind == bind);
            used.iter().filter(bound).cloned().collect()
        };
        let groups: Vec<Vec<Name>> = DIMS.iter().map(|dim| on(Bind::Group(*dim))).collect();
        let locals: Vec<Vec<Name>> = DIMS.iter().map(|dim| on(Bind::Local(*dim))).collect();
        let (lanes, subs) = (on(Bind::Lane), on(Bind::Sub));
        let mut builtins = Vec::new();
        let group_counts = self.group_axes(&groups, &mut builtins)?;
        let mut size = [1u32; 3];
        for (at, axes) in locals.iter().enumerate() {
            size[at] = self.product(axes)? as u32;
            if !axes.is_empty() {
                let id = self.emit.leaf(format!("local.{}", LETTERS[at]), Ty::U32, 0);
                self.split_number(id, axes)?;
            }
        }
        if locals.iter().any(|axes| !axes.is_empty()) {
            builtins.push("@builtin(local_invocation_id) local: vec3u");
        }
        if !lanes.is_empty() || !subs.is_empty() {
            if let Some(axis) = locals.iter().flatten().next() {
                return Err(self.binding(axis, "bound to local beside an axis bound to lane"));
            }
            self.subgroups = true;
            let lane_count = self.target.subgroup_size.unwrap_or(1);
            size[0] = lane_count * self.product(&subs)? as u32;
            builtins.push("@builtin(subgroup_invocation_id) lane: u32");
            for axis in &lanes {
                if self.product(std::slice::from_ref(axis))? != i64::from(lane_count) {
                    return Err(self.binding(
                        axis,
                        "bound to lane with another extent than the subgroup has lanes",
                    ));
                }
                let id = self.emit.leaf("lane", Ty::U32, 0);
                self.running.insert(axis.clone(), id);
            }
            if !subs.is_empty() {
                builtins.push("@builtin(subgroup_id) subgroup: u32");
                let id = self.emit.leaf("subgroup", Ty::U32, 0);
                self.split_number(id, &subs)?;
            }
        }
        self.workgroup_axes = locals.into_iter().flatten().chain(lanes).chain(subs).collect();
        Ok(Grid { groups: group_counts, workgroup_size: size, builtins })
    }

    /// The axes without parts that statements use, in order of their first use.
    fn used_axes(&self) -> Vec<Name> {
        let mut used: Vec<Name> = Vec::new();
        let mut add = |axes: &[Name]| {
            for axis in axes {
                if !used.contains(axis) {
                    used.push(axis.clone());
                }
            }
        };
        self.kernel.visit(&mut |stmt| match stmt {
            Stmt::For { axes, .. } => add(axes),
            Stmt::Let { over, .. } | Stmt::Store { over, .. } => add(over),
            Stmt::Fold { over, red, .. } => {
                add(over);
                add(red);
            }
            Stmt::Online { axis, .. } => add(std::slice::from_ref(axis)),
        });
        used
    }

    fn product(&self, axes: &[Name]) -> Result<i64, WgslFault> {
        let mut product = 1;
        for name in axes {
            product *= self.const_extent(self.axis(name)?, "the workgroup")?;
        }
        Ok(product)
    }

    fn extent(&self, axes: &[Name]) -> Dim {
        let extents =
            axes.iter().filter_map(|name| self.axes.get(name)).map(|axis| axis.extent.clone());
        self.facts.simplify(&extents.product())
    }

    /// The workgroups along each dimension. Where one may exceed the target's limit, all are counted along one number
    /// that is spread over two dimensions.
    fn group_axes(
        &mut self,
        groups: &[Vec<Name>],
        builtins: &mut Vec<&'static str>,
    ) -> Result<[Dim; 3], WgslFault> {
        let one = Dim::constant(1);
        if groups.iter().all(Vec::is_empty) {
            return Ok([one.clone(), one.clone(), one]);
        }
        builtins.push("@builtin(workgroup_id) workgroup: vec3u");
        self.grouped = true;
        let counts: Vec<Dim> = groups.iter().map(|axes| self.extent(axes)).collect();
        let limit = i64::from(self.target.groups_max);
        let fits = |count: &Dim| self.facts.prove_le(count, &Dim::constant(limit)).is_yes();
        if counts.iter().all(fits) {
            for (at, axes) in groups.iter().enumerate() {
                let id = self.emit.leaf(format!("workgroup.{}", LETTERS[at]), Ty::U32, 0);
                self.split_number(id, axes)?;
            }
            return Ok([counts[0].clone(), counts[1].clone(), counts[2].clone()]);
        }
        let axes: Vec<Name> = groups.iter().rev().flatten().cloned().collect();
        let total = self.extent(&axes);
        let x = self.emit.leaf("workgroup.x", Ty::U32, 0);
        let y = self.emit.leaf("workgroup.y", Ty::U32, 0);
        let wide = self.literal_u32(limit);
        let rows = self.emit.node(Kind::Infix("*"), &[y, wide], Ty::U32);
        let id = self.emit.node(Kind::Infix("+"), &[rows, x], Ty::U32);
        self.emit.hint(id, "group");
        self.emit.pin(id);
        let end = self.index(&total, &Env::default())?;
        // All invocations of a workgroup leave together, so that barriers below stay uniform.
        self.emit.statement(pieces!["if (", id, " >= ", end, ") { return; }"]);
        self.split_number(id, &axes)?;
        let limit = Dim::constant(limit);
        Ok([Dim::min(&total, &limit), total.ceil_div(&limit), one])
    }

    /// Names the digits of a number that counts several axes, the last axis fastest.
    fn split_number(&mut self, id: Id, axes: &[Name]) -> Result<(), WgslFault> {
        let mut place = Dim::constant(1);
        for (at, name) in axes.iter().enumerate().rev() {
            let extent = self.axis(name)?.extent.clone();
            let number = Name::from(format!("number {}", id.0));
            self.running.insert(number.clone(), id);
            self.facts.set_range(Var::Axis(number.clone()), Range::at_least(0));
            let mut value = Dim::axis(number).floor_div(&place);
            if at > 0 {
                value = value.modulo(&extent);
            }
            let digit = self.index(&value, &Env::default())?;
            let digit = if self.facts.simplify(&extent).as_const() == Some(1) {
                self.literal_u32(0)
            } else {
                digit
            };
            self.emit.hint(digit, name);
            if at > 0 || axes.len() > 1 {
                self.emit.pin(digit);
            }
            self.running.insert(name.clone(), digit);
            place *= extent;
        }
        Ok(())
    }
}
