//! What can be wrong with a trace.

use std::fmt;

use super::{MAX_EVENTS, TraceForm};

/// One mistake in a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TraceErrorKind {
    /// No line is an event in any of the forms.
    UnknownForm,
    /// The line is none of the form that the text began with (none: it has not begun with one yet); what is there
    /// instead.
    NotAnEvent(Option<TraceForm>, String),
    /// A column that should be a time in seconds.
    NotATime(String),
    /// A column that should be the number of a CPU.
    NotACpu(String),
    /// A column that should end with the number of a process.
    NotATask(String),
    /// The event has not got this part of its text.
    MissingField(&'static str),
    /// This part should be a number within its bounds.
    NotANumber(&'static str, String),
    /// No flag of a request for pages has this name, and it is no number in hex either.
    UnknownGfp(String),
    /// This part should be the name of a zone.
    UnknownZone(String),
    /// Blocks of an order that the buddy system does not have.
    OrderTooLarge(u32),
    /// More than [`MAX_EVENTS`] events: the rest of the text is not read.
    TooManyEvents,
}

impl fmt::Display for TraceErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use TraceErrorKind as K;
        match self {
            K::UnknownForm => f.write_str(
                "no line of this is a trace event: expected ftrace's `trace`, `trace-cmd report`, `perf script`, or columns with tabs",
            ),
            K::NotAnEvent(form, found) => {
                let line = match form {
                    None => "a trace event",
                    Some(TraceForm::Tsv) => "five columns with tabs: seconds, CPU, task-pid, event, text",
                    Some(TraceForm::Ftrace | TraceForm::TraceCmd) => "a line `task-pid [cpu] flags seconds: event: text`",
                    Some(TraceForm::Perf) => "a line `task pid [cpu] seconds: group:event: text`",
                };
                match found.as_str() {
                    "" => write!(f, "expected {line}, found nothing"),
                    found => write!(f, "expected {line}, found `{found}`"),
                }
            }
            K::NotATime(found) => write!(f, "expected a time in seconds, found `{found}`"),
            K::NotACpu(found) => write!(f, "expected the number of a CPU, found `{found}`"),
            K::NotATask(found) => write!(f, "expected a task and its process number, found `{found}`"),
            K::MissingField(key) => write!(f, "expected `{key}` in the text of the event"),
            K::NotANumber(key, found) => write!(f, "expected a number for `{key}`, found `{found}`"),
            K::UnknownGfp(found) => write!(f, "no gfp flag is called `{found}`"),
            K::UnknownZone(found) => {
                write!(f, "no zone is called `{found}`: DMA, DMA32, Normal, HighMem or Movable")
            }
            K::OrderTooLarge(order) => {
                write!(f, "a block of order {order}: the largest order is {}", mm::Order::MAX)
            }
            K::TooManyEvents => write!(f, "more than {MAX_EVENTS} events: the rest is not read"),
        }
    }
}
