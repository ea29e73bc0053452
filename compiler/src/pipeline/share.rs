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
    let hidden = hidden(kernel, &declared);
    rename(&bare.to_string(), &mut declared) + &hidden
}

/// The types and reductions of a kernel that have the name of a value in it: numbered as that, `max[i] = max` and `min[i] = min`
/// would be one.
fn hidden(kernel: &Kernel, declared: &BTreeMap<Name, Option<usize>>) -> String {
    let mut words: Vec<&str> = kernel.params.iter().map(|param| param.dtype.name()).collect();
    kernel.visit(&mut |stmt| match stmt {
        Stmt::Fold { kind, .. } => words.push(kind.row().name),
        Stmt::Store { merge: Some(kind), .. } => words.push(kind.row().name),
        Stmt::Let { scalar, .. } => words.push(scalar.name()),
        _ => {}
    });
    words.retain(|word| declared.contains_key(&Name::from(*word)));
    words.join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_have_the_name_of_its_reduction() {
        let kernel = |word: &str| {
            let text = format!(
                "kernel k(in x: f32[3, 5], out {word}: f32[3]) {{
  axis i in 3
  axis k in 5
  for i {{
    fold best = {word} over k {{ x[i, k] }}
    {word}[i] = best
  }}
}}
"
            );
            Kernel::parse(&text).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
        };
        let (max, min) = (kernel("max"), kernel("min"));
        assert_ne!(canonical_text(&max), canonical_text(&min));
        assert_eq!(canonical_text(&max), canonical_text(&kernel("max")));
    }
}
