//! What holds of every reader on every text, for property tests and for `fuzz/`.

use kernel_io::trace::{MAX_ERRORS, Name, Names};
use kernel_io::{
    BootLog, EventKind, Procps, ReadError, SlabSort, Trace, TraceReader, read_buddyinfo, read_free_rows,
    read_gfp, read_index_rows, read_kpf_free, read_lists, read_meminfo, read_pagetypeinfo, read_slab_log,
    read_slab_table, read_slabinfo, read_sysctl_log, read_sysctl_vm, read_trace, read_vmstat, read_zoneinfo,
    read_zoneinfo_excerpt, slabtop, write_lists,
};
use mm::rng::Rng;

fn all_have_a_place(errors: &[ReadError]) {
    assert!(errors.iter().all(|error| error.line > 0 && error.column > 0));
    assert!(errors.iter().all(|error| error.to_string().len() < 400));
}

/// What holds of every trace.
fn check_trace(trace: &Trace, text: &[u8]) {
    let summary = &trace.summary;
    assert_eq!(summary.events as usize, trace.events.len());
    assert_eq!(summary.lines as usize, text.split_inclusive(|b| *b == b'\n').count());
    all_have_a_place(&summary.errors);
    assert!(
        summary.errors.len() <= MAX_ERRORS
            && (summary.more_errors == 0 || summary.errors.len() == MAX_ERRORS)
    );
    assert!(summary.form.is_some() || (trace.events.is_empty() && summary.errors.len() == 1));
    let known = |names: &Names, name: Name| usize::from(name.0) < names.len();
    let mut others = 0;
    for event in &trace.events {
        assert!(known(&summary.comms, event.comm));
        assert!(event.line <= summary.lines);
        match event.kind {
            EventKind::Other { name } => {
                others += 1;
                assert!(known(&summary.others, name));
            }
            EventKind::Mark { text } => assert!(known(&summary.marks, text)),
            _ => {}
        }
    }
    assert_eq!(summary.others.iter().map(|(_, times)| times).sum::<u32>(), others);
    if let Some(window) = trace.window() {
        assert!(window.start <= window.end && window.end < trace.events.len());
    }
}

/// Every reader on one text, whatever it is.
pub fn every_reader(bytes: &[u8], rng: &mut Rng) {
    trace_readers(bytes, rng);
    proc_readers(&String::from_utf8_lossy(bytes));
}

/// The readers of traces.
pub fn trace_readers(bytes: &[u8], rng: &mut Rng) {
    let trace = read_trace(bytes);
    check_trace(&trace, bytes);
    // In pieces it is the same.
    let (mut reader, mut events, mut rest) = (TraceReader::default(), Vec::new(), bytes);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((1 + rng.below(900) as usize).min(rest.len()));
        reader.push(piece, |_, event| events.push(event));
        rest = behind;
    }
    let summary = reader.finish(|_, event| events.push(event));
    assert_eq!(Trace { events, summary }, trace);
}

/// The readers of everything else that a kernel prints.
pub fn proc_readers(text: &str) {
    match read_lists(text) {
        Ok(dump) => {
            // What was read is what is written, and read again.
            let again = write_lists(&dump);
            assert_eq!(read_lists(&again).expect("what was written reads"), dump);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            all_have_a_place(&errors);
        }
    }
    match read_kpf_free(text) {
        Ok(free) => assert!(free.ranges().windows(2).all(|pair| pair[0].end < pair[1].start)),
        Err(errors) => all_have_a_place(&errors),
    }
    let slabinfo = read_slabinfo(text);
    if let Ok(info) = &slabinfo {
        assert_eq!(read_slabinfo(&info.to_string()).as_ref(), Ok(info), "what was written reads");
        for procps in [Procps::V3_3_12, Procps::V4_0_2] {
            assert!(slabtop(info, SlabSort::Use, procps).lines().count() == 7 + info.rows.len());
        }
    }
    let errors = [
        slabinfo.err(),
        read_slab_table(text).err(),
        read_slab_log(text).err(),
        read_buddyinfo(text).err(),
        read_pagetypeinfo(text).err(),
        read_zoneinfo(text).err(),
        read_zoneinfo_excerpt(text).err(),
        read_meminfo(text).err(),
        read_vmstat(text).err(),
        read_sysctl_vm(text).err(),
        read_sysctl_log(text).err(),
        read_free_rows(text).err(),
        read_index_rows(text).err(),
    ];
    for errors in errors.into_iter().flatten() {
        assert!(!errors.is_empty());
        all_have_a_place(&errors);
    }
    let _ = BootLog::read(text);
    let line = text.lines().next().unwrap_or_default();
    let gfp = line.split_once("gfp_flags=").map_or(line, |(_, gfp)| gfp);
    match read_gfp(gfp) {
        Ok(flags) => assert_eq!(read_gfp(&(flags).to_string()).expect("what was printed reads"), flags),
        Err(error) => all_have_a_place(&[error]),
    }
}
