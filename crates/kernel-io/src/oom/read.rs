//! A log that holds reports of the OOM killer, and what `/proc` said of the processes right before: texts for people, of
//! which only known lines count.

use mm::mmzone::ZoneKind;
use mm::units::Order;

use super::LETTERS;

/// A process as `/proc` had it before somebody was killed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OomProcess {
    /// Its line, from 1.
    pub line: u32,
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub name: String,
    /// `oom_score`
    pub oom_score: u64,
    /// `oom_score_adj`
    pub oom_score_adj: i16,
    /// `VmRSS`, `VmPTE` and `VmSwap`, in KiB.
    pub kib: [u64; 3],
}

/// A row of the table of tasks; pages, but for the tables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OomTable {
    /// Its number.
    pub pid: u32,
    /// Whose it is.
    pub uid: u32,
    /// Pages of its address space.
    pub total_vm: u64,
    /// Pages in memory.
    pub rss: u64,
    /// Bytes of page tables.
    pub pgtables_bytes: u64,
    /// Pages in swap.
    pub swapents: u64,
    /// `oom_score_adj`
    pub oom_score_adj: i16,
    /// Its name.
    pub name: String,
}

/// The free blocks of a zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OomList {
    /// Of which node.
    pub node: u32,
    /// Which kind.
    pub kind: ZoneKind,
    /// Blocks of each order, and the types whose lists have one, as bits.
    pub lists: [(u64, u8); Order::COUNT],
    /// The sum behind them, in KiB.
    pub kib: u64,
}

impl OomList {
    /// What the blocks come to, in KiB.
    #[must_use]
    pub fn sum_kib(&self) -> u64 {
        let of = |(order, (blocks, _)): (usize, &(u64, u8))| blocks.saturating_mul(4 << order);
        self.lists.iter().enumerate().map(of).fold(0, u64::saturating_add)
    }
}

/// The figures of a zone: `free`, `min` and so on, in KiB.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OomZone {
    /// Of which node.
    pub node: u32,
    /// Which kind; none: the node itself.
    pub kind: Option<ZoneKind>,
    /// By their names.
    pub figures: Vec<(String, u64)>,
    /// `lowmem_reserve[]`, in pages.
    pub reserve: Vec<u64>,
}

impl OomZone {
    /// One figure, in KiB.
    #[must_use]
    pub fn kib(&self, name: &str) -> Option<u64> {
        self.figures.iter().find(|(of, _)| of == name).map(|(_, kib)| *kib)
    }
}

/// What was printed of a control group that is full.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OomGroup {
    /// Its path, as its figures have it, and as the line `oom-kill:` has it: of the group, and of whoever is killed.
    pub paths: [Option<String>; 3],
    /// How often it was refused memory.
    pub failcnt: u64,
    /// `usage` and `limit` of swap in KiB, and how often it was refused.
    pub swap: [u64; 3],
    /// The lines of `memory.stat`.
    pub stat: Vec<(String, u64)>,
}

/// Which nodes a kill is about, by the line `oom-kill:`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OomPlace {
    /// The only nodes whose memory helps, by a policy; none: `(null)`.
    pub nodemask: Option<Vec<u32>>,
    /// The cpuset of whoever asked: its name, or `/`; none: the kernel knows no cpusets.
    pub cpuset: Option<String>,
    /// The nodes that it has.
    pub mems_allowed: Option<Vec<u32>>,
}

/// What was printed for one kill.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OomKill {
    /// The lines of `Mem-Info`, in pages, by their names.
    pub info: Vec<(String, u64)>,
    /// The nodes, and their zones.
    pub zones: Vec<OomZone>,
    /// The free blocks of the zones.
    pub lists: Vec<OomList>,
    /// `pages RAM` and `pages reserved`.
    pub pages: [Option<u64>; 2],
    /// `usage` and `limit` of a full control group, in KiB.
    pub memcg: Option<[u64; 2]>,
    /// What else is said of that group.
    pub group: OomGroup,
    /// The table of tasks.
    pub tasks: Vec<OomTable>,
    /// `constraint`, `task`, `pid` and `uid` of the line `oom-kill:`.
    pub chosen: Option<(String, String, u32, u32)>,
    /// Which nodes it is about.
    pub place: OomPlace,
    /// The line that says who was killed, and how it begins.
    pub killed: Option<(String, u32, String)>,
    /// Its figures by their names: KiB, but for `UID` and `oom_score_adj`.
    pub figures: Vec<(String, i64)>,
}

impl OomKill {
    /// A figure of the line that says who was killed.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<i64> {
        self.figures.iter().find(|(of, _)| of == name).map(|(_, value)| *value)
    }

    /// A line of the group's `memory.stat`.
    #[must_use]
    pub fn stat(&self, name: &str) -> Option<u64> {
        self.group.stat.iter().find(|(of, _)| of == name).map(|(_, value)| *value)
    }

    /// A figure of `Mem-Info`, in pages.
    #[must_use]
    pub fn pages_of(&self, name: &str) -> Option<u64> {
        self.info.iter().find(|(of, _)| of == name).map(|(_, value)| *value)
    }
}

/// A log, and what was written down before it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OomDump {
    /// `MemTotal` and `SwapTotal`, in KiB.
    pub total_kib: Option<[u64; 2]>,
    /// What `/proc` said of the processes.
    pub processes: Vec<OomProcess>,
    /// Who was found to be gone afterwards.
    pub gone: Vec<u32>,
    /// `memory.max` of the control group that the log is about, in KiB.
    pub memory_max_kib: Option<u64>,
    /// What the files of that group said afterwards: `memory.events` and `memory.stat`.
    pub after: Vec<(String, u64)>,
    /// Who was in it then.
    pub alive: Vec<u32>,
    /// The kills, in their order.
    pub kills: Vec<OomKill>,
}

/// Reads a log with reports of the OOM killer; nothing is found in another text.
#[must_use]
pub fn read_oom_dump(text: &str) -> OomDump {
    let mut dump = OomDump::default();
    let mut kill = OomKill::default();
    for (number, line) in (1u32..).zip(text.lines()) {
        let has_time = line.starts_with('[');
        let line = without_time(line);
        if let Some(max) = line.starts_with('#').then(|| value(line, "memory.max=")).flatten() {
            let unit = line
                .split("memory.max=")
                .nth(1)
                .map(|of| of.trim_start_matches(|c: char| c.is_ascii_digit()));
            let mib = unit.is_some_and(|unit| unit.starts_with('M'));
            dump.memory_max_kib = Some(if mib { max.saturating_mul(1024) } else { max / 1024 });
        } else if dump.memory_max_kib.is_some() && !has_time {
            match (line.trim().parse(), stat_line(line)) {
                (Ok(pid), _) => dump.alive.push(pid),
                (_, stat) => dump.after.extend(stat),
            }
        } else if let Some(process) = process(number, line) {
            dump.processes.push(process);
        } else if let Some(total) = value(line, "MemTotal=") {
            dump.total_kib = Some([total, value(line, "SwapTotal=").unwrap_or(0)]);
        } else if line.starts_with("# after:") && line.ends_with("KILLED") {
            dump.gone.extend(value(line, "pid=").and_then(|pid| u32::try_from(pid).ok()));
        } else if line.contains(" invoked oom-killer: ") {
            kill = OomKill::default();
        } else if of_report(line, &mut kill) {
            dump.kills.push(std::mem::take(&mut kill));
        }
    }
    dump
}

/// Without `[    5.770022] ` in front.
fn without_time(line: &str) -> &str {
    let behind = line.strip_prefix('[').and_then(|line| line.split_once("] "));
    match behind {
        Some((time, rest)) if time.trim().parse::<f64>().is_ok() && time.contains('.') => rest,
        _ => line,
    }
}

/// The number behind a word.
fn value(line: &str, word: &str) -> Option<u64> {
    let (_, rest) = line.split_once(word)?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    rest[..digits].parse().ok()
}

/// The number, the name, `oom_score` and its adjustment, RSS in four figures, tables, swap and the parent, between tabs.
fn process(number: u32, line: &str) -> Option<OomProcess> {
    let words: Vec<&str> = line.split('\t').collect();
    let [pid, name, score, adj, rss, _, _, _, pte, swap, _] = words[..] else { return None };
    Some(OomProcess {
        line: number,
        pid: pid.parse().ok()?,
        name: name.to_owned(),
        oom_score: score.parse().ok()?,
        oom_score_adj: adj.parse().ok()?,
        kib: [rss.parse().ok()?, pte.parse().ok()?, swap.parse().ok()?],
    })
}

/// A line of a report; whether it was the last one.
fn of_report(line: &str, kill: &mut OomKill) -> bool {
    if let Some(rest) = line.strip_prefix("Node ") {
        node_line(rest, kill);
    } else if let Some(rest) = line.strip_prefix("lowmem_reserve[]:") {
        let reserve = rest.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        if let Some(zone) = kill.zones.last_mut() {
            zone.reserve = reserve;
        }
    } else if line.trim_start().starts_with("active_anon:") || is_info(line) {
        // dmesg of util-linux writes line breaks inside of a message so.
        for word in line.replace("\\x0a", " ").split_whitespace() {
            if let Some((name, pages)) = word.split_once(':')
                && let Ok(pages) = pages.parse()
            {
                kill.info.push((name.to_owned(), pages));
            }
        }
    } else if let Some(pages) = line.strip_suffix(" pages RAM") {
        kill.pages[0] = pages.trim().parse().ok();
    } else if let Some(pages) = line.strip_suffix(" pages reserved") {
        kill.pages[1] = pages.trim().parse().ok();
    } else if line.starts_with("memory: usage ") {
        kill.memcg = value(line, "usage ").zip(value(line, "limit ")).map(|(usage, limit)| [usage, limit]);
        kill.group.failcnt = value(line, "failcnt ").unwrap_or(0);
    } else if line.starts_with("swap: usage ") {
        kill.group.swap = ["usage ", "limit ", "failcnt "].map(|word| value(line, word).unwrap_or(0));
    } else if let Some(path) = line.strip_prefix("Memory cgroup stats for ") {
        kill.group.paths[0] = Some(path.trim_end_matches(':').to_owned());
    } else if let Some(stat) =
        stat_line(line).filter(|_| kill.group.paths[0].is_some() && kill.tasks.is_empty())
    {
        kill.group.stat.push(stat);
    } else if let Some(rest) = line.strip_prefix('[') {
        kill.tasks.extend(task(rest));
    } else if let Some(rest) = line.strip_prefix("oom-kill:") {
        kill.chosen = chosen(rest);
        kill.place = place(rest);
        let path = |key: &str| rest.split(',').find_map(|part| part.strip_prefix(key));
        kill.group.paths[1] = path("oom_memcg=").map(str::to_owned);
        kill.group.paths[2] = path("task_memcg=").map(str::to_owned);
    } else if let Some((how, rest)) = line.split_once(": Killed process ") {
        killed(how, rest, kill);
        return kill.killed.is_some();
    }
    false
}

/// `anon 41684992`
fn stat_line(line: &str) -> Option<(String, u64)> {
    let (name, value) = line.split_once(' ')?;
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    Some((name.to_owned(), value.parse().ok().filter(|_| is_name)?))
}

/// The later lines of `Mem-Info`, where the log has them as lines.
fn is_info(line: &str) -> bool {
    const FIRST: [&str; 7] = [
        "active_file:",
        "unevictable:",
        "slab_reclaimable:",
        "mapped:",
        "sec_pagetables:",
        "kernel_misc",
        "free:",
    ];
    line.starts_with(' ') && FIRST.iter().any(|first| line.trim_start().starts_with(first))
}

/// `0 DMA free:15232kB …`, `0 active_anon:5412kB …`, `0 DMA: 0*4kB … = 15232kB`
fn node_line(rest: &str, kill: &mut OomKill) {
    let Some((node, rest)) = rest.split_once(' ') else { return };
    let Ok(node) = node.parse() else { return };
    if let Some((zone, blocks)) = rest.split_once(": ")
        && let Some(kind) = kind(zone)
        && blocks.contains('*')
    {
        kill.lists.extend(list(node, kind, blocks));
        return;
    }
    let (first, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let (kind, rest) = match kind(first) {
        Some(kind) => (Some(kind), behind),
        None if first.contains(':') => (None, rest),
        None => return,
    };
    let figure = |word: &str| {
        let (name, kib) = word.split_once(':')?;
        Some((name.to_owned(), kib.trim_end_matches(['k', 'K', 'B']).parse().ok()?))
    };
    let figures = rest.split_whitespace().filter_map(figure).collect();
    kill.zones.push(OomZone { node, kind, figures, reserve: Vec::new() });
}

fn kind(name: &str) -> Option<ZoneKind> {
    ZoneKind::ALL.into_iter().chain([ZoneKind::Device]).find(|kind| kind.name() == name)
}

/// `1*4kB (U) 0*8kB … = 892kB`
fn list(node: u32, kind: ZoneKind, text: &str) -> Option<OomList> {
    let (blocks, sum) = text.split_once(" = ")?;
    let mut lists = [(0, 0); Order::COUNT];
    let mut at = None;
    for word in blocks.split_whitespace() {
        if let Some((count, size)) = word.split_once('*') {
            let kib: u64 = size.trim_end_matches("kB").parse().ok()?;
            let order = (0..Order::COUNT).find(|order| 4 << order == kib)?;
            lists[order].0 = count.parse().ok()?;
            at = Some(order);
        } else if let Some(at) = at {
            let letters = word.trim_matches(['(', ')']).chars();
            let bits = letters.filter_map(|c| LETTERS.iter().position(|letter| *letter == c));
            lists[at].1 = bits.fold(0, |all, bit| all | 1 << bit);
        }
    }
    Some(OomList { node, kind, lists, kib: sum.trim_end_matches("kB").parse().ok()? })
}

/// `    179]     0   179      638        1    32768        0         -1000 mmt`
fn task(rest: &str) -> Option<OomTable> {
    let (pid, rest) = rest.split_once(']')?;
    let mut words = rest.split_whitespace();
    let mut number = || words.next()?.parse::<u64>().ok();
    let [uid, _, total_vm, rss, pgtables_bytes, swapents] =
        [number()?, number()?, number()?, number()?, number()?, number()?];
    let oom_score_adj = words.next()?.parse().ok()?;
    Some(OomTable {
        pid: pid.trim().parse().ok()?,
        uid: u32::try_from(uid).ok()?,
        total_vm,
        rss,
        pgtables_bytes,
        swapents,
        oom_score_adj,
        name: words.collect::<Vec<_>>().join(" "),
    })
}

/// `constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=red,mems_allowed=0-1,3,global_oom,…`: what is short, and for whom.
fn place(rest: &str) -> OomPlace {
    // (A list of nodes has commas of its own.)
    let of = |from: &str, to: &str| Some(rest.split_once(from)?.1.split_once(to)?.0.to_owned());
    let nodes = |text: Option<String>| text.filter(|text| text != "(null)").and_then(|text| node_list(&text));
    let mems = of(",mems_allowed=", ",global_oom").or_else(|| of(",mems_allowed=", ",oom_memcg="));
    OomPlace {
        nodemask: nodes(of(",nodemask=", ",cpuset=")),
        cpuset: of(",cpuset=", ",mems_allowed="),
        mems_allowed: nodes(mems),
    }
}

/// `0-1,3` (`nodelist_parse()`); none: it is no list.
fn node_list(text: &str) -> Option<Vec<u32>> {
    const MOST: u32 = 1024;
    let mut nodes = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
        if from > to || to >= MOST {
            return None;
        }
        nodes.extend(from..=to);
    }
    Some(nodes)
}

/// `constraint=CONSTRAINT_NONE,…,task=A20p500,pid=180,uid=0`
fn chosen(rest: &str) -> Option<(String, String, u32, u32)> {
    let of = |key: &str| rest.split(',').find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
    let (pid, uid) = (of("pid")?.parse().ok()?, of("uid")?.parse().ok()?);
    Some((of("constraint")?.to_owned(), of("task")?.to_owned(), pid, uid))
}

/// `180 (A20p500) total-vm:23032kB, …, UID:0 pgtables:80kB oom_score_adj:500`
fn killed(how: &str, rest: &str, kill: &mut OomKill) {
    let Some((pid, rest)) = rest.split_once(" (") else { return };
    let Some((name, rest)) = rest.split_once(") ") else { return };
    let Ok(pid) = pid.parse() else { return };
    kill.killed = Some((how.to_owned(), pid, name.to_owned()));
    let figure = |word: &str| {
        let (name, value) = word.trim_end_matches(',').split_once(':')?;
        Some((name.to_owned(), value.trim_end_matches("kB").parse().ok()?))
    };
    kill.figures = rest.split_whitespace().filter_map(figure).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_real_report() {
        let text = "\
# MemTotal=210728 MemFree=87104 SwapTotal=0 SwapFree=0 (kB)
180\tA20p500\t1061\t500\t20856\t20340\t0\t516\t80\t0\t179
# after: A20p500 pid=180 KILLED
[    7.645904] kworker/0:2 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0
[    7.646248] active_anon:1353 inactive_anon:20598 isolated_anon:0\\x0a active_file:49 free:21760 free_pcp:26
[    7.646271] Node 0 active_anon:5412kB shmem_thp: 0kB all_unreclaimable? no
[    7.646287] Node 0 DMA free:15232kB min:136kB reserved_highatomic:0KB
[    7.646306] lowmem_reserve[]: 0 190 190 190 190
[    7.646357] Node 0 DMA: 0*4kB 1*8kB (UE) 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 0*1024kB 0*2048kB 3*4096kB (M) = 12296kB
[    7.646506] 65400 pages RAM
[    7.646512] 12718 pages reserved
[    7.646548] [    180]     0   180     5758     5214    81920        0           500 A20p500
[    7.646563] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=A20p500,pid=180,uid=0
[    7.646664] Out of memory: Killed process 180 (A20p500) total-vm:23032kB, anon-rss:20340kB, file-rss:0kB, shmem-rss:516kB, UID:0 pgtables:80kB oom_score_adj:500
";
        let dump = read_oom_dump(text);
        assert_eq!(
            (dump.total_kib, &dump.gone[..], dump.processes.len()),
            (Some([210_728, 0]), &[180][..], 1)
        );
        let [kill] = &dump.kills[..] else { panic!("{dump:?}") };
        assert_eq!(kill.pages_of("free"), Some(21_760));
        assert_eq!(kill.pages_of("active_file"), Some(49));
        assert_eq!(kill.zones.len(), 2);
        assert_eq!((kill.zones[1].kib("min"), kill.zones[1].reserve[1]), (Some(136), 190));
        assert_eq!((kill.lists[0].lists[1], kill.lists[0].sum_kib()), ((1, 0b101), 12_296));
        assert_eq!(kill.pages, [Some(65_400), Some(12_718)]);
        assert_eq!((kill.tasks[0].rss, kill.tasks[0].oom_score_adj), (5214, 500));
        assert_eq!(kill.chosen, Some(("CONSTRAINT_NONE".into(), "A20p500".into(), 180, 0)));
        let place = OomPlace { nodemask: None, cpuset: Some("/".into()), mems_allowed: Some(vec![0]) };
        assert_eq!(kill.place, place);
        assert_eq!(kill.killed, Some(("Out of memory".into(), 180, "A20p500".into())));
        assert_eq!((kill.figure("shmem-rss"), kill.figure("UID")), (Some(516), Some(0)));
    }

    #[test]
    fn nodes_of_a_kill() {
        let of = |text: &str| place(text);
        let policy = of(
            "constraint=CONSTRAINT_MEMORY_POLICY,nodemask=0,2-3,cpuset=/,mems_allowed=0-3,global_oom,task_memcg=/",
        );
        assert_eq!(policy.nodemask, Some(vec![0, 2, 3]));
        assert_eq!(policy.mems_allowed, Some(vec![0, 1, 2, 3]));
        let cpuset = of(
            "constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=red,mems_allowed=1,global_oom,task_memcg=/",
        );
        assert_eq!((cpuset.cpuset, cpuset.mems_allowed), (Some("red".into()), Some(vec![1])));
        let group = of(
            "constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0-1,oom_memcg=/g,task_memcg=/g",
        );
        assert_eq!((group.nodemask, group.mems_allowed), (None, Some(vec![0, 1])));
        // Without cpusets nothing is said of them.
        assert_eq!(of("constraint=CONSTRAINT_NONE,nodemask=(null),global_oom,task=a"), OomPlace::default());
        for broken in ["nodemask=3-1,", "nodemask=a,", "nodemask=0-4294967295,"] {
            assert_eq!(of(&format!("c=d,{broken}cpuset=/,mems_allowed=")).nodemask, None, "{broken}");
        }
    }

    #[test]
    fn nothing_is_found_in_other_texts() {
        for text in
            ["", "Node 0 DMA: x*y = z", "[a] b", "oom-kill:", ": Killed process 1 (", "[1.0] [  2]  3 4"]
        {
            let dump = read_oom_dump(text);
            assert!(dump.kills.is_empty() && dump.processes.is_empty(), "{text}");
        }
    }
}
