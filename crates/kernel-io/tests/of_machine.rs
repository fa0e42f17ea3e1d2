//! What is written from a machine that stands where a real kernel stood: the kernel's own figures.

use kernel_io::{
    ListsDump, Replay, ZoneInfo, page_allocation_failure, read_lists, read_zoneinfo, write_lists,
};
use mm::gfp::GfpFlags;
use mm::{CpuId, Machine};

fn machine(lists: &str, cma: bool) -> Machine {
    let dump = read_lists(lists).expect("a dump");
    Machine::boot(&dump.replayed(&Replay::default(), cma)).expect("a machine")
}

/// Two nodes and four CPUs: every figure of a zone that is not a counter of LRU lists.
#[test]
fn zoneinfo_of_two_nodes() {
    let lists = include_str!("data/amd64_2048M_2nodes_smp4/base_lists.txt");
    let kernel =
        read_zoneinfo(include_str!("data/amd64_2048M_2nodes_smp4/base_zoneinfo.txt")).expect("zoneinfo");
    let ours = ZoneInfo::of(&machine(lists, false));
    assert_eq!(ours.zones.len(), kernel.zones.len());
    for (ours, kernel) in ours.zones.iter().zip(&kernel.zones) {
        let place = format!("node {} {:?}", kernel.node, kernel.kind);
        assert_eq!((ours.node, ours.kind), (kernel.node, kernel.kind));
        let (a, b) = (&ours.pages, &kernel.pages);
        assert_eq!([a.boost, a.min, a.low, a.high], [b.boost, b.min, b.low, b.high], "{place}");
        assert_eq!([a.spanned, a.present, a.managed], [b.spanned, b.present, b.managed], "{place}");
        assert_eq!(ours.populated.is_some(), kernel.populated.is_some(), "{place}");
        for (ours, kernel) in ours.populated.iter().zip(&kernel.populated) {
            assert_eq!(ours.start_pfn, kernel.start_pfn, "{place}");
            for (ours, kernel) in ours.pagesets.iter().zip(&kernel.pagesets) {
                let figures = |set: &kernel_io::PageSet| (set.cpu, set.high, set.batch, set.stat_threshold);
                assert_eq!(figures(ours), figures(kernel), "{place}");
            }
        }
    }
}

/// What is read of a dump comes out of the machine as it went in.
#[test]
fn lists_go_through_a_machine() {
    for (lists, cma) in [
        (include_str!("data/amd64_256M_smp1/kbuddy4_before_lists.txt"), false),
        (include_str!("data/amd64_320M_3zones_smp1/kbuddy3_before_lists.txt"), false),
        (include_str!("data/amd64_2048M_2nodes_smp4/base_lists.txt"), false),
        (include_str!("data/i386pae_1536M_smp1/idle_before_lists.txt"), false),
        (include_str!("data/cust_256M_cma64M/idle_before_lists.txt"), true),
    ] {
        let dump = read_lists(lists).expect("a dump");
        let machine = machine(lists, cma);
        machine.check().expect("the laws");
        let mut ours = ListsDump::of(&machine);
        ours.buffer = dump.buffer;
        // The counter lags behind the lists by what the CPUs have not added yet.
        for (ours, kernel) in ours.zones.iter_mut().zip(&dump.zones) {
            ours.numbers.free = kernel.numbers.free;
        }
        assert_eq!(write_lists(&ours), lists);
    }
}

#[test]
fn a_failed_request_is_reported() {
    let machine = machine(include_str!("data/amd64_256M_smp1/kbuddy4_before_lists.txt"), false);
    let report = |gfp| page_allocation_failure(&machine, "buf", 10, gfp, CpuId(0), None);
    let text = report(GfpFlags::GFP_KERNEL | GfpFlags::COMP).expect("a report");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "buf: page allocation failure: order:10, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)"
    );
    let dma = "Node 0 DMA free:15232kB boost:0kB min:136kB low:168kB high:200kB reserved_highatomic:0KB";
    assert!(text.contains(dma), "{text}");
    let blocks = "Node 0 DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 1*128kB (U) 1*256kB (U) 1*512kB (U) 0*1024kB \
                  1*2048kB (M) 3*4096kB (M) = 15232kB";
    assert!(text.contains(blocks), "{text}");
    assert_eq!(report(GfpFlags::GFP_KERNEL | GfpFlags::NOWARN), None);
}
