//! `mmscope twin` over what real kernels printed: every figure is equal, and a wrong one is found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Each folder of `data/truth` and its last line.
const FOLDERS: [(&str, &str); 5] = [
    ("amd64_256M_smp1_wl", "311 equal, 0 different, 0 skipped"),
    ("amd64_320M_3zones_smp1", "334 equal, 0 different, 0 skipped"),
    ("amd64_2048M_2nodes_smp4", "861 equal, 0 different, 0 skipped"),
    ("i386pae_1536M_smp1", "319 equal, 0 different, 0 skipped"),
    (
        "cust_256M_cma64M",
        "135 equal, 0 different, 1 skipped (1: the files were read one after the other, and meminfo or vmstat show that memory moved meanwhile)",
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
        ("55 equal, 0 different, 0 skipped", Some(0))
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

/// Each wrong value is found, and is the only one.
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
    for (file, right, value, line) in wrong {
        let dir = copy(&truth("amd64_256M_smp1_wl"), "wrong");
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
