//! When memory has run out, somebody is killed so that the others can go on (mm/oom_kill.c of 6.1, 3.10 and 2.6.32).
//!
//! - `score`: how bad a task is, as three kernels count it, and the choice: pure functions;
//! - `state`: what the killer knows of a process, and who was killed and is not gone yet;
//! - `report`: what the kernel prints, as numbers;
//! - `machine`: from a request that finds nothing to a process that is gone, and the ops;
//! - `lowmem`: how Android's driver chose, and `shrinker`: the driver at work in reclaim.

mod lowmem;
pub(crate) mod machine;
mod report;
mod score;
mod shrinker;
mod state;

pub use lowmem::{LowMemory, LowTask, LowVerdict, Lowmem, MINFREE_LEVELS};
pub use machine::{OomOp, Scope};
pub use report::{Behalf, LogLine, LowKill, NO_LIMIT, Report, ReportEnd, TaskRow, ZoneReport};
pub use score::{
    OOM_DISABLE, OOM_SCORE_ADJ_MAX, OOM_SCORE_ADJ_MIN, OldTask, Task, TotalPages, badness_2_6, oom_adj_of,
    oom_badness, oom_badness_3_10, oom_score, oom_score_3_10, oom_score_adj_of, select_bad_process,
};
pub use state::{MAX_LOG, Oom, OomRules, TaskArgs, TaskOom};
