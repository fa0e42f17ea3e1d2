//! Texts that have been damaged: every reader ends, and says something sensible. With `MMSCOPE_PROPTEST_CASES`
//! (`cargo xtask soak`) there are many more of them.

mod laws;

use kernel_io::trace::TraceForm;
use kernel_io::{EventKind, read_gfp, read_trace};
use laws::every_reader;
use mm::gfp::GfpFlags;
use mm::rng::Rng;
use proptest::prelude::*;

/// As many cases as `MMSCOPE_PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("MMSCOPE_PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() }
}

/// Texts to begin with: real ones, and lines in the forms of other tools.
const SEEDS: [&str; 12] = [
    include_str!("data/amd64_256M_smp1/idle_trace.tsv"),
    include_str!("data/amd64_256M_smp1/compact_trace_cut.tsv"),
    include_str!("data/cust_256M_smp1/pressure_trace_cut.tsv"),
    "\
# tracer: nop
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
     Web Content-1234  (   1230) [003] .N.1. 17284.993652: mm_page_free: page=ffffea0003db9f40 pfn=1155800 order=0
           <...>-22275   (-------) [006]   889.213383: mm_page_alloc: page=(null) pfn=0 order=9 migratetype=1 gfp_flags=0x1c20ca
CPU:3 [LOST 17 EVENTS]
          <idle>-0       [000] 99: <stack trace>
 => __alloc_pages
          sh-2 [000] 99: mm_compaction_defer_reset: node=1 zone=Normal   order=9 order_failed=10 consider=0 limit=1
          sh-2 [000] 99: oom_score_adj_update: pid=17 comm=a b oom_score_adj=-1000
          sh-2 [000] 99: compact_retry: order=3 priority=X compaction_result=contended retries=2 max_retries=16 should_retry=1
",
    "\
cpus=2
CPU:1 [EVENTS DROPPED]
   mmt-1 [000]  1.000000: print:                tracing_mark_write: BEFORE_END
   mmt-1 [000]  1.000001: mm_page_alloc:        page=0xf000 pfn=0x10 order=0 migratetype=1 gfp_flags=GFP_USER|__GFP_COMP
",
    "\
mmt 1/2 [000] 1.000000000:   1 kmem:mm_page_alloc: page=0xf000 pfn=0x10 order=0 migratetype=1 gfp_flags=GFP_USER
\tffffffff810c0b1e get_page_from_freelist+0x2ae ([kernel.kallsyms])

mmt 1 [000] 1.000002: ftrace:print: tracing_mark_write: x
",
    include_str!("data/amd64_256M_smp1/kbuddy4_before_lists.txt"),
    include_str!("data/amd64_2048M_2nodes_smp4/base_buddyinfo.txt"),
    include_str!("data/amd64_256M_smp1/base_slab_geometry_cut.tsv"),
    include_str!("data/cust_256M_smp1/slub_dynamics_cut.txt"),
    "slabinfo - version: 2.1\ndentry 7881 8022 192 21 1 : tunables 120 60 0 : slabdata 378 382 0\n",
    "# ranges\n100 1000\n1b43 1b4e\n# total_buddy_pages 3851 of 65536 pfns\n",
];

/// Numbers and words at the edges of what is allowed.
const EDGES: [&str; 20] = [
    "0",
    "-1",
    "11",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "ffffffff",
    "100000000",
    "18446744073709551615",
    "99999999999999999999",
    "0x",
    "0xffffffffffffffff",
    "",
    "\u{e9}",
    "GFP_KERNEL|",
    "(",
    "[7]",
];

/// One small damage, of the kinds that people and tools do to texts.
fn damage(text: &mut Vec<u8>, rng: &mut Rng) {
    let length = text.len() as u32;
    let at = rng.below(length + 1) as usize;
    let upto = (at + rng.below(40) as usize).min(text.len());
    let line = |at: usize, text: &[u8]| {
        let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
        let end = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| at + n + 1);
        start..end
    };
    match rng.below(9) {
        0 => drop(text.drain(at..upto)),
        1 => text.insert(at, rng.next() as u8),
        2 => text.truncate(at),
        3 if at < text.len() => text[at] = b" \t\n\r,:=[](){}|#-.0x9"[rng.below(20) as usize],
        4 => {
            let again = text[at..upto].to_vec();
            text.splice(at..at, again);
        }
        5 => {
            // A word becomes another.
            let start = text[..at].iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |n| n + 1);
            let end =
                text[at..].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(text.len(), |n| at + n);
            let new = EDGES[rng.below(EDGES.len() as u32) as usize];
            text.splice(start..end, new.bytes());
        }
        6 => {
            let twice = text[line(at, text)].to_vec();
            let to = line(rng.below(length + 1) as usize, text).start;
            text.splice(to..to, twice);
        }
        7 => drop(text.drain(line(at, text))),
        _ => {
            // A line of another text.
            let other = SEEDS[rng.below(SEEDS.len() as u32) as usize].as_bytes();
            let from = line(rng.below(other.len() as u32) as usize, other);
            let to = line(at, text).start;
            text.splice(to..to, other[from].iter().copied());
        }
    }
}

/// Damage upon damage, from a stream of numbers that is the same every time.
#[test]
fn damaged_texts_are_read_or_explained() {
    for case in 0..cases() {
        for (seed, text) in (0u64..).zip(SEEDS) {
            let mut rng = Rng::new(u64::from(case), seed);
            let mut text = text.as_bytes().to_vec();
            for _ in 0..=rng.below(12) {
                damage(&mut text, &mut rng);
            }
            every_reader(&text, &mut rng);
        }
    }
}

/// Texts that are long in one way, which must not take long.
#[test]
fn monstrous_texts_end() {
    // Whatever takes time that grows faster than the text does not end in the longer form.
    let length = if std::env::var_os("MMSCOPE_SOAK").is_some() { 1 << 22 } else { 1 << 14 };
    let mut rng = Rng::new(1, 1);
    for part in [
        "[",
        "[0] ",
        "[0][1] 1.0",
        "-",
        ":",
        ": ",
        "\t",
        "(",
        "0x1(",
        "|",
        "a",
        "\n",
        "CPU:0 [",
        "pfn=",
        " ~ ",
        "\u{1f600}",
    ] {
        let monster = part.repeat(length / part.len());
        every_reader(monster.as_bytes(), &mut rng);
        every_reader(format!("a-1 [000] 1.0: mm_page_alloc: {monster}").as_bytes(), &mut rng);
        every_reader(
            format!("a 1 [000] 1.0: kmem:mm_compaction_isolate_freepages: range={monster}\n").as_bytes(),
            &mut rng,
        );
        every_reader(
            format!("Z node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00\nF 0 0: {monster}")
                .as_bytes(),
            &mut rng,
        );
    }
    let many: String = (0..4096).map(|cpu| format!("P cpu={cpu}\nL {cpu} 0:\n")).collect();
    every_reader(
        format!("Z node=0 zone=DMA start=1 spanned=fff present=f9e managed=f9e\nPB 01111111\n{many}")
            .as_bytes(),
        &mut rng,
    );
}

/// A line that a form could have.
fn event_line() -> impl Strategy<Value = (TraceForm, String)> {
    let form = prop_oneof![Just(TraceForm::Tsv), Just(TraceForm::Ftrace), Just(TraceForm::Perf)];
    // As a comm can be: anything but what cuts columns in that form.
    (
        form,
        "[a-zA-Z0-9_/:.() -]{0,15}",
        any::<u32>(),
        any::<u16>(),
        0u64..1 << 33,
        0u32..1_000_000,
        any::<u32>(),
        0u8..11,
    )
        .prop_map(|(form, comm, pid, cpu, seconds, micros, pfn, order)| {
            let comm = format!("c{}x", comm.trim());
            let text = format!("pfn={pfn:#x} order={order}");
            let time = format!("{seconds}.{micros:06}");
            let line = match form {
                TraceForm::Tsv => format!("{time}\t{cpu:03}\t{comm}-{pid}\tmm_page_free\t{text}"),
                TraceForm::Perf => {
                    format!("{comm:>16} {pid:>6} [{cpu:03}] {time}: kmem:mm_page_free: page=0x1 {text}")
                }
                _ => format!("{comm:>16}-{pid:<7} [{cpu:03}] d.... {time}: mm_page_free: page=0x1 {text}"),
            };
            (form, line)
        })
}

proptest! {
    #![proptest_config(config())]

    /// Every number that an event can hold comes through.
    #[test]
    fn an_event_comes_through((form, line) in event_line()) {
        let trace = read_trace(&line);
        prop_assert!(trace.summary.errors.is_empty(), "{}: {:?}", line, trace.summary.errors);
        prop_assert_eq!(trace.summary.form, Some(form));
        let event = trace.events[0];
        let EventKind::Free { pfn, order } = event.kind else { panic!("{line}: {event:?}") };
        let comm = trace.summary.comms.get(event.comm);
        let text = format!("pfn={:#x} order={order}", pfn.0);
        let time = format!("{}.{:06}", event.ts_ns / 1_000_000_000, event.ts_ns / 1000 % 1_000_000);
        let (pid, cpu) = (event.pid, event.cpu);
        let again = match form {
            TraceForm::Tsv => format!("{time}\t{cpu:03}\t{comm}-{pid}\tmm_page_free\t{text}"),
            TraceForm::Perf => format!("{comm:>16} {pid:>6} [{cpu:03}] {time}: kmem:mm_page_free: page=0x1 {text}"),
            _ => format!("{comm:>16}-{pid:<7} [{cpu:03}] d.... {time}: mm_page_free: page=0x1 {text}"),
        };
        prop_assert_eq!(again, line);
    }

    /// Flags come back from their names, whatever bits there are.
    #[test]
    fn flags_come_back(bits in any::<u32>()) {
        let names = (GfpFlags(bits)).to_string();
        prop_assert_eq!(read_gfp(&names).expect("reads"), GfpFlags(bits));
        prop_assert_eq!(read_gfp(&format!("{bits:#x}")).expect("reads"), GfpFlags(bits));
    }

    /// Any text at all.
    #[test]
    fn any_text_is_read_or_explained(bytes in prop::collection::vec(any::<u8>(), 0..400), seed in any::<u64>()) {
        every_reader(&bytes, &mut Rng::new(seed, 0));
    }

    /// Any names and numbers where flags are expected.
    #[test]
    fn any_flags_are_read_or_explained(text in "(none|0x[0-9a-fg]{0,9}|_{0,2}GFP_[A-Z_]{0,12}|[|() é])*") {
        match read_gfp(&text) {
            Ok(flags) => prop_assert_eq!(read_gfp(&(flags).to_string()).expect("reads"), flags),
            Err(error) => prop_assert!(error.column as usize <= text.chars().count() + 1),
        }
    }
}
