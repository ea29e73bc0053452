//! `stage a at k lane i`: the loads of a buffer below an axis are fetched when the axis is entered.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Bind, Kernel, Level, Role, Stage, Stmt};

use super::{Refusal, refuse};

/// Stages the loads of `buf` in the folds that walk `at`.
pub fn stage(
    kernel: &mut Kernel,
    buf: &Name,
    at: &Name,
    level: Level,
    vec: &[Name],
) -> Result<(), Refusal> {
    match kernel.param(buf) {
        Some(param) if param.role == Role::In => {}
        _ => {
            return refuse(
                "stage",
                buf,
                "only a buffer that the kernel does not write can be held",
            );
        }
    }
    let unrolled = |name: &Name| kernel.axis(name).is_some_and(|axis| axis.bind == Bind::Unroll);
    let held = vec.iter().chain(if let Level::Lane(axis) = &level { Some(axis) } else { None });
    for name in held {
        if !unrolled(name) {
            return refuse(
                "stage",
                name,
                "what is held is chosen by constants: the axis must be unrolled",
            );
        }
    }
    let extents = vec.iter().filter_map(|name| kernel.axis(name)?.extent.as_const());
    let total: i64 = extents.product();
    if !vec.is_empty() && total != 4 && total != 2 {
        return refuse("stage", &vec[0], "the axes of a vector have 2 or 4 points together");
    }
    let mut found = false;
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| {
            let Stmt::Fold { order, red, over, args, stages, .. } = stmt else { return };
            let walked = order.contains(at) || red.contains(at) || over.contains(at);
            let loaded = args.iter().any(|arg| arg.loads().iter().any(|(own, _)| *own == buf));
            if walked && loaded {
                stages.push(Stage {
                    buf: buf.clone(),
                    at: at.clone(),
                    level: level.clone(),
                    vec: vec.to_vec(),
                });
                found = true;
            }
        });
    }
    if !found {
        return refuse("stage", buf, "no fold that walks the axis loads it");
    }
    let place = match &level {
        Level::Register => "register".to_owned(),
        Level::Lane(axis) => format!("lane {axis}"),
        Level::Workgroup => "workgroup".to_owned(),
    };
    let names: Vec<&str> = vec.iter().map(Name::as_str).collect();
    let vec = if names.is_empty() { String::new() } else { format!(" vec {}", names.join(" ")) };
    kernel.notes.push(format!("stage {buf} at {at} {place}{vec}"));
    Ok(())
}
