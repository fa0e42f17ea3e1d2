//! What is said where memory runs short: the lists of pages, who is taken from them, and what goes to a disk.

mod en;
mod zh;

use mm::Pfn;
use mm::op::FileOp;
use mm::process::ByteRange;
use mm::reclaim::FileAdvice;
use mm::reclaim::balance::fractions;
use mm::step::ReclaimStep;
use mm::xarray::SwapEntry;
use scenario::Lang;

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
    let part = |bytes: Option<ByteRange>| {
        bytes.map_or(String::new(), |ByteRange { from, to }| format!(" {}..{}", short(from), short(to)))
    };
    let block = |block: u32| match u64::from(block) {
        mm::units::PAGE_SIZE => String::new(),
        block => format!(" block={}", short(block)),
    };
    match *op {
        FileOp::Read { file, bytes, block: of, .. } => {
            format!("cat {}{}{}", w.full_name(file), part(bytes), block(of))
        }
        FileOp::Write { file, bytes, block: of, .. } => {
            format!("dd {}{}{}", w.full_name(file), part(bytes), block(of))
        }
        FileOp::Sync { file: Some(file) } => format!("fsync {}", w.full_name(file)),
        FileOp::Sync { file: None } => "sync".into(),
        FileOp::Advise { file, advice } => format!("fadvise {} {}", w.full_name(file), advice_name(advice)),
        FileOp::DropCaches { what } => format!("drop_caches {what}"),
        FileOp::Wait { ms } => format!("wait {}", seconds(ms, "")),
    }
}

/// `64K`
fn short(bytes: u64) -> String {
    let unit = [(30, "G"), (20, "M"), (10, "K")];
    let whole = unit.into_iter().find(|(bits, _)| bytes > 0 && bytes.is_multiple_of(1 << bits));
    whole.map_or(bytes.to_string(), |(bits, name)| format!("{}{name}", bytes >> bits))
}

fn advice_name(advice: FileAdvice) -> &'static str {
    match advice {
        FileAdvice::Normal => "normal",
        FileAdvice::Sequential => "sequential",
        FileAdvice::Random => "random",
        FileAdvice::DontNeed => "dontneed",
    }
}

/// `2 s`, `100 ms`
fn seconds(ms: u32, gap: &str) -> String {
    if ms.is_multiple_of(1000) { format!("{}{gap}s", ms / 1000) } else { format!("{ms}{gap}ms") }
}

/// The page of a file that lies in a frame: the file's name, and which page of it.
fn file_page(w: &Words, pfn: Pfn) -> Option<(String, u32)> {
    let processes = w.machine()?.processes();
    let (file, index) = processes.mapped(pfn).file()?;
    Some((w.name(processes.file(file)?.name).into_owned(), index))
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
