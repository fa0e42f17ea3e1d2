//! Traces as people save them: the forms say the same, and every mistake is named with its place.

use expect_test::{Expect, expect};
use kernel_io::trace::{CompactMode, CompactResult, MAX_ERRORS, TraceForm, TraceSummary};
use kernel_io::{EventKind as Kind, Trace, TraceEvent, TraceReader, read_gfp, read_trace};
use mm::gfp::GfpFlags;
use mm::mmzone::ZoneKind;
use mm::units::{Order, Pfn};

const IDLE: &str = include_str!("data/amd64_256M_smp1/idle_trace.tsv");
const COMPACT: &str = include_str!("data/amd64_256M_smp1/compact_trace_cut.tsv");
const PRESSURE: &str = include_str!("data/amd64_256M_smp1/pressure_trace_cut.tsv");
const KSWAPD: &str = include_str!("data/cust_256M_smp1/pressure_trace_cut.tsv");

/// A trace without mistakes.
fn good(text: &str) -> Trace {
    let trace = read_trace(text);
    let errors: Vec<String> = trace.summary.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
    trace
}

fn kinds(text: &str) -> Vec<Kind> {
    good(text).events.iter().map(|event| event.kind).collect()
}

fn errors(text: &str, expected: Expect) {
    let lines: Vec<String> = read_trace(text).summary.errors.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn order(order: u8) -> Order {
    Order::new(order).expect("an order")
}

#[test]
fn a_window_is_read() {
    let trace = good(IDLE);
    assert_eq!(trace.summary.form, Some(TraceForm::Tsv));
    assert_eq!((trace.summary.lines, trace.summary.events, trace.events.len()), (10, 9, 9));
    assert_eq!(trace.window(), Some(2..7));
    let event = trace.events[3];
    let gfp = GfpFlags(0x50_0cc2);
    assert_eq!(event.kind, Kind::Alloc { pfn: Pfn(0x4f0e), order: Order::ZERO, migratetype: 0, gfp });
    assert_eq!((event.line, event.ts_ns, event.cpu, event.pid), (5, 7_945_569_000, 0, 177));
    assert_eq!(trace.summary.comms.get(event.comm), "mmt");
    let Kind::Mark { text } = trace.events[0].kind else { panic!("a mark") };
    assert_eq!(trace.summary.marks.get(text), "BEFORE_BEGIN");
    assert_eq!(trace.events[1].kind, Kind::ListsRead);
}

#[test]
fn a_part_of_a_window_has_no_marks() {
    assert_eq!(good(PRESSURE).window(), None);
    assert_eq!(good(COMPACT).window(), None);
}

#[test]
fn compaction_and_reclaim_are_events() {
    let compact = kinds(COMPACT);
    assert_eq!(
        compact[6],
        Kind::CompactionBegin {
            zone_start: Pfn(1),
            migrate: Pfn(1),
            free: Pfn(0xe00),
            zone_end: Pfn(0x1000),
            mode: CompactMode::Sync
        }
    );
    assert!(compact.contains(&Kind::CompactionEnd {
        zone_start: Pfn(1),
        migrate: Pfn(0xe00),
        free: Pfn(0xe00),
        zone_end: Pfn(0x1000),
        mode: CompactMode::Sync,
        result: CompactResult::Complete
    }));
    assert_eq!(
        compact[5],
        Kind::CompactionSuitable {
            node: 0,
            zone: ZoneKind::Dma,
            order: None,
            result: CompactResult::Continue
        }
    );
    assert!(compact.contains(&Kind::IsolateMigratepages {
        start: Pfn(1),
        end: Pfn(0x200),
        scanned: 290,
        taken: 0
    }));
    let kswapd = good(KSWAPD);
    let has = |kind| kswapd.events.iter().any(|event| event.kind == kind);
    assert!(has(Kind::WakeupKswapd { node: 0, order: 0, gfp: GfpFlags(0) }));
    assert!(has(Kind::KswapdWake { node: 0, order: 0 }));
    assert!(has(Kind::KcompactdWake { node: 0, order: Some(order(9)), highest_zone: ZoneKind::Dma32 }));
    assert!(has(Kind::AllocExtfrag {
        pfn: Pfn(0xbc00),
        alloc_order: Order::ZERO,
        fallback_order: order(8),
        pageblock_order: 9,
        alloc_migratetype: 1,
        fallback_migratetype: 0,
        fragmenting: true,
        change_ownership: true
    }));
    let others: Vec<_> = kswapd.summary.others.iter().collect();
    assert_eq!(others, [("mm_shrink_slab_end", 4)]);
    let failed = kinds(PRESSURE).iter().filter(|kind| matches!(kind, Kind::AllocFailed { .. })).count();
    assert_eq!(failed, 8);
}

/// The columns of the captures, as the other forms have them.
fn lines(text: &str) -> impl Iterator<Item = [&str; 5]> {
    text.lines().skip(1).map(|line| {
        let mut columns = line.splitn(5, '\t');
        std::array::from_fn(|_| columns.next().expect("five columns"))
    })
}

fn with_page(event: &str, text: &str) -> String {
    if event.starts_with("mm_page_") { format!("page=000000000e8a96e2 {text}") } else { text.into() }
}

fn ftrace(text: &str) -> String {
    let mut out = String::from(
        "# tracer: nop\n#\n# entries-in-buffer/entries-written: 9/9   #P:1\n#\n#                                _-----=> irqs-off/BH-disabled\n#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n#              | |         |   |||||     |         |\n",
    );
    for [time, cpu, task, event, text] in lines(text) {
        out += &format!("{task:>23} [{cpu}] d..2.  {time}: {event}: {}\n", with_page(event, text));
    }
    out
}

fn trace_cmd(text: &str) -> String {
    let mut out = String::from("version = 7\nCPU 1 is empty\ncpus=2\n");
    for [time, cpu, task, event, text] in lines(text) {
        let (event, text) = match event {
            "tracing_mark_write" => ("print", format!("tracing_mark_write: {text}")),
            "lists_read" => ("bprint", format!("lists_read: {text}")),
            _ => (event, with_page(event, text)),
        };
        out += &format!("{task:>20} [{cpu}]  {time}: {:<21} {text}\n", format!("{event}:"));
    }
    out
}

fn perf(text: &str) -> String {
    let mut out = String::from("# ========\n# captured on    : Mon Jan  1 00:00:00 2024\n# ========\n#\n");
    for [time, cpu, task, event, text] in lines(text) {
        let (comm, pid) = task.rsplit_once('-').expect("a task");
        let (event, text) = match event {
            "tracing_mark_write" => ("ftrace:print".into(), format!("tracing_mark_write: {text}")),
            "lists_read" => ("ftrace:bprint".into(), format!("lists_read: {text}")),
            _ => (format!("kmem:{event}"), with_page(event, text)),
        };
        out += &format!("{comm:>16} {pid:>7} [{cpu}] {time}000: {event:>30}: {text}\n");
        out += "\tffffffff810c0b1e get_page_from_freelist+0x2ae ([kernel.kallsyms])\n\t    7f3a1c0e3a01 [unknown] (/usr/lib/libc.so.6)\n\n";
    }
    out
}

fn without_lines(trace: &Trace) -> Vec<TraceEvent> {
    trace.events.iter().map(|event| TraceEvent { line: 0, ..*event }).collect()
}

#[test]
fn all_forms_say_the_same() {
    for text in [IDLE, COMPACT, PRESSURE, KSWAPD] {
        let events = good(text);
        let forms = [
            (TraceForm::Ftrace, ftrace(text)),
            (TraceForm::TraceCmd, trace_cmd(text)),
            (TraceForm::Perf, perf(text)),
        ];
        for (form, text) in forms {
            let same = good(&text);
            assert_eq!(same.summary.form, Some(form));
            assert_eq!(without_lines(&same), without_lines(&events), "{form:?}");
            // Without its headers, an event tells the form; trace-cmd's lines are then the kernel's.
            let bare: String =
                text.lines().filter(|line| line.contains(": ")).skip(3).fold(String::new(), |all, line| {
                    if line.starts_with('#') { all } else { all + line + "\r\n" }
                });
            let form = if form == TraceForm::TraceCmd { TraceForm::Ftrace } else { form };
            assert_eq!(good(&bare).summary.form, Some(form));
        }
    }
}

/// Lines that the forms have seldom.
#[test]
fn odd_lines_are_understood() {
    let trace = good("\
# tracer: nop
     Web Content-1234  (   1230) [003] .N.1. 17284.993652: mm_page_free: page=ffffea0003db9f40 pfn=1155800 order=0
           <...>-22275   (-------) [006]   889.213383: mm_page_alloc: page=(null) pfn=0 order=9 migratetype=1 gfp_flags=0x1c20ca
 a [1] b-7 [001] 1.5: mm_page_alloc_zone_locked: page=1 pfn=16 order=10 migratetype=2 cpu=0 percpu_refill=1
CPU:3 [LOST 17 EVENTS]
CPU:4 [LOST EVENTS]
          <idle>-0       [000] 99: <stack trace>
 => __alloc_pages
 => [unknown/kretprobe'd]
          <idle>-0       [000] 99: sys_close <-system_call_fastpath
          kworker/u2:1-24 [000] 99: mm_compaction_try_to_compact_pages: order=9 gfp_mask=GFP_TRANSHUGE|0x1000000 priority=1
          sh-2 [000] 99: mm_compaction_defer_reset: node=1 zone=Normal   order=9 order_failed=10 consider=0 limit=1
          sh-2 [000] 99: mark_victim: pid=17 comm=hog total-vm:1kB
          sh-2 [000] 99: oom_score_adj_update: pid=17 comm=a b oom_score_adj=-1000
          sh-2 [000] 99: compact_retry: order=3 priority=COMPACT_PRIO_SYNC_FULL compaction_result=contended retries=2 max_retries=16 should_retry=1
          sh-2 [000] 99: reclaim_retry_zone: node=0 zone=Normal   order=0 reclaimable=12301 available=13003 min_wmark=745 no_progress_loops=0 wmark_check=1
");
    let events: Vec<String> = trace
        .events
        .iter()
        .map(|e| {
            let comm = trace.summary.comms.get(e.comm);
            let kind = match e.kind {
                Kind::AllocFailed { order, migratetype, gfp } => {
                    format!("AllocFailed {order} {migratetype} {:#x}", gfp.0)
                }
                Kind::TryToCompactPages { order, gfp, priority } => {
                    format!("TryToCompactPages {order} {:#x} {priority}", gfp.0)
                }
                kind => format!("{kind:?}"),
            };
            format!("{} {}.{} {comm}-{} {kind}", e.line, e.cpu, e.ts_ns, e.pid)
        })
        .collect();
    expect![[r#"
        2 3.17284993652000 Web Content-1234 Free { pfn: Pfn(1155800), order: Order(0) }
        3 6.889213383000 <...>-22275 AllocFailed 9 1 0x1c20ca
        4 1.1500000000 a [1] b-7 AllocZoneLocked { pfn: Pfn(16), order: Order(10), migratetype: 2, percpu_refill: true }
        5 3.1500000000 a [1] b-0 Lost { events: 17 }
        6 4.1500000000 a [1] b-0 Lost { events: 0 }
        7 0.99 <idle>-0 Other { name: Name(0) }
        10 0.99 <idle>-0 Other { name: Name(1) }
        11 0.99 kworker/u2:1-24 TryToCompactPages 9 0x11c24ca 1
        12 0.99 sh-2 DeferReset(Deferral { node: 1, zone: Normal, order: Some(Order(9)), order_failed: 10, considered: 0, limit: 1 })
        13 0.99 sh-2 OomVictim { pid: 17 }
        14 0.99 sh-2 OomScoreAdj { pid: 17, adj: -1000 }
        15 0.99 sh-2 CompactRetry { order: Some(Order(3)), result: Contended, retries: 2, max_retries: 16, should_retry: true }
        16 0.99 sh-2 ReclaimRetryZone { node: 0, zone: Normal, order: Some(Order(0)), reclaimable: 12301, available: 13003, min_wmark: 745, no_progress_loops: 0, wmark_check: true }"#]]
    .assert_eq(&events.join("\n"));
    let others: Vec<_> = trace.summary.others.iter().collect();
    assert_eq!(others, [("kernel_stack", 1), ("function", 1)]);
    assert_eq!(trace.summary.lost, 18);
    // trace-cmd's words for lost events, and perf's threads and periods.
    assert_eq!(
        kinds("cpus=8\nCPU:7 [204600 EVENTS DROPPED]\n  a-1 [007] 2.0: sched_switch:         a:1 ==> b:2\n")
            [0],
        Kind::Lost { events: 204_600 }
    );
    let perf =
        good("Web Content 10/11 [002] 5.25:          1 kmem:mm_page_free: page=(nil) pfn=0x10 order=0\n");
    assert_eq!(perf.events[0].pid, 11);
    assert_eq!(perf.events[0].kind, Kind::Free { pfn: Pfn(16), order: Order::ZERO });
}

#[test]
fn every_mistake_is_named_with_its_place() {
    errors(
        "",
        expect![
            "1:1: error: no line of this is a trace event: expected ftrace's `trace`, `trace-cmd report`, `perf script`, or columns with tabs"
        ],
    );
    errors(
        "\n\n  Node 0, zone DMA 1 2\nMemTotal: 5 kB\n",
        expect![
            "3:3: error: no line of this is a trace event: expected ftrace's `trace`, `trace-cmd report`, `perf script`, or columns with tabs"
        ],
    );
    errors(
        "$ cat trace\n  a-1 [000] 1.0: mm_page_free: pfn=zz order=0\n  a-1 [000] 1.0: mm_page_free: pfn=0x100000000 order=0\n  a-1 [000] 1.0: mm_page_free: pfn=0x10 order=11\n  a-1 [000] 1.0: mm_page_free: pfn=0x10\n  a-1 [000] now: mm_page_free\n  a [000] 1.0: mm_page_free\n  a-1 [70000] 1.0: x\n  é\u{1f600}-1 [000] 1.0: mm_page_alloc: pfn=1 order=0 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_ZER0|__GFP_COMP\nhello world, this is no event\n  a-1 [000] 1.0: mm_compaction_suitable: node=0 zone=Device order=0 ret=x\n  a-1 [000] 1.0: mm_compaction_isolate_freepages: range=(0x1 0x2) nr_scanned=1 nr_taken=1\n  a-1 [000] 1.0:\n",
        expect![[r#"
            1:1: error: expected a trace event, found `$ cat trace`
            2:36: error: expected a number for `pfn`, found `zz`
            3:36: error: expected a number for `pfn`, found `0x100000000`
            4:47: error: a block of order 11: the largest order is 10
            5:40: error: expected `order` in the text of the event
            6:13: error: expected a time in seconds, found `now:`
            7:3: error: expected a task and its process number, found `a`
            8:8: error: expected the number of a CPU, found `70000`
            9:83: error: no gfp flag is called `__GFP_ZER0`
            10:1: error: expected a line `task-pid [cpu] flags seconds: event: text`, found `hello world, this is no …`
            11:54: error: no zone is called `Device`: DMA, DMA32, Normal, HighMem or Movable
            12:57: error: expected a number for `range`, found `(0x1 0x2) nr_scanned=1 n…`
            13:17: error: expected a line `task-pid [cpu] flags seconds: event: text`, found nothing"#]],
    );
    errors(
        "ts_s\tcpu\ttask-pid\tevent\targs\n1.0\t000\ta-1\n1.\t0\ta-1\tx\t\n1.0\t-1\ta-1\tx\t\n1.0\t0\ta\tx\t\n1.0\t0\ta-1\t\t\n1.0\t0\ta-1\tmm_page_free\torder=0\n99999999999.0\t0\ta-1\tx\t\n",
        expect![[r#"
            2:1: error: expected five columns with tabs: seconds, CPU, task-pid, event, text, found `1.0	000	a-1`
            3:1: error: expected a time in seconds, found `1.`
            4:5: error: expected the number of a CPU, found `-1`
            5:7: error: expected a task and its process number, found `a`
            6:1: error: expected five columns with tabs: seconds, CPU, task-pid, event, text, found `1.0	0	a-1		`
            7:31: error: expected `pfn` in the text of the event
            8:1: error: expected a time in seconds, found `99999999999.0`"#]],
    );
    errors(
        "a 1 [000] 1.0: kmem:mm_page_free: pfn=0x1 order=0\nb [000] 1.0: kmem:x:\nb 1/x [000] 1.0: kmem:x:\n oops",
        expect![[r#"
            2:1: error: expected a task and its process number, found `b`
            3:1: error: expected a task and its process number, found `b 1/x`
            4:2: error: expected a line `task pid [cpu] seconds: group:event: text`, found `oops`"#]],
    );
}

#[test]
fn mistakes_are_counted_beyond_a_hundred() {
    let text = format!("  a-1 [000] 1.0: x: y\n{}", "nothing\n".repeat(250));
    let TraceSummary { errors, more_errors, events, lines, .. } = read_trace(text).summary;
    assert_eq!((errors.len(), more_errors, events, lines), (MAX_ERRORS, 150, 1, 251));
}

#[test]
fn pieces_of_any_size_give_the_same() {
    let whole = read_trace(COMPACT);
    for size in [1, 7, 4096] {
        let (mut reader, mut events) = (TraceReader::default(), Vec::new());
        for piece in COMPACT.as_bytes().chunks(size) {
            reader.push(piece, |_, event| events.push(event));
        }
        let summary = reader.finish(|_, event| events.push(event));
        assert_eq!(Trace { events, summary }, whole);
    }
}

/// Names stay bounded, whatever a text says.
#[test]
fn a_text_full_of_names_is_bounded() {
    let mut text = String::new();
    for i in 0..70_000 {
        text += &format!("c{i}-1 [000] 1.0: tracing_mark_write: {i}\n");
    }
    let trace = good(&text);
    assert_eq!((trace.summary.comms.len(), trace.summary.marks.len()), (65_536, 65_536));
    let last = trace.events[69_999];
    assert_eq!(trace.summary.comms.get(last.comm), "…");
    assert_eq!(trace.summary.comms.iter().map(|(_, times)| times).sum::<u32>(), 70_000);
}

/// Combinations as real kernels printed them.
#[test]
fn gfp_names_are_the_kernels() {
    let printed = [
        "none",
        "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO",
        "GFP_KERNEL|__GFP_NOWARN|__GFP_RECLAIMABLE",
        "GFP_NOFS|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL|__GFP_MOVABLE",
        "GFP_KERNEL_ACCOUNT|__GFP_ZERO",
        "__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC|__GFP_RECLAIMABLE",
        "GFP_NOWAIT|__GFP_NOWARN|__GFP_NORETRY|__GFP_NOMEMALLOC",
        "GFP_HIGHUSER|__GFP_ACCOUNT",
        "GFP_NOIO|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_NORETRY",
        "GFP_HIGHUSER_MOVABLE|__GFP_NOWARN|__GFP_RETRY_MAYFAIL|__GFP_COMP|__GFP_THISNODE",
        "GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_RECLAIMABLE",
        "GFP_TRANSHUGE|__GFP_NORETRY|__GFP_THISNODE",
        "__GFP_HIGH|__GFP_ATOMIC|__GFP_ZERO",
        "GFP_KERNEL|GFP_DMA|__GFP_NOWARN",
        "GFP_KERNEL|GFP_DMA32|__GFP_NOWARN",
        "GFP_NOFS|__GFP_NOFAIL|__GFP_COMP|__GFP_HARDWALL",
        "GFP_USER",
    ];
    for text in printed {
        assert_eq!(read_gfp(text).expect(text).to_string(), text);
    }
    for (_, _, text) in [COMPACT, PRESSURE, KSWAPD, IDLE]
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.split_once("gfp_flags=").map(|(_, text)| (0, 0, text)))
    {
        assert_eq!(read_gfp(text).expect(text).to_string(), text);
    }
}

#[test]
fn gfp_is_read_in_every_way_it_is_printed() {
    let gfp = |text: &str| read_gfp(text).map(|gfp| gfp.0).map_err(|e| e.to_string());
    assert_eq!(gfp("0x100cca"), Ok(0x10_0cca));
    assert_eq!(gfp("GFP_TRANSHUGE_LIGHT"), Ok(0x1c_20ca));
    assert_eq!(gfp("GFP_KERNEL_ACCOUNT"), Ok(0x40_0cc0));
    assert_eq!(gfp("GFP_KERNEL|0x1000000"), Ok(0x100_0cc0));
    // 6.12 numbers the bits differently: the names count.
    assert_eq!(gfp("0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)"), Ok(0x14_0cca));
    assert_eq!(gfp("0x800dc0(GFP_KERNEL|__GFP_ZERO)"), Ok(0xdc0));
    assert_eq!(gfp("0x0()"), Ok(0));
    assert_eq!(gfp("GFP_HIGHUSER_MOVABLE|__GFP_SKIP_KASAN"), Ok(0x10_0cca));
    assert_eq!((GfpFlags(0x8100_0c00)).to_string(), "GFP_NOIO|0x81000000");
    let said = |text: &str| gfp(text).expect_err("is none");
    assert!(said("GFP_KERNEL|GFP_ZERO").starts_with("1:12: error: no gfp flag is called `GFP_ZERO`"));
    assert!(said("0xcc0(é)").starts_with("1:7: error: "));
    for text in ["", "|", "0x", "0x+1", "0x1ffffffff", "cc0", "0x1(0x1(0x1))", "GFP_KERNEL(none"] {
        said(text);
    }
}
