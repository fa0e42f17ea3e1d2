//! `mmscope run`: a scenario up to a moment, and what a kernel would print there.

use std::io::{self, Write};

use history::{Cursor, Session};
use kernel_io::{
    Layout, Memory, Procps, SlabSort, ZoneInfo, buddyinfo, extfrag_index, free, meminfo, memory_current,
    memory_events, memory_max, memory_stat, memory_swap_current, numastat, of_every_group, of_every_process,
    oom_log, page_allocation_failure, pagetypeinfo, pid_maps, pid_oom_adj, pid_oom_score, pid_oom_score_adj,
    pid_pagemap, pid_smaps, pid_smaps_rollup, pid_statm, pid_status, ps, slabinfo_of, slabtop,
    unusable_index, vmalloc_rows_of, vmallocinfo, vmstat,
};
use mm::gfp::GfpFlags;
use mm::process::{Mm, Processes};
use mm::{CpuId, Machine, Observer, Step, StepKind, UnitEnd};
use scenario::{Lang, Scenario};
use view::narrate::step_sentence;

use crate::args::{Run, Twin};
use crate::failure::Failure;
use crate::source;

/// Runs and prints.
///
/// # Errors
/// When the text is wrong, when the scenario has no such moment, and when nothing can be written.
pub fn run(run: &Run, out: &mut dyn Write) -> Result<(), Failure> {
    let scenario = run.file.scenario()?;
    let logs = run.print.contains(&Twin::Dmesg);
    let (machine, dmesg) = match run.at {
        Some(at) => {
            let mut session = source::session(&scenario)?;
            let at = seek(&mut session, at)?;
            let mut dmesg = String::new();
            if run.steps || logs {
                let steps = if run.steps { Some(&mut *out as &mut dyn Write) } else { None };
                (_, dmesg) = run_to(at, &scenario, run.file.lang, steps)?;
            }
            (session.machine().clone(), dmesg)
        }
        // To the end there is a shorter way, that keeps no history.
        None => {
            let end = Cursor::new(scenario.ops.len() as u32, 0);
            let steps = if run.steps { Some(&mut *out as &mut dyn Write) } else { None };
            run_to(end, &scenario, run.file.lang, steps)?
        }
    };
    for twin in &run.print {
        if run.print.len() > 1 {
            writeln!(out, "==> {} <==", twin.name())?;
        }
        out.write_all(print(*twin, &scenario, &machine, &dmesg, run.file.lang).as_bytes())?;
    }
    if run.hash {
        writeln!(out, "{:016x}", machine.state_hash())?;
    }
    Ok(())
}

/// One file of the kernel.
fn print(twin: Twin, scenario: &Scenario, machine: &Machine, dmesg: &str, lang: Lang) -> String {
    let name = |name| scenario.name(name).to_owned();
    let of_each = |text: &dyn Fn(&Processes, &Mm) -> String| of_every_process(machine, twin.name(), text);
    match twin {
        Twin::SlabInfo => slabinfo_of(machine, name).to_string(),
        Twin::SlabTop => slabtop(&slabinfo_of(machine, name), SlabSort::default(), Procps::default()),
        Twin::VmallocInfo => vmallocinfo(&vmalloc_rows_of(machine, name), scenario.config.arch),
        Twin::MemInfo => meminfo(machine),
        Twin::VmStat => vmstat(machine),
        Twin::NumaStat => numastat(machine),
        Twin::Free => free(&Memory::of(machine), Layout::New, false),
        Twin::FreeOld => free(&Memory::of(machine), Layout::Old, false),
        Twin::Ps => ps(machine, name),
        Twin::Status => of_each(&|processes, mm| pid_status(processes, mm, name)),
        Twin::Statm => of_each(&pid_statm),
        Twin::Maps => of_each(&|processes, mm| pid_maps(processes, mm, name)),
        Twin::Smaps => of_each(&|processes, mm| pid_smaps(processes, mm, name)),
        Twin::SmapsRollup => of_each(&pid_smaps_rollup),
        Twin::PageMap => of_each(&|processes, mm| pid_pagemap(processes, mm, name)),
        Twin::OomScore => of_each(&|_, mm| pid_oom_score(machine, mm)),
        Twin::OomScoreAdj => of_each(&pid_oom_score_adj),
        Twin::OomAdj => of_each(&pid_oom_adj),
        Twin::MemoryCurrent => of_every_group(machine, twin.name(), name, memory_current),
        Twin::MemorySwapCurrent => of_every_group(machine, twin.name(), name, memory_swap_current),
        Twin::MemoryMax => of_every_group(machine, twin.name(), name, memory_max),
        Twin::MemoryEvents => of_every_group(machine, twin.name(), name, memory_events),
        Twin::MemoryStat => of_every_group(machine, twin.name(), name, memory_stat),
        Twin::Caches => view::twin::hierarchy::text(machine, lang),
        Twin::Dmesg => dmesg.to_owned(),
        Twin::BuddyInfo => buddyinfo(machine),
        Twin::PageTypeInfo => pagetypeinfo(machine),
        Twin::ZoneInfo => ZoneInfo::of(machine).to_string(),
        Twin::ExtfragIndex => extfrag_index(machine),
        Twin::UnusableIndex => unusable_index(machine),
    }
}

/// Moves to a moment, which has to exist. The moment behind the last step of an op is also its end.
///
/// # Errors
/// When it does not exist.
pub fn seek(session: &mut Session, at: Cursor) -> Result<Cursor, Failure> {
    session.seek(at);
    let (ops, steps) = (session.ops().len() as u32, session.survey_so_far().steps_of(at.op));
    if at.op > ops || (at.op == ops && at.step > 0) {
        return Err(Failure::data(format!("mmscope: there is no moment {at}: the scenario has {ops} ops")));
    }
    if at.step > steps {
        let op = at.op;
        return Err(Failure::data(format!("mmscope: there is no moment {at}: op {op} has {steps} steps")));
    }
    Ok(session.cursor())
}

/// Runs from the beginning, prints every step up to `to` if there is somewhere to print to, and gives the machine
/// at the end of the unit that holds `to`, and what the kernel has logged up to `to`.
fn run_to(
    to: Cursor,
    scenario: &Scenario,
    lang: Lang,
    out: Option<&mut dyn Write>,
) -> Result<(Machine, String), Failure> {
    let (mut machine, ops) = source::start(scenario)?;
    let mut printer = Printer {
        scenario,
        lang,
        at: Cursor::START,
        to,
        out,
        asked: None,
        dmesg: String::new(),
        logged: 0,
        result: Ok(()),
    };
    for op in ops.iter() {
        while printer.at < to && printer.result.is_ok() {
            if machine.run_unit(op, &mut printer) == UnitEnd::Done {
                printer.at = Cursor::new(printer.at.op + 1, 0);
                break;
            }
        }
    }
    printer.result?;
    Ok((machine, printer.dmesg))
}

/// Writes a line for each step up to a moment.
struct Printer<'s, 'w> {
    scenario: &'s Scenario,
    lang: Lang,
    at: Cursor,
    to: Cursor,
    out: Option<&'w mut dyn Write>,
    /// The request that runs: its flags, and the CPU that asks.
    asked: Option<(GfpFlags, CpuId)>,
    dmesg: String,
    /// Lines of the OOM killer's that are in it.
    logged: u32,
    result: io::Result<()>,
}

impl Observer for Printer<'_, '_> {
    fn step(&mut self, machine: &Machine, step: &Step) {
        self.at.step += 1;
        match step.kind {
            StepKind::Request { flags, cpu, .. } => self.asked = Some((flags, cpu)),
            StepKind::Failed { name, order, .. } if self.at <= self.to => {
                let comm = self.scenario.name(name).to_owned();
                let cpuset = machine.processes().cpuset_of_current();
                let inside = cpuset.map(|cpuset| (self.scenario.name(cpuset.name), cpuset.mems));
                let report = self.asked.and_then(|(flags, cpu)| {
                    page_allocation_failure(machine, &comm, order, flags, cpu, inside)
                });
                self.dmesg.push_str(&report.unwrap_or_default());
            }
            _ => {}
        }
        let oom = machine.processes().oom();
        let fresh = oom.printed().saturating_sub(self.logged) as usize;
        if fresh > 0 && self.at <= self.to {
            let name = |name| self.scenario.name(name).to_owned();
            let lines = oom.log().skip(oom.log().count().saturating_sub(fresh));
            let lines: String = lines.map(|line| oom_log(&self.scenario.config, line, name)).collect();
            self.dmesg.push_str(&lines);
            self.logged = oom.printed();
        }
        let Some(out) = &mut self.out else { return };
        if self.at <= self.to && self.result.is_ok() {
            // The moment at which the step was just done, so that it can be given to `--at`.
            let sentence = step_sentence(self.scenario, machine, self.at.op, step, self.lang);
            let sentence = sentence.whole(self.lang);
            self.result = writeln!(out, "{}  {sentence}", self.at);
        }
    }
}
