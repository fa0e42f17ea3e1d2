//! From text to a document: line by line, so that one wrong line spoils no other.

mod caches;
mod cma;
mod compact;
mod cursor;
mod dma;
mod files;
mod kernel;
mod kmem;
mod lexer;
mod mmu;
mod process;
mod segmentation;
mod statement;

use crate::ast::{Document, Line, Statement};
use crate::diagnostic::{Diagnostic, Kind, sort_by_place};
use crate::span::{LineSpans, Span, Spans};

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// The words that a statement begins with, and those of requests: an editor marks them.
pub const KEYWORDS: [&str; 153] = [
    "title",
    "say",
    "rules",
    "arch",
    "ram",
    "zone",
    "cpus",
    "node",
    "distance",
    "reserve",
    "pageblock_order",
    "page_group_by_mobility",
    "pcp",
    "watermarks",
    "min_free_kbytes",
    "watermark_scale_factor",
    "watermark_boost_factor",
    "lowmem_reserve_ratio",
    "percpu_pagelist_high_fraction",
    "thp",
    "cma",
    "slab",
    "freelist_random",
    "slab_colour",
    "init_on_alloc",
    "seed",
    "buddyinfo",
    "free_list",
    "pageblocks",
    "figures",
    "pcp_sizes",
    "pcp_list",
    "drain",
    "sysctl",
    "isolate",
    "unisolate",
    "kernel",
    "kmem_cache_shrink",
    "kmem_cache_destroy",
    "reap",
    "touch",
    "free",
    "for",
    "end",
    "alloc",
    "workload",
    "kmem_cache_create",
    "kmem_cache_alloc",
    "kmem_cache_zalloc",
    "kmalloc",
    "kzalloc",
    "vmalloc",
    "vzalloc",
    "kvmalloc",
    "file",
    "fork",
    "thread",
    "mmap",
    "malloc",
    "calloc",
    "realloc",
    "exec",
    "cgroup",
    "cma_alloc",
    "alloc_contig_range",
    "device",
    "dma_alloc_coherent",
    "dma_map",
    "exit",
    "munmap",
    "mprotect",
    "madvise",
    "brk",
    "read",
    "write",
    "mremap",
    "memset",
    "hexdump",
    "mlock",
    "munlock",
    "mlockall",
    "munlockall",
    "overcommit_memory",
    "overcommit_ratio",
    "tlb",
    "caches",
    "scan",
    "move",
    "cpu",
    "mode",
    "a20",
    "relocation",
    "gdt",
    "ldt",
    "lldt",
    "load",
    "iret",
    "linux",
    "page",
    "paging",
    "fs_base",
    "gs_base",
    "nr_hugepages",
    "nr_overcommit_hugepages",
    "khugepaged",
    "reclaim",
    "swap",
    "cat",
    "dd",
    "fsync",
    "sync",
    "fadvise",
    "drop_caches",
    "wait",
    "memory.max",
    "memory.swap.max",
    "swappiness",
    "dirty_ratio",
    "dirty_background_ratio",
    "page_cluster",
    "panic_on_oom",
    "oom_kill_allocating_task",
    "oom_killer",
    "oom_score_adj",
    "oom_adj",
    "sysrq",
    "lowmemorykiller",
    "set_mempolicy",
    "mbind",
    "zone_reclaim_mode",
    "cma_release",
    "dma_free_coherent",
    "dma_read",
    "reserved_memory",
    "pin",
    "unpin",
    "move_pages",
    "compaction",
    "compact_memory",
    "kcompactd",
    "register_shrinker",
    "list_lru_add",
    "list_lru_del",
    "vfs_cache_pressure",
    "dma_unmap",
    "dma_sync_for_cpu",
    "dma_sync_for_device",
    "dma_write",
    "cpu_read",
    "cpu_write",
    "swiotlb",
    "cpuset",
    "cpuset.mems",
];

/// Those that nothing can be called. Those of processes came later, and texts of before call their blocks so.
const RESERVED: &[&str] = KEYWORDS.split_at(54).0;
const _: () = assert!(matches!(KEYWORDS[54].as_bytes(), b"file"));

/// Those that a request begins with, behind `name =`; the last one came later.
const REQUESTS: [&str; 25] = {
    let mut all = [KEYWORDS[151]; 25];
    let (mut at, first) = (0, 44);
    while at < 24 {
        all[at] = KEYWORDS[first + at];
        at += 1;
    }
    all
};
const _: () = assert!(matches!(REQUESTS[0].as_bytes(), b"alloc"));
const _: () = assert!(matches!(REQUESTS[23].as_bytes(), b"dma_map"));
const _: () = assert!(matches!(REQUESTS[24].as_bytes(), b"cpuset"));

/// The lines of a text, where everything stands, and what is wrong with single lines.
pub(crate) fn parse_lines(text: &str) -> (Document, Spans, Vec<Diagnostic>) {
    let (mut document, mut spans, mut diagnostics) = (Document::default(), Spans::default(), Vec::new());
    if text.len() > MAX_TEXT {
        let kind = Kind::TextTooLong { bytes: text.len() as u64, max: MAX_TEXT as u64 };
        diagnostics.push(Diagnostic { span: Span::new(1, 1, 0), kind });
        return (document, spans, diagnostics);
    }
    // What follows the last line break is a line only when something stands there.
    let mut columns = Vec::new();
    for (number, line) in (1u32..).zip(text.split_terminator('\n')) {
        columns.extend(crate::dts::of_line(line).map(|(_, before)| (number, before)));
        let (line, line_spans) =
            parse_line(number, line.strip_suffix('\r').unwrap_or(line), &mut diagnostics);
        document.lines.push(line);
        spans.lines.push(line_spans);
    }
    crate::dts::attach(&mut document, &columns, &mut diagnostics);
    sort_by_place(&mut diagnostics);
    (document, spans, diagnostics)
}

fn parse_line(number: u32, line: &str, diagnostics: &mut Vec<Diagnostic>) -> (Line, LineSpans) {
    if let Some((text, _)) = crate::dts::of_line(line) {
        let statement = Span::new(number, 1, line.chars().count() as u32);
        let of = crate::dts::DtsLine { text: text.to_owned(), ..Default::default() };
        let spans = LineSpans { statement, parts: Vec::new() };
        return (Line { statement: Some(Statement::Dts(of)), comment: None }, spans);
    }
    let lexer::Lexed { tokens, comment, problems, confused, statement: raw } = lexer::lex(line);
    let broken = !problems.is_empty();
    for (column, len, kind) in problems {
        diagnostics.push(Diagnostic { span: Span::new(number, column, len), kind });
    }
    let mut line_spans = LineSpans::default();
    if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
        let first = Span::new(number, first.column, first.len);
        line_spans.statement = first.to(Span::new(number, last.column, last.len));
    } else {
        line_spans.statement = Span::new(number, 1, raw.chars().count() as u32);
    }
    if raw.is_empty() {
        return (Line { statement: None, comment }, line_spans);
    }
    let statement = if tokens.is_empty() {
        None
    } else {
        let mut of_statement = Vec::new();
        let mut cursor = cursor::Cursor::new(&tokens, number, &mut of_statement);
        let statement = statement::statement(&mut cursor);
        line_spans.parts = cursor.parts;
        if !confused {
            diagnostics.append(&mut of_statement);
        }
        statement
    };
    let statement = statement.filter(|_| !broken).unwrap_or_else(|| Statement::Broken(raw.to_owned()));
    (Line { statement: Some(statement), comment }, line_spans)
}

/// One statement alone, as a command line or a button makes it.
///
/// # Errors
/// Everything that is wrong with it; its line is 1.
pub fn parse_statement(text: &str) -> Result<Statement, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let (line, _) = parse_line(1, text.lines().next().unwrap_or_default(), &mut diagnostics);
    match line.statement {
        Some(statement) if diagnostics.is_empty() => Ok(statement),
        Some(_) => Err(diagnostics),
        None => {
            let what = crate::diagnostic::What::Request;
            let kind = Kind::Expected { what, found: None, suggestion: None };
            Err(vec![Diagnostic { span: Span::new(1, 1, 0), kind }])
        }
    }
}
