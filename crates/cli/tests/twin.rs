//! `mmscope twin` over what real kernels printed: every figure is equal, and a wrong one is found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Each folder of `data/truth` and its last line.
const FOLDERS: [(&str, &str); 7] = [
    ("amd64_256M_smp1_wl", "502 equal, 0 different, 0 skipped"),
    ("amd64_320M_3zones_smp1", "340 equal, 0 different, 0 skipped"),
    ("amd64_2048M_2nodes_smp4", "1968 equal, 0 different, 0 skipped"),
    ("i386pae_1536M_smp1", "1319 equal, 0 different, 0 skipped"),
    (
        "amd64_256M_smp1_oom",
        "786 equal, 0 different, 4 skipped (4: CPUs keep the counters of zones and of nodes apart)",
    ),
    (
        "cust_256M_cma64M",
        "144 equal, 0 different, 1 skipped (1: the files were read one after the other, and meminfo or vmstat show that memory moved meanwhile)",
    ),
    (
        "custSLAB_256M_smp1",
        "755 equal, 0 different, 3 skipped (3: no dmesg says what was freed after the zones were set up)",
    ),
];

fn truth(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/truth").join(folder)
}

fn twin(dir: &Path) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_mmscope")).arg("twin").arg(dir).output();
    let output = output.expect("the binary starts");
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{}: {code:?} {}", dir.display(), stderr(&output));
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn last_line(output: &Output) -> String {
    stdout(output).lines().last().unwrap_or_default().to_owned()
}

/// A copy of a folder, to be spoiled. Each test has its own.
fn copy(folder: &Path, name: &str) -> PathBuf {
    fn all(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            let to = to.join(path.file_name().expect("a name"));
            if path.is_dir() {
                all(&path, &to);
            } else {
                fs::copy(&path, &to).expect("copies");
            }
        }
    }
    let to = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("twin_{name}"));
    let _ = fs::remove_dir_all(&to);
    all(folder, &to);
    to
}

fn edit(dir: &Path, file: &str, edit: impl Fn(&str) -> String) {
    let path = dir.join(file);
    let text = fs::read_to_string(&path).expect("a text");
    let edited = edit(&text);
    assert!(edited != text, "{file}: the edit changes something");
    fs::write(path, edited).expect("writes");
}

#[test]
fn every_figure_of_real_kernels_is_equal() {
    for (folder, expected) in FOLDERS {
        let output = twin(&truth(folder));
        assert_eq!((last_line(&output).as_str(), output.status.code()), (expected, Some(0)), "{folder}");
        assert!(stderr(&output).is_empty(), "{folder}");
    }
}

#[test]
fn a_line_is_file_field_kernel_engine() {
    let report = stdout(&twin(&truth("amd64_256M_smp1_wl")));
    for line in [
        "base/zoneinfo.txt\tNode 0 DMA32 min\t412\t412",
        "base/zoneinfo.txt\tNode 0 DMA protection\t(0, 180, 180, 180, 180)\t(0, 180, 180, 180, 180)",
        "base/zoneinfo.txt\tNode 0 DMA32 cpu 0 high\t515\t515",
        "base/sysctl_vm.txt\tmin_free_kbytes\t1791\t1791",
        "base/meminfo.txt\tMemTotal\t210716\t210716",
        // The counter of free pages is off by what the CPU keeps to itself.
        "end/zoneinfo.txt\tNode 0 DMA nr_free_pages\t3590\t3592, at most 2 off",
        // Huge pages were switched on in between.
        "end/zoneinfo.txt\tNode 0 DMA32 min\t2410\t2410",
        "wl/n_sysctl_watermarks.txt\twatermark_scale_factor=50 (min_free_kbytes restored): Node 0 DMA32 low\t658\t658",
        "wl/n_sysctl_watermarks.txt\t64 64 32 0 0: Node 0 DMA protection\t(0, 763, 763, 763, 763)\t(0, 763, 763, 763, 763)",
        "wl/n_sysctl_watermarks.txt\tpercpu_pagelist_high_fraction=8: Node 0 DMA32 cpu 0 high\t6104\t6104",
    ] {
        assert!(report.lines().any(|found| found == line), "missing: {line}");
    }
}

#[test]
fn a_plain_folder_of_proc_files_is_one_moment() {
    let dir = copy(&truth("amd64_256M_smp1_wl").join("base"), "plain");
    for entry in fs::read_dir(&dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        fs::rename(&path, path.with_extension("")).expect("renames");
    }
    let output = twin(&dir);
    assert_eq!(
        (last_line(&output).as_str(), output.status.code()),
        ("58 equal, 0 different, 0 skipped", Some(0))
    );
    assert!(stdout(&output).starts_with("zoneinfo\tNode 0 DMA min\t34\t34\n"));
    // Somebody has read the ratio before the zones: then the reserves are those of today's pages.
    edit(&dir, "zoneinfo", |text| text.replace("(0, 180, 180, 180, 180)", "(0, 190, 190, 190, 190)"));
    fs::remove_file(dir.join("meminfo")).expect("removes");
    assert!(twin(&dir).status.success());
    // Without the kernel's log much is not known, but nothing is wrong.
    fs::remove_file(dir.join("dmesg")).expect("removes");
    let output = twin(&dir);
    assert!(last_line(&output).contains("no dmesg says what was freed"), "{}", last_line(&output));
    assert!(output.status.success());
}

/// Each wrong value is found: the line of the figure, and the exit code.
fn finds(folder: &str, name: &str, wrong: &[(&str, &str, &str, &str)]) {
    for (file, right, value, line) in wrong {
        let dir = copy(&truth(folder), name);
        edit(&dir, file, |text| text.replacen(right, value, 1));
        let output = twin(&dir);
        let different: Vec<String> =
            stdout(&output).lines().filter(|line| line.ends_with("\tdifferent")).map(str::to_owned).collect();
        assert!(
            different.iter().any(|found| found.starts_with(file) && found.contains(line)),
            "{file}: {value}: {different:?}"
        );
        assert_eq!(output.status.code(), Some(1), "{file}: {value}");
        assert!(!last_line(&output).contains(" 0 different"), "{file}: {value}");
    }
}

#[test]
fn a_wrong_value_is_different() {
    let wrong = [
        ("base/zoneinfo.txt", "        min      412", "        min      413", "Node 0 DMA32 min\t413\t412"),
        ("base/zoneinfo.txt", "        high     618", "        high     617", "Node 0 DMA32 high\t617\t618"),
        (
            "base/zoneinfo.txt",
            "(0, 180, 180, 180, 180)",
            "(0, 180, 181, 180, 180)",
            "(0, 180, 180, 180, 180)",
        ),
        ("base/zoneinfo.txt", "high:  515", "high:  516", "Node 0 DMA32 cpu 0 high\t516\t515"),
        ("base/zoneinfo.txt", "batch: 15", "batch: 31", "Node 0 DMA32 cpu 0 batch\t31\t15"),
        ("base/zoneinfo.txt", "threshold: 4", "threshold: 5", "Node 0 DMA32 cpu 0 vm stats threshold\t5\t4"),
        ("base/zoneinfo.txt", "spanned  4095", "spanned  4096", "Node 0 DMA spanned\t4096\t4095"),
        (
            "base/zoneinfo.txt",
            "start_pfn:           1\n",
            "start_pfn:           2\n",
            "Node 0 DMA start_pfn\t2\t1",
        ),
        ("base/sysctl_vm.txt", "min_free_kbytes:1791", "min_free_kbytes:1792", "min_free_kbytes\t1792\t1791"),
        ("base/meminfo.txt", "210716 kB", "210720 kB", "MemTotal\t210720\t210716"),
        ("base/thp.txt", "madvise [never]", "[madvise] never", "enabled\ton\tnever"),
        (
            "end/zoneinfo.txt",
            "        low      3012",
            "        low      3013",
            "Node 0 DMA32 low\t3013\t3012",
        ),
        ("wl/n_sysctl_watermarks.txt", "promo=30", "promo=31", "(18, 22, 26, 31)\t(18, 22, 26, 30)"),
        ("wl/n_sysctl_watermarks.txt", "high:  6104", "high:  6105", "Node 0 DMA32 cpu 0 high\t6105\t6104"),
        ("wl/h_frag_random_half_compact.txt", " 0.324 0.324 ", " 0.324 0.325 ", "0.240 0.324 0.324"),
    ];
    finds("amd64_256M_smp1_wl", "wrong", &wrong);
}

#[test]
fn a_wrong_value_of_slub_is_different() {
    finds(
        "amd64_2048M_2nodes_smp4",
        "wrong_slub",
        &[
            ("base/slab_geometry.tsv", "\t1216\t26\t3", "\t1216\t27\t3", "\t1216 27 3 5 24\t1216 26 3 5 24"),
            ("base/slab_geometry.tsv", "\t1216\t26\t3", "\t1280\t26\t3", "\t1280 26 3 5 24\t1216 26 3 5 24"),
            (
                "base/slab_geometry.tsv",
                "\t8\t3\t6\t6\t4096",
                "\t8\t3\t5\t6\t4096",
                "\t4096 8 3 5 6\t4096 8 3 6 6",
            ),
            ("base/slab_geometry.tsv", "\t8\t3\t6\t6\t4096", "\t8\t3\t6\t6\t8", "align\t8\t4096"),
            ("base/slab_geometry.tsv", "-> :a-0000096", "-> :a-0000104", ":a-0000104 aliases\t"),
            (
                "base/slab_geometry.tsv",
                "\t12390\t590\t0",
                "\t12391\t590\t0",
                "dentry objects\t12391\t12390 to 12390",
            ),
            (
                "base/slabinfo.txt",
                "   1216   26    8",
                "   1216   25    8",
                "\t1216 25 8 0 0 0\t1216 26 8 0 0 0",
            ),
            (
                "base/slabinfo.txt",
                "11592  11592    192",
                "11592  11593    192",
                "dentry num_objs\t11593\t11592",
            ),
            (
                "base/slabinfo.txt",
                "    552    552 ",
                "    551    552 ",
                "\t11592 551 0\tat most 11592, 552, 0",
            ),
            (
                "base/meminfo.txt",
                "SUnreclaim:         9056",
                "SUnreclaim:         5056",
                "SUnreclaim of slabinfo\t5056",
            ),
            (
                "base/meminfo.txt",
                "SReclaimable:       9848",
                "SReclaimable:       4848",
                "Slab\t18904\t13904",
            ),
            ("base/meminfo.txt", "34359738367", "34359738368", "VmallocTotal\t34359738368\t34359738367"),
        ],
    );
    finds(
        "amd64_256M_smp1_wl",
        "wrong_slub",
        &[
            ("wl/m_slub_dynamics.txt", "objects=2716", "objects=2717", "64 B free_1_in_64: total_objects"),
            ("wl/m_slub_dynamics.txt", "=128(4)", "=127(4)", "\t2752 2716 127(4)\t2752 2716 128(4)"),
            ("wl/m_slub_dynamics.txt", "cpu_slabs=5", "cpu_slabs=6", "cpu_slabs\t6\t4 to 5"),
            ("wl/m_slub_dynamics.txt", "cpu_partial=120", "cpu_partial=30", "\t64 64 0 5 30\t64 64 0 5 120"),
        ],
    );
}

#[test]
fn a_wrong_value_of_slab_is_different() {
    finds(
        "custSLAB_256M_smp1",
        "wrong_slab",
        &[
            // Classic SLAB aligns kmalloc's objects to cache lines.
            (
                "base/slabinfo.txt",
                "224    224    128   32    1",
                "224    224     96   42    1",
                "kmalloc-96 objsize",
            ),
            ("base/slabinfo.txt", "    712   11    2", "    712   10    2", "shmem_inode_cache objsize"),
            ("base/slabinfo.txt", ": tunables   54   27", ": tunables   54   28", "kioctx objsize"),
            ("base/slabinfo.txt", "     12     13 ", "     14     13 ", "\t768 14 0\t"),
            ("base/slabinfo.txt", "   7602   7602 ", "   7603   7602 ", "\t7603 362 0\t362 to 7602"),
            ("base/meminfo.txt", "Slab:               9024", "Slab:               8024", "Slab\t8024\t9024"),
            (
                "wl/m_slabinfo_dynamics.txt",
                "124    128 ",
                "124    129 ",
                "alloc_100: mmt_64 num_objs\t129\t128",
            ),
        ],
    );
}

/// Without the zones nobody knows how many CPUs there are, and the layouts depend on it.
#[test]
fn slabs_of_an_unknown_machine_are_skipped() {
    let dir = copy(&truth("amd64_2048M_2nodes_smp4").join("base"), "slabs_alone");
    for entry in fs::read_dir(&dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("slab")) {
            fs::remove_file(path).expect("removes");
        }
    }
    let output = twin(&dir);
    assert_eq!(
        (last_line(&output).as_str(), output.status.code()),
        (
            "0 equal, 0 different, 2 skipped (2: no zoneinfo of the first moment says what machine it is)",
            Some(0)
        )
    );
}

#[test]
fn what_is_broken_is_named_with_its_place() {
    let dir = copy(&truth("amd64_256M_smp1_wl"), "broken");
    edit(&dir, "base/zoneinfo.txt", |text| text.replacen("min      34", "min      x", 1));
    edit(&dir, "end/meminfo.txt", |text| text.replacen("MemTotal:", "MemTotal", 1));
    let output = twin(&dir);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "base/zoneinfo.txt:48:18: error: expected a number, found `x`\n\
         end/meminfo.txt:1:1: error: expected a line of /proc/meminfo (`MemTotal: … kB`), found `MemTotal         210716 …`\n"
    );
    let nowhere = truth("no such folder");
    assert!(stderr(&twin(&nowhere)).starts_with(&format!("{}: error: ", nowhere.display())));
    let empty = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("twin_empty");
    fs::create_dir_all(&empty).expect("a folder");
    assert!(stderr(&twin(&empty)).contains("no figure can be derived"));
}

/// Files that are cut anywhere, that are something else, or are missing: a report or an error, never a panic.
#[test]
fn no_file_makes_it_panic() {
    let source = truth("amd64_2048M_2nodes_smp4");
    let mut files: Vec<PathBuf> = Vec::new();
    for part in ["base", "wl"] {
        let entries = fs::read_dir(source.join(part)).expect("a folder");
        files.extend(entries.map(|entry| Path::new(part).join(entry.expect("an entry").file_name())));
    }
    for file in files {
        let dir = copy(&source, "cut");
        let path = dir.join(&file);
        let bytes = fs::read(&path).expect("bytes");
        for cut in [0, 1, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..cut]).expect("writes");
            twin(&dir);
        }
        let nines: Vec<u8> = bytes.iter().map(|b| if b.is_ascii_digit() { b'9' } else { *b }).collect();
        for other in [nines, b"\xff\xfe\0 99999999999999999999".to_vec()] {
            fs::write(&path, other).expect("writes");
            twin(&dir);
        }
        fs::remove_file(&path).expect("removes");
        twin(&dir);
    }
}

#[test]
fn a_wrong_figure_of_a_kill_is_found() {
    finds(
        "amd64_256M_smp1_oom",
        "oom",
        &[
            ("oom/oom0_0.txt", "862\t0\t61768", "863\t0\t61768", "C60 oom_score"),
            // By its row another one is worse.
            ("oom/oom0_0.txt", "10878    10360", "10878    16360", "victim"),
            ("oom/oom1_0.txt", "pid=180,uid=0", "pid=181,uid=0", "oom-kill"),
            ("oom/oom1_0.txt", "anon-rss:20340kB", "anon-rss:20344kB", "anon-rss + file-rss + shmem-rss"),
            ("oom/oom1_0.txt", "pgtables:80kB", "pgtables:84kB", "pgtables"),
            ("oom/oom0_1.txt", "= 892kB", "= 896kB", "Node 0 DMA free blocks"),
            ("oom/oom0_1.txt", "1*16kB (M)", "1*16kB", "Node 0 DMA types"),
            ("oom/oom0_1.txt", "free:634 free_pcp", "free:635 free_pcp", "Mem-Info free"),
            ("oom/oom0_1.txt", "min:3696kB", "min:3692kB", "Node 0 DMA32 min"),
            ("oom/oom0_1.txt", "0 190 190", "0 180 190", "Node 0 DMA lowmem_reserve"),
            ("oom/oom0_1.txt", "65400 pages RAM", "65401 pages RAM", "pages RAM"),
            ("oom/oom9_1.txt", "inactive_anon:169072kB", "inactive_anon:179072kB", "Mem-Info inactive_anon"),
            ("oom/memcg_oom.txt", "5758     5295", "5758      295", "victim"),
            ("oom/memcg_oom.txt", "memory.max=40M", "memory.max=41M", "memory limit"),
            ("oom/memcg_oom.txt", "usage 40960kB", "usage 40956kB", "memory usage"),
            ("oom/memcg_oom.txt", "kernel 258048", "kernel 253952", "anon + file + kernel"),
            ("oom/memcg_oom.txt", "oom_kill 1", "oom_kill 2", "oom_kill"),
            ("oom/memcg_oom.txt", "max 245", "max 238", "max"),
            ("oom/memcg_oom.txt", "oom_memcg=/g", "oom_memcg=/h", "oom_memcg"),
            ("oom/memcg_oom.txt", "283\n287", "283\n285", "who is left"),
        ],
    );
}
