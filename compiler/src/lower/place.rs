//! Puts definitions where they belong: inlined, inside the one fold that uses them, or before it.
//!
//! A definition that is used once becomes part of its user, unless it can be computed outside a loop of that user or has grown
//! long. What is left stands in the innermost scope that holds all its users and binds an axis it varies with.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::loops::{FoldKind, Place, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Var};

use super::names::word;
use super::pull::{Body, Def, Pull};
use super::walk;

/// Operations beyond which a value gets a name of its own.
const OPERATIONS_MAX: usize = 12;

/// A store whose place is not known yet.
pub(super) struct Draft {
    pub buf: Name,
    pub at: Vec<Dim>,
    pub val: Val,
    /// Axes that the store runs over.
    pub axes: BTreeSet<Name>,
    pub guard: Vec<(Dim, Dim)>,
    pub merge: Option<FoldKind>,
}

/// Folds around a definition, outermost first.
type Scope = Vec<usize>;

/// Statements of a kernel that performs the stores.
pub(super) fn place(pull: &mut Pull<'_>, stores: Vec<Draft>) -> Vec<Stmt> {
    let mut groups: Vec<Vec<Draft>> = Vec::new();
    for store in stores {
        match groups.iter_mut().find(|g| together(pull, &g[0], &store)) {
            Some(group) => group.push(store),
            None => groups.push(vec![store]),
        }
    }
    groups.into_iter().flat_map(|stores| nest(pull, stores)).collect()
}

/// Whether two stores belong in one nest: they run over the same axes, or both use folds over some that they share.
fn together(pull: &Pull<'_>, a: &Draft, b: &Draft) -> bool {
    if a.axes == b.axes {
        return true;
    }
    let folds = |store: &Draft| {
        let live = live_of(pull, std::slice::from_ref(store));
        let folds = live.iter().filter(|&&d| matches!(pull.defs[d].body, Body::Fold { .. }));
        folds.copied().collect::<BTreeSet<usize>>()
    };
    !folds(a).is_disjoint(&folds(b)) || !a.axes.is_disjoint(&b.axes)
}

fn nest(pull: &mut Pull<'_>, stores: Vec<Draft>) -> Vec<Stmt> {
    let mut placer = Placer::new(pull, stores);
    placer.inline();
    placer.rename(pull);
    let inner = placer.emit(pull);
    let mut axes: Vec<Name> =
        pull.axes.all.iter().map(|a| a.name.clone()).filter(|a| placer.outer.contains(a)).collect();
    // What is stored side by side is innermost, whatever order the axes were made in.
    let coordinate = |axis: &Name| {
        let at = &placer.stores[0].at;
        at.iter().position(|ix| ix.uses(&Var::Axis(axis.clone()))).unwrap_or(at.len())
    };
    axes.sort_by_key(coordinate);
    if axes.is_empty() { inner } else { vec![Stmt::For { axes, body: inner }] }
}

/// Definitions that the stores need, directly or not.
fn live_of(pull: &Pull<'_>, stores: &[Draft]) -> BTreeSet<usize> {
    let mut live = BTreeSet::new();
    let mut open: Vec<usize> = Vec::new();
    for store in stores {
        store_references(store, &mut |name| open.extend(pull.def(name)));
    }
    while let Some(d) = open.pop() {
        if live.insert(d) {
            let vals = pull.defs[d].body.vals();
            vals.iter()
                .for_each(|val| walk::references(val, &mut |name| open.extend(pull.def(name))));
        }
    }
    live
}

fn store_references(store: &Draft, found: &mut dyn FnMut(&Name)) {
    walk::references(&store.val, found);
    let guards = store.guard.iter().flat_map(|(a, b)| [a, b]);
    for dim in store.at.iter().chain(guards) {
        for var in dim.vars() {
            if let Var::Data(name) = &var {
                found(name);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum User {
    Store(usize),
    Def(usize),
}

struct Placer {
    defs: BTreeMap<usize, Def>,
    stores: Vec<Draft>,
    outer: BTreeSet<Name>,
    users: BTreeMap<usize, Vec<User>>,
    scopes: BTreeMap<usize, Scope>,
}

impl Placer {
    fn new(pull: &Pull<'_>, stores: Vec<Draft>) -> Placer {
        let defs: BTreeMap<usize, Def> =
            live_of(pull, &stores).into_iter().map(|d| (d, pull.defs[d].clone())).collect();
        let mut users: BTreeMap<usize, Vec<User>> = BTreeMap::new();
        for (&d, def) in &defs {
            for val in def.body.vals() {
                walk::references(val, &mut |name| {
                    if let Some(used) = pull.def(name) {
                        users.entry(used).or_default().push(User::Def(d));
                    }
                });
            }
        }
        for (s, store) in stores.iter().enumerate() {
            store_references(store, &mut |name| {
                if let Some(used) = pull.def(name) {
                    users.entry(used).or_default().push(User::Store(s));
                }
            });
        }
        let outer = outer_axes(&defs, &stores);
        let mut placer = Placer { defs, stores, outer, users, scopes: BTreeMap::new() };
        placer.find_scopes();
        placer
    }

    /// Users stand behind what they use, so scopes are found from the last definition to the first.
    fn find_scopes(&mut self) {
        for (&d, def) in self.defs.iter().rev() {
            let mut common: Option<Scope> = None;
            for user in &self.users[&d] {
                let scope = match user {
                    User::Store(_) => Scope::new(),
                    User::Def(u) => {
                        let mut scope = self.scopes[u].clone();
                        if matches!(self.defs[u].body, Body::Fold { .. }) {
                            scope.push(*u);
                        }
                        scope
                    }
                };
                common = Some(match common {
                    None => scope,
                    Some(other) => {
                        let shared = other.iter().zip(&scope).take_while(|(a, b)| a == b).count();
                        scope[..shared].to_vec()
                    }
                });
            }
            let mut scope = common.unwrap_or_default();
            let varies = |f: &usize| self.defs[f].body.red().iter().any(|r| def.free.contains(r));
            while scope.last().is_some_and(|f| !varies(f) || self.binds(&scope, def.body.red())) {
                scope.pop();
            }
            self.scopes.insert(d, scope);
        }
    }

    /// Whether folds around a place bind one of the axes already.
    fn binds(&self, scope: &Scope, axes: &[Name]) -> bool {
        let bound = |f: &usize, axis: &Name| {
            let fold = &self.defs[f];
            fold.body.red().contains(axis)
                || (fold.free.contains(axis) && !self.outer.contains(axis))
        };
        scope.iter().any(|f| axes.iter().any(|axis| bound(f, axis)))
    }

    /// Axes beyond the outer ones that a user loops over.
    fn loops(&self, user: User) -> BTreeSet<Name> {
        let axes = match user {
            User::Store(s) => self.stores[s].axes.clone(),
            User::Def(d) => {
                let def = &self.defs[&d];
                def.free.iter().chain(def.body.red()).cloned().collect()
            }
        };
        axes.difference(&self.outer).cloned().collect()
    }

    fn inline(&mut self) {
        let mut values: BTreeMap<Name, Val> = BTreeMap::new();
        let replaced = |val: Val, values: &BTreeMap<Name, Val>| {
            walk::rewrite(val, &|name| values.get(name).cloned(), &Dim::clone)
        };
        let order: Vec<usize> = self.defs.keys().copied().collect();
        for d in order {
            let mut body = self.defs[&d].body.clone();
            match &mut body {
                Body::Value(val) => *val = replaced(val.clone(), &values),
                Body::Fold { args, .. } => {
                    args.iter_mut().for_each(|arg| *arg = replaced(arg.clone(), &values));
                }
            }
            match body {
                Body::Value(val) if self.inlines(d, &val) => {
                    let def = self.defs.remove(&d).expect("the order lists the definitions");
                    self.scopes.remove(&d);
                    values.insert(def.names[0].clone(), val);
                }
                body => {
                    if let Some(def) = self.defs.get_mut(&d) {
                        def.body = body;
                    }
                }
            }
        }
        for store in &mut self.stores {
            store.val = replaced(store.val.clone(), &values);
        }
    }

    fn inlines(&self, d: usize, val: &Val) -> bool {
        let def = &self.defs[&d];
        if def.pinned {
            return false;
        }
        if matches!(val, Val::Const(_) | Val::Ref(_) | Val::Index(..)) {
            return true;
        }
        let [user] = self.users[&d][..] else { return false };
        let operations = walk::operations(val);
        if operations == 0 {
            return true;
        }
        let extra: BTreeSet<Name> = def.free.difference(&self.outer).cloned().collect();
        operations <= OPERATIONS_MAX && extra == self.loops(user)
    }

    /// Gives every remaining definition its name.
    fn rename(&mut self, pull: &mut Pull<'_>) {
        let mut names: BTreeMap<Name, Name> = BTreeMap::new();
        for def in self.defs.values() {
            let base = base_name(pull, def);
            for (state, temporary) in def.names.iter().enumerate() {
                let suffix = ["", "_index", "_count"][state];
                names.insert(temporary.clone(), pull.names.unique(&format!("{base}{suffix}")));
            }
        }
        let dims = |dim: &Dim| {
            dim.substitute(&|var| match var {
                Var::Data(name) => names.get(name).cloned().map(Dim::data),
                _ => None,
            })
        };
        let val = |val: &Val| {
            walk::rewrite(val.clone(), &|name| names.get(name).cloned().map(Val::Ref), &dims)
        };
        for def in self.defs.values_mut() {
            match &mut def.body {
                Body::Value(own) => *own = val(own),
                Body::Fold { args, .. } => args.iter_mut().for_each(|arg| *arg = val(arg)),
            }
            def.names.iter_mut().for_each(|name| *name = names[name].clone());
        }
        for store in &mut self.stores {
            store.val = val(&store.val);
            store.at.iter_mut().for_each(|ix| *ix = dims(ix));
            store.guard.iter_mut().for_each(|(a, b)| (*a, *b) = (dims(a), dims(b)));
        }
    }

    fn emit(&self, pull: &Pull<'_>) -> Vec<Stmt> {
        let mut body = self.emit_scope(pull, &Scope::new(), &self.outer);
        for store in &self.stores {
            let over = declared(pull, store.axes.difference(&self.outer));
            body.push(Stmt::Store {
                buf: store.buf.clone(),
                at: store.at.clone(),
                val: store.val.clone(),
                over,
                guard: store.guard.clone(),
                merge: store.merge,
            });
        }
        body
    }

    fn emit_scope(&self, pull: &Pull<'_>, scope: &Scope, bound: &BTreeSet<Name>) -> Vec<Stmt> {
        let mut body = Vec::new();
        for (&d, def) in self.defs.iter().filter(|(d, _)| self.scopes[d] == *scope) {
            let over = declared(pull, def.free.difference(bound));
            body.push(match &def.body {
                Body::Value(val) => Stmt::Let {
                    name: def.names[0].clone(),
                    scalar: def.scalars[0],
                    over,
                    val: val.clone(),
                    place: Place::Inline,
                },
                Body::Fold { kind, red, args } => {
                    let inside = bound.iter().chain(&over).chain(red).cloned().collect();
                    let mut scope = scope.clone();
                    scope.push(d);
                    Stmt::Fold {
                        names: def.names.clone(),
                        kind: *kind,
                        inner: self.emit_scope(pull, &scope, &inside),
                        over,
                        red: red.clone(),
                        order: Vec::new(),
                        args: args.clone(),
                        stages: Vec::new(),
                    }
                }
            });
        }
        body
    }
}

/// Axes in the order in which they were made.
fn declared<'n>(pull: &Pull<'_>, axes: impl Iterator<Item = &'n Name>) -> Vec<Name> {
    let axes: BTreeSet<&Name> = axes.collect();
    pull.axes.all.iter().map(|a| &a.name).filter(|a| axes.contains(a)).cloned().collect()
}

/// Loops around everything: axes of all stores that every fold keeps. Others would repeat a fold at each of their points.
fn outer_axes(defs: &BTreeMap<usize, Def>, stores: &[Draft]) -> BTreeSet<Name> {
    let mut shared = stores[0].axes.clone();
    for store in stores {
        shared.retain(|axis| store.axes.contains(axis));
    }
    let folds: Vec<&Def> = defs.values().filter(|def| !def.body.red().is_empty()).collect();
    shared.retain(|axis| folds.iter().all(|fold| fold.free.contains(axis)));
    shared
}

/// What a definition is called: the user's name, the operator with a number, or the buffer it is read from.
fn base_name(pull: &Pull<'_>, def: &Def) -> String {
    let node = pull.graph.node(def.node);
    match (&node.name, &def.body) {
        (_, Body::Value(Val::Load { .. })) => format!("{}_at", word(pull.graph, def.node)),
        (Some(name), _) => name.to_string(),
        (None, _) => format!("{}_value", node.op),
    }
}
