//! One statement from the tokens of its line.

use mm::config::{Mobility, Rules};
use mm::op::PageKind;
use mm::page::MigrateType;
use mm::units::Order;

use super::KEYWORDS;
use super::cursor::{Cursor, Parsed, Wrong, shortened};
use super::lexer::TokenKind;
use crate::ast::{Alloc, For, Index, Run, Size, Statement, Target, Workload, kind_from_word, kind_word};
use crate::diagnostic::{Kind, NotYet, What};
use crate::span::Part;
use crate::suggest::nearest;

/// The statement, or nothing when something is wrong with it; everything wrong has been reported.
pub(super) fn statement(c: &mut Cursor<'_, '_>) -> Option<Statement> {
    let statement = begin(c).ok()?;
    c.nothing_more().ok()?;
    Some(statement)
}

fn begin(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let Some(word) = c.peek_word() else { return Err(c.expected(What::Name)) };
    match word {
        "title" => after(c, |c| Ok(Statement::Title(c.phrase()?))),
        "say" => after(c, |c| Ok(Statement::Say(c.phrase()?))),
        "rules" => after(c, rules),
        "ram" => after(c, |c| Ok(Statement::Ram(c.amount()?))),
        "zone" => after(c, |c| {
            let kind = c.zone()?;
            let size = if c.done() { None } else { Some(c.amount()?) };
            Ok(Statement::Zone { kind, size })
        }),
        "reserve" => after(c, |c| Ok(Statement::Reserve { start: c.amount()?, size: c.amount()? })),
        "pageblock_order" => after(c, |c| Ok(Statement::PageblockOrder(c.order(1)?))),
        "page_group_by_mobility" => after(c, |c| {
            let at = c.choice(What::OnOffAuto, &["auto", "on", "off"])?;
            Ok(Statement::Mobility([Mobility::Auto, Mobility::On, Mobility::Off][at]))
        }),
        "pcp" => after(c, |c| Ok(Statement::Pcp(on_off(c)?))),
        "cma" => after(c, |c| Ok(Statement::Cma(on_off(c)?))),
        "seed" => after(c, |c| Ok(Statement::Seed(c.number(What::Number, 0, u64::MAX)?))),
        "buddyinfo" => after(c, buddyinfo),
        // A row pasted as the kernel prints it.
        "Node" => buddyinfo(c),
        "free_list" => after(c, free_list),
        "pageblocks" => after(c, pageblocks),
        "free" => after(c, |c| Ok(Statement::Free(c.target()?))),
        "for" => after(c, for_loop),
        "end" => after(c, |_| Ok(Statement::End)),
        _ => request(c),
    }
}

/// The statement behind its keyword. `free = …` and the like: a word of the language as a name.
fn after(
    c: &mut Cursor<'_, '_>,
    parse: impl FnOnce(&mut Cursor<'_, '_>) -> Parsed<Statement>,
) -> Parsed<Statement> {
    let span = c.span();
    let word = c.word().unwrap_or_default();
    if matches!(c.peek(), Some(TokenKind::Sign('=' | '['))) {
        return Err(c.report(span, Kind::ReservedName { name: word.into() }));
    }
    parse(c)
}

fn rules(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let span = c.span();
    match c.peek_word() {
        Some(word) if word == Rules::V6_1.name() => {
            c.skip();
            Ok(Statement::Rules(Rules::V6_1))
        }
        Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.') => {
            c.skip();
            Err(c.report(span, Kind::NotYet(NotYet::Rules(shortened(word)))))
        }
        _ => Err(c.expected(What::Rules)),
    }
}

fn on_off(c: &mut Cursor<'_, '_>) -> Parsed<bool> {
    Ok(c.choice(What::OnOff, &["off", "on"])? == 1)
}

/// `Node 0, zone DMA 3 2 3 …`, in any spacing; missing large orders are 0.
fn buddyinfo(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    if !c.keyword("Node") {
        return Err(c.expected_one_of(What::BuddyRow, &["Node"]));
    }
    let span = c.span();
    let node = c.peek_word().map(shortened).unwrap_or_default();
    if c.number(What::Number, 0, 1023)? != 0 {
        return Err(c.report(span, Kind::NotYet(NotYet::Node(node))));
    }
    c.sign(',');
    if !c.keyword("zone") {
        return Err(c.expected(What::Literal("zone")));
    }
    let zone = c.zone()?;
    let mut counts = [0; Order::COUNT];
    let mut wrong = None;
    for (order, slot) in (0u32..).zip(&mut counts) {
        if c.done() && order > 0 {
            break;
        }
        let span = c.span();
        c.mark(Part::Value(order), span);
        match c.number_u32(What::Count, 0, mm::limits::MAX_FRAMES_IMPORTED) {
            Ok(count) => *slot = count,
            // A word that is no number ends the row; a number that is too large does not.
            Err(Wrong) if c.span() == span => return Err(Wrong),
            Err(Wrong) => wrong = Some(Wrong),
        }
    }
    wrong.map_or(Ok(Statement::BuddyInfo { zone, counts }), Err)
}

fn free_list(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let zone = c.zone()?;
    let order = c.order(0)?;
    let migratetype = c.migratetype()?;
    if !c.sign(':') {
        return Err(c.expected(What::Literal(":")));
    }
    let mut pfns = Vec::new();
    while !c.done() {
        let span = c.span();
        c.mark(Part::Value(pfns.len() as u32), span);
        pfns.push(c.number_u32(What::Pfn, 0, u32::MAX)?);
    }
    Ok(Statement::FreeList { zone, order, migratetype, pfns })
}

/// Digits, and `digit*count` for runs.
fn pageblocks(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let zone = c.zone()?;
    let mut runs: Vec<Run> = Vec::new();
    let mut add = |digit: char, count: u32| {
        let migratetype = MigrateType::from_raw(digit.to_digit(10)? as u8)?;
        match runs.last_mut().filter(|run| run.migratetype == migratetype) {
            Some(run) => run.count = run.count.saturating_add(count),
            None => runs.push(Run { migratetype, count }),
        }
        Some(())
    };
    while let Some(word) = c.peek_word() {
        let all = word.chars().all(|digit| ('0'..='5').contains(&digit));
        if !all {
            return Err(c.expected(What::PageblockDigits));
        }
        let word_span = c.span();
        c.skip();
        if !c.sign('*') {
            word.chars().for_each(|digit| {
                let _ = add(digit, 1);
            });
            continue;
        }
        if word.len() > 1 {
            // `0022*8`: eight of what?
            return Err(c.report(
                word_span,
                Kind::Expected {
                    what: What::PageblockDigits,
                    found: Some(format!("{}*", shortened(word))),
                    suggestion: Some(format!(
                        "{} {}*",
                        shortened(&word[..word.len() - 1]),
                        &word[word.len() - 1..]
                    )),
                },
            ));
        }
        let count = c.number_u32(What::Number, 1, mm::limits::MAX_FRAMES_IMPORTED)?;
        word.chars().for_each(|digit| {
            let _ = add(digit, count);
        });
    }
    if runs.is_empty() || !c.done() {
        return Err(c.expected(What::PageblockDigits));
    }
    Ok(Statement::Pageblocks { zone, runs })
}

/// `for i in 0..63 step 2`
fn for_loop(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let variable = c.name(What::Variable)?.to_owned();
    if !c.keyword("in") {
        return Err(c.expected(What::Literal("in")));
    }
    let most = Index::MAX_NUMBER as u32;
    let from_span = c.span();
    let from = c.number_u32(What::Range, 0, most)?;
    if c.peek() != Some(&TokenKind::Range) {
        return Err(c.expected(What::Literal("..")));
    }
    c.skip();
    let to = c.number_u32(What::Range, 0, most)?;
    let range = from_span.to(c.last_span());
    c.mark(Part::Range, range);
    let step = if c.keyword("step") { c.number_u32(What::Number, 1, most)? } else { 1 };
    if to < from {
        return Err(c.report(range, Kind::EmptyRange { from: u64::from(from), to: u64::from(to) }));
    }
    Ok(Statement::For(For { variable, from, to, step }))
}

/// `a = alloc …` and `w = workload …`.
fn request(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let span = c.span();
    let found = c.peek_word().unwrap_or_default();
    let target = c.target()?;
    if !c.sign('=') {
        if target.index.is_some() {
            return Err(c.expected(What::Literal("=")));
        }
        let suggestion = nearest(found, KEYWORDS.iter().copied()).map(str::to_owned);
        return Err(c.report(span, Kind::UnknownStatement { found: shortened(found), suggestion }));
    }
    match c.choice(What::Request, &["alloc", "workload"])? {
        0 => alloc(c, target),
        _ => workload(c, target),
    }
}

/// The value of `name=`; reports a missing `=`.
fn equals(c: &mut Cursor<'_, '_>) -> Parsed<()> {
    if c.sign('=') { Ok(()) } else { Err(c.expected(What::Literal("="))) }
}

/// Sets an option that may stand only once.
fn once<T>(c: &mut Cursor<'_, '_>, name: &str, slot: &mut Option<T>, value: T) -> Parsed<()> {
    if slot.is_some() {
        let span = c.last_span();
        return Err(c.report(span, Kind::RepeatedOption { name: name.into() }));
    }
    *slot = Some(value);
    Ok(())
}

fn alloc(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 9] =
        ["order", "pages", "unmovable", "movable", "reclaimable", "anon", "file", "zone", "real"];
    let (mut size, mut kind, mut zone, mut real) = (None, None, None, None);
    let mut wrong = false;
    while !c.done() {
        let option = alloc_option(c, &WORDS, &mut size, &mut kind, &mut zone, &mut real);
        wrong |= resync(c, option);
    }
    if size.is_none() && !wrong {
        return Err(c.expected(What::Size));
    }
    match size {
        Some(size) if !wrong => Ok(Statement::Alloc(Alloc {
            target,
            size,
            kind: kind.unwrap_or(PageKind::Unmovable),
            zone,
            real,
        })),
        _ => Err(Wrong),
    }
}

fn alloc_option(
    c: &mut Cursor<'_, '_>,
    words: &[&str],
    size: &mut Option<Size>,
    kind: &mut Option<PageKind>,
    zone: &mut Option<mm::mmzone::ZoneKind>,
    real: &mut Option<u32>,
) -> Parsed<()> {
    let Some(word) = c.word() else { return Err(c.expected(What::Size)) };
    match word {
        "order" => {
            equals(c)?;
            let span = c.span();
            c.mark(Part::Size, span);
            let order = c.number(What::Order, 0, u64::from(u8::MAX))? as u8;
            once(c, "order", size, Size::Order(order))
        }
        "pages" => {
            equals(c)?;
            let span = c.span();
            c.mark(Part::Size, span);
            let pages = c.number_u32(What::Pages, 1, mm::limits::MAX_FRAMES_IMPORTED)?;
            once(c, "pages", size, Size::Pages(pages))
        }
        "zone" => {
            equals(c)?;
            let value = c.zone()?;
            once(c, "zone", zone, value)
        }
        "real" => {
            equals(c)?;
            let value = c.number_u32(What::Pfn, 0, u32::MAX)?;
            once(c, "real", real, value)
        }
        word => match kind_from_word(word) {
            Some(value) => once(c, word, kind, value),
            None => Err(unknown_option(c, word, words)),
        },
    }
}

fn workload(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 8] =
        ["orders", "unmovable", "movable", "reclaimable", "anon", "file", "free", "zone"];
    let actions = c.number_u32(What::Actions, 1, mm::limits::MAX_WORKLOAD_ACTIONS)?;
    let (mut orders, mut weights, mut free, mut zone) = (None, [None; 5], None, None);
    let mut wrong = false;
    while !c.done() {
        let option = workload_option(c, &WORDS, &mut orders, &mut weights, &mut free, &mut zone);
        wrong |= resync(c, option);
    }
    let weights = weights.map(Option::unwrap_or_default);
    if wrong {
        return Err(Wrong);
    }
    if weights == [0; 5] {
        return Err(c.expected(What::Weight));
    }
    let orders = orders.unwrap_or((Order::ZERO, Order::ZERO));
    Ok(Statement::Workload(Workload {
        target,
        actions,
        orders,
        weights,
        free_percent: free.unwrap_or(0),
        zone,
    }))
}

fn workload_option(
    c: &mut Cursor<'_, '_>,
    words: &[&str],
    orders: &mut Option<(Order, Order)>,
    weights: &mut [Option<u8>; 5],
    free: &mut Option<u8>,
    zone: &mut Option<mm::mmzone::ZoneKind>,
) -> Parsed<()> {
    let Some(word) = c.word() else { return Err(c.expected(What::Weight)) };
    match word {
        "orders" => {
            equals(c)?;
            let from = c.span();
            let low = c.order(0)?;
            let high = if c.peek() == Some(&TokenKind::Range) {
                c.skip();
                c.order(0)?
            } else {
                low
            };
            if high < low {
                let span = from.to(c.last_span());
                let (from, to) = (u64::from(low.get()), u64::from(high.get()));
                return Err(c.report(span, Kind::EmptyRange { from, to }));
            }
            once(c, "orders", orders, (low, high))
        }
        "free" => {
            equals(c)?;
            let value = c.number(What::Percent, 0, 100)? as u8;
            once(c, "free", free, value)
        }
        "zone" => {
            equals(c)?;
            let value = c.zone()?;
            once(c, "zone", zone, value)
        }
        word => match PageKind::ASKABLE.into_iter().position(|kind| kind_word(kind) == word) {
            Some(at) => {
                equals(c)?;
                let value = c.number(What::Weight, 0, u64::from(u8::MAX))? as u8;
                once(c, word, &mut weights[at], value)
            }
            None => Err(unknown_option(c, word, words)),
        },
    }
}

fn unknown_option(c: &mut Cursor<'_, '_>, word: &str, words: &[&str]) -> Wrong {
    let suggestion = nearest(word, words.iter().copied()).map(str::to_owned);
    let span = c.last_span();
    c.report(span, Kind::UnknownOption { found: shortened(word), suggestion })
}

/// After a wrong option goes on with the next one, so that every error of the line is found. True: it was wrong.
fn resync(c: &mut Cursor<'_, '_>, option: Parsed<()>) -> bool {
    if option.is_ok() {
        return false;
    }
    // What belongs to the wrong option: everything up to the next word that stands apart.
    while !c.done() && (c.peek_word().is_none() || c.touches()) {
        c.skip();
    }
    true
}
