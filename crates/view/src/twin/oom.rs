//! The text twin of the OOM scoreboard: what decides who is killed.

use mm::NrPages;
use mm::oom_kill::OomRules;
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::num;
use crate::narrate::oom::signed;
use crate::oom::{Standing, group_of, is_drivers, nodes_in_play, rows, scope_in_play};

/// Which levels Android's driver has, and what it measures them against.
fn driver_caption(moment: &Moment, lang: Lang) -> String {
    let memory = moment.machine.low_memory();
    let (free, file) = (signed(memory.free), signed(memory.file));
    let levels = moment.machine.lowmem().map(|levels| {
        let of = |(adj, pages): (i16, NrPages)| match lang {
            Lang::En => format!("below {} adj {}", num(pages.0), signed(adj)),
            Lang::Zh => format!("低于 {} 时 adj {}", num(pages.0), signed(adj)),
        };
        levels.used().map(of).collect::<Vec<_>>().join(lang.pick(", ", "，"))
    });
    let levels = levels.unwrap_or_default();
    match lang {
        Lang::En => format!(
            "Whom Android's driver kills: {levels}; {free} pages free above the reserve, {file} of files"
        ),
        Lang::Zh => format!("Android 的驱动杀谁：{levels}；除去预留空闲 {free} 页，文件页 {file} 页"),
    }
}

/// The board; nothing before there are processes.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let processes = moment.machine.processes();
    if processes.is_untouched() {
        return Vec::new();
    }
    let rules = moment.machine.oom_rules();
    let total = num(moment.machine.oom_total(scope_in_play(moment)).0.0);
    let short = nodes_in_play(moment).map(|(nodes, _)| nodes);
    let group = group_of(moment).map(|group| moment.name(group.name));
    let drivers = is_drivers(moment);
    let caption = match (lang, group) {
        _ if drivers => driver_caption(moment, lang),
        (Lang::En, Some(g)) => {
            format!("Who of {g} is likely to be killed, by Linux {}; {total} pages", rules.name())
        }
        (Lang::Zh, Some(g)) => format!("{g} 里谁会先被杀（Linux {}）；共 {total} 页", rules.name()),
        (Lang::En, None) if short.is_some() => {
            let (nodes, version) = (short.unwrap_or_default(), rules.name());
            format!("Who is likely to be killed, by Linux {version}; {total} pages of node {nodes} and swap")
        }
        (Lang::Zh, None) if short.is_some() => {
            let (nodes, version) = (short.unwrap_or_default(), rules.name());
            format!("谁会先被杀（Linux {version}）；节点 {nodes} 和交换区共 {total} 页")
        }
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
            Standing::Better if drivers => lang.pick("goes later", "以后才走"),
            Standing::Worst if drivers => lang.pick("the first to go", "最先走"),
            Standing::Spared if !drivers => lang.pick("bound to other nodes", "绑在别的节点上"),
            Standing::Spared => lang.pick("not on this level", "这一级不杀"),
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
