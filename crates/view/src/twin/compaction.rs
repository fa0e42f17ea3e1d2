//! The text twins of compaction: where the scanners of each zone are, what they have taken, and what was counted.

use scenario::Lang;

use super::Table;
use crate::Moment;
use crate::narrate::num;
use crate::vitals::zone_name;

/// The text twin: who compacts, where the scanners are, what was counted, and the pageblocks.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let Some(compaction) = moment.machine.compaction() else { return Vec::new() };
    let mut zones = Table::new(
        lang.pick("Compaction by zone", "各区的规整"),
        &[
            lang.pick("zone", "区"),
            lang.pick("migration scanner", "迁移扫描器"),
            lang.pick("free scanner", "空闲扫描器"),
            lang.pick("pages taken", "取下的页"),
            lang.pick("room taken", "取下的空位"),
            lang.pick("put off", "推迟"),
        ],
    );
    for (id, of) in moment.machine.zone_ids().zip(compaction.zones()) {
        let running = compaction.running().find(|control| control.zone == id);
        let [migrate, free] = match running {
            Some(control) => [control.migrate_pfn, control.free_pfn],
            None => [of.cached_migrate[1], of.cached_free],
        };
        let (taken, room) =
            running.map_or((0, 0), |c| (c.migratepages.len() as u64, c.freepages.len() as u64));
        let off = format!("{}/{}", of.deferral.considered, 1u32 << of.deferral.shift);
        zones.rows.push(vec![
            zone_name(&moment.machine, id),
            num(migrate.0),
            num(free.0),
            num(taken),
            num(room),
            if of.deferral.shift == 0 { "–".to_owned() } else { off },
        ]);
    }
    let mut events = Table::new(
        lang.pick("Counted since boot", "开机以来的计数"),
        &[lang.pick("counter", "计数器"), lang.pick("value", "值")],
    );
    if let Some(migrate) = moment.machine.migrate() {
        events.rows.push(vec!["pgmigrate_success".into(), num(migrate.success)]);
        events.rows.push(vec!["pgmigrate_fail".into(), num(migrate.fail)]);
    }
    for event in mm::compaction::CompactEvent::ALL {
        events.rows.push(vec![event.name().into(), num(compaction.event(*event))]);
    }
    vec![zones, events]
}
