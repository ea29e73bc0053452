//! What changes what: methods, operators and expressions, by their names and forms.

use syn::{BinOp, Expr, Ident, UnOp};

use crate::scope::name_of;

/// Methods of std that change their receiver; those of users are found out by the recorder.
pub(crate) fn changes_receiver(method: &str) -> bool {
    const EXACT: [&str; 34] = [
        "push",
        "push_str",
        "push_back",
        "push_front",
        "pop",
        "pop_back",
        "pop_front",
        "insert",
        "remove",
        "swap_remove",
        "extend",
        "extend_from_slice",
        "append",
        "clear",
        "truncate",
        "resize",
        "retain",
        "drain",
        "sort",
        "sort_by",
        "sort_by_key",
        "reverse",
        "swap",
        "fill",
        "rotate_left",
        "rotate_right",
        "dedup",
        "take",
        "replace",
        "entry",
        "next",
        "next_back",
        "get_or_insert",
        "get_or_insert_with",
    ];
    EXACT.contains(&method) || method.ends_with("_mut")
}

/// Methods that change what a shared reference leads to: of cells, locks and atomic numbers.
pub(crate) fn changes_cell(method: &str, arguments: usize) -> bool {
    let known = match arguments {
        0 => ["borrow_mut", "lock", "write", "take"].contains(&method),
        1 => ["set", "replace", "swap", "update", "get_or_init"].contains(&method),
        2 => ["store", "swap"].contains(&method) || method.starts_with("fetch_"),
        _ => false,
    };
    known || method.starts_with("fetch_")
}

/// The variable that a place lies in.
pub(crate) fn root_of(target: &Expr) -> Option<&Ident> {
    match target {
        Expr::Paren(inner) => root_of(&inner.expr),
        Expr::Group(inner) => root_of(&inner.expr),
        Expr::Index(index) => root_of(&index.expr),
        Expr::Field(field) => root_of(&field.base),
        Expr::Reference(inner) => root_of(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => root_of(&unary.expr),
        _ => name_of(target),
    }
}

/// Whether a macro of that name ends the function.
pub(crate) fn diverges(path: &syn::Path) -> bool {
    const NAMES: [&str; 5] = ["panic", "unreachable", "todo", "unimplemented", "bail"];
    path.segments.last().is_some_and(|segment| NAMES.iter().any(|name| segment.ident == name))
}

/// Whether an expression gives mutable references.
pub(crate) fn is_borrow(expression: &Expr) -> bool {
    match expression {
        Expr::Reference(reference) => reference.mutability.is_some(),
        Expr::MethodCall(call) => {
            call.method.to_string().ends_with("_mut") || is_borrow(&call.receiver)
        }
        _ => false,
    }
}

/// Whether an operator assigns.
pub(crate) fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}
