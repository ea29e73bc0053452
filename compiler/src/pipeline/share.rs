//! When two kernels are the same but for names.

use std::collections::BTreeMap;

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Kernel, Stmt};

use crate::schedule::ScheduledVariant;

/// The text of a kernel with its own names numbered in the order of their appearance: equal for kernels that differ in names
/// alone.
pub(super) fn canonical_text(kernel: &Kernel) -> String {
    let name = Name::from("kernel");
    let bare = Kernel { name, notes: Vec::new(), sources: Vec::new(), ..kernel.clone() };
    let mut declared: BTreeMap<Name, Option<usize>> = BTreeMap::new();
    declared.extend(kernel.params.iter().map(|p| (p.name.clone(), None)));
    declared.extend(kernel.axes.iter().map(|a| (a.name.clone(), None)));
    declare(&kernel.body, &mut declared);
    rename(&bare.to_string(), &mut declared)
}

/// The text of all kernels of a schedule and of what its variants need, with names numbered in each kernel.
pub(super) fn schedule_text(variants: &[ScheduledVariant]) -> String {
    let mut text = String::new();
    for variant in variants {
        text.push_str(&format!("{:?}\n", variant.needs));
        variant.kernels.iter().for_each(|kernel| text.push_str(&canonical_text(kernel)));
    }
    text
}

fn declare(stmts: &[Stmt], declared: &mut BTreeMap<Name, Option<usize>>) {
    for stmt in stmts {
        match stmt {
            Stmt::For { body, .. } | Stmt::Online { body, .. } => declare(body, declared),
            Stmt::Let { name, .. } => {
                declared.insert(name.clone(), None);
            }
            Stmt::Fold { names, inner, .. } => {
                declared.extend(names.iter().map(|name| (name.clone(), None)));
                declare(inner, declared);
            }
            Stmt::Store { .. } => {}
        }
    }
}

fn rename(text: &str, declared: &mut BTreeMap<Name, Option<usize>>) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '%' | '$');
    let mut out = String::with_capacity(text.len());
    let mut next = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match is_word(first) {
            true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        // A value may be named after the function that made it: `sin[i] = sin(x[i])`.
        let is_function = rest.starts_with('(');
        match declared.get_mut(&Name::from(word)).filter(|_| !is_function) {
            Some(number) => {
                let number = *number.get_or_insert_with(|| {
                    next += 1;
                    next
                });
                out.push_str(&format!("#{number}"));
            }
            None => out.push_str(word),
        }
    }
    out
}
