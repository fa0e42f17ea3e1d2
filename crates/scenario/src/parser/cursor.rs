//! Walking along the tokens of one line, and the small things that every statement is made of.

use std::ops::RangeInclusive;

use mm::gfp::GfpFlags;
use mm::limits::{MAX_CPUS, MAX_NODES};
use mm::mmzone::ZoneKind;
use mm::page::MigrateType;
use mm::units::Order;

use super::RESERVED;
use super::lexer::{Token, TokenKind};
use crate::ast::{Amount, Index, Phrase, Target, ZoneRef};
use crate::diagnostic::{Diagnostic, Kind, What};
use crate::letter::starts_name;
use crate::span::{Part, Span};
use crate::suggest::nearest;

/// A word or sign is wrong and has been reported; the rest of the statement cannot be understood.
#[derive(Debug)]
pub(super) struct Wrong;

pub(super) type Parsed<T> = Result<T, Wrong>;

/// Reads the tokens of one line.
pub(super) struct Cursor<'t, 'd> {
    tokens: &'t [Token<'t>],
    at: usize,
    line: u32,
    /// Where the statement ends.
    end: u32,
    pub diagnostics: &'d mut Vec<Diagnostic>,
    pub parts: Vec<(Part, Span)>,
}

impl<'t, 'd> Cursor<'t, 'd> {
    pub fn new(tokens: &'t [Token<'t>], line: u32, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        let end = tokens.last().map_or(1, |token| token.column + token.len);
        Cursor { tokens, at: 0, line, end, diagnostics, parts: Vec::new() }
    }

    pub fn peek(&self) -> Option<&'t TokenKind<'t>> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The token so many places ahead; 0 is the next one.
    pub fn peek_at(&self, ahead: usize) -> Option<&'t TokenKind<'t>> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    pub fn peek_word(&self) -> Option<&'t str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The word, if the next token is one.
    pub fn word(&mut self) -> Option<&'t str> {
        let word = self.peek_word()?;
        self.at += 1;
        Some(word)
    }

    pub fn skip(&mut self) {
        self.at += 1;
    }

    /// Takes the sign, if it is next.
    pub fn sign(&mut self, sign: char) -> bool {
        let is = self.peek() == Some(&TokenKind::Sign(sign));
        self.at += usize::from(is);
        is
    }

    /// Takes the word, if it is next.
    pub fn keyword(&mut self, word: &str) -> bool {
        let is = self.peek_word() == Some(word);
        self.at += usize::from(is);
        is
    }

    /// Whether the next word is a name that is given: `read = …`, `read[3] = …`.
    pub fn is_given(&self) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|next| matches!(next.kind, TokenKind::Sign('=' | '[')))
    }

    /// The word behind the next one, if it is one.
    pub fn second_word(&self) -> Option<&'t str> {
        match self.tokens.get(self.at + 1).map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether the next token stands directly behind the last one.
    pub fn touches(&self) -> bool {
        match (self.at.checked_sub(1).and_then(|at| self.tokens.get(at)), self.tokens.get(self.at)) {
            (Some(last), Some(next)) => last.column + last.len == next.column,
            _ => false,
        }
    }

    pub fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where the next token stands; the end of the line when there is none.
    pub fn span(&self) -> Span {
        self.span_at(self.at)
    }

    /// Where the last token stands.
    pub fn last_span(&self) -> Span {
        self.span_at(self.at.saturating_sub(1))
    }

    fn span_at(&self, at: usize) -> Span {
        match self.tokens.get(at) {
            Some(token) => Span::new(self.line, token.column, token.len),
            None => Span::new(self.line, self.end, 0),
        }
    }

    pub fn mark(&mut self, part: Part, span: Span) {
        self.parts.push((part, span));
    }

    pub fn report(&mut self, span: Span, kind: Kind) -> Wrong {
        self.diagnostics.push(Diagnostic { span, kind });
        Wrong
    }

    pub fn expected(&mut self, what: What) -> Wrong {
        self.expected_one_of(what, &[])
    }

    /// Reports that `what` was expected, and suggests the nearest of `words`.
    pub fn expected_one_of(&mut self, what: What, words: &[&str]) -> Wrong {
        let found = self.tokens.get(self.at).map(|token| shortened(token.raw));
        let suggestion = found.as_deref().and_then(|found| nearest(found, words.iter().copied()));
        let suggestion = suggestion.map(str::to_owned);
        self.report(self.span(), Kind::Expected { what, found, suggestion })
    }

    /// Reports what is left of the line.
    pub fn nothing_more(&mut self) -> Parsed<()> {
        if self.done() {
            return Ok(());
        }
        let rest: Vec<&str> = self.tokens[self.at..].iter().take(4).map(|token| token.raw).collect();
        let span = self.span().to(self.span_at(self.tokens.len() - 1));
        Err(self.report(span, Kind::Trailing { found: shortened(&rest.join(" ")) }))
    }

    /// A number, decimal or `0x…`, from `min` to `max`.
    pub fn number(&mut self, what: What, min: u64, max: u64) -> Parsed<u64> {
        let Some(word) = self.peek_word() else { return Err(self.expected(what)) };
        let (digits, radix) = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(hex) => (hex, 16),
            None => (word, 10),
        };
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return Err(self.expected(what));
        }
        // All digits: what does not fit 64 bits is too large.
        let value = u64::from_str_radix(digits, radix).ok().filter(|value| (min..=max).contains(value));
        let span = self.span();
        self.at += 1;
        value
            .ok_or(())
            .map_err(|()| self.report(span, Kind::OutOfRange { what, found: shortened(word), min, max }))
    }

    /// The same for 32 bits.
    pub fn number_u32(&mut self, what: What, min: u32, max: u32) -> Parsed<u32> {
        Ok(self.number(what, u64::from(min), u64::from(max))? as u32)
    }

    /// An order of the buddy system.
    pub fn order(&mut self, min: u8) -> Parsed<Order> {
        let order = self.number(What::Order, u64::from(min), u64::from(Order::MAX.get()))?;
        Order::new(order as u8).ok_or(Wrong)
    }

    /// `64M`, `64 MiB`, `1024 frames`, `1024`.
    pub fn amount(&mut self) -> Parsed<Amount> {
        let Some(word) = self.peek_word() else { return Err(self.expected(What::Amount)) };
        let from = self.span();
        if word.starts_with("0x") || word.starts_with("0X") {
            let frames = self.number(What::Amount, 0, u64::from(u32::MAX))?;
            self.frames_word();
            return Ok(Amount::frames(frames));
        }
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, suffix) = word.split_at(digits);
        if number.is_empty() || !(suffix.is_empty() || unit(suffix).is_some()) {
            return Err(self.expected(What::Amount));
        }
        self.at += 1;
        let after = if suffix.is_empty() { self.peek_word().and_then(unit) } else { None };
        self.at += usize::from(after.is_some());
        let span = from.to(self.last_span());
        let found =
            if after.is_some() { format!("{number} {}", self.tokens[self.at - 1].raw) } else { word.into() };
        let count = number.parse::<u64>().ok();
        let bytes = count.and_then(|n| n.checked_mul(unit(suffix).or(after).unwrap_or(mm::units::PAGE_SIZE)));
        let Some(bytes) = bytes.filter(|bytes| *bytes <= MAX_BYTES) else {
            let (min, max) = (0, MAX_BYTES / mm::units::PAGE_SIZE);
            return Err(
                self.report(span, Kind::OutOfRange { what: What::Pages, found: shortened(&found), min, max })
            );
        };
        if unit(suffix).or(after).is_none() {
            self.frames_word();
            return Ok(Amount::frames(bytes / mm::units::PAGE_SIZE));
        }
        match Amount::bytes(bytes) {
            Some(amount) => Ok(amount),
            None => Err(self.report(span, Kind::NotWholeFrames { found: shortened(&found) })),
        }
    }

    /// `40`, `64K`, `16 MiB`: bytes, whole pages or not.
    pub fn bytes(&mut self, range: RangeInclusive<u64>) -> Parsed<u64> {
        let Some(word) = self.peek_word() else { return Err(self.expected(What::Bytes)) };
        let from = self.span();
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, suffix) = word.split_at(digits);
        if number.is_empty() || !(suffix.is_empty() || unit(suffix).is_some()) {
            return Err(self.expected(What::Bytes));
        }
        self.at += 1;
        let after = if suffix.is_empty() { self.peek_word().and_then(unit) } else { None };
        self.at += usize::from(after.is_some());
        let unit = unit(suffix).or(after).unwrap_or(1);
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        bytes.filter(|bytes| range.contains(bytes)).ok_or(()).map_err(|()| {
            let (found, span) = (shortened(word), from.to(self.last_span()));
            let (min, max) = range.into_inner();
            self.report(span, Kind::OutOfRange { what: What::Bytes, found, min, max })
        })
    }

    fn frames_word(&mut self) {
        let is = matches!(self.peek_word(), Some("frames" | "frame" | "pages" | "page"));
        self.at += usize::from(is);
    }

    pub fn zone(&mut self) -> Parsed<ZoneKind> {
        let span = self.span();
        match self.peek_word().and_then(ZoneKind::from_name) {
            Some(zone) => {
                self.at += 1;
                self.mark(Part::Zone, span);
                Ok(zone)
            }
            None => Err(self.expected_one_of(What::Zone, &ZoneKind::ALL.map(ZoneKind::name))),
        }
    }

    /// A zone, and its node when that is not the first one: `Normal node=1`.
    pub fn zone_ref(&mut self) -> Parsed<ZoneRef> {
        let kind = self.zone()?;
        let node = if self.keyword("node") {
            self.equals()?;
            self.node()?
        } else {
            0
        };
        Ok(ZoneRef { kind, node })
    }

    /// The number of a node.
    pub fn node(&mut self) -> Parsed<u8> {
        let span = self.span();
        self.mark(Part::Node, span);
        Ok(self.number(What::Node, 0, u64::from(MAX_NODES) - 1)? as u8)
    }

    /// The number of a CPU.
    pub fn cpu(&mut self) -> Parsed<u8> {
        let span = self.span();
        self.mark(Part::Cpu, span);
        Ok(self.number(What::Cpu, 0, MAX_CPUS as u64 - 1)? as u8)
    }

    /// `GFP_ATOMIC|__GFP_NOWARN`, numbers in hex, or `none`; and where it stands.
    pub fn gfp(&mut self) -> Parsed<(GfpFlags, Span)> {
        let from = self.span();
        let mut flags = GfpFlags(0);
        loop {
            let word = self.peek_word().unwrap_or_default();
            if word.starts_with("0x") || word.starts_with("0X") {
                flags.0 |= self.number_u32(What::Gfp, 0, MOST_GFP)?;
            } else if word == "none" {
                self.at += 1;
            } else if let Some(of_name) = GfpFlags::from_name(word) {
                flags |= of_name;
                self.at += 1;
            } else {
                return Err(self.expected_one_of(What::Gfp, &mm::gfp::NAMES.map(|(name, _)| name)));
            }
            if !self.sign('|') {
                return Ok((flags, from.to(self.last_span())));
            }
        }
    }

    /// The `=` of an option.
    pub fn equals(&mut self) -> Parsed<()> {
        if self.sign('=') { Ok(()) } else { Err(self.expected(What::Literal("="))) }
    }

    pub fn migratetype(&mut self) -> Parsed<MigrateType> {
        let found = self.peek_word().and_then(|word| {
            MigrateType::ALL.into_iter().find(|migratetype| migratetype.name().eq_ignore_ascii_case(word))
        });
        match found {
            Some(migratetype) => {
                self.at += 1;
                Ok(migratetype)
            }
            None => Err(self.expected_one_of(What::MigrateType, &MigrateType::ALL.map(MigrateType::name))),
        }
    }

    /// One of some words, as its place among them.
    pub fn choice(&mut self, what: What, words: &[&str]) -> Parsed<usize> {
        match self.peek_word().and_then(|word| words.iter().position(|w| *w == word)) {
            Some(at) => {
                self.at += 1;
                Ok(at)
            }
            None => Err(self.expected_one_of(what, words)),
        }
    }

    /// `"…"` or `"…" zh "…"`.
    pub fn phrase(&mut self) -> Parsed<Phrase> {
        let text = self.text()?;
        let zh = if self.keyword("zh") { Some(self.text()?) } else { None };
        Ok(Phrase { text, zh })
    }

    fn text(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(TokenKind::Text(text)) => {
                self.at += 1;
                Ok(text.clone())
            }
            _ => Err(self.expected(What::Text)),
        }
    }

    /// A name: for a block or a loop's variable.
    pub fn name(&mut self, what: What) -> Parsed<&'t str> {
        let Some(word) = self.peek_word() else { return Err(self.expected(what)) };
        let letters = word.starts_with(starts_name) && !word.contains('.');
        if !letters || word.chars().count() > MAX_NAME {
            return Err(self.expected(what));
        }
        let span = self.span();
        self.at += 1;
        if RESERVED.contains(&word) {
            return Err(self.report(span, Kind::ReservedName { name: word.into() }));
        }
        Ok(word)
    }

    /// `a`, `b[3]`, `b[2*i+1]`.
    pub fn target(&mut self) -> Parsed<Target> {
        self.target_of(What::Name, Part::Target)
    }

    /// The same for what an op refers to besides.
    pub fn target_of(&mut self, what: What, part: Part) -> Parsed<Target> {
        let from = self.span();
        let name = self.name(what)?.to_owned();
        let index = if self.sign('[') {
            let index = self.index()?;
            if !self.sign(']') {
                return Err(self.expected(What::Literal("]")));
            }
            Some(index)
        } else {
            None
        };
        self.mark(part, from.to(self.last_span()));
        Ok(Target { name, index })
    }

    /// A sum of numbers and loop variables with factors.
    fn index(&mut self) -> Parsed<Index> {
        let mut index = Index::default();
        let mut sign = if self.sign('-') { -1 } else { 1 };
        for _ in 0..Index::MAX_TERMS {
            index = self.term(index, sign)?;
            sign = match (self.sign('+'), self.peek()) {
                (true, _) => 1,
                (false, Some(TokenKind::Sign('-'))) => {
                    self.at += 1;
                    -1
                }
                _ => return self.bounded(index),
            };
        }
        Err(self.expected(What::Literal("]")))
    }

    /// The index, unless its numbers added up to more than may stand in one.
    fn bounded(&mut self, index: Index) -> Parsed<Index> {
        match index.largest_number() {
            number if number <= Index::MAX_NUMBER => Ok(index),
            number => {
                let span = self.last_span();
                let found = number.to_string();
                Err(self.report(
                    span,
                    Kind::OutOfRange { what: What::Index, found, min: 0, max: Index::MAX_NUMBER },
                ))
            }
        }
    }

    /// `3`, `i`, `2*i` or `i*2`.
    fn term(&mut self, index: Index, sign: i64) -> Parsed<Index> {
        let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let Some(word) = self.peek_word() else { return Err(self.expected(What::Index)) };
        if is_number(word) {
            let number = self.number(What::Index, 0, Index::MAX_NUMBER)? as i64;
            if !self.sign('*') {
                return Ok(index.plus_number(sign * number));
            }
            let span = self.span();
            let variable = self.name(What::Variable)?;
            self.mark(Part::Variable, span);
            return Ok(index.plus(sign * number, variable));
        }
        let span = self.span();
        let variable = self.name(What::Index)?;
        self.mark(Part::Variable, span);
        let factor = if self.sign('*') { self.number(What::Number, 0, Index::MAX_NUMBER)? as i64 } else { 1 };
        Ok(index.plus(sign * factor, variable))
    }
}

/// All bits that 6.1 has (`__GFP_BITS_SHIFT` with lock debugging).
const MOST_GFP: u32 = 0x7ff_ffff;

/// No machine comes near it.
const MAX_BYTES: u64 = 1 << 44;

/// The longest name.
const MAX_NAME: usize = 32;

/// The bytes of a unit, in any case: `M`, `MB`, `MiB`.
fn unit(suffix: &str) -> Option<u64> {
    match suffix.to_ascii_lowercase().as_str() {
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        "g" | "gb" | "gib" => Some(1 << 30),
        _ => None,
    }
}

/// What is quoted from the text, at a length that fits a message.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 32;
    match text.char_indices().nth(LONGEST) {
        Some((byte, _)) => format!("{}…", &text[..byte]),
        None => text.to_owned(),
    }
}
