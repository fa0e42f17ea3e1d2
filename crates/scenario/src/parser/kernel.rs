//! `kernel …`: what a real kernel did.

use mm::limits::MAX_FRAMES_IMPORTED;
use mm::replay::Moving;
use mm::units::Order;

use super::cursor::{Cursor, Parsed};
use super::lexer::TokenKind;
use crate::ast::Statement;
use crate::diagnostic::{Kind, What};
use crate::kernel::{Did, Kernel, MovedBlocks};

const DID: [&str; 4] = ["alloc", "refill", "free", "drain"];
const MOVED: [&str; 3] = ["taken", "stolen", "drained"];

/// The rest of the line.
pub(super) fn kernel(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let did = match c.choice(What::KernelDid, &DID)? {
        0 => {
            let pfn = if c.keyword("none") { None } else { Some(frame(c)?) };
            let order = order(c)?;
            option(c, "gfp")?;
            Did::Alloc { pfn, order, gfp: c.gfp()?.0 }
        }
        1 => Did::Refill { order: order(c)?, migratetype: c.migratetype()? },
        2 => Did::Free { pfn: frame(c)?, order: order(c)? },
        _ => Did::Drain,
    };
    let mut cpu = 0;
    if c.keyword("cpu") {
        c.equals()?;
        cpu = c.cpu()?;
    }
    let mut moved = Vec::new();
    while !c.done() {
        moved.push(moved_blocks(c, &did)?);
    }
    Ok(Statement::Kernel(Kernel { did, cpu, moved }))
}

fn frame(c: &mut Cursor<'_, '_>) -> Parsed<u32> {
    c.number_u32(What::Pfn, 0, 2 * MAX_FRAMES_IMPORTED)
}

fn option(c: &mut Cursor<'_, '_>, word: &'static str) -> Parsed<()> {
    if !c.keyword(word) {
        return Err(c.expected(What::Figure(word)));
    }
    c.equals()
}

fn order(c: &mut Cursor<'_, '_>) -> Parsed<Order> {
    option(c, "order")?;
    c.order(0)
}

/// `taken 0x7a4e 0x7a50..0x7a5a`, `stolen 0xb400 order=10 from=Reclaimable claimed`,
/// `drained order=0 Unmovable 0x4235 0x4234`.
fn moved_blocks(c: &mut Cursor<'_, '_>, did: &Did) -> Parsed<MovedBlocks> {
    let (order_taken, migratetype) = did.takes();
    match c.choice(What::KernelMoved, &MOVED)? {
        0 => Ok(MovedBlocks {
            how: Moving::Taken,
            order: order_taken,
            migratetype,
            pfns: frames(c, order_taken)?,
        }),
        1 => {
            let pfns = vec![frame(c)?];
            let order = order(c)?;
            option(c, "from")?;
            let from = c.migratetype()?;
            let claimed = c.keyword("claimed");
            Ok(MovedBlocks { how: Moving::Stolen { from, claimed }, order, migratetype, pfns })
        }
        _ => {
            let order = order(c)?;
            let migratetype = c.migratetype()?;
            Ok(MovedBlocks { how: Moving::Drained, order, migratetype, pfns: frames(c, order)? })
        }
    }
}

/// At least one frame; `first..last` is one block beside the other.
fn frames(c: &mut Cursor<'_, '_>, order: Order) -> Parsed<Vec<u32>> {
    let mut pfns = Vec::new();
    while pfns.is_empty() || c.peek_word().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    {
        let from = c.span();
        let first = frame(c)?;
        if c.peek() != Some(&TokenKind::Range) {
            pfns.push(first);
            continue;
        }
        c.skip();
        let last = frame(c)?;
        let span = from.to(c.last_span());
        let ends = last > first && (last - first).is_multiple_of(order.pages());
        // So many blocks leave the lists in one go at most: a refill, or a drain of all that a CPU has.
        const MOST: u32 = 65_536;
        if !ends || (last - first) / order.pages() >= MOST {
            return Err(c.report(span, Kind::EmptyRange { from: u64::from(first), to: u64::from(last) }));
        }
        pfns.extend((first..=last).step_by(order.pages() as usize));
    }
    Ok(pfns)
}
