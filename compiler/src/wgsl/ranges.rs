//! Buffers bound in several ranges: their declarations, and the functions that read and write an element of the right one.

use std::fmt::Write as _;

use ferrodyne_plan::loops::{Param, Role};

use super::emit::Ty;
use super::load::stored;
use super::names::Names;

/// The names that a buffer bound in ranges has in the text beside its own, which is that of the function that reads it.
#[derive(Clone, Debug)]
pub(super) struct RangeNames {
    each: Vec<String>,
    pub(super) write: String,
}

impl RangeNames {
    /// Names for a parameter that is bound in more than one range.
    pub(super) fn of(param: &Param, text: &str, names: &mut Names) -> Option<RangeNames> {
        if param.ranges == 1 {
            return None;
        }
        let each = (0..param.ranges).map(|_| names.fresh(&format!("{text}_range"))).collect();
        Some(RangeNames { each, write: names.fresh(&format!("set_{text}")) })
    }
}

/// The declarations of storage bindings from `first` on: one, or one for each range.
pub(super) fn declarations(
    text: &str,
    ranges: Option<&RangeNames>,
    access: &str,
    ty: Ty,
    first: u32,
) -> String {
    let whole = [text.to_owned()];
    let names = ranges.map_or(&whole[..], |ranges| &ranges.each);
    let mut lines = String::new();
    for (at, name) in (first..).zip(names) {
        let ty = ty.text();
        let _ =
            writeln!(lines, "@group(0) @binding({at}) var<storage, {access}> {name}: array<{ty}>;");
    }
    lines
}

/// The functions that read and write elements, of which a range holds `step`.
pub(super) fn functions(
    text: &str,
    ranges: &RangeNames,
    param: &Param,
    width: u8,
    range_bytes: u64,
) -> Vec<String> {
    let ty = Ty::of(stored(param.dtype), width).text();
    let element_bytes = param.dtype.device_bytes().max(4) as u64 * u64::from(width);
    let step = range_bytes / element_bytes;
    let mut lines = Vec::new();
    if param.role != Role::Out {
        lines.push(format!("fn {text}(at: u32) -> {ty} {{"));
        lines.extend(arms(ranges, step, |place| format!("return {place};"), ""));
        lines.push("}".to_owned());
    }
    if param.role != Role::In {
        lines.push(format!("fn {}(at: u32, value: {ty}) {{", ranges.write));
        lines.extend(arms(ranges, step, |place| format!("{place} = value;"), " return;"));
        lines.push("}".to_owned());
    }
    lines
}

/// What is done with the element, range by range, and how the function ends after all but the last.
fn arms(ranges: &RangeNames, step: u64, act: impl Fn(String) -> String, end: &str) -> Vec<String> {
    let last = ranges.each.len() - 1;
    let arm = |(k, name): (usize, &String)| {
        let (before, after) = (k as u64 * step, (k as u64 + 1) * step);
        let at = if k == 0 { "at".to_owned() } else { format!("at - {before}u") };
        let act = act(format!("{name}[{at}]"));
        if k == last {
            format!("  {act}")
        } else {
            format!("  if (at < {after}u) {{ {act}{end} }}")
        }
    };
    ranges.each.iter().enumerate().map(arm).collect()
}
