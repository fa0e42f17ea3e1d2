//! What the kernel prints when memory has run out, written from a machine and read from a log; and what `/proc/PID` says
//! of who is likely to be killed.

mod read;
mod write;

pub use read::{OomDump, OomGroup, OomKill, OomList, OomPlace, OomProcess, OomTable, OomZone, read_oom_dump};
pub use write::{oom_log, pid_oom_adj, pid_oom_score, pid_oom_score_adj};

/// The letters of migratetypes in a list of free blocks (`show_migration_types()`).
const LETTERS: [char; 6] = ['U', 'M', 'E', 'H', 'C', 'I'];
