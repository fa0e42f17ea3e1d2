//! The report of the OOM killer: whole, and read back; and what `/proc/PID` says of who is likely to be killed.

use expect_test::expect;
use kernel_io::{
    OomPlace, of_every_process, oom_log, pid_oom_adj, pid_oom_score, pid_oom_score_adj, pid_status,
    read_oom_dump,
};
use mm::config::Arch;
use mm::cpuset::{Cpuset, CpusetOp};
use mm::mempolicy::NodeMask;
use mm::oom_kill::{OomOp, TaskArgs};
use mm::op::NameId;
use mm::process::{Access, At, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::{Lru, Medium, ReclaimConfig, SwapSpec};
use mm::{Config, CpuId, Machine, NrPages, Op, UnitEnd};

const CPU: CpuId = CpuId(0);
const NAMES: [&str; 5] = ["web", "a", "database_of_everything", "b", "s"];

fn name(id: NameId) -> String {
    NAMES[id.0 as usize].to_owned()
}

fn config() -> Config {
    Config { pcp: true, watermarks: true, ..Config::x86_64(8192) }
}

/// Two processes with memory of their own, one of which shares some; the second one is offered.
fn machine() -> Machine {
    let mut machine = Machine::boot(&config()).expect("it boots");
    let user = TaskArgs { uid: 1000, ..TaskArgs::default() };
    let exec = |name, task| ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu: CPU };
    let mmap = |name, process, bytes, args| ProcessOp::Mmap { name, process, bytes, args, cpu: CPU };
    let write = |name| {
        let at = At::Area { name, by: None };
        ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }
    };
    let (web, base) = (NameId(0), NameId(2));
    let shared = MmapArgs { shared: true, ..MmapArgs::ANONYMOUS };
    let stuck = TaskArgs { stuck: true, ..user };
    for op in [
        exec(web, user),
        mmap(NameId(1), web, 1 << 20, MmapArgs::ANONYMOUS),
        write(NameId(1)),
        exec(base, stuck),
        mmap(NameId(3), base, 6 << 20, MmapArgs::ANONYMOUS),
        write(NameId(3)),
        mmap(NameId(4), base, 64 << 10, shared),
        write(NameId(4)),
        ProcessOp::Oom(OomOp::ScoreAdj { process: base, value: 200, root: false }),
        ProcessOp::Oom(OomOp::Adj { process: web, value: 5, root: false }),
    ] {
        while machine.run_unit(&Op::Process(op), &mut ()) == UnitEnd::More {}
    }
    machine
}

fn log(machine: &Machine) -> String {
    machine.processes().oom().log().map(|line| oom_log(&config(), line, name)).collect()
}

#[test]
fn the_whole_report() {
    let mut machine = machine();
    let sysrq = Op::Process(ProcessOp::Oom(OomOp::Sysrq));
    while machine.run_unit(&sysrq, &mut ()) == UnitEnd::More {}
    expect![[r#"
        kworker/0:1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0
        Mem-Info:
        active_anon:0 inactive_anon:1810 isolated_anon:0
         active_file:0 inactive_file:0 isolated_file:0
         unevictable:0 dirty:0 writeback:0
         slab_reclaimable:0 slab_unreclaimable:0
         mapped:16 shmem:16 pagetables:13
         sec_pagetables:0 bounce:0
         kernel_misc_reclaimable:0
         free:6113 free_pcp:0 free_cma:0
        Node 0 active_anon:0kB inactive_anon:7240kB active_file:0kB inactive_file:0kB unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:64kB dirty:0kB writeback:0kB shmem:64kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB kernel_stack:0kB pagetables:52kB sec_pagetables:0kB all_unreclaimable? no
        Node 0 DMA free:15360kB boost:0kB min:344kB low:428kB high:512kB reserved_highatomic:0KB active_anon:0kB inactive_anon:0kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:16380kB managed:15360kB mlocked:0kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB
        lowmem_reserve[]: 0 16 16 16 16
        Node 0 DMA32 free:9092kB boost:0kB min:364kB low:452kB high:540kB reserved_highatomic:0KB active_anon:0kB inactive_anon:7240kB active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:16384kB managed:16384kB mlocked:0kB bounce:0kB free_pcp:0kB local_pcp:0kB free_cma:0kB
        lowmem_reserve[]: 0 0 0 0 0
        Node 0 DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) 1*2048kB (M) 3*4096kB (M) = 15360kB
        Node 0 DMA32: 1*4kB (U) 2*8kB (UM) 1*16kB (M) 1*32kB (M) 1*64kB (U) 2*128kB (UM) 2*256kB (UM) 2*512kB (UM) 1*1024kB (U) 1*2048kB (U) 1*4096kB (M) = 9092kB
        Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=1048576kB
        Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB
        16 total pagecache pages
        0 pages in swap cache
        Free swap  = 0kB
        Total swap = 0kB
        8191 pages RAM
        0 pages HighMem/MovableOnly
        255 pages reserved
        0 pages hwpoisoned
        Tasks state (memory values in pages):
        [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
        [    100]  1000   100      289      257    16384        0           294 web
        [    102]  1000   102     1585     1553    28672        0           200 database_of_eve
        oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=database_of_eve,pid=102,uid=1000
        Out of memory: Killed process 102 (database_of_eve) total-vm:6340kB, anon-rss:6148kB, file-rss:0kB, shmem-rss:64kB, UID:1000 pgtables:28kB oom_score_adj:200
        oom_reaper: reaped process 102 (database_of_eve), now anon-rss:0kB, file-rss:0kB, shmem-rss:64kB
    "#]].assert_eq(&log(&machine));
}

/// Where memory is reclaimed, the lists are as they are, and swap as well.
#[test]
fn lists_and_swap_are_those_of_the_machine() {
    let swap = vec![SwapSpec { pages: NrPages(1024), priority: None, medium: Medium::Disk }];
    let reclaim = Some(ReclaimConfig { swap, ..ReclaimConfig::default() });
    let config = Config { reclaim, ..config() };
    let mut machine = Machine::boot(&config).expect("it boots");
    let (web, a, b) = (NameId(0), NameId(1), NameId(3));
    let mmap = |name, bytes, locked| {
        let args = MmapArgs { locked, ..MmapArgs::ANONYMOUS };
        ProcessOp::Mmap { name, process: web, bytes, args, cpu: CPU }
    };
    let (limits, task) = (Rlimits::default(), TaskArgs::default());
    let write = |name| {
        let at = At::Area { name, by: None };
        ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }
    };
    for op in [
        ProcessOp::Exec { name: web, limits, task, cpu: CPU },
        mmap(a, 64 << 10, true),
        mmap(b, 31 << 20, false),
        write(b),
    ] {
        while machine.run_unit(&Op::Process(op), &mut ()) == UnitEnd::More {}
    }
    let sizes = Lru::ALL.map(|lru| machine.reclaim().map_or(0, |reclaim| reclaim.size(lru)));
    let swap = machine.reclaim().map_or((0, 0), |reclaim| reclaim.swap_pages());
    let sysrq = Op::Process(ProcessOp::Oom(OomOp::Sysrq));
    while machine.run_unit(&sysrq, &mut ()) == UnitEnd::More {}
    let text: String = machine.processes().oom().log().map(|line| oom_log(&config, line, name)).collect();
    let number = |before: &str| -> u64 {
        let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}"));
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok()).expect("a number")
    };
    let lists = [" inactive_anon:", "\nactive_anon:", " inactive_file:", " active_file:", " unevictable:"];
    assert_eq!(lists.map(number), sizes);
    assert!(sizes[0] > 0 && sizes[4] == 16, "{sizes:?}");
    assert_eq!((number("Total swap = ") / 4, number("Free swap  = ") / 4), swap);
    assert!(swap.0 == 1023 && swap.1 < swap.0, "{swap:?}");
    assert!(text.contains(" mlocked:64kB "), "{text}");
}

#[test]
fn what_is_written_is_read_again() {
    let mut machine = machine();
    let before = machine.clone();
    let sysrq = Op::Process(ProcessOp::Oom(OomOp::Sysrq));
    while machine.run_unit(&sysrq, &mut ()) == UnitEnd::More {}
    let dump = read_oom_dump(&log(&machine));
    let [kill] = &dump.kills[..] else { panic!("{dump:?}") };
    let (_, pid, killed) = kill.killed.clone().expect("somebody is killed");
    assert_eq!((pid, &*killed), (102, "database_of_eve"));
    let mm = before.processes().mm(NameId(2)).expect("it was there");
    assert_eq!(kill.figure("anon-rss"), Some(mm.rss.anon as i64 * 4));
    assert_eq!(kill.figure("shmem-rss"), Some(64));
    assert_eq!(kill.tasks.iter().map(|row| row.rss).collect::<Vec<_>>(), [257, mm.rss.total().0]);
    for (zone, of) in before.zones().iter().zip(&kill.lists) {
        assert_eq!(of.kind, zone.kind);
        assert_eq!(of.lists.map(|(blocks, _)| blocks as u32), zone.nr_free());
        assert_eq!(of.kib, zone.nr_free_pages.0 * 4);
    }
    let free: u64 = before.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    assert_eq!(kill.pages_of("free"), Some(free));
    assert_eq!(kill.pages_of("shmem"), Some(16));
}

#[test]
fn files_of_proc() {
    let machine = machine();
    let of = |file: &str, text: &dyn Fn(&mm::process::Processes, &mm::process::Mm) -> String| {
        of_every_process(&machine, file, text)
    };
    expect![[r#"
        ==> /proc/100/oom_score <==
        861
        ==> /proc/102/oom_score <==
        914
        ==> /proc/100/oom_score_adj <==
        294
        ==> /proc/102/oom_score_adj <==
        200
        ==> /proc/100/oom_adj <==
        4
        ==> /proc/102/oom_adj <==
        3
    "#]]
    .assert_eq(&format!(
        "{}{}{}",
        of("oom_score", &|_, mm| pid_oom_score(&machine, mm)),
        of("oom_score_adj", &pid_oom_score_adj),
        of("oom_adj", &pid_oom_adj)
    ));
}

#[test]
fn what_androids_driver_prints() {
    use mm::NrPages;
    use mm::oom_kill::{Behalf, LogLine, LowKill, LowMemory};
    let kill = LowKill {
        process: NameId(2),
        oom_score_adj: 906,
        rss: NrPages(193),
        behalf: Behalf::Task(Some(NameId(0))),
        memory: LowMemory { free: -17, file: 256 },
        min_adj: 900,
        minfree: NrPages(384),
    };
    let text = |behalf| oom_log(&config(), &LogLine::LowKill(LowKill { behalf, ..kill }), name);
    expect![[r#"
        lowmemorykiller: Killing 'database_of_eve' (102) (tgid 102), adj 906,
           to free 772kB on behalf of 'web' (100) because
           cache 1024kB is below limit 1536kB for oom_score_adj 900
           Free memory is -68kB above reserved
    "#]]
    .assert_eq(&text(kill.behalf));
    assert!(text(Behalf::Kswapd(1)).contains("on behalf of 'kswapd1' (37) because"));
}

/// A process in a cpuset of node 1 exhausts it; another one is elsewhere.
#[test]
fn the_report_of_a_cpuset() {
    let config =
        Config { pcp: true, watermarks: true, cpus: vec![0, 1], ..Config::pc(Arch::X86_64, &[6144, 2048]) };
    let mut machine = Machine::boot(&config).expect("it boots");
    let (web, base, a, b, s) = (NameId(0), NameId(2), NameId(1), NameId(3), NameId(4));
    let nodes = |nodes: &[u8]| NodeMask::of(nodes.iter().copied());
    let exec = |name, cpuset| {
        let task = TaskArgs { cpuset, ..TaskArgs::default() };
        ProcessOp::Exec { name, limits: Rlimits::default(), task, cpu: CPU }
    };
    let mmap =
        |name, process, bytes| ProcessOp::Mmap { name, process, bytes, args: MmapArgs::ANONYMOUS, cpu: CPU };
    let write = |name| {
        let at = At::Area { name, by: None };
        ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }
    };
    let red = Cpuset { name: s, mems: nodes(&[1]), hardwall: false };
    let mut statuses = Vec::new();
    for op in [
        exec(web, None),
        mmap(a, web, 1 << 20),
        write(a),
        ProcessOp::Cpuset(CpusetOp::Make(red)),
        exec(base, Some(s)),
        mmap(b, base, 9 << 20),
        write(b),
    ] {
        statuses.push(of_every_process(&machine, "status", |procs, mm| pid_status(procs, mm, name)));
        while machine.run_unit(&Op::Process(op), &mut ()) == UnitEnd::More {}
    }
    let text: String = machine.processes().oom().log().map(|line| oom_log(&config, line, name)).collect();
    let lines: Vec<&str> = text.lines().collect();
    let of = |part: &str| lines.iter().filter(|line| line.contains(part)).copied().collect::<Vec<_>>();
    expect![[r#"
        oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=s,mems_allowed=1,global_oom,task_memcg=/,task=database_of_eve,pid=102,uid=0"#]]
    .assert_eq(&of("oom-kill:").join("\n"));
    assert!(of("Node 0 ").is_empty(), "it does not help: {text}");
    assert!(!of("Node 1 Normal free:").is_empty() || !of("Node 1 DMA32 free:").is_empty(), "{text}");
    let dump = read_oom_dump(&text);
    let [kill] = &dump.kills[..] else { panic!("{dump:?}") };
    let place = OomPlace { nodemask: None, cpuset: Some("s".into()), mems_allowed: Some(vec![1]) };
    assert_eq!(kill.place, place);
    let tasks: Vec<&str> = kill.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(tasks, ["web", "database_of_eve"], "the root has all nodes, and so shares this one");
    assert_eq!(kill.chosen.as_ref().map(|of| of.0.as_str()), Some("CONSTRAINT_CPUSET"));
    // What `/proc` says of it; nothing before there is a cpuset.
    assert!(!statuses[3].contains("Mems_allowed"), "{}", statuses[3]);
    let said = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("Mems_allowed"));
        lines.map(|line| line.replace("00000000,", "")).collect()
    };
    assert_eq!(
        said(&statuses[5]),
        [
            "Mems_allowed:\t00000003",
            "Mems_allowed_list:\t0-1",
            "Mems_allowed:\t00000002",
            "Mems_allowed_list:\t1",
        ]
    );
    assert_eq!(statuses[5].matches("00000000,").count(), 2 * 31);
}
