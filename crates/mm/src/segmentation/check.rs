//! The laws of segmentation.

use super::{Doing, Mode, SegReg, Segmentation, Table, Way, rules};

/// The most entries that a selector can choose from.
const MOST_ENTRIES: usize = 8192;

impl Segmentation {
    /// Checks every law: the tables are no longer than selectors reach, entry 0 of the GDT is empty, and what passed lies
    /// inside its segment.
    pub(crate) fn check(&self) -> Result<(), String> {
        for table in [Table::Gdt, Table::Ldt] {
            let len = self.table(table).len();
            if len > MOST_ENTRIES {
                return Err(format!("{table:?} has {len} entries"));
            }
        }
        if self.table(Table::Gdt).first().is_none_or(|entry| entry.0 != 0) {
            return Err("entry 0 of the GDT is used".into());
        }
        if self.cpl > 3 || !self.cpu.has_mode(self.mode) && self.cpu.has_segments() {
            return Err(format!("{:?} in {:?}, ring {}", self.cpu, self.mode, self.cpl));
        }
        let Way { doing, linear, physical, fault, within, .. } = self.way;
        let Doing::Access { access, reg: Some(reg), offset, size } = doing else { return Ok(()) };
        if physical.is_some() && fault.is_some() {
            return Err(format!("{:?} failed and reached memory", self.way));
        }
        if self.mode != Mode::Protected || !within || linear.is_none() {
            return Ok(());
        }
        let hidden = self.register(reg).hidden;
        rules::within(hidden, offset, size).map_err(|why| format!("{:?}: {why:?}", self.way))?;
        rules::allowed(access, hidden).map_err(|why| format!("{:?}: {why:?}", self.way))?;
        let ring = self.register(SegReg::Ss).hidden.dpl();
        if reg == SegReg::Ss && self.register(SegReg::Ss).selector.rpl() != self.cpl && ring != self.cpl {
            return Err(format!("ring {} uses the stack of ring {ring}", self.cpl));
        }
        Ok(())
    }
}
