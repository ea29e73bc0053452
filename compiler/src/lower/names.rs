//! Names in a kernel: the user's words, made identifiers, each used once.

use std::collections::BTreeMap;

use ferrodyne_plan::Name;

use crate::fusion::identifier;
use crate::graph::{Graph, NodeId};

/// Names given so far.
#[derive(Default)]
pub(super) struct Names {
    used: BTreeMap<String, usize>,
    temporaries: usize,
    outputs: usize,
    folds: usize,
}

impl Names {
    /// No names but those of symbols, which index expressions hold.
    pub(super) fn apart_from<'n>(symbols: impl Iterator<Item = &'n Name>) -> Names {
        let used = symbols.map(|name| (name.to_string(), 1)).collect();
        Names { used, ..Names::default() }
    }

    /// The word itself, or with a number behind it when it is taken.
    pub(super) fn unique(&mut self, word: &str) -> Name {
        let word = identifier(word);
        if !self.used.contains_key(&word) {
            self.used.insert(word.clone(), 1);
            return Name::from(word);
        }
        loop {
            let count = self.used.entry(word.clone()).or_insert(1);
            *count += 1;
            let name = format!("{word}_{count}");
            if !self.used.contains_key(&name) {
                self.used.insert(name.clone(), 1);
                return Name::from(name);
            }
        }
    }

    /// A name that no text shows: it is replaced before the kernel is finished.
    pub(super) fn temporary(&mut self) -> Name {
        self.temporaries += 1;
        Name::from(format!("${}", self.temporaries))
    }

    /// The next axis of results: `i`, `j`, ...
    pub(super) fn output_axis(&mut self) -> Name {
        const LETTERS: [&str; 6] = ["i", "j", "l", "m", "n", "p"];
        self.outputs += 1;
        self.unique(LETTERS.get(self.outputs - 1).copied().unwrap_or("q"))
    }

    /// The next axis of folds: `k`, `k_2`, ...
    pub(super) fn fold_axis(&mut self) -> Name {
        self.folds += 1;
        self.unique("k")
    }
}

/// The word for a value: the user's name, or the operator's.
pub(super) fn word(graph: &Graph, id: NodeId) -> &str {
    let node = graph.node(id);
    node.name.as_deref().unwrap_or(&node.op)
}
