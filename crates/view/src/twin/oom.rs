//! The text twin of the OOM scoreboard: what decides who is killed.

use mm::oom_kill::OomRules;
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::num;
use crate::narrate::oom::signed;
use crate::oom::{Standing, group_in_play, group_of, rows};

/// The board; nothing before there are processes.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let processes = moment.machine.processes();
    if processes.is_untouched() {
        return Vec::new();
    }
    let rules = moment.machine.oom_rules();
    let total = num(moment.machine.oom_total(group_in_play(moment)).0.0);
    let group = group_of(moment).map(|group| moment.name(group.name));
    let caption = match (lang, group) {
        (Lang::En, Some(g)) => {
            format!("Who of {g} is likely to be killed, by Linux {}; {total} pages", rules.name())
        }
        (Lang::Zh, Some(g)) => format!("{g} 里谁会先被杀（Linux {}）；共 {total} 页", rules.name()),
        (Lang::En, None) => {
            format!("Who is likely to be killed, by Linux {}; {total} pages of memory and swap", rules.name())
        }
        (Lang::Zh, None) => format!("谁会先被杀（Linux {}）；内存和交换区共 {total} 页", rules.name()),
    };
    let mut table = Table::new(
        &caption,
        &[
            lang.pick("name", "名字"),
            "RSS",
            lang.pick("swap", "交换区"),
            lang.pick("page tables", "页表"),
            "VSZ",
            "oom_score_adj",
            lang.pick("worth in pages", "折合页数"),
            lang.pick("points", "分"),
            "oom_score",
            lang.pick("how it stands", "状态"),
        ],
    );
    let rows = rows(moment);
    for row in rows.iter().take(MOST_BLOCKS) {
        let standing = match row.standing {
            Standing::Open => "–",
            Standing::Better => lang.pick("passed", "放过"),
            Standing::Worst => lang.pick("the worst so far", "目前最高"),
            Standing::Protected => lang.pick("may not be killed", "不能杀"),
            Standing::Unkillable => lang.pick("nothing left to give", "已没有可给的"),
            Standing::Dying => lang.pick("killed, and dying", "被杀，正在死去"),
            Standing::Gone => lang.pick("killed, and gone", "被杀，已死"),
            Standing::Outside => lang.pick("not in the group", "不在组里"),
        };
        let score = processes.mm(row.name).map(|mm| num(processes.oom_score(mm, rules)));
        let dash = || "–".to_owned();
        table.rows.push(vec![
            moment.name(row.name).to_owned(),
            num(row.rss.total().0),
            num(row.swap),
            num(row.tables),
            num(row.vsz),
            signed(row.oom_score_adj),
            if rules == OomRules::V2_6_32 { dash() } else { signed(row.offset) },
            row.points.map_or_else(dash, signed),
            score.unwrap_or_else(dash),
            standing.into(),
        ]);
    }
    table.leave_out(rows.len().saturating_sub(MOST_BLOCKS), lang);
    std::iter::once(table).chain(super::groups::table(moment, lang)).collect()
}
