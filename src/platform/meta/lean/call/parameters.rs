//! The parameters of an event, each once.
//!
//! Never any other field of the event.

use super::super::field::{Kind, Named};
use super::super::order_key;
use super::super::parameter;
use super::super::scan::{Raw, Scan};
use super::Draft;

impl<'a> Draft<'a> {
    /// Reads a parameter; lists of goods are looked at once for both, what they are and where
    /// they end.
    #[inline]
    pub(super) fn parameter_at(&mut self, named: Named, scan: &mut Scan<'a>) -> Option<()> {
        if let (Kind::Contents | Kind::ContentIds, Some(mut list)) = (named.kind, scan.enter(false))
        {
            let read = if named.kind == Kind::Contents {
                parameter::contents(&mut list)
            } else {
                parameter::content_ids(&mut list)
            };
            if let Some(sign) = read {
                let text = scan.leave(&list)?;
                return self.parameter(named, Raw::Array(text), sign);
            }
        }
        if named.kind == Kind::Value
            && let Some((text, amount)) = scan.amount()
        {
            self.parameter(named, Raw::Number(text), parameter::NUMBER)?;
            self.lean.value = Some(amount);
            return Some(());
        }
        self.whole_parameter(named, scan.value()?)
    }

    /// Takes a parameter whose value was read whole.
    pub(super) fn whole_parameter(&mut self, named: Named, value: Raw<'a>) -> Option<()> {
        self.parameter(named, value, parameter::sign(named.kind, value))?;
        if named.kind == Kind::Value {
            self.lean.value = amount(value);
        }
        Some(())
    }

    #[inline]
    fn parameter(&mut self, named: Named, value: Raw<'a>, sign: u64) -> Option<()> {
        let mut part = named.begun;
        part.add(sign);
        let short = named.begun.finish() as u32;
        // A name twice: the last one wins in the full parser.
        if self.names[..self.count].contains(&short) {
            return None;
        }
        *self.names.get_mut(self.count)? = short;
        self.count += 1;
        self.parameters = self.parameters.wrapping_add(part.finish());
        let mut content = named.begun;
        match value {
            Raw::Text(text, _) | Raw::Number(text) | Raw::Object(text) | Raw::Array(text) => {
                content.text(text);
            }
            Raw::Flag(flag) => content.text(if flag { "true" } else { "false" }),
            Raw::Null => content.text("null"),
        }
        self.lean.content = self.lean.content.wrapping_add(content.finish());
        match named.kind {
            Kind::Currency if !value.is_null() => self.lean.currency = value.text(),
            Kind::Order if matches!(value, Raw::Text(..) | Raw::Number(_)) => {
                self.lean.order = order_key(&value.text()?);
            }
            _ => {}
        }
        Some(())
    }
}

fn amount(value: Raw<'_>) -> Option<f64> {
    let text = value.text()?;
    super::super::hit::amount(&text)
}
