//! Number literals of a file that may be somebody's choice.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{BinOp, Expr, ImplItemConst, ItemConst, ItemStatic, Lit, LitFloat, LitInt, Token, TraitItemConst, Type};

use crate::sources::documentation;

/// Floating-point numbers that every formula may have: nothing, a half, one and two, percent and half a turn, units, and what only
/// keeps a division from zero.
const COMMON: [f64; 13] = [0.0, 0.5, 1.0, 2.0, 100.0, 180.0, 1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9, 1e-12];
/// Smaller whole numbers count or pair things.
const SMALLEST_CHOICE: u64 = 3;
/// Methods whose argument is a limit.
const LIMITING: [&str; 7] = ["min", "max", "clamp", "saturating_sub", "take", "skip", "is_multiple_of"];
/// How the documentation of a constant begins that nobody chose.
const GIVEN: [&str; 2] = ["Mathematics:", "Physics:"];

/// A number in a file.
pub struct Found {
    /// Line, from 1.
    pub line: usize,
    /// What stands there.
    pub what: String,
}

/// All numbers of some items that may be choices.
pub fn of(items: &[syn::Item]) -> Vec<Found> {
    let mut finder = Finder::default();
    items.iter().for_each(|item| finder.visit_item(item));
    finder.found.sort_by_key(|found| found.line);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<Found>,
}

impl Finder {
    fn add(&mut self, span: Span, what: String) {
        self.found.push(Found { line: span.start().line, what });
    }

    /// A constant of numbers, or one made from them: one finding, whatever it holds.
    fn constant(&mut self, name: &syn::Ident, kind: &Type, attributes: &[syn::Attribute], value: &Expr) {
        let words = documentation(attributes);
        if GIVEN.iter().any(|start| words.starts_with(start)) {
            return;
        }
        let mut inner = Self::default();
        inner.visit_expr(value);
        if is_numeric(kind) || !inner.found.is_empty() {
            self.add(name.span(), format!("const {name}"));
        }
    }

    fn float(&mut self, literal: &LitFloat) {
        if literal.base10_parse::<f64>().is_ok_and(|value| !COMMON.contains(&value)) {
            self.add(literal.span(), literal.to_string());
        }
    }

    /// A whole number that something is measured by.
    fn whole(&mut self, literal: &LitInt) {
        let is_float = matches!(literal.suffix(), "f32" | "f64");
        let (value, limit) = (literal.base10_parse::<u64>().unwrap_or(u64::MAX), SMALLEST_CHOICE);
        if value >= limit && !is_float {
            self.add(literal.span(), literal.to_string());
        }
    }

    fn whole_in(&mut self, operand: &Expr) {
        match operand {
            Expr::Lit(literal) => {
                if let Lit::Int(whole) = &literal.lit {
                    self.whole(whole);
                }
            }
            Expr::Paren(inner) => self.whole_in(&inner.expr),
            Expr::Unary(inner) => self.whole_in(&inner.expr),
            Expr::Cast(inner) => self.whole_in(&inner.expr),
            Expr::Range(range) => {
                range.start.iter().chain(&range.end).for_each(|bound| self.whole_in(bound));
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_const(&mut self, constant: &'ast ItemConst) {
        self.constant(&constant.ident, &constant.ty, &constant.attrs, &constant.expr);
    }

    fn visit_item_static(&mut self, constant: &'ast ItemStatic) {
        self.constant(&constant.ident, &constant.ty, &constant.attrs, &constant.expr);
    }

    fn visit_impl_item_const(&mut self, constant: &'ast ImplItemConst) {
        self.constant(&constant.ident, &constant.ty, &constant.attrs, &constant.expr);
    }

    fn visit_trait_item_const(&mut self, constant: &'ast TraitItemConst) {
        if let Some((_, value)) = &constant.default {
            self.constant(&constant.ident, &constant.ty, &constant.attrs, value);
        }
    }

    fn visit_lit_float(&mut self, literal: &'ast LitFloat) {
        self.float(literal);
    }

    fn visit_expr_binary(&mut self, operation: &'ast syn::ExprBinary) {
        use BinOp::{Div, DivAssign, Eq, Ge, Gt, Le, Lt, Mul, MulAssign, Ne, Rem, RemAssign};
        if matches!(
            operation.op,
            Div(_)
                | DivAssign(_)
                | Eq(_)
                | Ge(_)
                | Gt(_)
                | Le(_)
                | Lt(_)
                | Mul(_)
                | MulAssign(_)
                | Ne(_)
                | Rem(_)
                | RemAssign(_)
        ) {
            self.whole_in(&operation.left);
            self.whole_in(&operation.right);
        }
        syn::visit::visit_expr_binary(self, operation);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let name = call.method.to_string();
        if LIMITING.contains(&name.as_str()) {
            call.args.iter().for_each(|argument| self.whole_in(argument));
        }
        if name == "contains" {
            self.whole_in(&call.receiver);
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    /// What can be read as values, such as `vec![0.25; n]`; other macros are not looked into.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let list = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        let repeated = || call.parse_body_with(Punctuated::<Expr, Token![;]>::parse_terminated);
        if let Ok(values) = list {
            values.iter().for_each(|value| self.visit_expr(value));
        } else if let Ok(values) = repeated() {
            values.iter().for_each(|value| self.visit_expr(value));
        }
    }
}

/// A number, or an array, tuple or reference of numbers.
fn is_numeric(kind: &Type) -> bool {
    const NUMBERS: [&str; 14] =
        ["f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];
    match kind {
        Type::Path(path) => path.path.get_ident().is_some_and(|name| NUMBERS.iter().any(|number| name == number)),
        Type::Array(array) => is_numeric(&array.elem),
        Type::Slice(slice) => is_numeric(&slice.elem),
        Type::Reference(reference) => is_numeric(&reference.elem),
        Type::Paren(inner) => is_numeric(&inner.elem),
        Type::Group(inner) => is_numeric(&inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(is_numeric),
        _ => false,
    }
}
