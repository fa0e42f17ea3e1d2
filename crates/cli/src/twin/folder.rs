//! The files of a folder, read.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use kernel_io::{
    BootLog, Numbers, PageTypeInfo, ReadError, SlabInfo, SlabTable, SysctlStep, ZoneInfo, ZoneRow,
    read_free_rows, read_index_rows, read_meminfo, read_pagetypeinfo, read_slab_table, read_slabinfo,
    read_sysctl_log, read_sysctl_vm, read_vmstat, read_zoneinfo,
};

use super::report::Report;
use crate::failure::Failure;

/// No file of a kernel that is read here is near as large: 16 MiB.
const MOST: u64 = 16 << 20;

/// All that is compared.
pub struct Folder {
    /// Its name as it was given.
    pub shown: String,
    /// In the order of time, as far as it is known.
    pub moments: Vec<Moment>,
    /// The log of writes to `/proc/sys/vm` (`wl/n_*`).
    pub log: Option<Log<Vec<SysctlStep>>>,
    /// The logs of fragmentation (`wl/h_*`), as texts.
    pub frag_logs: Vec<Log<String>>,
    /// The logs of a cache (`wl/m_*`), as texts.
    pub slab_logs: Vec<Log<String>>,
    /// The logs of processes that were killed (`oom/`), as texts.
    pub oom_logs: Vec<Log<String>>,
    /// Whether huge pages were switched on between the first and the last moment (`wl/j_thp_*`).
    pub thp_was_switched: bool,
}

/// A workload's file.
pub struct Log<T> {
    /// Its name as it is printed.
    pub file: String,
    /// What it says.
    pub content: T,
}

/// What was read at one moment.
#[derive(Default)]
pub struct Moment {
    /// The folder's name with `/` behind it, or nothing.
    prefix: String,
    /// The files that are there, as they are called.
    names: Vec<String>,
    /// Whether it is the first: right after boot.
    pub is_first: bool,
    /// Whether it is `end`: after all workloads.
    pub is_last: bool,
    /// `/proc/zoneinfo`
    pub zoneinfo: Option<ZoneInfo>,
    /// `/proc/buddyinfo`
    pub buddyinfo: Option<Vec<ZoneRow<u64>>>,
    /// `/proc/pagetypeinfo`
    pub pagetypeinfo: Option<PageTypeInfo>,
    /// `/proc/meminfo`
    pub meminfo: Option<Numbers>,
    /// `/proc/vmstat`
    pub vmstat: Option<Numbers>,
    /// The files of `/proc/sys/vm`
    pub sysctl: Option<Numbers>,
    /// `extfrag_index`
    pub extfrag: Option<Vec<ZoneRow<String>>>,
    /// `unusable_index`
    pub unusable: Option<Vec<ZoneRow<String>>>,
    /// `/proc/slabinfo`
    pub slabinfo: Option<SlabInfo>,
    /// The files of `/sys/kernel/slab`
    pub slab_table: Option<SlabTable>,
    /// The kernel's log.
    pub dmesg: Option<BootLog>,
    /// `/proc/iomem`
    pub iomem: Option<String>,
    /// `/proc/cpuinfo`
    pub cpuinfo: Option<String>,
    /// What `/sys/devices/system/node` says.
    pub numa: Option<String>,
    /// The files of `/sys/kernel/mm/transparent_hugepage`
    pub thp: Option<String>,
}

impl Folder {
    /// Reads a folder of moments, or one that is a moment.
    ///
    /// # Errors
    /// When it cannot be read at all. What is wrong in a file goes to the report.
    pub fn open(dir: &Path, report: &mut Report<'_>) -> Result<Folder, Failure> {
        let shown = dir.to_string_lossy().into_owned();
        let cannot = |error: std::io::Error| Failure::data(format!("{shown}: error: {error}"));
        let mut names = Vec::new();
        for entry in fs::read_dir(dir).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            if entry.path().is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        // `base` comes first, `end` last, and what lies between has no order that is known.
        names.sort_by_key(|name| (name != "base", name == "end", name.clone()));
        let plain = Moment::read(dir, String::new(), report);
        let is_plain = !plain.names.is_empty() && !names.iter().any(|name| name == "base");
        let mut moments = Vec::new();
        if is_plain {
            moments.push(plain);
        } else {
            for name in &names {
                // Windows are there for replays: their moments have no place between the writes that is known.
                if name != "wl" && name != "oom" && !name.starts_with("win_") {
                    let moment = Moment::read(&dir.join(name), format!("{name}/"), report);
                    if !moment.names.is_empty() {
                        moments.push(Moment { is_last: name == "end", ..moment });
                    }
                }
            }
        }
        if let Some(first) = moments.first_mut() {
            first.is_first = is_plain || first.prefix == "base/";
        }
        let mut folder = Folder {
            shown,
            moments,
            log: None,
            frag_logs: Vec::new(),
            slab_logs: Vec::new(),
            oom_logs: Vec::new(),
            thp_was_switched: false,
        };
        folder.read_workloads(&dir.join("wl"), report);
        folder.read_oom(&dir.join("oom"), report);
        Ok(folder)
    }

    /// The moment after boot.
    pub fn first(&self) -> Option<&Moment> {
        self.moments.first().filter(|moment| moment.is_first)
    }

    fn read_oom(&mut self, dir: &Path, report: &mut Report<'_>) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let file = format!("oom/{}", path.file_name().unwrap_or_default().to_string_lossy());
            if let Some(content) = text(&path, &file, report) {
                self.oom_logs.push(Log { file, content });
            }
        }
    }

    fn read_workloads(&mut self, dir: &Path, report: &mut Report<'_>) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let file = format!("wl/{name}");
            self.thp_was_switched |= name.starts_with("j_thp");
            if name.starts_with("n_") {
                if let Some(content) = parsed(&path, &file, report, read_sysctl_log) {
                    self.log = Some(Log { file, content });
                }
            } else if let Some(logs) = match name.get(..2) {
                Some("h_") => Some(&mut self.frag_logs),
                Some("m_") => Some(&mut self.slab_logs),
                _ => None,
            } && let Some(content) = text(&path, &file, report)
            {
                logs.push(Log { file, content });
            }
        }
    }
}

impl Moment {
    /// The file's name as it is printed.
    pub fn file(&self, name: &str) -> String {
        let is = |found: &&String| found.trim_end_matches(".txt") == name;
        let found = self.names.iter().find(is).map_or(name, |found| found);
        format!("{}{found}", self.prefix)
    }

    fn read(dir: &Path, prefix: String, report: &mut Report<'_>) -> Moment {
        let mut moment = Moment { prefix, ..Moment::default() };
        moment.zoneinfo = moment.parse(dir, "zoneinfo", report, read_zoneinfo);
        moment.buddyinfo = moment.parse(dir, "buddyinfo", report, read_free_rows);
        moment.pagetypeinfo = moment.parse(dir, "pagetypeinfo", report, read_pagetypeinfo);
        moment.meminfo = moment.parse(dir, "meminfo", report, read_meminfo);
        moment.vmstat = moment.parse(dir, "vmstat", report, read_vmstat);
        moment.sysctl = moment.parse(dir, "sysctl_vm", report, read_sysctl_vm);
        moment.extfrag = moment.parse(dir, "extfrag_index", report, read_index_rows);
        moment.unusable = moment.parse(dir, "unusable_index", report, read_index_rows);
        moment.slabinfo = moment.parse(dir, "slabinfo", report, read_slabinfo);
        moment.slab_table = moment.parse(dir, "slab_geometry.tsv", report, read_slab_table);
        moment.dmesg = moment.text(dir, "dmesg", report).map(|text| BootLog::read(&text));
        moment.iomem = moment.text(dir, "iomem", report);
        moment.cpuinfo = moment.text(dir, "cpuinfo", report);
        moment.numa = moment.text(dir, "numa", report);
        moment.thp = moment.text(dir, "thp", report);
        moment
    }

    /// The file of this name, with or without `.txt`, if it is there.
    fn find(&mut self, dir: &Path, name: &str) -> Option<(PathBuf, String)> {
        let found = [format!("{name}.txt"), name.into()].into_iter().find(|name| dir.join(name).is_file())?;
        let place = (dir.join(&found), format!("{}{found}", self.prefix));
        self.names.push(found);
        Some(place)
    }

    fn text(&mut self, dir: &Path, name: &str, report: &mut Report<'_>) -> Option<String> {
        let (path, file) = self.find(dir, name)?;
        text(&path, &file, report)
    }

    fn parse<T>(
        &mut self,
        dir: &Path,
        name: &str,
        report: &mut Report<'_>,
        parse: impl Fn(&str) -> Result<T, Vec<ReadError>>,
    ) -> Option<T> {
        let (path, file) = self.find(dir, name)?;
        parsed(&path, &file, report, parse)
    }
}

fn parsed<T>(
    path: &Path,
    file: &str,
    report: &mut Report<'_>,
    parse: impl Fn(&str) -> Result<T, Vec<ReadError>>,
) -> Option<T> {
    match parse(&text(path, file, report)?) {
        Ok(value) => Some(value),
        Err(errors) => {
            report.broken(file, &errors);
            None
        }
    }
}

/// The text of a file. What is no UTF-8 in it (the kernel prints bytes of hardware) is replaced.
fn text(path: &Path, file: &str, report: &mut Report<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    match read {
        Ok(n) if n as u64 <= MOST => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(_) => {
            report.broken(file, &[format!(" error: more than {MOST} bytes")]);
            None
        }
        Err(error) => {
            report.broken(file, &[format!(" error: {error}")]);
            None
        }
    }
}
