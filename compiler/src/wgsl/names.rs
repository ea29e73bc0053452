//! Names of the text: readable, unique, and never a word of WGSL or of the library.

use std::collections::{BTreeMap, BTreeSet};

/// The names of a module.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    next: BTreeMap<String, usize>,
}

impl Names {
    /// A name that starts with the identifier made of `hint`, not given before.
    pub(super) fn fresh(&mut self, hint: &str) -> String {
        let base = identifier(hint);
        let next = self.next.entry(base.clone()).or_insert(0);
        loop {
            let digit = base.ends_with(|c: char| c.is_ascii_digit());
            let name = match (*next, digit) {
                (0, _) => base.clone(),
                (n, true) => format!("{base}_{n}"),
                (n, false) => format!("{base}{n}"),
            };
            *next += 1;
            if !is_reserved(&name) && self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// An identifier of WGSL that resembles the text.
pub(super) fn identifier(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        let plain = c.is_ascii_alphanumeric();
        // Two underscores in a row are reserved at the start, and hard to read anywhere.
        if plain {
            name.push(c);
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "k".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("n{name}"),
        Some(_) if name.starts_with("fd_") => format!("u_{name}"),
        Some(_) => name.to_owned(),
    }
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || BUILT_IN.contains(&name) || name == "_"
}

/// Keywords and reserved words of the WGSL specification.
const RESERVED: &[&str] = &[
    "NULL", "Self", "abstract", "active", "alias", "alignas", "alignof", "as", "asm", "asm_fragment", "async",
    "attribute", "auto", "await", "become", "bf16", "bool", "break", "case", "cast", "catch", "class", "co_await",
    "co_return", "co_yield", "coherent", "column_major", "common", "compile", "compile_fragment", "concept", "const",
    "const_assert", "const_cast", "consteval", "constexpr", "constinit", "continue", "continuing", "crate", "debugger",
    "decltype", "default", "delete", "demote", "demote_to_helper", "diagnostic", "discard", "do", "dynamic_cast",
    "else", "enable", "enum", "explicit", "export", "extends", "extern", "external", "f16", "f32", "f64",
    "fallthrough", "false", "filter", "final", "finally", "fn", "for", "friend", "from", "fxgroup", "get", "goto",
    "groupshared", "highp", "i16", "i32", "i64", "i8", "if", "impl", "implements", "import", "inline", "instanceof",
    "interface", "layout", "let", "loop", "lowp", "macro", "macro_rules", "match", "mediump", "meta", "mod", "module",
    "move", "mut", "mutable", "namespace", "new", "nil", "noexcept", "noinline", "nointerpolation", "non_coherent",
    "noncoherent", "noperspective", "null", "nullptr", "of", "operator", "override", "package", "packoffset",
    "precise", "precision", "premerge", "priv", "protected", "pub", "public", "quat", "readonly", "ref", "regardless",
    "register", "reinterpret_cast", "require", "requires", "resource", "restrict", "return", "self", "set", "shared",
    "sizeof", "smooth", "snorm", "static", "static_assert", "static_cast", "std", "struct", "subroutine", "super",
    "switch", "target", "template", "this", "thread_local", "throw", "trait", "true", "try", "type", "typedef",
    "typeid", "typename", "typeof", "u16", "u32", "u64", "u8", "union", "unless", "unorm", "unsafe", "unsized", "use",
    "using", "var", "varying", "virtual", "volatile", "wgsl", "where", "while", "with", "writeonly", "yield",
];

/// Names that the printer writes and that a value must not hide.
const BUILT_IN: &[&str] = &[
    "abs", "acos", "all", "any", "array", "asin", "atan", "atan2", "atomic", "bitcast", "ceil", "clamp", "cos",
    "cosh", "cross", "determinant", "distance", "dot", "exp", "exp2", "extractBits", "floor", "fma", "fract",
    "insertBits", "inverseSqrt", "length", "log", "log2", "mat2x2f", "mat3x3f", "mat4x4f", "max", "min", "mix",
    "modf", "normalize", "pack2x16float", "pack4xI8", "pack4xU8", "pow", "ptr", "reflect", "refract", "round", "sampler",
    "saturate", "select", "sign", "sin", "sinh", "sizes", "Sizes", "smoothstep", "sqrt", "step", "storageBarrier",
    "subgroupAdd", "subgroupAny", "subgroupBroadcast", "subgroupMax", "subgroupMin", "subgroupShuffle", "tan", "tanh",
    "transpose", "trunc", "unpack2x16float", "unpack4xI8", "unpack4xU8", "vec2", "vec2f", "vec2i", "vec2u", "vec3",
    "vec3f", "vec3i", "vec3u", "vec4", "vec4f", "vec4i", "vec4u", "workgroupBarrier", "workgroup", "local", "lane",
    "subgroup", "local_index",
];
