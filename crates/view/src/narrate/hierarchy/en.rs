//! The English sentences about caches.

use mm::hierarchy::{Amat, CacheId, Level};
use mm::process::{Access, Pattern, Scan};
use mm::step::HierarchyStep;

use super::super::en::count;
use super::super::kmem::en::bytes;
use super::super::told;
use super::{Told, Words, average, below, caches, cpus, disk_name, line, num, times};

fn list(found: [u32; 5]) -> String {
    let all = Level::ALL.into_iter().zip(found).filter(|(level, n)| *level < Level::Disk || *n > 0);
    all.map(|(level, n)| format!("{} {}", level.name(), num(n))).collect::<Vec<_>>().join(", ")
}

pub(super) fn tell(w: &Words, step: &HierarchyStep) -> Told {
    match *step {
        HierarchyStep::Reference { process, cpu: _, address, physical, access } => {
            let p = w.name(process);
            let [did, does] = match access {
                Access::Read => ["read", "reads"],
                Access::Write => ["wrote", "writes"],
                Access::Exec => ["fetched", "fetches"],
            };
            let what = line(w, physical);
            let what = if what.starts_with("0x") { String::new() } else { format!("{what} at ") };
            let why = format!("By its tables that is {physical:#x}: caches know physical addresses only.");
            told(
                (format!("{p} {did} {what}{address:#x}."), why.clone()),
                (format!("{p} {does} {what}{address:#x}."), why),
                format!("{p} {does} {what}{address:#x}, physical {physical:#x}"),
            )
        }
        HierarchyStep::Hits { line: of, references, .. } => {
            let n = count(u64::from(references), "reference", "references");
            let cycles = caches(w).cycles.l1;
            let why = match references {
                1 => format!("That costs {cycles} cycles: nothing below L1 is asked."),
                _ => format!("Words side by side share a line of 64 bytes: {cycles} cycles each."),
            };
            told(
                (format!("{n} hit L1: line {} is there.", line(w, of)), why.clone()),
                (format!("Find {n} in L1: line {} is there.", line(w, of)), why),
                format!("{n} hit L1, line {}", line(w, of)),
            )
        }
        HierarchyStep::Look { cache, set, compared, hit, cycles, .. } => {
            let (name, tags) = (cache.name(), count(u64::from(compared), "tag", "tags"));
            let (did, next, why) = match (hit, cache) {
                (false, _) => {
                    let found =
                        if compared == 0 { "it is empty".into() } else { format!("none of {tags} is it") };
                    let why =
                        format!("A miss, {} cycles so far. {} is asked now.", num(cycles), below(cache));
                    (format!("Looked in set {set} of {name}: {found}."), found, why)
                }
                (true, CacheId::L1d | CacheId::L1i) => (
                    format!("Looked in set {set} of {name}: one of {tags} is it."),
                    format!("one of {tags} is it"),
                    "A hit. It is written to, so no other CPU may keep a copy.".into(),
                ),
                (true, _) => (
                    format!("Looked in set {set} of {name}: one of {tags} is it."),
                    format!("one of {tags} is it"),
                    format!("A hit after {} cycles. The line is copied up from here.", num(cycles)),
                ),
            };
            told(
                (did, why.clone()),
                (format!("Look in set {set} of {name}: {next}."), why),
                format!("{name}, set {set}: {}", if hit { "hit" } else { "miss" }),
            )
        }
        HierarchyStep::Dram { line: of, cycles, .. } => {
            let (of, cycles) = (line(w, of), num(cycles));
            let why = format!("That makes {cycles} cycles. L3, L2 and L1 keep a copy on the way up.");
            told(
                (format!("DRAM gave line {of}."), why.clone()),
                (format!("Read line {of} from DRAM."), why),
                format!("line {of} comes from DRAM"),
            )
        }
        HierarchyStep::Fill { cache, line: of, set, victim, .. } => {
            let (name, of) = (cache.name(), line(w, of));
            match victim {
                None => {
                    let why = "There was room in the set: nothing has to leave.";
                    told(
                        (format!("Line {of} came into set {set} of {name}."), why),
                        (format!("Copy line {of} into set {set} of {name}."), why),
                        format!("{name}, set {set}: line {of} comes in"),
                    )
                }
                Some(victim) => {
                    let gone = line(w, victim.line);
                    let why = match victim.modified {
                        true => format!(
                            "Unused for longest (LRU), and written to: it goes back to {}.",
                            below(cache)
                        ),
                        false => "It was not used for longest (LRU).".into(),
                    };
                    told(
                        (format!("{of} came into set {set} of {name}, {gone} left."), why.clone()),
                        (format!("Copy {of} into set {set} of {name}; {gone} leaves."), why),
                        format!("{name}, set {set}: {of} comes in, {gone} leaves"),
                    )
                }
            }
        }
        HierarchyStep::Supplied { from, to, line: of } => {
            let of = line(w, of);
            let why = format!("Only it had the new contents. Now CPU {to} can read them.");
            told(
                (format!("CPU {from} wrote line {of} back to L3."), why.clone()),
                (format!("CPU {from} writes line {of} back to L3."), why),
                format!("CPU {from} writes {of} back"),
            )
        }
        HierarchyStep::Invalidated { cpu, line: of, cpus: lost } => {
            let (of, lost) = (line(w, of), cpus(lost));
            let who = match lost[..] {
                [one] => format!("CPU {one}"),
                _ => count(lost.len() as u64, "CPU", "CPUs"),
            };
            let why = "What one CPU changes, no other may keep: it asks for it anew.";
            told(
                (format!("CPU {cpu} wrote, so {who} lost line {of}."), why),
                (format!("CPU {cpu} writes, so {who} loses line {of}."), why),
                format!("{who} loses line {of}"),
            )
        }
        HierarchyStep::Entry { physical, level, cycles, .. } => {
            let (at, of) = (format!("{physical:#x}"), level.name());
            let why = "A walk reads memory as all do, through the caches.";
            told(
                (format!("The entry of the table at {at} was in {of}: {} cycles.", num(cycles)), why),
                (format!("Find the entry of the table at {at} in {of}: {} cycles.", num(cycles)), why),
                format!("the entry at {at} is in {of}"),
            )
        }
        HierarchyStep::Disk { address, cycles, .. } => {
            let caches = caches(w);
            let (disk, n) = (disk_name(caches.disk), num(cycles));
            let times = num(caches.disk_cycles(caches.disk) / u64::from(caches.cycles.dram.max(1)));
            let why = format!("Its page came from the {disk}: as long as {times} reads of DRAM.");
            told(
                (format!("{address:#x} cost {n} cycles."), why.clone()),
                (format!("{address:#x} costs {n} cycles."), why),
                format!("a page from the {disk}: {n} cycles"),
            )
        }
        HierarchyStep::Batch { process, references, found, cycles, .. } => {
            let (p, n) = (w.name(process), count(u64::from(references), "more reference", "more references"));
            let each = average(Amat { cycles, references: u64::from(references) });
            let why = match w.first_frame_only() {
                true => format!("{each} cycles each on average."),
                false => format!("{}: {each} cycles each on average.", list(found)),
            };
            told(
                (format!("{p} made {n}."), why.clone()),
                (format!("{p} makes {n}."), why),
                format!("{n}: {}", list(found)),
            )
        }
        HierarchyStep::Scanned { process, references, found, cycles, .. } => {
            let (p, n) = (w.name(process), count(u64::from(references), "reference", "references"));
            let each = average(Amat { cycles, references: u64::from(references) });
            let [l1, ..] = found;
            let why = match w.first_frame_only() {
                true => format!("{} of them hit L1.", num(l1)),
                false => format!("Found in {}.", list(found)),
            };
            told(
                (format!("{p} made {n}, {each} cycles each on average (AMAT)."), why.clone()),
                (format!("{p} has made {n}: {each} cycles each on average (AMAT)."), why),
                format!("{p}: {n}, AMAT {each} cycles"),
            )
        }
        HierarchyStep::Moved { process, from, to } => {
            let p = w.name(process);
            if from == to {
                let why = "Nothing changes: its lines are where it runs.";
                return told(
                    (format!("{p} runs on CPU {to}, as before."), why),
                    (format!("Leave {p} on CPU {to}, where it is."), why),
                    format!("{p} stays on CPU {to}"),
                );
            }
            let why = format!("Its lines stay in L1 and L2 of CPU {from}. Here only L3 is warm.");
            told(
                (format!("{p} runs on CPU {to} now."), why.clone()),
                (format!("Move {p} to CPU {to}."), why),
                format!("{p} moves from CPU {from} to CPU {to}"),
            )
        }
    }
}

/// What a scan does, behind its name.
pub(super) fn scan(scan: &Scan) -> String {
    let what = match scan.access {
        Access::Read => "reads",
        Access::Write => "writes",
        Access::Exec => "fetches",
    };
    let how = match scan.pattern {
        Pattern::Rows { rows, columns } => format!("{what} {rows} rows of {columns}, row by row"),
        Pattern::Columns { rows, columns } => format!("{what} {rows} rows of {columns}, column by column"),
        Pattern::Stride { bytes: stride } => format!("{what} a word every {}", bytes(stride)),
        Pattern::Random { count } => format!("{what} {} words at random", num(count)),
    };
    match times(scan) {
        Some(times) => format!("{how}, {times} times"),
        None => how,
    }
}
