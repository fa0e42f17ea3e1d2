//! What is said of a processor that translates addresses: its TLBs, the tables it reads, and what it has to forget.

mod en;
mod zh;

use mm::CpuId;
use mm::op::NameId;
use mm::step::{Denial, MmuStep};
use mm::x86::pgtable::Pte;
use scenario::Lang;

use super::process::{hex, level_name, pick};
use super::{Told, Words, num};

/// A step of a memory management unit, told.
pub(crate) fn tell(lang: Lang, w: &Words, cpu: CpuId, process: NameId, step: &MmuStep) -> Told {
    match lang {
        Lang::En => en::mmu(w, cpu, process, step),
        Lang::Zh => zh::mmu(w, cpu, process, step),
    }
}

/// The bit of an entry that says no, and its value.
fn bit_of(why: Denial) -> &'static str {
    match why {
        Denial::NotPresent => "P = 0",
        Denial::ReadOnly => "R/W = 0",
        Denial::NoExec => "NX = 1",
    }
}

/// The bits that matter of an entry that is present, as manuals call them.
fn bits(entry: Pte) -> String {
    let set =
        [(Pte::PRESENT, "P"), (Pte::RW, "W"), (Pte::USER, "U"), (Pte::ACCESSED, "A"), (Pte::DIRTY, "D")];
    let more = [(Pte::PSE, "PS"), (Pte::GLOBAL, "G"), (Pte::NX, "NX")];
    let names: Vec<&str> =
        set.iter().chain(&more).filter(|(bit, _)| entry.has(*bit)).map(|(_, name)| *name).collect();
    names.join(" ")
}
