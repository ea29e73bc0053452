//! Blocks of values and statements as lines of WGSL.
//!
//! A value that is used once, in the block where it stands, is written at its use unless the line would grow long;
//! any other gets a name.

use std::collections::BTreeMap;

use super::emit::{Id, Item, Kind, Node, Piece};
use super::names::Names;

/// An expression longer than this gets a name.
const INLINE_MAX: usize = 72;

#[derive(Clone, Copy, Default)]
struct Use {
    count: usize,
    block: usize,
}

struct Render<'a> {
    nodes: &'a [Node],
    uses: Vec<Use>,
    texts: BTreeMap<Id, (String, u8)>,
    names: &'a mut Names,
    lines: Vec<String>,
}

/// The lines of the items, without the indent of the function.
pub(super) fn render(nodes: &[Node], items: &[Item], names: &mut Names) -> Vec<String> {
    let mut uses = vec![Use::default(); nodes.len()];
    count_items(nodes, items, 0, &mut uses);
    let mut render = Render { nodes, uses, texts: BTreeMap::new(), names, lines: Vec::new() };
    render.items(items, 1);
    render.lines
}

fn count_items(nodes: &[Node], items: &[Item], block: usize, uses: &mut [Use]) {
    for item in items {
        match item {
            Item::Let(id) if nodes[id.0].pinned => count(nodes, *id, nodes[id.0].block, uses),
            Item::Let(_) => {}
            Item::Do(pieces) => count_pieces(nodes, pieces, block, uses),
            Item::Block { id, head, items } => {
                count_pieces(nodes, head, block, uses);
                count_items(nodes, items, *id, uses);
            }
        }
    }
}

fn count_pieces(nodes: &[Node], pieces: &[Piece], block: usize, uses: &mut [Use]) {
    for piece in pieces {
        if let Piece::Node(id) = piece {
            count(nodes, *id, block, uses);
        }
    }
}

fn count(nodes: &[Node], id: Id, block: usize, uses: &mut [Use]) {
    let first = uses[id.0].count == 0;
    uses[id.0].count += 1;
    uses[id.0].block = block;
    if first {
        for arg in &nodes[id.0].args {
            count(nodes, *arg, nodes[id.0].block, uses);
        }
    }
}

impl Render<'_> {
    fn items(&mut self, items: &[Item], indent: usize) {
        for item in items {
            match item {
                Item::Let(id) => self.define(*id, indent),
                Item::Do(pieces) => {
                    let text = self.pieces(pieces);
                    self.line(indent, &text);
                }
                Item::Block { head, items, .. } => {
                    let head = self.pieces(head);
                    self.line(indent, &format!("{head} {{"));
                    self.items(items, indent + 1);
                    self.line(indent, "}");
                }
            }
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(format!("{}{text}", "  ".repeat(indent)));
    }

    fn define(&mut self, id: Id, indent: usize) {
        let node = &self.nodes[id.0];
        let used = self.uses[id.0];
        if used.count == 0 {
            return;
        }
        let (text, level) = self.text(node);
        if let Kind::Text(_) = node.kind
            && !node.pinned
        {
            self.texts.insert(id, (text, level));
            return;
        }
        let nested = node.block == used.block && used.count == 1;
        let small = text.len() <= INLINE_MAX;
        // The last word of a name is a component: it is never worth a name of its own.
        let component = matches!(node.kind, Kind::Component(_)) && node.block == used.block;
        if !node.pinned && small && (nested || component) {
            self.texts.insert(id, (text, level));
            return;
        }
        let hint = node.hint.clone().unwrap_or_else(|| "v".to_owned());
        let name = self.names.fresh(&hint);
        self.line(indent, &format!("let {name} = {text};"));
        self.texts.insert(id, (name, ATOM));
    }

    fn pieces(&self, pieces: &[Piece]) -> String {
        let text = pieces.iter().map(|piece| match piece {
            Piece::Str(text) => text.clone(),
            Piece::Node(id) => self.arg(*id).0.clone(),
        });
        text.collect()
    }

    fn arg(&self, id: Id) -> &(String, u8) {
        // Every part of a value is created before it, so its text is known.
        &self.texts[&id]
    }

    fn text(&self, node: &Node) -> (String, u8) {
        let args: Vec<&(String, u8)> = node.args.iter().map(|arg| self.arg(*arg)).collect();
        let list = || args.iter().map(|arg| arg.0.as_str()).collect::<Vec<_>>().join(", ");
        match &node.kind {
            Kind::Text(text) => (text.clone(), if text.starts_with('-') { UNARY } else { ATOM }),
            Kind::Call(name) => (format!("{name}({})", list()), ATOM),
            Kind::RangedElement(buffer) => (format!("{buffer}({})", list()), ATOM),
            Kind::Element(buffer) => (format!("{buffer}[{}]", list()), ATOM),
            Kind::Component(at) => (format!("{}[{at}]", wrapped(args[0], ATOM)), ATOM),
            Kind::Prefix(op) => (format!("{op}{}", wrapped(args[0], ATOM)), UNARY),
            Kind::Infix(op) => {
                let level = level(op);
                let right = if level == OTHER { ATOM } else { level + 1 };
                let left = if level == OTHER { ATOM } else { level };
                (format!("{} {op} {}", wrapped(args[0], left), wrapped(args[1], right)), level)
            }
        }
    }
}

const OTHER: u8 = 0;
const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const UNARY: u8 = 3;
const ATOM: u8 = 4;

fn level(op: &str) -> u8 {
    match op {
        "+" | "-" => SUM,
        "*" | "/" | "%" => PRODUCT,
        _ => OTHER,
    }
}

fn wrapped((text, own): &(String, u8), needed: u8) -> String {
    if *own < needed { format!("({text})") } else { text.clone() }
}
