//! Lines about huge pages, and the lessons about them, which do what their captions say.

use mm::op::{Op, ProcessOp};
use mm::process::{Found, ScanLimits, ScanResult};
use mm::step::{HugeStep, ProcessStep};
use mm::{CpuId, Machine, Step, StepKind, UnitEnd};
use scenario::{Lang, builtin, parse};

#[test]
fn the_engine_is_asked_what_was_said() {
    let text = "ram 64M\ncpus 2\nnr_hugepages 4\nnr_overcommit_hugepages 3\nkhugepaged\n\
                khugepaged max_ptes_none=0 pages_to_scan=512 cpu=1\n";
    let scenario = parse(text).strict().expect("a scenario");
    let ops: Vec<&Op> = scenario.engine_ops().collect();
    let usual = ScanLimits::default();
    let limits = ScanLimits { max_ptes_none: 0, pages_to_scan: 512, ..usual };
    let expected = [
        ProcessOp::NrHugepages { pages: 4, cpu: CpuId(0) },
        ProcessOp::NrOvercommitHugepages { pages: 3 },
        ProcessOp::Khugepaged { limits: usual, cpu: CpuId(0) },
        ProcessOp::Khugepaged { limits, cpu: CpuId(1) },
    ];
    assert_eq!(ops, expected.map(Op::Process).iter().collect::<Vec<_>>());
}

#[test]
fn what_is_wrong_about_them() {
    for (line, text) in [
        ("nr_overcommit_hugepages", "a number of huge pages"),
        ("nr_overcommit_hugepages 8193", "8193"),
        ("khugepaged max_ptes_none=512", "512"),
        ("khugepaged max_ptes_swap", "`=`"),
        ("khugepaged pages_to_scan=0", "0"),
        ("khugepaged max_ptes_none=1 max_ptes_none=2", "max_ptes_none"),
        ("khugepaged max_pages=1", "max_pages"),
        ("khugepaged cpu=9", "9"),
    ] {
        let said = parse(&format!("ram 4M\n{line}\n")).diagnostics;
        for lang in [Lang::En, Lang::Zh] {
            assert!(said.iter().all(|one| !one.message(lang).is_empty()));
        }
        let said: Vec<String> = said.iter().map(|one| one.message(Lang::En)).collect();
        assert!(said.iter().any(|one| one.contains(text)), "{line}: {said:?}");
    }
    // They came late: what was called so before is called so still.
    let names =
        "ram 4M\nkhugepaged = alloc order=0\nnr_overcommit_hugepages = alloc order=0\nfree khugepaged\n";
    assert!(parse(names).strict().is_ok());
}

/// The steps of processes of each op of a lesson, and the machine after it.
fn run(id: &str) -> Vec<(Vec<ProcessStep>, Machine)> {
    let scenario = parse(builtin(id).expect("it exists").text).strict().expect("it has no errors");
    let mut machine = Machine::boot(&scenario.config).expect("it boots");
    let mut all = Vec::new();
    for op in scenario.engine_ops() {
        let mut steps: Vec<Step> = Vec::new();
        while machine.run_unit(op, &mut steps) == UnitEnd::More {}
        let of_process = |step: &Step| match step.kind {
            StepKind::Process { step, .. } => Some(step),
            _ => None,
        };
        all.push((steps.iter().filter_map(of_process).collect(), machine.clone()));
    }
    machine.check().expect("every law holds");
    all
}

fn count(steps: &[ProcessStep], is: impl Fn(&ProcessStep) -> bool) -> usize {
    steps.iter().filter(|step| is(step)).count()
}

#[test]
fn crumbs_are_no_huge_pages_before_they_are_moved() {
    let run = run("hugetlb-crumbs");
    let sized = run.iter().flat_map(|(steps, _)| steps).filter_map(|step| match step {
        ProcessStep::PoolSized { wanted, total, .. } => Some((*wanted, *total)),
        _ => None,
    });
    assert_eq!(sized.collect::<Vec<_>>(), [(2, 2), (0, 0), (3, 0), (3, 2)]);
    let surplus = |step: &ProcessStep| matches!(step, ProcessStep::Huge(HugeStep::Surplus { .. }));
    assert_eq!(count(&run[3].0, surplus), 1);
    assert!(run[5].0.iter().any(|step| matches!(step, ProcessStep::PoolBack { gone: 1, total: 2, .. })));
    // "More than 6 MiB are free."
    let free = run[run.len() - 4].1.zones()[0].nr_free_pages.0;
    assert!(free * 4 > 6 * 1024, "{free}");
}

#[test]
fn two_faults_bring_what_four_do_and_much_more() {
    let run = run("thp-or-small");
    let faults = |op: usize| count(&run[op].0, |step| matches!(step, ProcessStep::Fault { .. }));
    let rss = |op: usize| run[op].1.processes().mms().next().map_or(0, |mm| mm.rss.total().0);
    assert_eq!([2, 3, 4, 5].map(faults), [1; 4]);
    assert_eq!(rss(5) - rss(1), 4);
    assert_eq!([8, 9, 10, 11].map(faults), [1, 0, 1, 0]);
    assert_eq!(rss(11) - rss(7), 1024);
    // Two of the 512 are there already.
    assert_eq!([faults(12), faults(13)], [510, 0]);
    // What is given up of a huge page comes back alone.
    assert_eq!(faults(15), 1);
}

/// One goes as a whole, one in pieces because no cluster is free, one because a half of it is nobody's; and what is nobody's of
/// the last one comes back as it is split.
#[test]
fn huge_pages_go_to_swap_as_a_whole_or_in_pieces() {
    let run = run("huge-swap");
    // How many went as a whole, could not, were split, and wait to be; and `pswpout`.
    let figures = |op: usize| {
        let machine = &run[op].1;
        let events = machine.processes().huge().events;
        let reclaim = machine.reclaim().expect("it reclaims");
        let waiting = reclaim.split_queue().len() as u64;
        let out = reclaim.event(mm::reclaim::VmEvent::PswpOut);
        [events.swpout, events.swpout_fallback, events.split_page, waiting, out]
    };
    let free = |op: usize| run[op].1.zones()[0].nr_free_pages.0;
    let clusters = |op: usize| run[op].1.reclaim().expect("it reclaims").areas()[0].free_clusters();
    let last = run.len() - 1;
    assert_eq!(run[3].1.processes().huge().compounds().count(), 4);
    // The page of the stack goes with the first.
    assert_eq!((figures(7), clusters(6)), ([1, 0, 0, 0, 513], 1));
    assert_eq!((clusters(8), clusters(9)), (0, 0));
    assert_eq!(figures(12), [1, 1, 1, 0, 513 + 512]);
    // Nothing is free of what is unmapped, but for what kswapd does meanwhile.
    assert_eq!((figures(13), free(13)), ([1, 1, 1, 1, 1025], free(12)));
    assert_eq!(figures(last - 2), [1, 1, 2, 0, 1025 + 256]);
    let [before, after] = [last - 1, last].map(|op| (figures(op), free(op)));
    assert_eq!((before.0[3], after.0[3], after.0[2]), (1, 0, 3));
    let kept = run[last].1.zones()[0].pcp_pages().0;
    assert!(after.1 + kept >= before.1 + 256, "{before:?} {after:?}");
}

#[test]
fn khugepaged_makes_one_of_384_and_of_4_and_needs_a_block() {
    let run = run("khugepaged-collapses");
    let results = |op: usize| -> Vec<(u16, ScanResult)> {
        let of = |step: &ProcessStep| match step {
            ProcessStep::Huge(HugeStep::Scanned { found: Found { present, .. }, result, .. }) => {
                Some((*present, *result))
            }
            _ => None,
        };
        run[op].0.iter().filter_map(of).collect()
    };
    use ScanResult::{ExceedNone, PmdMapped, Succeed};
    assert_eq!(results(5), [(384, Succeed), (4, ExceedNone)]);
    assert_eq!(results(6), [(0, PmdMapped), (4, Succeed)]);
    let rss = |op: usize| run[op].1.processes().mms().next().map_or(0, |mm| mm.rss.total().0);
    assert_eq!((rss(5) - rss(4), rss(6) - rss(5)), (128, 508));
    let last = run.len() - 1;
    let made =
        |op: usize| count(&run[op].0, |step| matches!(step, ProcessStep::Huge(HugeStep::Collapsed { .. })));
    let failed = |step: &ProcessStep| {
        matches!(step, ProcessStep::Huge(HugeStep::NotCollapsed { why: ScanResult::AllocFail, .. }))
    };
    assert!(count(&run[last - 2].0, failed) > 0);
    assert_eq!([made(last - 2), made(last)], [0, 1]);
}
