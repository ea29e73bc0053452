//! Passes: rewrites of a graph, one file each, run by a list that the user can print, cut short and extend.
//!
//! A pass takes a verified graph and leaves a verified graph that computes the same results under the same guards; it never drops a
//! guard and never reads the value of a parameter. What depends on parameters alone stays in the graph as nodes: it is
//! the weight program, found by [`depends_only_on_weights`](crate::graph::analysis::depends_only_on_weights).

mod inline;
mod outline;
mod recognise;

mod batch_norm;
mod cse;
mod dce;
mod decompose;
mod fold;
pub(crate) mod joins;
mod merge_siblings;
mod pack;
mod simplify;
mod widen;

mod layout;

mod pattern;
mod user;

use std::fmt;

use ferrodyne_plan::{Diagnostic, Name, Target};

use crate::graph::{Graph, OpRules, verify};
use crate::ops::Table;

pub use pattern::{Match, Pattern};
pub use user::{Position, UserFn, UserPass};
pub use widen::widen;

/// Whether a pass changed the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It did.
    Yes,
    /// The graph is as it was.
    No,
}

impl From<bool> for Changed {
    fn from(changed: bool) -> Changed {
        if changed { Changed::Yes } else { Changed::No }
    }
}

/// What passes may know besides the graph.
#[derive(Clone, Copy)]
pub struct PassCx {
    /// The rules of operators.
    pub rules: &'static dyn OpRules,
    /// Composites that a later stage lowers itself, and which `decompose` therefore leaves.
    pub keep: fn(&str) -> bool,
    /// Constants with at most so many elements are computed while compiling.
    pub fold_elements_max: usize,
    /// Columns of a panel, where the target's kernels read a weight fastest in panels of so many columns after each other.
    pub panel: Option<i64>,
    /// Whether the verifier runs after each pass that changed the graph; it does in debug builds.
    pub checked: bool,
}

impl Default for PassCx {
    fn default() -> PassCx {
        let checked = cfg!(debug_assertions);
        PassCx { rules: &Table, keep: |_| false, fold_elements_max: 1024, panel: None, checked }
    }
}

/// A pass.
#[derive(Clone, Copy)]
pub struct Pass {
    /// Name in lists and dumps.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// The pass itself.
    pub run: fn(&mut Graph, &PassCx) -> Result<Changed, Diagnostic>,
}

/// A pass of a list: ferrodyne's own, or a user's.
#[derive(Clone)]
pub enum Listed {
    /// One of ferrodyne's.
    Own(Pass),
    /// A user's.
    User(UserPass),
}

impl Listed {
    /// Name in lists and dumps.
    pub fn name(&self) -> &str {
        match self {
            Listed::Own(pass) => pass.name,
            Listed::User(pass) => pass.name.as_str(),
        }
    }

    fn run(&self, graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
        match self {
            Listed::Own(pass) => (pass.run)(graph, cx),
            Listed::User(pass) => pass.run(graph, cx),
        }
    }
}

/// Passes in the order in which they run.
#[derive(Clone)]
pub struct PassList(Vec<Listed>);

impl From<Vec<Pass>> for PassList {
    fn from(passes: Vec<Pass>) -> PassList {
        PassList(passes.into_iter().map(Listed::Own).collect())
    }
}

impl PassList {
    /// No passes.
    pub fn empty() -> PassList {
        PassList(Vec::new())
    }

    /// The passes that a target wants.
    pub fn default_for(target: &Target) -> PassList {
        let _ = target;
        PassList::from(vec![
            inline::PASS,
            dce::PASS,
            recognise::PASS,
            decompose::PASS,
            fold::PASS,
            simplify::PASS,
            cse::PASS,
            batch_norm::PASS,
            merge_siblings::PASS,
            layout::PASS,
            fold::PASS,
            simplify::PASS,
            cse::PASS,
            pack::PASS,
            dce::PASS,
        ])
    }

    /// All passes there are.
    pub fn all() -> Vec<Pass> {
        vec![
            inline::PASS,
            outline::PASS,
            dce::PASS,
            recognise::PASS,
            decompose::PASS,
            fold::PASS,
            simplify::PASS,
            cse::PASS,
            batch_norm::PASS,
            merge_siblings::PASS,
            layout::PASS,
            pack::PASS,
        ]
    }

    /// The passes of these names.
    ///
    /// # Errors
    /// A name that no pass has, with the names there are.
    pub fn named(names: &str) -> Result<PassList, Diagnostic> {
        let all = PassList::all();
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let passes = names.map(|name| {
            all.iter().find(|pass| pass.name == name).copied().ok_or_else(|| {
                let known = PassList::from(all.clone());
                Diagnostic::new("pass", format!("there is no pass `{name}`"))
                    .help(format!("the passes are: {known}"))
            })
        });
        passes.collect::<Result<Vec<Pass>, _>>().map(PassList::from)
    }

    /// With one more pass at the end.
    pub fn then(mut self, pass: Pass) -> PassList {
        self.0.push(Listed::Own(pass));
        self
    }

    /// With a user's pass at its position.
    ///
    /// # Errors
    /// A position beside a pass that the list does not have, with the names there are.
    pub fn with(mut self, pass: UserPass) -> Result<PassList, Diagnostic> {
        let beside = |name: &str, found: Option<usize>| {
            found.ok_or_else(|| {
                let message =
                    format!("`{}` is to run beside `{name}`, which does not run", pass.name);
                Diagnostic::new("pass", message).help(format!("these run: {self}"))
            })
        };
        let named = |name: &Name| {
            let name = name.clone();
            move |listed: &Listed| listed.name() == name.as_str()
        };
        let at = match &pass.position {
            Position::First => 0,
            Position::Last => self.0.len(),
            Position::Before(name) => beside(name, self.0.iter().position(named(name)))?,
            Position::After(name) => beside(name, self.0.iter().rposition(named(name)))? + 1,
        };
        self.0.insert(at, Listed::User(pass));
        Ok(self)
    }

    /// Up to and including the first pass of that name; all of them when there is none.
    pub fn until(mut self, name: &str) -> PassList {
        if let Some(at) = self.0.iter().position(|pass| pass.name() == name) {
            self.0.truncate(at + 1);
        }
        self
    }

    /// The first `n` passes.
    pub fn first(mut self, n: usize) -> PassList {
        self.0.truncate(n);
        self
    }

    /// Without the passes of that name.
    pub fn without(mut self, name: &str) -> PassList {
        self.0.retain(|pass| pass.name() != name);
        self
    }

    /// The passes.
    pub fn iter(&self) -> impl Iterator<Item = &Listed> {
        self.0.iter()
    }

    /// Runs the passes; `dump` sees the graph after each that changed it, and so does the verifier where [`PassCx::checked`] says
    /// so.
    ///
    /// # Errors
    /// What a pass refuses, or a fault of a pass that the verifier found.
    pub fn run(
        &self,
        graph: &mut Graph,
        cx: &PassCx,
        dump: &mut dyn FnMut(&str, &Graph),
    ) -> Result<Changed, Diagnostic> {
        let mut changed = Changed::No;
        for pass in &self.0 {
            if pass.run(graph, cx)? == Changed::No {
                continue;
            }
            changed = Changed::Yes;
            dump(pass.name(), graph);
            if cx.checked {
                verify(graph, cx.rules).map_err(|fault| {
                    fault.note(format!(
                        "after the pass `{}`; this is a fault of ferrodyne",
                        pass.name()
                    ))
                })?;
            }
        }
        Ok(changed)
    }
}

impl fmt::Display for PassList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(Listed::name).collect();
        f.write_str(&names.join(", "))
    }
}

impl fmt::Debug for PassList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
