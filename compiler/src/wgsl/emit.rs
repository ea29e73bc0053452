//! Values of a kernel as nodes that are named once, in scopes that become blocks of text.
//!
//! In: what a value is and which values it is made of. Out: blocks of items, each a definition, a statement or a block.
//! Promise: equal pure values of open scopes are one node, and each stands in the outermost scope that defines its parts.

use std::collections::BTreeMap;

use ferrodyne_plan::Scalar;

/// A value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Id(pub(super) usize);

/// The type of a value: components of a scalar type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Ty {
    pub(super) scalar: Scalar,
    pub(super) width: u8,
}

impl Ty {
    pub(super) const U32: Ty = Ty { scalar: Scalar::U32, width: 1 };
    pub(super) const BOOL: Ty = Ty { scalar: Scalar::Bool, width: 1 };

    pub(super) fn of(scalar: Scalar, width: u8) -> Ty {
        Ty { scalar, width }
    }

    /// The type's name in WGSL.
    pub(super) fn text(self) -> String {
        match (self.scalar, self.width) {
            // A pair is a scalar here: it has no vectors.
            (Scalar::Long, _) => "vec2u".to_owned(),
            (scalar, 1) => scalar.name().to_owned(),
            (Scalar::F32, w) => format!("vec{w}f"),
            (Scalar::I32, w) => format!("vec{w}i"),
            (Scalar::U32, w) => format!("vec{w}u"),
            (Scalar::Bool, w) => format!("vec{w}<bool>"),
        }
    }
}

/// How a value is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// A literal or a name.
    Text(String),
    /// A binary operator.
    Infix(&'static str),
    /// A unary operator.
    Prefix(&'static str),
    /// A function or a constructor.
    Call(String),
    /// An element of a buffer.
    Element(String),
    /// An element of a buffer that is bound in ranges.
    RangedElement(String),
    /// A component of a vector.
    Component(u8),
}

/// A value: how it is written, and what of.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) args: Vec<Id>,
    pub(super) ty: Ty,
    /// The scope that it belongs to, counted from the outermost.
    pub(super) depth: usize,
    /// The block that it stands in.
    pub(super) block: usize,
    /// Whether it must be named where it stands.
    pub(super) pinned: bool,
    /// What its name starts with.
    pub(super) hint: Option<String>,
}

/// A part of a statement.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Piece {
    Str(String),
    Node(Id),
}

/// A line or a block.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Let(Id),
    Do(Vec<Piece>),
    Block { id: usize, head: Vec<Piece>, items: Vec<Item> },
}

type Key = (Kind, Vec<Id>, Ty, u64);

#[derive(Debug, Default)]
struct Scope {
    id: usize,
    items: Vec<Item>,
    head: Vec<Piece>,
    known: BTreeMap<Key, Id>,
    closed: bool,
    /// Nodes there were when it was opened.
    first: usize,
    /// The block in it that was closed last, without its items, while only values that it cannot have changed came after it.
    last: Option<Box<Scope>>,
}

/// The blocks under construction.
#[derive(Debug)]
pub(super) struct Emit {
    pub(super) nodes: Vec<Node>,
    scopes: Vec<Scope>,
    blocks: usize,
}

impl Emit {
    pub(super) fn new() -> Emit {
        Emit { nodes: Vec::new(), scopes: vec![Scope::default()], blocks: 1 }
    }

    /// The depth of the innermost scope.
    pub(super) fn depth(&self) -> usize {
        self.scopes.len() - 1
    }

    /// The identity of the innermost block.
    pub(super) fn block(&self) -> usize {
        self.scopes[self.depth()].id
    }

    /// Whether the block in which a value stands is still open.
    pub(super) fn is_open(&self, id: Id) -> bool {
        let block = self.nodes[id.0].block;
        self.scopes.iter().any(|scope| scope.id == block)
    }

    /// The identities of the blocks around the innermost, and its own.
    pub(super) fn open_blocks(&self) -> Vec<usize> {
        self.scopes.iter().map(|scope| scope.id).collect()
    }

    pub(super) fn ty(&self, id: Id) -> Ty {
        self.nodes[id.0].ty
    }

    pub(super) fn depth_of(&self, id: Id) -> usize {
        self.nodes[id.0].depth
    }

    /// A literal or a name that is known from `depth` on.
    pub(super) fn leaf(&mut self, text: impl Into<String>, ty: Ty, depth: usize) -> Id {
        self.versioned(Kind::Text(text.into()), &[], ty, depth, 0)
    }

    /// A pure value of others.
    pub(super) fn node(&mut self, kind: Kind, args: &[Id], ty: Ty) -> Id {
        self.versioned(kind, args, ty, 0, 0)
    }

    /// A value that is pure as long as `version` is the same, and not known before `depth`.
    pub(super) fn versioned(
        &mut self,
        kind: Kind,
        args: &[Id],
        ty: Ty,
        depth: usize,
        version: u64,
    ) -> Id {
        let depth = args.iter().map(|arg| self.depth_of(*arg)).fold(depth, usize::max);
        // A value is not moved out of a branch, where its parts may not hold.
        let depth = match self.scopes.iter().rposition(|scope| scope.closed) {
            Some(branch) if !matches!(kind, Kind::Text(_)) => depth.max(branch),
            _ => depth,
        };
        let key = (kind, args.to_vec(), ty, version);
        for scope in self.scopes.iter().rev() {
            if let Some(id) = scope.known.get(&key) {
                return *id;
            }
        }
        let id = Id(self.nodes.len());
        let (kind, args) = (key.0.clone(), key.1.clone());
        let block = self.scopes[depth].id;
        if version != 0 && matches!(kind, Kind::Element(_) | Kind::RangedElement(_)) {
            self.scopes[depth].last = None;
        }
        self.nodes.push(Node { kind, args, ty, depth, block, pinned: false, hint: None });
        self.scopes[depth].known.insert(key, id);
        self.scopes[depth].items.push(Item::Let(id));
        id
    }

    /// Gives the value a name where it stands.
    pub(super) fn pin(&mut self, id: Id) {
        self.nodes[id.0].pinned = true;
    }

    /// Says what the value's name starts with, unless that is said.
    pub(super) fn hint(&mut self, id: Id, hint: &str) {
        self.nodes[id.0].hint.get_or_insert_with(|| hint.to_owned());
    }

    /// A statement in the innermost scope.
    pub(super) fn statement(&mut self, pieces: Vec<Piece>) {
        let depth = self.depth();
        self.scopes[depth].last = None;
        self.scopes[depth].items.push(Item::Do(pieces));
    }

    /// Opens a block. Values do not leave a `closed` one.
    pub(super) fn open(&mut self, head: Vec<Piece>, closed: bool) {
        let id = self.blocks;
        self.blocks += 1;
        let first = self.nodes.len();
        let depth = self.depth();
        self.scopes[depth].last = None;
        self.scopes.push(Scope { id, head, closed, first, ..Scope::default() });
    }

    /// Opens a closed block of statements; goes on in the one before where that has the same head.
    pub(super) fn open_or_resume(&mut self, head: Vec<Piece>) {
        let depth = self.depth();
        let outer = &mut self.scopes[depth];
        let own =
            |item: &Item, last: &Scope| matches!(item, Item::Block { id, .. } if *id == last.id);
        if let Some(mut last) = outer.last.take_if(|last| last.closed && last.head == head)
            && let Some(at) = outer.items.iter().rposition(|item| own(item, &last))
            && let Item::Block { items, .. } = outer.items.remove(at)
        {
            last.items = items;
            self.scopes.push(*last);
        } else {
            self.open(head, true);
        }
    }

    /// Loads that stand in the innermost block or below, each as often as its own loops are written out.
    pub(super) fn loads_inside(&self) -> i64 {
        let depth = self.depth();
        let is_load = |node: &Node| matches!(node.kind, Kind::Element(_) | Kind::RangedElement(_));
        let inside = |node: &&Node| node.depth >= depth && is_load(node);
        let first = self.scopes[depth].first;
        self.nodes[first..].iter().filter(inside).count() as i64
    }

    /// Whether every component of each element that is loaded from a buffer is used, as where vectors are transposed.
    pub(super) fn uses_all_components(&self, buffer: &str) -> bool {
        let is_own = |node: &Node| matches!(&node.kind, Kind::Element(own) | Kind::RangedElement(own) if own == buffer);
        let elements = self.nodes.iter().filter(|node| is_own(node)).count();
        let of_own = |node: &&Node| {
            matches!(node.kind, Kind::Component(_)) && is_own(&self.nodes[node.args[0].0])
        };
        elements > 0 && self.nodes.iter().filter(of_own).count() == 4 * elements
    }

    /// Puts another value in the place of one in the head of the innermost block.
    pub(super) fn change_head(&mut self, from: Id, to: Id) {
        let depth = self.depth();
        for piece in &mut self.scopes[depth].head {
            if matches!(piece, Piece::Node(id) if *id == from) {
                *piece = Piece::Node(to);
            }
        }
    }

    /// Closes the innermost block.
    pub(super) fn close(&mut self) {
        if self.scopes.len() > 1
            && let Some(mut scope) = self.scopes.pop()
        {
            let depth = self.depth();
            let (id, head) = (scope.id, scope.head.clone());
            let items = std::mem::take(&mut scope.items);
            self.scopes[depth].items.push(Item::Block { id, head, items });
            self.scopes[depth].last = Some(Box::new(scope));
        }
    }

    /// The items of the outermost block, with all values.
    pub(super) fn finish(mut self) -> (Vec<Node>, Vec<Item>) {
        while self.scopes.len() > 1 {
            self.close();
        }
        let items = self.scopes.pop().map(|scope| scope.items).unwrap_or_default();
        (self.nodes, items)
    }
}

/// A statement's pieces from texts and values in turn.
macro_rules! pieces {
    ($($piece:expr),* $(,)?) => { vec![$($crate::wgsl::emit::Piece::from($piece)),*] };
}
pub(super) use pieces;

impl From<&str> for Piece {
    fn from(text: &str) -> Piece {
        Piece::Str(text.to_owned())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Piece {
        Piece::Str(text)
    }
}

impl From<Id> for Piece {
    fn from(id: Id) -> Piece {
        Piece::Node(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store under the head, by way of `open_or_resume`.
    fn store(emit: &mut Emit, head: &str) {
        emit.open_or_resume(pieces![head]);
        emit.statement(pieces!["x[0u] = 1u;"]);
        emit.close();
    }

    fn load(emit: &mut Emit, version: u64) {
        let at = emit.leaf("0u", Ty::U32, 0);
        emit.versioned(Kind::Element("x".to_owned()), &[at], Ty::U32, 0, version);
    }

    /// Blocks that stand in the outermost one after `between` has come between two stores of one head.
    fn blocks(between: impl FnOnce(&mut Emit)) -> usize {
        let mut emit = Emit::new();
        store(&mut emit, "if (a)");
        between(&mut emit);
        store(&mut emit, "if (a)");
        let (_, items) = emit.finish();
        items.iter().filter(|item| matches!(item, Item::Block { .. })).count()
    }

    #[test]
    fn stores_under_one_condition_stand_in_one_branch() {
        assert_eq!(blocks(|_| {}), 1);
        assert_eq!(blocks(|emit| load(emit, 0)), 1);
    }

    #[test]
    fn what_may_see_a_store_ends_its_branch() {
        assert_eq!(blocks(|emit| load(emit, 1)), 2);
        assert_eq!(blocks(|emit| emit.statement(pieces!["workgroupBarrier();"])), 2);
        assert_eq!(blocks(|emit| store(emit, "if (b)")), 3);
    }
}
