//! Passes of users: functions over a graph, under names of their own, put before or after other passes.

use std::fmt;
use std::sync::Arc;

use ferrodyne_plan::{Diagnostic, Name};

use super::{Changed, PassCx};
use crate::graph::{Graph, verify};

/// Where a user's pass runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before all others, on the graph as it was captured.
    First,
    /// After all others.
    Last,
    /// Before the first pass of that name.
    Before(Name),
    /// After the last pass of that name.
    After(Name),
}

/// The function of a user's pass.
pub type UserFn = dyn Fn(&mut Graph, &PassCx) -> Result<Changed, Diagnostic> + Send + Sync;

/// A user's pass.
#[derive(Clone)]
pub struct UserPass {
    /// Name in lists and messages.
    pub name: Name,
    /// Where it runs.
    pub position: Position,
    run: Arc<UserFn>,
}

impl UserPass {
    /// A pass.
    pub fn new(
        name: impl Into<Name>,
        position: Position,
        run: impl Fn(&mut Graph, &PassCx) -> Result<Changed, Diagnostic> + Send + Sync + 'static,
    ) -> UserPass {
        UserPass { name: name.into(), position, run: Arc::new(run) }
    }

    /// Runs the pass. What it leaves is verified in every build, since it is not ours.
    ///
    /// # Errors
    /// What the pass refuses; a graph that is no graph any more, with the name of the pass.
    pub fn run(&self, graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
        let changed = (self.run)(graph, cx)?;
        if changed == Changed::Yes {
            verify(graph, cx.rules).map_err(|fault| {
                fault.note(format!(
                    "after the pass `{}`, which is not one of ferrodyne's",
                    self.name
                ))
            })?;
        }
        Ok(changed)
    }
}

impl fmt::Debug for UserPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?}, {:p})", self.name, self.position, Arc::as_ptr(&self.run))
    }
}
