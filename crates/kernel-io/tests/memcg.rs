//! What the kernel prints of a control group that is full, whole and read back; and what its files say.

use expect_test::expect;
use kernel_io::{
    memory_current, memory_events, memory_max, memory_stat, of_every_group, oom_log, read_oom_dump,
};
use mm::oom_kill::TaskArgs;
use mm::op::{FileOp, NameId};
use mm::process::{Access, At, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::ReclaimConfig;
use mm::{Config, CpuId, Machine, Op, UnitEnd};

const CPU: CpuId = CpuId(0);
const NAMES: [&str; 7] = ["g", "a", "of_a", "b", "of_b", "c", "of_c"];

fn name(id: NameId) -> String {
    NAMES[id.0 as usize].to_owned()
}

fn config() -> Config {
    let reclaim = Some(ReclaimConfig::default());
    Config { pcp: true, watermarks: true, reclaim, ..Config::x86_64(16_384) }
}

/// A group of 4 MiB: processes of 1 and 2 MiB, and one that wants 2 MiB more.
fn machine() -> Machine {
    let mut machine = Machine::boot(&config()).expect("it boots");
    let group = NameId(0);
    let mut run = |op: Op| while machine.run_unit_unseen(&op) == UnitEnd::More {};
    run(Op::File(FileOp::Group { name: group, max: Some(1024), swap_max: None }));
    for (process, area, mib) in [(1, 2, 1), (3, 4, 2), (5, 6, 2)] {
        let (process, area) = (NameId(process), NameId(area));
        let task = TaskArgs { cgroup: Some(group), ..TaskArgs::default() };
        let exec = ProcessOp::Exec { name: process, limits: Rlimits::default(), task, cpu: CPU };
        let args = MmapArgs::ANONYMOUS;
        let mmap = ProcessOp::Mmap { name: area, process, bytes: mib << 20, args, cpu: CPU };
        let at = At::Area { name: area, by: None };
        let write = ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU };
        [exec, mmap, write].into_iter().for_each(|op| run(Op::Process(op)));
    }
    machine
}

fn log(machine: &Machine) -> String {
    machine.processes().oom().log().map(|line| oom_log(&config(), line, name)).collect()
}

#[test]
fn the_whole_report() {
    expect![[r#"
        c invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
        memory: usage 4096kB, limit 4096kB, failcnt 19
        swap: usage 0kB, limit 9007199254740988kB, failcnt 0
        Memory cgroup stats for /g:
        anon 4124672
        file 0
        kernel 69632
        kernel_stack 0
        pagetables 45056
        sec_pagetables 0
        percpu 0
        sock 0
        vmalloc 0
        shmem 0
        zswap 0
        zswapped 0
        file_mapped 0
        file_dirty 0
        file_writeback 0
        swapcached 0
        anon_thp 0
        file_thp 0
        shmem_thp 0
        inactive_anon 4116480
        active_anon 0
        inactive_file 0
        active_file 0
        unevictable 0
        slab_reclaimable 0
        slab_unreclaimable 0
        slab 0
        workingset_refault_anon 0
        workingset_refault_file 0
        workingset_activate_anon 0
        workingset_activate_file 0
        workingset_restore_anon 0
        workingset_restore_file 0
        workingset_nodereclaim 0
        pgscan 0
        pgsteal 0
        pgscan_kswapd 0
        pgscan_direct 0
        pgsteal_kswapd 0
        pgsteal_direct 0
        pgfault 1008
        pgmajfault 0
        pgrefill 0
        pgactivate 0
        pgdeactivate 0
        pglazyfree 0
        pglazyfreed 0
        zswpin 0
        zswpout 0
        thp_fault_alloc 0
        thp_collapse_alloc 0
        Tasks state (memory values in pages):
        [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
        [    101]     0   101      289      257    16384        0             0 a
        [    103]     0   103      545      513    20480        0             0 b
        [    105]     0   105      545      237    20480        0             0 c
        oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/g,task_memcg=/g,task=b,pid=103,uid=0
        Memory cgroup out of memory: Killed process 103 (b) total-vm:2180kB, anon-rss:2052kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:20kB oom_score_adj:0
    "#]].assert_eq(&log(&machine()));
}

#[test]
fn what_is_written_is_read_again() {
    let machine = machine();
    let dump = read_oom_dump(&log(&machine));
    let [kill] = &dump.kills[..] else { panic!("{dump:?}") };
    assert_eq!(kill.memcg, Some([4096, 4096]));
    assert_eq!(kill.group.paths, [(); 3].map(|()| Some("/g".to_owned())));
    assert_eq!((kill.group.failcnt, kill.group.swap), (19, [0, 9_007_199_254_740_988, 0]));
    let stat = |name: &str| kill.stat(name).expect("a line of it");
    assert_eq!(stat("anon") + stat("file") + stat("kernel"), 4 << 20);
    assert_eq!(stat("inactive_file"), 0);
    assert_eq!(
        kill.chosen.clone().map(|(of, name, pid, _)| (of, name, pid)),
        Some(("CONSTRAINT_MEMCG".into(), "b".into(), 103))
    );
    assert_eq!(
        kill.killed.clone().map(|(how, pid, _)| (how, pid)),
        Some(("Memory cgroup out of memory".into(), 103))
    );
    assert_eq!(kill.tasks.iter().map(|task| task.pid).collect::<Vec<_>>(), [101, 103, 105]);
}

#[test]
fn files_of_a_group() {
    let machine = machine();
    let of = |file: &str, text: fn(&Machine, mm::reclaim::GroupId) -> String| {
        of_every_group(&machine, file, name, text)
    };
    expect![[r#"
        ==> /sys/fs/cgroup/g/memory.current <==
        3407872
        ==> /sys/fs/cgroup/g/memory.max <==
        4194304
        ==> /sys/fs/cgroup/g/memory.events <==
        low 0
        high 0
        max 18
        oom 1
        oom_kill 1
        oom_group_kill 0
        ==> /sys/fs/cgroup/g/memory.stat <==
        anon 3153920
        file 0
        kernel 45056
        kernel_stack 0
        pagetables 28672
        sec_pagetables 0
        percpu 0
        sock 0
        vmalloc 0
        shmem 0
        zswap 0
        zswapped 0
        file_mapped 0
        file_dirty 0
        file_writeback 0
        swapcached 0
        anon_thp 0
        file_thp 0
        shmem_thp 0
        inactive_anon 3133440
        active_anon 0
        inactive_file 0
        active_file 0
        unevictable 0
        slab_reclaimable 0
        slab_unreclaimable 0
        slab 0
        workingset_refault_anon 0
        workingset_refault_file 0
        workingset_activate_anon 0
        workingset_activate_file 0
        workingset_restore_anon 0
        workingset_restore_file 0
        workingset_nodereclaim 0
        pgscan 0
        pgsteal 0
        pgscan_kswapd 0
        pgscan_direct 0
        pgsteal_kswapd 0
        pgsteal_direct 0
        pgfault 1283
        pgmajfault 0
        pgrefill 0
        pgactivate 0
        pgdeactivate 0
        pglazyfree 0
        pglazyfreed 0
        zswpin 0
        zswpout 0
        thp_fault_alloc 0
        thp_collapse_alloc 0
    "#]]
    .assert_eq(&format!(
        "{}{}{}{}",
        of("memory.current", memory_current),
        of("memory.max", memory_max),
        of("memory.events", memory_events),
        of("memory.stat", memory_stat)
    ));
}
