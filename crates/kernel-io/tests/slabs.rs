//! Slabs as real kernels print them: `/proc/slabinfo` comes back to the byte, `slabtop` says the same of it as procps
//! does, and every mistake is named with its place.

use std::path::PathBuf;

use expect_test::{Expect, expect};
use kernel_io::*;
use mm::config::Arch;
use mm::slab_common::CacheArgs;
use mm::slub::Geometry;

fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn of_slab() -> SlabInfo {
    read_slabinfo(&data("custSLAB_256M_smp1/end_slabinfo.txt")).expect("reads")
}

#[test]
fn slabinfo_comes_back_to_the_byte() {
    for (file, caches) in
        [("amd64_256M_smp1/base_slabinfo.txt", 157), ("custSLAB_256M_smp1/end_slabinfo.txt", 136)]
    {
        let text = data(file);
        let info = read_slabinfo(&text).expect(file);
        assert_eq!((info.to_string(), info.rows.len()), (text, caches), "{file}");
    }
}

#[test]
fn slabinfo_has_every_field() {
    let info = of_slab();
    let row = info.rows.iter().find(|row| row.name == "dentry").expect("is there");
    let expected = SlabInfoRow {
        name: "dentry".into(),
        active_objs: 7881,
        num_objs: 8022,
        objsize: 192,
        objperslab: 21,
        pagesperslab: 1,
        limit: 120,
        batchcount: 60,
        sharedfactor: 0,
        active_slabs: 378,
        num_slabs: 382,
        sharedavail: 0,
    };
    assert_eq!((row, row.pages()), (&expected, 382));
}

/// A person pastes lines without the header, and with other spaces.
#[test]
fn lines_of_slabinfo_are_enough() {
    let line = "size-32(DMA) 0 0 32 113 1 : tunables 120 60 8 : slabdata 0 0 0\n";
    let info = read_slabinfo(line).expect("reads");
    assert_eq!(info.rows[0].name, "size-32(DMA)");
    assert_eq!(read_slabinfo(&format!("slabinfo - version: 2.0\n{line}")), Ok(info));
}

fn mistakes<T: std::fmt::Debug>(result: Result<T, Vec<ReadError>>, expected: Expect) {
    let errors = result.expect_err("has mistakes");
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn every_mistake_in_slabinfo_is_named_with_its_place() {
    mistakes(
        read_slabinfo(
            "\
slabinfo - version: 1.1
slabinfo - version:
dentry 1 2 192 21 1x : tunables 0 0 0 : slabdata 1 1 0
dentry 1 2 192 21
dentry 1 2 192 21 1 tunables 0 0 0 : slabdata 1 1 0
dentry 1 2 192 21 1 : tunables 0 0 0 : globalstat 1 1 0
dentry 1 2 192 21 1 : tunables 0 0 0
dentry 1 2 192 21 1 : tunables 0 0 0 : slabdata 1 1 0 : globalstat 1
dentry 1 2 -192 21 1 : tunables 0 0 0 : slabdata 1 1 99999999999999999999
MemTotal: 210716 kB
",
        ),
        expect![[r#"
            1:21: error: version 1.1 of the file: 2.0 or 2.1 is read
            2:20: error: expected a number
            3:19: error: expected a number, found `1x`
            4:18: error: expected a number
            5:21: error: expected `:`
            6:40: error: expected `slabdata`
            7:37: error: expected `:`
            8:55: error: expected a line of /proc/slabinfo (`NAME 1 1 64 64 1 : tunables … : slabdata …`), found `:`
            9:12: error: expected a number, found `-192`
            10:18: error: expected a number, found `kB`"#]],
    );
    mistakes(
        read_slabinfo("# name\n"),
        expect![
            "1:1: error: there is no line of /proc/slabinfo (`NAME 1 1 64 64 1 : tunables … : slabdata …`) here"
        ],
    );
}

#[test]
fn slabtop_is_what_procps_prints() {
    assert_eq!(
        slabtop(&of_slab(), SlabSort::default(), Procps::default()),
        data("custSLAB_256M_smp1/end_slabtop.txt")
    );
}

/// The names of the table, as the text has them.
fn names(text: &str) -> Vec<&str> {
    text.lines().skip(7).filter_map(|line| line.split_whitespace().last()).collect()
}

#[test]
fn slabtop_sorts_as_procps_does() {
    let (info, orders) = (of_slab(), data("custSLAB_256M_smp1/end_slabtop_orders.txt"));
    let mut letters = 0;
    for line in orders.lines().filter(|line| !line.starts_with('#')) {
        let (letter, expected) = line.split_once(' ').expect("a letter and names");
        let sort = letter.chars().next().and_then(SlabSort::from_letter).expect("a letter of procps");
        let text = slabtop(&info, sort, Procps::V4_0_2);
        assert_eq!(names(&text)[..24].join(" "), expected, "{letter}");
        letters += 1;
    }
    assert_eq!(letters, 10);
    assert_eq!(SlabSort::from_letter('U'), Some(SlabSort::Use));
    assert_eq!(SlabSort::from_letter('x'), None);
}

/// As procps 4.0.2 prints it for a file without caches, and for one with a cache that is empty; and percents that a
/// `float` has wrong.
#[test]
fn slabtop_of_next_to_nothing() {
    let top = |info: &SlabInfo| slabtop(info, SlabSort::Objects, Procps::V4_0_2);
    assert_eq!(
        top(&SlabInfo::default()),
        format!(
            "\
\x20Active / Total Objects (% used)    : 0 / 0 (-nan%)
 Active / Total Slabs (% used)      : 0 / 0 (-nan%)
 Active / Total Caches (% used)     : 0 / 0 (-nan%)
 Active / Total Size (% used)       : 0.00K / 0.00K (-nan%)
 Minimum / Average / Maximum Object : 2097152.00K / 0.00K / 0.00K

{:<78}
",
            "  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME"
        )
    );
    let row = |active_objs, num_objs| SlabInfoRow {
        name: "c".into(),
        active_objs,
        num_objs,
        objsize: 64,
        objperslab: 64,
        pagesperslab: 1,
        ..SlabInfoRow::default()
    };
    let one = top(&SlabInfo { rows: vec![row(0, 0)] });
    let lines: Vec<&str> = one.lines().map(str::trim_end).collect();
    assert_eq!(lines[2], " Active / Total Caches (% used)     : 0 / 1 (0.0%)");
    assert_eq!(lines[4], " Minimum / Average / Maximum Object : 0.06K / 0.00K / 0.06K");
    assert_eq!(lines[7], "     0      0   0%    0.06K      0       64         0K c");
    let half = top(&SlabInfo { rows: vec![row(53, 100)] });
    assert_eq!(half.lines().last().and_then(|line| line.split_whitespace().nth(2)), Some("52%"));
}

/// The table of the first article: its rows, with the bytes of an object that its hundredths of a KiB and the rules of
/// SLUB leave, come out again as they are printed there. It was procps 3.3.12, with its way to compute USE.
#[test]
fn slabtop_prints_the_articles_table() {
    let table = data("../../../mm/tests/data/slab/article_slabtop.txt");
    let table: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let row = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [objs, active, _, size, slabs, objects, cache_size, name] = words[..] else { panic!("{line}") };
        let number = |word: &str| word.trim_end_matches('K').parse::<u32>().expect("a number");
        let pages = number(cache_size) / number(slabs) / 4;
        let objsize = (8u32..=16384).step_by(8).find(|bytes| {
            let printed = format!("{:.2}K", f64::from(*bytes) / 1024.0);
            let geometry = Geometry::of(&CacheArgs::of_size(*bytes), 4, Arch::X86_64);
            let lies =
                geometry.is_some_and(|g| (u32::from(g.objects), g.order.pages()) == (number(objects), pages));
            printed == size && lies
        });
        SlabInfoRow {
            name: name.into(),
            active_objs: number(active).into(),
            num_objs: number(objs).into(),
            objsize: objsize.unwrap_or_else(|| panic!("{line}")),
            objperslab: number(objects),
            pagesperslab: pages,
            active_slabs: number(slabs).into(),
            num_slabs: number(slabs).into(),
            ..SlabInfoRow::default()
        }
    };
    let info = SlabInfo { rows: table.iter().map(row).collect() };
    let text = slabtop(&info, SlabSort::Objects, Procps::V3_3_12);
    // The article's page has one space where there were several.
    let ours: Vec<String> =
        text.lines().skip(7).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(ours, table);
}

#[test]
fn equal_caches_of_the_older_slabtop_come_last_first() {
    let row = |name: &str, num_objs| SlabInfoRow { name: name.into(), num_objs, ..SlabInfoRow::default() };
    let info = SlabInfo { rows: vec![row("a", 1), row("b", 2), row("c", 1)] };
    assert_eq!(names(&slabtop(&info, SlabSort::Objects, Procps::V4_0_2)), ["b", "a", "c"]);
    assert_eq!(names(&slabtop(&info, SlabSort::Objects, Procps::V3_3_12)), ["b", "c", "a"]);
}

#[test]
fn the_table_of_sysfs_has_caches_and_their_other_names() {
    let table = read_slab_table(&data("amd64_256M_smp1/base_slab_geometry_cut.tsv")).expect("reads");
    assert_eq!((table.caches.len(), table.links.len()), (22, 17));
    let cache = table.get("ip_dst_cache").expect("another name of a cache");
    let layout = SlabLayout {
        object_size: 176,
        slab_size: 192,
        objs_per_slab: 21,
        order: 0,
        min_partial: 5,
        cpu_partial: 120,
    };
    assert_eq!((cache.layout, cache.align, cache.aliases), (layout, 64, 6));
    assert_eq!((cache.objects, cache.slabs, cache.partial), (21, 1, 0));
    assert!(cache.hwcache_align && !cache.reclaim_account);
    assert_eq!(table.get("nobody"), None);
    mistakes(
        read_slab_table("cache\talign\torder\tobject_size\tslab_size\na\t1\t-\t8\t8\nb\t-> c\nb\t1\nd\n"),
        expect![[r#"
            2:10: error: expected a number for `objs_per_slab`
            4:1: error: `b` was there before
            5:2: error: expected a number for `object_size`"#]],
    );
    mistakes(
        read_slab_table("Node 0\n"),
        expect![
            "1:1: error: expected a line of a table of /sys/kernel/slab (`cache<tab>object_size<tab>…`), found `Node 0`"
        ],
    );
    mistakes(
        read_slab_table("\n"),
        expect![
            "1:1: error: there is no line of a table of /sys/kernel/slab (`cache<tab>object_size<tab>…`) here"
        ],
    );
}

#[test]
fn the_log_of_a_cache() {
    let log = read_slab_log(&data("cust_256M_smp1/slub_dynamics_cut.txt")).expect("reads");
    assert_eq!(log.len(), 18);
    let moment = &log[11];
    assert_eq!((moment.when.as_str(), moment.line), ("free_1_in_64", 12));
    assert_eq!((moment.objects, moment.total_objects, moment.slabs), (2588, 2624, 41));
    assert_eq!((moment.partial, moment.objects_partial), (36, 2268));
    assert_eq!((moment.cpu_slabs, moment.slabs_cpu_partial), (5, (4, 128)));
    assert_eq!((moment.layout.objs_per_slab, moment.layout.cpu_partial), (64, 120));
    mistakes(
        read_slab_log(
            "created\tobjects=x\ncreated\tobject_size=8\tslab_size=8\tobjs_per_slab=512\torder=0\tmin_partial=5\tcpu_partial=120\tobjects=0\n",
        ),
        expect![[r#"
            1:18: error: expected a number for `object_size`
            2:100: error: expected a number for `total_objects`"#]],
    );
    mistakes(
        read_slab_log("ka 0 0 pfn=3b3c off=0\n"),
        expect!["1:1: error: there is no line of a log of a cache (`WHEN<tab>objects=…<tab>slabs=…`) here"],
    );
}
