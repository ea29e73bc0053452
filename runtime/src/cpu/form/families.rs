//! Kept families of values, computed at each use instead: then lanes can run along the axes around them.

use std::collections::HashMap;

use super::{DefId, Form, St, V, ValId};

impl Form {
    /// The form without its families of at most so many values; `None` if it has no such.
    pub(crate) fn without_families(&self, most: i64) -> Option<Form> {
        let mut form = self.clone();
        let mut gone = HashMap::new();
        let small = |def: DefId| self.volume(&self.defs[def].over) <= most;
        take_keeps(&mut form.body, &small, &mut gone);
        if gone.is_empty() {
            return None;
        }
        // A family's value stands before the name's, so that operands still come before what uses them.
        for id in 0..form.values.len() {
            if let V::Def(def) = form.values[id].kind
                && let Some(&val) = gone.get(&def)
            {
                form.values[id] = form.values[val].clone();
            }
        }
        form.prune();
        Some(form)
    }
}

/// Removes the statements that keep small families, and notes what they kept.
fn take_keeps(body: &mut Vec<St>, small: &dyn Fn(DefId) -> bool, gone: &mut HashMap<DefId, ValId>) {
    body.retain_mut(|st| match st {
        St::Keep { def, val } if small(*def) => {
            gone.insert(*def, *val);
            false
        }
        St::For { body, .. } => {
            take_keeps(body, small, gone);
            true
        }
        St::Fold(fold) => {
            take_keeps(&mut fold.body, small, gone);
            true
        }
        St::Keep { .. } | St::Store(_) => true,
    });
}
