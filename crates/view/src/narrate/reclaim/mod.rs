//! What is said where memory runs short: the lists of pages, who is taken from them, and what goes to a disk.

mod en;
mod group_en;
mod group_zh;
mod zh;

use mm::op::{FileOp, NameId};
use mm::reclaim::balance::fractions;
use mm::step::ReclaimStep;
use mm::xarray::SwapEntry;
use mm::{CpuId, Pfn};
use scenario::ast::{Amount, Target};
use scenario::files::FileLine;
use scenario::{Lang, Statement, print_statement};

use super::{Told, Words, num};

/// A step of reclaim, told.
pub(crate) fn tell(lang: Lang, w: &Words, step: &ReclaimStep) -> Told {
    match lang {
        Lang::En => en::tell(w, step),
        Lang::Zh => zh::tell(w, step),
    }
}

/// What an op wants, behind its name.
pub(super) fn op_text(lang: Lang, w: &Words, op: &FileOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as the language writes it.
pub(super) fn code(w: &Words, op: &FileOp) -> String {
    let target = |name: NameId| Target::named(w.full_name(name));
    let io = |file: NameId, bytes, block, writes, cpu: CpuId| FileLine::Io {
        file: target(file),
        bytes,
        block,
        writes,
        cpu: cpu.0,
    };
    print_statement(&Statement::File(match *op {
        FileOp::Read { file, bytes, block, cpu } => io(file, bytes, block, false, cpu),
        FileOp::Write { file, bytes, block, cpu } => io(file, bytes, block, true, cpu),
        FileOp::Sync { file: Some(file) } => FileLine::Fsync(target(file)),
        FileOp::Sync { file: None } => FileLine::Sync,
        FileOp::Advise { file, advice } => FileLine::Advise(target(file), advice),
        FileOp::DropCaches { what } => FileLine::DropCaches(what),
        FileOp::Wait { ms } => FileLine::Wait(ms),
        FileOp::Group { name, max, swap_max } => {
            FileLine::Group { target: target(name), max: max.map(amount), swap_max: swap_max.map(amount) }
        }
        FileOp::GroupMax { group, max, swap } => {
            FileLine::GroupMax { group: target(group), max: max.map(amount), swap }
        }
    }))
}

/// So many pages, in bytes.
fn amount(pages: u64) -> Amount {
    Amount::bytes(pages.saturating_mul(mm::units::PAGE_SIZE)).unwrap_or(Amount::frames(pages))
}

/// `2 s`, `100 ms`
fn seconds(ms: u32) -> String {
    if ms.is_multiple_of(1000) { format!("{} s", ms / 1000) } else { format!("{ms} ms") }
}

/// The page of a file that lies in a frame: the file's name, and which page of it.
fn file_page(w: &Words, pfn: Pfn) -> Option<(String, u32)> {
    let processes = w.machine()?.processes();
    let (file, index) = processes.mapped(pfn).file()?;
    Some((w.name(processes.file(file)?.name).into_owned(), index))
}

/// Whether a frame is the first one of a huge page.
fn is_huge(w: &Words, pfn: Pfn) -> bool {
    let of = w.machine().and_then(|machine| machine.processes().huge().of(pfn));
    of.is_some_and(|(head, _)| head == pfn)
}

/// A slot's number; with its area in front where there are several: `1:37`.
fn slot(w: &Words, entry: SwapEntry) -> String {
    let areas = w.machine().and_then(|machine| machine.reclaim()).map_or(1, |reclaim| reclaim.areas().len());
    let area = if areas > 1 { format!("{}:", entry.area) } else { String::new() };
    format!("{area}{}", num(entry.offset))
}

/// How much of what is looked at belongs to pages without a file, in percent.
fn anon_share(w: &Words, node: u8) -> Option<u64> {
    let reclaim = w.machine()?.reclaim()?;
    let cost = reclaim.nodes().get(usize::from(node))?.lruvec.cost;
    let [anon, file] = fractions(reclaim.tunables.swappiness, cost);
    (anon * 100 + (anon + file) / 2).checked_div(anon + file)
}

/// `vm.swappiness`
fn swappiness(w: &Words) -> u8 {
    w.machine().and_then(|machine| machine.reclaim()).map_or(60, |reclaim| reclaim.tunables.swappiness)
}

/// Why one kind is left alone: no slot of swap is free.
fn swap_is_full(w: &Words) -> bool {
    w.machine().and_then(|machine| machine.reclaim()).is_some_and(|reclaim| reclaim.swap_pages().1 == 0)
}

/// Pages without and with files that are looked at.
fn scanned(counts: [u32; 4]) -> [u64; 2] {
    let [a, b, c, d] = counts.map(u64::from);
    [a + b, c + d]
}
