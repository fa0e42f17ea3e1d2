//! The text twin of the node map.

use mm::CpuId;
use scenario::Lang;

use super::{MOST_BLOCKS, Table};
use crate::Moment;
use crate::narrate::num;
use crate::nodes::{distances, shares};
use crate::vitals::zone_name;

/// The cpusets, and who is in them; none where there is none.
fn cpusets(moment: &Moment, lang: Lang) -> Option<Table> {
    let processes = moment.machine.processes();
    let mut table = Table::new(
        lang.pick("Cpusets", "cpuset"),
        &[lang.pick("name", "名字"), "cpuset.mems", "cpuset.mem_hardwall", lang.pick("processes", "进程")],
    );
    for cpuset in processes.cpusets() {
        let inside = processes.in_list_order().filter(|mm| mm.oom.args.cpuset == Some(cpuset.name));
        let inside: Vec<&str> = inside.map(|mm| moment.name(mm.name)).collect();
        table.rows.push(vec![
            moment.name(cpuset.name).to_owned(),
            cpuset.mems.to_string(),
            u8::from(cpuset.hardwall).to_string(),
            inside.join(", "),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The nodes, and who has their memory.
pub(super) fn tables(moment: &Moment, lang: Lang) -> Vec<Table> {
    let machine = &moment.machine;
    let far = distances(moment);
    let all = 0..machine.nodes();
    let to = |node: u8| lang.pick(format!("to node {node}"), format!("到节点 {node}"));
    let columns: Vec<String> =
        [lang.pick("node", "节点"), "CPU", lang.pick("pages", "页"), lang.pick("free", "空闲"), "kswapd"]
            .into_iter()
            .map(str::to_owned)
            .chain(all.clone().map(to))
            .collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut nodes = Table::new(
        lang.pick("Nodes, and how far they are from each other", "各节点，以及相互的距离"),
        &columns,
    );
    for node in all.clone() {
        let cpus = (0..machine.cpus()).filter(|cpu| machine.node_of(CpuId(*cpu)) == node);
        let cpus: Vec<String> = cpus.map(|cpu| cpu.to_string()).collect();
        let zones = machine.zones().iter().filter(|zone| zone.node == node);
        let (free, pages) =
            zones.fold((0, 0), |(free, all), zone| (free + zone.nr_free_pages.0, all + zone.managed.0));
        let kswapd = machine.reclaim().map(|reclaim| &reclaim.nodes()[usize::from(node)].kswapd);
        let kswapd = match kswapd {
            None => "–".to_owned(),
            Some(kswapd) if !kswapd.is_awake() => lang.pick("sleeps", "在睡").to_owned(),
            Some(_) => lang.pick("works", "在工作").to_owned(),
        };
        let cells = [node.to_string(), cpus.join(", "), num(pages), num(free), kswapd];
        let distances = all.clone().map(|to| num(far.distance(node, to)));
        nodes.rows.push(cells.into_iter().chain(distances).collect());
    }
    let mut whose = Table::new(
        lang.pick("Who has whose memory", "谁占着哪里的内存"),
        &[
            lang.pick("zone", "区"),
            lang.pick("who", "谁"),
            lang.pick("what", "什么"),
            lang.pick("pages", "页"),
        ],
    );
    for id in machine.zone_ids() {
        for share in shares(machine, id).into_iter().take(MOST_BLOCKS) {
            let who = share.who(moment, lang);
            whose.rows.push(vec![
                zone_name(machine, id),
                who,
                share.of.name(lang).to_owned(),
                num(share.pages),
            ]);
        }
    }
    [Some(nodes), cpusets(moment, lang), Some(whose)].into_iter().flatten().collect()
}
