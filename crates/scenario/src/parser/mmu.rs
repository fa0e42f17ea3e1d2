//! The line that says what CPUs translate addresses with.

use mm::x86::mmu::{MmuConfig, Ways};

use super::cursor::{Cursor, Parsed};
use super::statement::{each_option, on_off, once, unknown_option};
use crate::ast::Statement;
use crate::diagnostic::{Kind, What};
use crate::mmu::MODELS;

/// More than any processor has.
const MOST_ENTRIES: u64 = 4096;

/// `tlb skylake`, `tlb skylake l1=16/4 large=8/4 l2=64/4 pcid=off`
pub(super) fn tlb(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let names = MODELS.map(|(name, _)| name);
    let mut config = MODELS[c.choice(What::Processor, &names)?].1;
    let (mut l1, mut large, mut l2, mut pcid) = (None, None, None, None);
    each_option(c, |c| {
        let Some(word) = c.word() else { return c.nothing_more() };
        match word {
            "l1" | "large" | "l2" => {
                c.equals()?;
                let value = ways(c)?;
                once(
                    c,
                    word,
                    if word == "l1" {
                        &mut l1
                    } else if word == "l2" {
                        &mut l2
                    } else {
                        &mut large
                    },
                    value,
                )
            }
            "pcid" => {
                c.equals()?;
                let value = on_off(c)?;
                once(c, word, &mut pcid, value)
            }
            word => Err(unknown_option(c, word, &["l1", "large", "l2", "pcid"])),
        }
    })?;
    let MmuConfig { l1: of_l1, l1_large, l2: of_l2, pcid: of_pcid } = &mut config;
    for (slot, value) in [(of_l1, l1), (l1_large, large), (of_l2, l2)] {
        *slot = value.unwrap_or(*slot);
    }
    *of_pcid = pcid.unwrap_or(*of_pcid);
    Ok(Statement::Tlb(config))
}

/// `64/4`: so many entries, in sets of so many.
fn ways(c: &mut Cursor<'_, '_>) -> Parsed<Ways> {
    let from = c.span();
    let entries = c.number(What::Number, 1, MOST_ENTRIES)? as u16;
    if !c.sign('/') {
        return Err(c.expected(What::Literal("/")));
    }
    let ways = c.number(What::Number, 1, MOST_ENTRIES)? as u16;
    Ways::new(entries, ways)
        .ok_or(())
        .map_err(|()| c.report(from.to(c.last_span()), Kind::NoSets { entries, ways }))
}
