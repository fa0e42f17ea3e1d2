//! Lines about segments.

use mm::config::Arch;
use mm::segmentation::{Bounds, Cpu, Descriptor, Fields, Mode, Rights, SegReg, SegmentOp, Selector, Table};
use mm::units::PAGE_SIZE;

use super::cursor::{Cursor, Parsed, shortened};
use super::lexer::TokenKind;
use super::statement::{each_option, on_off, once, unknown_option};
use crate::ast::Statement;
use crate::diagnostic::{Kind, What};
use crate::process::ACCESSES;
use crate::segmentation::{is_exec, register};
use crate::span::Part;

/// Whether what follows `read`, `write` or `exec` is an address, and not a name.
pub(super) fn is_place(c: &Cursor<'_, '_>) -> bool {
    let Some(word) = c.peek_second_word() else { return false };
    word.starts_with(|c: char| c.is_ascii_digit()) || register(word).is_some() && c.is_third(':')
}

/// A line that begins with one of the words of segments, which has been read.
pub(super) fn op(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    Ok(Statement::Segment(match word {
        "cpu" => SegmentOp::Cpu(Cpu::ALL[c.choice(What::SegmentCpu, &Cpu::ALL.map(Cpu::name))?]),
        "mode" => SegmentOp::Mode(Mode::ALL[c.choice(What::Mode, &Mode::ALL.map(Mode::name))?]),
        "a20" => SegmentOp::A20(on_off(c)?),
        "paging" => SegmentOp::Paging(on_off(c)?),
        "relocation" => relocation(c)?,
        "gdt" => entry(c, Table::Gdt)?,
        "ldt" => entry(c, Table::Ldt)?,
        "lldt" => SegmentOp::Lldt(selector(c)?),
        "load" => {
            let reg = reg(c)?;
            SegmentOp::Load { reg, selector: selector(c)? }
        }
        "iret" => iret(c)?,
        "linux" => {
            let arches = [Arch::I386, Arch::X86_64];
            SegmentOp::Linux(arches[c.choice(What::Arch, &arches.map(Arch::name))?])
        }
        "page" => page(c)?,
        "fs_base" => SegmentOp::Base { reg: SegReg::Fs, base: c.number(What::Address, 0, u64::MAX)? },
        "gs_base" => SegmentOp::Base { reg: SegReg::Gs, base: c.number(What::Address, 0, u64::MAX)? },
        word => return access(c, word),
    }))
}

/// `ds:0x5678 size=4`, `0x5678`
fn access(c: &mut Cursor<'_, '_>, word: &str) -> Parsed<Statement> {
    let access = ACCESSES.into_iter().find(|(of, _)| *of == word).map(|(_, access)| access);
    let Some(access) = access else { return Err(c.expected(What::Number)) };
    let reg = if c.is_second(':') {
        let span = c.span();
        let reg = reg(c)?;
        if is_exec(access) && reg != SegReg::Cs {
            return Err(c.report(span, Kind::ExecutedElsewhere { reg }));
        }
        c.skip();
        Some(reg)
    } else {
        None
    };
    let span = c.span();
    c.mark(Part::Value(0), span);
    let offset = c.number(What::Offset, 0, u64::MAX)?;
    let mut size = None;
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        if word != "size" {
            return Err(unknown_option(c, word, &["size"]));
        }
        c.equals()?;
        let span = c.span();
        c.mark(Part::Size, span);
        let value = [1, 2, 4, 8][c.choice(What::AccessSize, &["1", "2", "4", "8"])?];
        once(c, word, &mut size, value)
    })?;
    Ok(Statement::Segment(SegmentOp::Access { access, reg, offset, size: size.unwrap_or(1) }))
}

fn reg(c: &mut Cursor<'_, '_>) -> Parsed<SegReg> {
    Ok(SegReg::ALL[c.choice(What::SegmentRegister, &SegReg::ALL.map(SegReg::name))?])
}

fn selector(c: &mut Cursor<'_, '_>) -> Parsed<Selector> {
    Ok(Selector(c.number(What::Selector, 0, u64::from(u16::MAX))? as u16))
}

/// `1M`, `0x12345`: what both ways of writing say best.
fn base(c: &mut Cursor<'_, '_>) -> Parsed<u32> {
    let most = u64::from(u32::MAX);
    let is_hex = c.peek_word().is_some_and(|word| word.starts_with("0x") || word.starts_with("0X"));
    Ok(if is_hex { c.number(What::Address, 0, most)? } else { c.bytes(0..=most)? } as u32)
}

/// `base=12418 limit=472`, `off`
fn relocation(c: &mut Cursor<'_, '_>) -> Parsed<SegmentOp> {
    if c.keyword("off") {
        return Ok(SegmentOp::Relocation(None));
    }
    let (mut of_base, mut limit) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let slot = match word {
            "base" => &mut of_base,
            "limit" => &mut limit,
            word => return Err(unknown_option(c, word, &["base", "limit"])),
        };
        c.equals()?;
        let value = base(c)?;
        once(c, word, slot, value)
    })?;
    match (of_base, limit) {
        (Some(base), Some(limit)) => Ok(SegmentOp::Relocation(Some(Bounds { base, limit }))),
        (None, _) => Err(c.expected(What::Figure("base"))),
        (_, None) => Err(c.expected(What::Figure("limit"))),
    }
}

/// `cs=0x1b ss=0x23`
fn iret(c: &mut Cursor<'_, '_>) -> Parsed<SegmentOp> {
    let (mut cs, mut ss) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        let slot = match word {
            "cs" => &mut cs,
            "ss" => &mut ss,
            word => return Err(unknown_option(c, word, &["cs", "ss"])),
        };
        c.equals()?;
        let value = selector(c)?;
        once(c, word, slot, value)
    })?;
    match (cs, ss) {
        (Some(cs), Some(ss)) => Ok(SegmentOp::Return { cs, ss }),
        (None, _) => Err(c.expected(What::Figure("cs"))),
        (_, None) => Err(c.expected(What::Figure("ss"))),
    }
}

/// `0x8048000 0x345000 r user`, `0x8048000 absent`
fn page(c: &mut Cursor<'_, '_>) -> Parsed<SegmentOp> {
    let linear = page_address(c)?;
    if c.keyword("absent") {
        return Ok(SegmentOp::Page { linear, frame: None });
    }
    let frame = page_address(c)?;
    let (mut read, mut user) = (None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "r" => once(c, word, &mut read, ()),
            "user" => once(c, word, &mut user, ()),
            word => Err(unknown_option(c, word, &["r", "user", "absent"])),
        }
    })?;
    let rights = Rights { write: read.is_none(), user: user.is_some() };
    Ok(SegmentOp::Page { linear, frame: Some((frame, rights)) })
}

fn page_address(c: &mut Cursor<'_, '_>) -> Parsed<u32> {
    let (span, found) = (c.span(), c.peek_word().unwrap_or_default());
    let address = c.number_u32(What::Address, 0, u32::MAX)?;
    if !u64::from(address).is_multiple_of(PAGE_SIZE) {
        return Err(c.report(span, Kind::NotWholeFrames { found: shortened(found) }));
    }
    Ok(address)
}

/// `3 data base=1M limit=0xffff dpl=3`, `3 0x00cff2000000ffff`
fn entry(c: &mut Cursor<'_, '_>, table: Table) -> Parsed<SegmentOp> {
    // Entry 0 of the GDT is never used.
    let index = c.number(What::Index, u64::from(table == Table::Gdt), 8191)? as u16;
    let is_raw = c.peek_word().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let descriptor =
        if is_raw { Descriptor(c.number(What::Descriptor, 0, u64::MAX)?) } else { descriptor(c)? };
    Ok(SegmentOp::Write { table, index, descriptor })
}

/// The options of a descriptor as they come.
#[derive(Default)]
struct Options {
    base: Option<u32>,
    limit: Option<u32>,
    dpl: Option<u8>,
    bits: Option<usize>,
    /// `r` or `x`.
    narrow: Option<()>,
    /// `down` or `conforming`.
    other: Option<()>,
    pages: Option<()>,
    accessed: Option<()>,
    avl: Option<()>,
    absent: Option<()>,
}

fn descriptor(c: &mut Cursor<'_, '_>) -> Parsed<Descriptor> {
    const DATA: [&str; 10] =
        ["base", "limit", "dpl", "r", "down", "bits", "pages", "accessed", "avl", "absent"];
    const CODE: [&str; 10] =
        ["base", "limit", "dpl", "x", "conforming", "bits", "pages", "accessed", "avl", "absent"];
    const LDT: [&str; 5] = ["base", "limit", "dpl", "pages", "absent"];
    let kind = c.choice(What::Descriptor, &["data", "code", "ldt"])?;
    let words: &[&str] = [&DATA[..], &CODE, &LDT][kind];
    let mut options = Options::default();
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        if !words.contains(&word) {
            return Err(unknown_option(c, word, words));
        }
        descriptor_option(c, word, &mut options)
    })?;
    let Options { base, limit, dpl, bits, narrow, other, pages, accessed, avl, absent } = options;
    let Some(limit) = limit else { return Err(c.expected(What::Figure("limit"))) };
    let (bits, is_segment) = (bits.unwrap_or(1), kind < 2);
    let ty = u8::from(kind == 1) << 3
        | u8::from(other.is_some()) << 2
        | u8::from(narrow.is_none()) << 1
        | u8::from(accessed.is_some());
    Ok(Descriptor::encode(&Fields {
        base: base.unwrap_or(0),
        limit,
        ty: if is_segment { ty } else { Descriptor::LDT },
        is_segment,
        dpl: dpl.unwrap_or(0),
        present: absent.is_none(),
        avl: avl.is_some(),
        long: is_segment && bits == 2,
        big: is_segment && bits == 1,
        pages: pages.is_some(),
    }))
}

fn descriptor_option(c: &mut Cursor<'_, '_>, word: &str, options: &mut Options) -> Parsed<()> {
    match word {
        "base" => {
            c.equals()?;
            let value = base(c)?;
            once(c, word, &mut options.base, value)
        }
        "limit" => {
            c.equals()?;
            let value = c.number_u32(What::Limit, 0, 0xf_ffff)?;
            once(c, word, &mut options.limit, value)
        }
        "dpl" => {
            c.equals()?;
            let value = c.number(What::Number, 0, 3)? as u8;
            once(c, word, &mut options.dpl, value)
        }
        "bits" => {
            c.equals()?;
            let value = c.choice(What::Bits, &["16", "32", "64"])?;
            once(c, word, &mut options.bits, value)
        }
        "r" | "x" => once(c, word, &mut options.narrow, ()),
        "down" | "conforming" => once(c, word, &mut options.other, ()),
        "pages" => once(c, word, &mut options.pages, ()),
        "accessed" => once(c, word, &mut options.accessed, ()),
        "avl" => once(c, word, &mut options.avl, ()),
        _ => once(c, word, &mut options.absent, ()),
    }
}

impl Cursor<'_, '_> {
    fn is_sign(&self, ahead: usize, sign: char) -> bool {
        self.peek_at(ahead) == Some(&TokenKind::Sign(sign))
    }

    /// Whether the sign stands behind the next word.
    fn is_second(&self, sign: char) -> bool {
        self.is_sign(1, sign)
    }

    /// Whether the sign stands behind the word after the next one.
    fn is_third(&self, sign: char) -> bool {
        self.is_sign(2, sign)
    }

    /// The word behind the next one.
    fn peek_second_word(&self) -> Option<&str> {
        match self.peek_at(1) {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }
}
