//! `mmscope replay` over what real kernels did: every event is predicted, and a wrong figure is found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Each window, and its last line.
const WINDOWS: [(&str, &str); 14] = [
    ("amd64_256M_smp1/win_idle", "events=2 predicted=2"),
    ("amd64_256M_smp1/win_hugetlb", "events=34 predicted=34"),
    ("amd64_256M_smp1/win_kbuddy0", "events=187 predicted=187"),
    ("amd64_256M_smp1/win_kbuddy1", "events=9591 predicted=9591"),
    ("amd64_256M_smp1/win_kbuddy3", "events=31880 predicted=31880"),
    ("amd64_256M_smp1/win_kbuddy4", "events=351 predicted=351"),
    ("amd64_256M_smp1/win_dentry", "events=627 predicted=627"),
    ("amd64_256M_smp1/win_fork", "events=5658 predicted=5658"),
    ("amd64_1024M_smp1_thp/win_thp", "events=50 predicted=50"),
    ("i386pae_1536M_smp1/win_kbuddy1", "events=7219 predicted=7219"),
    ("cust_256M_smp1/win_kbuddy0", "events=237 predicted=237"),
    ("cust_256M_cma64M/win_kbuddy1", "events=9526 predicted=9526"),
    ("amd64_320M_3zones_smp1/win_kbuddy1", "events=8519 predicted=8519"),
    ("amd64_256M_smp1_boot/boot", "events=34304 predicted=34304"),
];

fn window(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/windows").join(name)
}

fn mmscope(args: &[&Path]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_mmscope")).arg("replay").args(args).output();
    output.expect("the binary starts")
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

/// How many anomalies the last line counts.
fn anomalies(output: &Output) -> u32 {
    let line = last_line(output);
    let count = line.rsplit_once("anomalies=").and_then(|(_, count)| count.parse().ok());
    count.unwrap_or_else(|| panic!("`{line}` counts no anomalies; {}", stderr(output)))
}

/// A copy of a window called `copy`, its lists at the start changed.
fn changed(name: &str, copy: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(copy);
    let file = "before_lists.txt";
    fs::create_dir_all(&dir).expect("a folder");
    for entry in fs::read_dir(window(name)).expect("the window") {
        let path = entry.expect("an entry").path();
        let to = dir.join(path.file_name().expect("a name"));
        fs::copy(&path, to).expect("a copy");
    }
    let text = fs::read_to_string(dir.join(file)).expect("a text");
    let other = change(&text);
    assert_ne!(text, other, "the change changes nothing");
    fs::write(dir.join(file), other).expect("a changed file");
    dir
}

#[test]
fn every_event_of_every_window_is_predicted() {
    for (name, counts) in WINDOWS {
        let output = mmscope(&[&window(name)]);
        assert_eq!(last_line(&output), format!("A=yes B=yes C=yes {counts} anomalies=0"), "{name}");
        assert_eq!(output.status.code(), Some(0), "{name}");
    }
}

/// Another size of the per-CPU lists, and the predictions are wrong, though the end is right: the trace is followed.
#[test]
fn a_wrong_size_is_found_on_the_way() {
    for (from, to) in [("batch=15", "batch=7"), ("high=515", "high=512")] {
        let wrong = |text: &str| {
            let at = text.rfind(from).unwrap_or(0);
            format!("{}{to}{}", &text[..at], text.get(at + from.len()..).unwrap_or_default())
        };
        let dir = changed("amd64_256M_smp1/win_kbuddy1", to, wrong);
        let output = mmscope(&[&dir]);
        assert!(anomalies(&output) > 0, "{to}: {}", stdout(&output));
        assert_eq!(output.status.code(), Some(1), "{to}");
    }
}

/// Two blocks of a list the wrong way round.
#[test]
fn a_wrong_order_is_found() {
    let dir = changed("amd64_256M_smp1/win_kbuddy3", "wrong order", |text| {
        let line = text.lines().find(|line| line.starts_with("F 10 1:") && line.split(' ').count() > 6);
        let Some(line) = line else { return String::from("-") };
        let mut words: Vec<&str> = line.split(' ').collect();
        words.swap(3, 4);
        text.replace(line, &words.join(" "))
    });
    let output = mmscope(&[&dir]);
    assert_eq!(output.status.code(), Some(1));
    assert!(anomalies(&output) > 0);
}

/// The first place of an anomaly is a line of the trace.
#[test]
fn an_anomaly_has_its_place() {
    let dir = window("amd64_256M_smp1/win_kbuddy0");
    let unpacked = Command::new("gzip").arg("-dc").arg(dir.join("trace.tsv.gz")).output().expect("gzip");
    let text = String::from_utf8(unpacked.stdout).expect("text");
    let (number, line) =
        (1u32..).zip(text.lines()).filter(|(_, l)| l.contains("mm_page_alloc\t")).nth(3).expect("an event");
    let pfn = line.split("pfn=").nth(1).and_then(|rest| rest.split(' ').next()).expect("its frame");
    let wrong = text.replacen(line, &line.replace(pfn, "0x7c00"), 1);
    let trace = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wrong_trace.tsv");
    fs::write(&trace, wrong).expect("a changed trace");
    let args: [&Path; 5] = [
        &trace,
        Path::new("--before"),
        &dir.join("before_lists.txt"),
        Path::new("--after"),
        &dir.join("after_lists.txt"),
    ];
    let output = mmscope(&args);
    assert_eq!(output.status.code(), Some(1));
    let first = stdout(&output).lines().next().unwrap_or_default().to_owned();
    let place = format!(", first at line {number}");
    assert!(first.starts_with("handed: ") && first.ends_with(&place), "{}", stdout(&output));
}

#[test]
fn what_cannot_be_read_is_said_in_one_line() {
    let nowhere = mmscope(&[Path::new("/nowhere/at/all")]);
    assert_eq!(nowhere.status.code(), Some(2), "a plain trace needs --before");
    let dir = changed("amd64_256M_smp1/win_idle", "nonsense", |_| "Z nonsense\n".into());
    let output = mmscope(&[&dir]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("before_lists.txt:1:"), "{}", stderr(&output));
    let empty = changed("amd64_256M_smp1/win_idle", "not packed", |text| format!("{text}\n"));
    fs::write(empty.join("trace.tsv.gz"), b"not packed at all").expect("a file");
    let output = mmscope(&[&empty]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
}
