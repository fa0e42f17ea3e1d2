//! The files of real kernels, byte for byte: the dump of their free lists is read, and what the machine prints must
//! be what the kernel printed.

use std::path::PathBuf;

use kernel_io::{
    PcpListDump, buddyinfo, extfrag_index, pagetypeinfo, read_buddyinfo, read_kpf_free, read_lists,
    unusable_index, write_lists,
};
use mm::{Config, Machine};

fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A machine as `<moment>_lists.txt` has it; the custom kernels have CMA even where no block of it is.
fn machine(moment: &str) -> Machine {
    let dump = read_lists(&data(&format!("{moment}_lists.txt"))).expect("a dump without mistakes");
    let config = Config { cma: moment.starts_with("cust_"), ..dump.config() };
    let machine = Machine::boot(&config).expect("what was read makes a machine");
    // Reading all of a large machine again and again would tell nothing new.
    if machine.end().0 < 1 << 18 {
        machine.check().expect("the laws hold");
    }
    for (zone, dump) in machine.zones().iter().zip(&dump.zones) {
        assert_eq!(zone.present, dump.present, "{moment} {}", zone.kind.name());
        assert_eq!(zone.managed, dump.managed, "{moment} {}", zone.kind.name());
        assert_eq!(zone.nr_free_pages, dump.free_pages(), "{moment} {}", zone.kind.name());
    }
    machine
}

const MOMENTS: [&str; 9] = [
    "amd64_256M_smp1/kbuddy4_before",
    "amd64_256M_smp1/kbuddy4_after",
    "amd64_256M_smp1/fragfree_before",
    "amd64_320M_3zones_smp1/idle_before",
    "amd64_320M_3zones_smp1/kbuddy3_before",
    "amd64_6144M_smp1/idle_before",
    "cust_256M_cma64M/idle_before",
    "cust_256M_smp1/kbuddy1_before",
    "i386pae_1536M_smp1/idle_before",
];

/// What the kernel module printed comes out again, per-CPU lists of four CPUs and two nodes included.
#[test]
fn dumps_are_printed_as_they_were() {
    let moments = MOMENTS.into_iter().chain(["amd64_2048M_2nodes_smp4/base"]);
    for moment in moments {
        let text = data(&format!("{moment}_lists.txt"));
        let dump = read_lists(&text).expect("a dump without mistakes");
        assert!(write_lists(&dump) == text, "{moment}");
        for zone in &dump.zones {
            // The counter lags behind the lists by less than what one CPU may keep to itself.
            let free = zone.numbers.free.expect("is counted").0;
            assert!(free.abs_diff(zone.free_pages().0) <= 32, "{moment}: {free}");
            let pages = |list: &PcpListDump| (list.pfns.len() as u32) << list.order().get();
            for numbers in &zone.pcp_numbers {
                let lists = zone.pcp_lists.iter().filter(|list| list.cpu == numbers.cpu);
                assert_eq!(numbers.count, Some(lists.map(pages).sum()), "{moment} CPU {}", numbers.cpu);
            }
        }
    }
}

#[test]
fn two_nodes_make_a_machine() {
    let machine = machine("amd64_2048M_2nodes_smp4/base");
    let nodes: Vec<_> = machine.zones().iter().map(|zone| (zone.node, zone.kind.name())).collect();
    assert_eq!(nodes, [(0, "DMA"), (0, "DMA32"), (1, "DMA32")]);
}

/// The page flags of a kernel that marks every frame of a free block, and the lists at the same moment.
#[test]
fn free_frames_are_those_on_the_lists() {
    let free = read_kpf_free(&data("i386pae_1536M_smp1/idle_before_kpf_free.txt")).expect("reads");
    let dump = read_lists(&data("i386pae_1536M_smp1/idle_before_lists.txt")).expect("reads");
    let mut listed = 0;
    for (order, _, pfns) in dump.zones.iter().flat_map(|zone| &zone.lists) {
        for pfn in pfns {
            listed += u64::from(order.pages());
            assert!((0..order.pages()).all(|i| free.contains(pfn.plus(i))), "{:#x}", pfn.0);
        }
    }
    assert_eq!(free.pages().0, listed);
}

#[test]
fn buddyinfo_is_the_kernels() {
    for moment in MOMENTS {
        assert_eq!(buddyinfo(&machine(moment)), data(&format!("{moment}_buddyinfo.txt")), "{moment}");
    }
}

#[test]
fn pagetypeinfo_is_the_kernels() {
    for moment in MOMENTS {
        let (ours, mut theirs) =
            (pagetypeinfo(&machine(moment)), data(&format!("{moment}_pagetypeinfo.txt")));
        if moment.starts_with("i386pae") {
            // HighMem begins inside a pageblock (frame 0x36ffe). With FLATMEM each zone has its own bits for the
            // halves of that pageblock, and HighMem's were never set, so they say Unmovable. The dump has one
            // digit for both, Normal's. It cannot be known from it.
            let known = "Node 0, zone  HighMem            5          323 ";
            assert!(theirs.contains(known));
            theirs = theirs.replace(known, "Node 0, zone  HighMem            4          324 ");
        }
        assert_eq!(ours, theirs, "{moment}");
    }
}

/// The counts and the indices that one kernel printed side by side (amd64_256M_smp1_wl, h_frag_random_half).
#[test]
fn the_indices_are_the_kernels() {
    let counts = "\
Node 0, zone      DMA    155     57     15      2      2      1      1      2      1      0      2 
Node 0, zone    DMA32   7903   2788    450     21      1      4      3      4      2      1      1 
";
    let machine = Machine::boot(&read_buddyinfo(counts).expect("reads").config()).expect("boots");
    assert_eq!(buddyinfo(&machine), counts);
    assert_eq!(
        extfrag_index(&machine),
        "\
Node 0, zone      DMA -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 
Node 0, zone    DMA32 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 
"
    );
    assert_eq!(
        unusable_index(&machine),
        "\
Node 0, zone      DMA 0.000 0.051 0.088 0.108 0.113 0.124 0.134 0.155 0.240 0.324 0.324 
Node 0, zone    DMA32 0.000 0.430 0.734 0.832 0.842 0.842 0.849 0.860 0.888 0.916 0.944 
"
    );
}

/// Facts 05 section 3: an index that is negative, but not -1000, is printed as two signed numbers.
#[test]
fn one_block_just_too_small_prints_the_kernels_quirk() {
    let info = read_buddyinfo("Node 0, zone Normal 0 0 0 0 0 0 0 0 1").expect("reads");
    let machine = Machine::boot(&info.config()).expect("boots");
    assert_eq!(
        extfrag_index(&machine),
        "Node 0, zone   Normal -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000 -1.000  0.-500  0.-250 \n"
    );
    assert_eq!(
        unusable_index(&machine),
        "Node 0, zone   Normal 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 0.000 1.000 1.000 \n"
    );
}

/// The kernel stops counting a list at 100,000 blocks and marks the number.
#[test]
fn a_long_list_is_capped() {
    let info = read_buddyinfo("Node 0, zone Normal 100001 99999").expect("reads");
    let machine = Machine::boot(&info.config()).expect("boots");
    let text = pagetypeinfo(&machine);
    assert!(text.contains("type      Movable >100000  99999      0 "), "{text}");
    assert!(buddyinfo(&machine).starts_with("Node 0, zone   Normal 100001  99999      0 "));
}
