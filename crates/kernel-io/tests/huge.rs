//! The lines of huge pages in `/proc/meminfo` and `/proc/vmstat`, as the kernel has them.

use kernel_io::{meminfo, vmstat};
use mm::config::Thp;
use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{Access, Advice, At, MmapArgs, ProcessOp, Rlimits, ScanLimits};
use mm::{Config, CpuId, Machine, Op, UnitEnd};

/// These counters as a real 6.1.192 printed them, in its order (`amd64_1024M_smp1_thp`, `base/vmstat.txt`).
const KERNEL: [&str; 15] = [
    "htlb_buddy_alloc_success",
    "htlb_buddy_alloc_fail",
    "thp_fault_alloc",
    "thp_fault_fallback",
    "thp_collapse_alloc",
    "thp_collapse_alloc_failed",
    "thp_split_page",
    "thp_deferred_split_page",
    "thp_split_pmd",
    "thp_scan_exceed_none_pte",
    "thp_scan_exceed_swap_pte",
    "thp_scan_exceed_share_pte",
    "thp_zero_page_alloc",
    "thp_swpout",
    "thp_swpout_fallback",
];

#[test]
fn counters_have_the_kernels_names_and_order() {
    let mut machine =
        Machine::boot(&Config { thp: Some(Thp::Madvise), ..Config::single_zone(8192) }).expect("it boots");
    let (cpu, name, process) = (CpuId(0), NameId(1), NameId(0));
    let run = |machine: &mut Machine, op: ProcessOp| {
        while machine.run_unit_unseen(&Op::Process(op)) == UnitEnd::More {}
    };
    let names = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("htlb_") || line.starts_with("thp_"));
        lines.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
    };
    let (limits, task) = (Rlimits::default(), TaskArgs::default());
    run(&mut machine, ProcessOp::Exec { name: process, limits, task, cpu });
    assert_eq!(names(&vmstat(&machine)), [""; 0]);
    let args = MmapArgs::ANONYMOUS;
    run(&mut machine, ProcessOp::Mmap { name, process, bytes: 4 << 20, args, cpu });
    let at = At::Area { name, by: None };
    run(&mut machine, ProcessOp::Access { access: Access::Write, at, bytes: None, cpu });
    run(&mut machine, ProcessOp::Madvise { at, advice: Advice::HugePage, bytes: None, cpu });
    run(&mut machine, ProcessOp::Khugepaged { limits: ScanLimits::default(), cpu });
    run(&mut machine, ProcessOp::NrHugepages { pages: 2, cpu });
    run(&mut machine, ProcessOp::NrOvercommitHugepages { pages: 1 });
    let args = MmapArgs { huge: true, ..args };
    run(&mut machine, ProcessOp::Mmap { name: NameId(2), process, bytes: 6 << 20, args, cpu });
    let text = vmstat(&machine);
    assert_eq!(names(&text), KERNEL);
    assert!(
        text.contains("htlb_buddy_alloc_success 3\n") && text.contains("thp_collapse_alloc 1\n"),
        "{text}"
    );
    let text = meminfo(&machine);
    for line in [
        "AnonHugePages:      2048 kB\n",
        "HugePages_Total:       3\n",
        "HugePages_Free:        3\n",
        "HugePages_Rsvd:        3\n",
        "HugePages_Surp:        1\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}
