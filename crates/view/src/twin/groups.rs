//! The text twin of control groups: what each has, what it may have, and what came of it.

use mm::reclaim::GroupEvent;
use scenario::Lang;

use super::Table;
use crate::Moment;
use crate::narrate::num;

/// The groups; none where there is none.
pub(super) fn table(moment: &Moment, lang: Lang) -> Option<Table> {
    let reclaim = moment.machine.reclaim().filter(|reclaim| !reclaim.groups().is_empty())?;
    let mut table = Table::new(
        lang.pick("Control groups, in pages", "控制组，单位是页"),
        &[
            lang.pick("name", "名字"),
            "memory.current",
            "memory.max",
            "memory.swap.current",
            lang.pick("page tables", "页表"),
            "max",
            "oom",
            "oom_kill",
        ],
    );
    for group in reclaim.groups() {
        let event = |event: GroupEvent| num(group.event(event));
        table.rows.push(vec![
            moment.name(group.name).to_owned(),
            num(group.memory.usage),
            group.memory.max.map_or_else(|| "max".into(), num),
            num(group.swap.usage),
            num(group.kmem),
            event(GroupEvent::Max),
            event(GroupEvent::Oom),
            event(GroupEvent::OomKill),
        ]);
    }
    Some(table)
}
