//! One line of a trace, cut into its columns.

use super::TraceErrorKind as K;
use super::TraceForm;

/// A mistake: its byte in the line, and what it is.
pub(super) type Wrong = (usize, K);

/// The columns of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Columns<'l> {
    pub(super) comm: &'l [u8],
    pub(super) pid: u32,
    pub(super) cpu: u16,
    pub(super) ts_ns: u64,
    /// Without the group that perf puts before it.
    pub(super) event: &'l [u8],
    /// What follows, without spaces around it.
    pub(super) text: &'l [u8],
    /// Where in the line that begins.
    pub(super) text_at: usize,
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line<'l> {
    Event(Columns<'l>),
    /// The tracer had no room for so many events of this CPU (0: it does not say how many).
    Lost {
        cpu: u16,
        events: u32,
    },
    /// A comment, a header, a line of a stack.
    Nothing,
}

/// The form that a header line stands for.
pub(super) fn header(line: &[u8]) -> Option<TraceForm> {
    let is = |begin: &str| line.starts_with(begin.as_bytes());
    if is("ts_s\t") {
        Some(TraceForm::Tsv)
    } else if is("# tracer:") || (is("#") && contains(line, b"TASK-PID")) {
        Some(TraceForm::Ftrace)
    } else if is("cpus=") || is("version = ") {
        Some(TraceForm::TraceCmd)
    } else {
        lost(line.trim_ascii()).is_some().then_some(TraceForm::Ftrace)
    }
}

/// The form of a line that is an event, whatever came before.
pub(super) fn form_of(line: &[u8]) -> Option<TraceForm> {
    [TraceForm::Tsv, TraceForm::Perf, TraceForm::Ftrace]
        .into_iter()
        .find(|form| matches!(cut(*form, line), Ok(Line::Event(_))))
}

/// Cuts a line of a known form.
pub(super) fn cut(form: TraceForm, line: &[u8]) -> Result<Line<'_>, Wrong> {
    let trimmed = line.trim_ascii();
    if trimmed.is_empty() || trimmed.starts_with(b"#") {
        return Ok(Line::Nothing);
    }
    if form == TraceForm::Tsv {
        return if header(line) == Some(form) { Ok(Line::Nothing) } else { tabs(line).map(Line::Event) };
    }
    match brackets(form, line) {
        Ok(columns) => Ok(Line::Event(columns)),
        Err(wrong) => other(form, trimmed).ok_or(wrong),
    }
}

/// `CPU:3 [LOST 12 EVENTS]`, or as trace-cmd has it `CPU:3 [12 EVENTS DROPPED]`.
fn lost(trimmed: &[u8]) -> Option<Line<'_>> {
    let rest = trimmed.strip_prefix(b"CPU:")?;
    let space = position(rest, b' ')?;
    let cpu = cpu_of(&rest[..space])?;
    let inside = rest[space..].trim_ascii().strip_prefix(b"[")?.strip_suffix(b"]")?;
    if !inside.starts_with(b"LOST") && !inside.ends_with(b"DROPPED") {
        return None;
    }
    let events = inside.split(|b| *b == b' ').find_map(decimal).unwrap_or(0);
    Some(Line::Lost { cpu, events: u32::try_from(events).unwrap_or(u32::MAX) })
}

/// Lines between events.
fn other(form: TraceForm, trimmed: &[u8]) -> Option<Line<'_>> {
    if let Some(lost) = lost(trimmed) {
        return Some(lost);
    }
    let first = first_word(trimmed);
    let of_a_stack = match form {
        // `=> function`, and trace-cmd's own headers.
        TraceForm::Ftrace | TraceForm::TraceCmd => {
            first == b"=>"
                || header(trimmed) == Some(TraceForm::TraceCmd)
                || (trimmed.starts_with(b"CPU ") && trimmed.ends_with(b" is empty"))
        }
        // `ffffffff810c0b1e function+0x5e ([kernel.kallsyms])`
        TraceForm::Perf => first.len() > 4 && first.iter().all(u8::is_ascii_hexdigit),
        TraceForm::Tsv => false,
    };
    of_a_stack.then_some(Line::Nothing)
}

/// `seconds\tcpu\ttask-pid\tevent\ttext`
fn tabs(line: &[u8]) -> Result<Columns<'_>, Wrong> {
    let not_one = || (0, K::NotAnEvent(Some(TraceForm::Tsv), quoted(line)));
    let mut at = 0;
    let mut next = || {
        let rest = line.get(at..)?;
        let column = rest.split(|b| *b == b'\t').next()?;
        let start = at;
        at += column.len() + 1;
        Some((start, column))
    };
    let (Some(time), Some(cpu), Some(task), Some(event)) = (next(), next(), next(), next()) else {
        return Err(not_one());
    };
    let (text_at, text) = trimmed_from(line, event.0 + event.1.len() + 1);
    let ts_ns = time_ns(time.1).ok_or_else(|| (time.0, K::NotATime(quoted(time.1))))?;
    let cpu = cpu_of(cpu.1).ok_or_else(|| (cpu.0, K::NotACpu(quoted(cpu.1))))?;
    let (comm, pid) = task_of(task.1).ok_or_else(|| (task.0, K::NotATask(quoted(task.1))))?;
    let event = event.1.trim_ascii();
    if event.is_empty() {
        return Err(not_one());
    }
    Ok(Columns { comm, pid, cpu, ts_ns, event, text, text_at })
}

/// `task-pid [cpu] flags seconds: event: text`, or perf's `task pid [cpu] seconds: group:event: text`.
fn brackets(form: TraceForm, line: &[u8]) -> Result<Columns<'_>, Wrong> {
    // A task may have a bracket in its name: the column is the first after which a time comes.
    // A task's name has at most 15 bytes, so there are not many to try.
    const MOST: usize = 16;
    let (mut from, mut wrong) = (0, None);
    for _ in 0..MOST {
        let Some(open) = position(&line[from..], b'[').map(|at| from + at) else { break };
        match behind_bracket(line, open) {
            Ok((cpu, ts_ns, rest)) => return with_task(form, line, open, (cpu, ts_ns, rest)),
            Err(e) => wrong = wrong.or(e),
        }
        from = open + 1;
    }
    let begin = line.len() - line.trim_ascii_start().len();
    Err(wrong.unwrap_or_else(|| (begin, K::NotAnEvent(Some(form), quoted(line.trim_ascii())))))
}

/// CPU, time and the place of the event, given the place of the bracket; `Err(None)` when this is no column at all.
fn behind_bracket(line: &[u8], open: usize) -> Result<(u16, u64, usize), Option<Wrong>> {
    let inside = &line[open + 1..];
    let digits = inside.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 || inside.get(digits) != Some(&b']') {
        return Err(None);
    }
    let (cpu, mut at) = (&inside[..digits], open + 1 + digits + 1);
    let cpu = cpu_of(cpu).ok_or_else(|| Some((open + 1, K::NotACpu(quoted(cpu)))))?;
    // One column of flags may stand before the time (`d..2.`).
    let mut first = None;
    for _ in 0..2 {
        at += line[at..].len() - line[at..].trim_ascii_start().len();
        let word = first_word(&line[at..]);
        if let Some(time) = word.strip_suffix(b":").and_then(time_ns) {
            return Ok((cpu, time, at + word.len()));
        }
        first.get_or_insert((at, K::NotATime(quoted(word))));
        at += word.len();
    }
    Err(first)
}

/// The task before the bracket, and the event behind the time.
fn with_task(
    form: TraceForm,
    line: &[u8],
    open: usize,
    (cpu, ts_ns, behind): (u16, u64, usize),
) -> Result<Columns<'_>, Wrong> {
    let mut task = line[..open].trim_ascii();
    let at = line.len() - line.trim_ascii_start().len();
    let not_a_task = || (at.min(open), K::NotATask(quoted(task)));
    let (comm, pid) = if form == TraceForm::Perf {
        let gap = task.iter().rposition(u8::is_ascii_whitespace).ok_or_else(not_a_task)?;
        // `pid/tid`: the thread is the kernel's pid.
        let ids = &task[gap + 1..];
        let pid = match position(ids, b'/') {
            Some(slash) if decimal(&ids[..slash]).is_some() => &ids[slash + 1..],
            _ => ids,
        };
        let pid = decimal(pid).and_then(|pid| u32::try_from(pid).ok()).ok_or_else(not_a_task)?;
        (task[..gap].trim_ascii(), pid)
    } else {
        // A column of thread groups (`(  123)`, `(-----)`) may stand behind the task.
        if task.last() == Some(&b')')
            && let Some(group) = task.iter().rposition(|b| *b == b'(')
        {
            task = task[..group].trim_ascii_end();
        }
        task_of(task).ok_or_else(|| (at.min(open), K::NotATask(quoted(task))))?
    };
    let (rest_at, rest) = trimmed_from(line, behind);
    let (mut event, (mut text_at, mut text)) = match colon(rest) {
        Some(colon) => (rest[..colon].trim_ascii(), trimmed_from(line, rest_at + colon + 1)),
        // A line of the function tracer, or the head of a stack.
        None if contains(rest, b"<-") => (&b"function"[..], (rest_at, rest)),
        None if rest.starts_with(b"<stack") => (&b"kernel_stack"[..], (rest_at, rest)),
        None => (first_word(rest), (rest_at, rest)),
    };
    if event.is_empty() {
        return Err((rest_at, K::NotAnEvent(Some(form), quoted(rest))));
    }
    if form == TraceForm::Perf {
        // perf may print the period before the event; the group stands before it in any case.
        event = event.rsplit(|b| *b == b' ').next().unwrap_or(event);
        event = event.rsplit(|b| *b == b':').next().unwrap_or(event);
    }
    // trace-cmd and perf have the text of a mark behind the name of the function that wrote it.
    if matches!(event, b"print" | b"bprint" | b"bputs")
        && let Some(colon) = colon(text)
    {
        event = text[..colon].trim_ascii();
        (text_at, text) = trimmed_from(line, text_at + colon + 1);
    }
    Ok(Columns { comm, pid, cpu, ts_ns, event, text, text_at })
}

/// The first colon at the end of a word, that is, of the event's name.
fn colon(rest: &[u8]) -> Option<usize> {
    let ends = |at: usize| rest.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    (0..rest.len()).find(|at| rest[*at] == b':' && ends(*at))
}

/// `comm-pid`
fn task_of(task: &[u8]) -> Option<(&[u8], u32)> {
    let task = task.trim_ascii();
    let dash = task.iter().rposition(|b| *b == b'-')?;
    let pid = decimal(&task[dash + 1..])?.try_into().ok()?;
    Some((&task[..dash], pid))
}

fn cpu_of(digits: &[u8]) -> Option<u16> {
    decimal(digits.trim_ascii())?.try_into().ok()
}

/// Seconds with a part behind the point (up to nine digits count) as nanoseconds; a number without a point is that of
/// a clock that counts something else, and taken as it is.
fn time_ns(digits: &[u8]) -> Option<u64> {
    let Some(point) = position(digits, b'.') else { return decimal(digits) };
    let (seconds, part) = (decimal(&digits[..point])?, &digits[point + 1..]);
    if part.is_empty() || !part.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nanos = (0..9).fold(0, |sum, i| sum * 10 + u64::from(part.get(i).map_or(0, |b| b - b'0')));
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// A number of digits only.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// A word as an error quotes it.
pub(super) fn quoted(word: &[u8]) -> String {
    // More is not quoted, so no more needs to be read.
    let word = &word[..word.len().min(200)];
    crate::words::quoted(&String::from_utf8_lossy(word))
}

pub(super) fn position(bytes: &[u8], byte: u8) -> Option<usize> {
    bytes.iter().position(|b| *b == byte)
}

/// What stands from a place on, without spaces around it, and where that begins.
fn trimmed_from(line: &[u8], at: usize) -> (usize, &[u8]) {
    let at = at.min(line.len());
    let rest = line[at..].trim_ascii_start();
    (line.len() - rest.len(), rest.trim_ascii_end())
}

fn first_word(bytes: &[u8]) -> &[u8] {
    bytes.split(u8::is_ascii_whitespace).next().unwrap_or_default()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
