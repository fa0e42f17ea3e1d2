//! The scenario's text: a plain text area, and over it the same text with its colours and its errors.
//!
//! While nobody types, each error stands below its line and pushes the others down; a click puts the caret where it
//! was made. While somebody types, the lines lie exactly where the text area has them, and the errors are listed
//! below it.

use std::collections::VecDeque;

use scenario::Lang;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::parts::keep_in_sight;
use crate::Action;
use crate::i18n::panes::{PaneMsg, PaneSay};

/// Something wrong in the text.
#[derive(Clone, PartialEq, Debug)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// The first character, from 1.
    pub column: u32,
    /// How many characters.
    pub len: u32,
    /// It is only a warning.
    pub warning: bool,
    /// What is wrong.
    pub message: AttrValue,
    /// What would be right.
    pub hint: AttrValue,
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// The language.
    pub lang: Lang,
    /// The text.
    pub text: AttrValue,
    /// The line of the op that the cursor is in.
    pub now: Option<u32>,
    /// What is wrong, by rising line.
    pub problems: Vec<Problem>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// More lines than this are shown without colours.
const MOST_LINES: usize = 3000;

/// The editor and the list of what is wrong.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let EditorProps { lang, text, now, problems, on } = props;
    let lang = *lang;
    let area = use_node_ref();
    let scroller = use_node_ref();
    let plain = text.split('\n').count() > MOST_LINES;

    // The line of the moment stays in sight, unless somebody types.
    {
        let scroller = scroller.clone();
        use_effect_with(*now, move |now| {
            if let (Some(_), Some(scroller)) = (now, scroller.cast::<web_sys::HtmlElement>()) {
                keep_in_sight(&scroller, ".ln.now");
            }
        });
    }

    // The browser owns what is typed. The state may be some keys behind; what comes back from it is written into the
    // text area only when it is none of the texts that were typed.
    let typed = use_mut_ref(VecDeque::<String>::new);
    let oninput = {
        let (typed, on) = (typed.clone(), on.clone());
        move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            typed.borrow_mut().push_back(area.value());
            on.emit(Action::Text(area.value()));
        }
    };
    {
        let area = area.clone();
        use_effect_with(text.clone(), move |text| {
            let mut typed = typed.borrow_mut();
            match typed.iter().position(|old| old == text.as_str()) {
                Some(at) => drop(typed.drain(..=at)),
                None => {
                    typed.clear();
                    if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                        area.set_value(text);
                    }
                }
            }
        });
    }
    let caret = {
        let (area, text) = (area.clone(), text.clone());
        Callback::from(move |(line, column): (u32, Option<u32>)| {
            let Some(area) = area.cast::<HtmlTextAreaElement>() else { return };
            let at = utf16_place(&text, line, column);
            let _ = area.focus();
            let _ = area.set_selection_range(at, at);
        })
    };
    let errors = problems.iter().filter(|problem| !problem.warning).count();
    let warnings = problems.len() - errors;
    let summary = if problems.is_empty() {
        PaneMsg::NoErrors.text(lang).to_owned()
    } else {
        PaneSay::Problems { errors, warnings }.text(lang)
    };
    html! {
        <>
            <div ref={scroller} class="editor scroll">
                <div class="sheet">
                    <div class="lines" aria-hidden="true">
                        if !plain {
                            { lines(text, *now, problems, &caret) }
                        }
                    </div>
                    <textarea
                        ref={area}
                        id="scenario-text"
                        class={classes!("input", plain.then_some("plain"))}
                        aria-label={PaneMsg::ScenarioText.text(lang)}
                        aria-describedby="scenario-problems"
                        spellcheck="false"
                        autocomplete="off"
                        autocapitalize="off"
                        wrap="off"
                        {oninput}
                    />
                </div>
            </div>
            // The text keeps the focus, so that the caret can go to the error and the list does not fold under the hand.
            <div class="problems" onmousedown={Callback::from(|event: MouseEvent| event.prevent_default())}>
                <p id="scenario-problems" role="status">
                    <b class={if errors > 0 { "fail-text" } else if warnings > 0 { "warn-text" } else { "ok-text" }}>
                        { summary }
                    </b>
                    { if errors > 0 { " · " } else { "" } }
                    { if errors > 0 { PaneMsg::RestRuns.text(lang) } else { "" } }
                </p>
                <ul>
                    { for problems.iter().enumerate().map(|(at, problem)| {
                        let (line, column) = (problem.line, problem.column);
                        html! {
                            <li key={at}>
                                <button
                                    type="button"
                                    class={diag_class(problem)}
                                    onclick={caret.reform(move |_| (line, Some(column)))}
                                >
                                    { diag(problem) }
                                </button>
                            </li>
                        }
                    }) }
                </ul>
            </div>
        </>
    }
}

fn diag_class(problem: &Problem) -> Classes {
    classes!("diag", problem.warning.then_some("warning"))
}

fn diag(problem: &Problem) -> Html {
    let sign = if problem.warning { "!" } else { "✕" };
    html! {
        <>
            <span class="mono">{ format!("{sign} {}:{}", problem.line, problem.column) }</span>
            <span>
                { problem.message.clone() }
                { " " }
                <span class="hint">{ problem.hint.clone() }</span>
            </span>
        </>
    }
}

/// The lines with their numbers and colours, and what is wrong below each.
fn lines(text: &str, now: Option<u32>, problems: &[Problem], caret: &Callback<(u32, Option<u32>)>) -> Html {
    let mut rest = problems;
    let drawn = text.split('\n').zip(1_u32..).map(|(line, number)| {
        let split = rest.partition_point(|problem| problem.line <= number);
        let (here, later) = rest.split_at(split);
        rest = later;
        let class = classes!(
            "ln",
            (now == Some(number)).then_some("now"),
            here.iter().any(|problem| !problem.warning).then_some("error"),
        );
        html! {
            <div key={number}>
                <div {class} onclick={caret.reform(move |_| (number, None))}>
                    <span class="no">{ number }</span>
                    <code>{ coloured(line, here) }</code>
                </div>
                { for here.iter().map(|problem| html! {
                    <div class={diag_class(problem)}>{ diag(problem) }</div>
                }) }
            </div>
        }
    });
    html! {
        <>{ for drawn }</>
    }
}

/// What a stretch of a line is, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Colour {
    Plain,
    Keyword,
    Number,
    Comment,
}

/// A line in colours, with what is wrong underlined.
fn coloured(line: &str, problems: &[Problem]) -> Html {
    let chars: Vec<char> = line.chars().collect();
    let colours = colours(&chars);
    let wrong = |at: usize| {
        problems.iter().find(|problem| {
            let from = problem.column.saturating_sub(1) as usize;
            (from..from + problem.len.max(1) as usize).contains(&at)
        })
    };
    let mut parts = Vec::new();
    let mut from = 0;
    while from < chars.len() {
        let what = (colours[from], wrong(from).map(|problem| problem.warning));
        let mut to = from + 1;
        while to < chars.len() && (colours[to], wrong(to).map(|problem| problem.warning)) == what {
            to += 1;
        }
        let text: String = chars[from..to].iter().collect();
        let class = match what.0 {
            Colour::Plain => None,
            Colour::Keyword => Some("kw"),
            Colour::Number => Some("nu"),
            Colour::Comment => Some("cm"),
        };
        parts.push(match what.1 {
            None => html! { <span {class}>{ text }</span> },
            Some(warning) => html! { <u class={classes!(class, warning.then_some("warning"))}>{ text }</u> },
        });
        from = to;
    }
    // A place behind the end, where something is missing.
    let behind = problems.iter().any(|problem| problem.column as usize > chars.len());
    parts.push(html! { <u>{ if behind { "\u{a0}\u{a0}" } else { "\u{200b}" } }</u> });
    html! {
        <>{ for parts }</>
    }
}

/// Words that a statement or a request begins with: those of the parser.
const KEYWORDS: &str = "a20 alloc alloc_contig_range arch brk buddyinfo caches calloc cat cgroup cma cma_alloc cma_release \
     compact_memory compaction cpu cpu_read cpu_write cpus cpuset cpuset.mems dd device \
     dirty_background_ratio dirty_ratio distance dma_alloc_coherent dma_free_coherent dma_map dma_read \
     dma_sync_for_cpu dma_sync_for_device dma_unmap dma_write drain drop_caches end exec exit fadvise \
     figures file for fork free free_list freelist_random fs_base fsync gdt gs_base hexdump init_on_alloc \
     iret isolate kcompactd kernel khugepaged kmalloc kmem_cache_alloc kmem_cache_create \
     kmem_cache_destroy kmem_cache_shrink kmem_cache_zalloc kvmalloc kzalloc ldt linux list_lru_add \
     list_lru_del lldt load lowmem_reserve_ratio lowmemorykiller madvise malloc mbind memory.max \
     memory.swap.max memset min_free_kbytes mlock mlockall mmap mode move move_pages mprotect mremap \
     munlock munlockall munmap node nr_hugepages nr_overcommit_hugepages oom_adj oom_kill_allocating_task \
     oom_killer oom_score_adj overcommit_memory overcommit_ratio page page_cluster page_group_by_mobility \
     pageblock_order pageblocks paging panic_on_oom pcp pcp_list pcp_sizes percpu_pagelist_high_fraction \
     pin ram read realloc reap reclaim register_shrinker relocation reserve reserved_memory rules say \
     scan seed set_mempolicy slab slab_colour swap swappiness swiotlb sync sysctl sysrq thp thread title \
     tlb touch unisolate unpin vfs_cache_pressure vmalloc vzalloc wait watermark_boost_factor \
     watermark_scale_factor watermarks workload write zone zone_reclaim_mode";
/// Words inside of a line.
const INNER: [&str; 6] = ["zh", "in", "step", "frames", "machine", "free"];

/// Whether a word of the language stands between two places of a line.
fn is_keyword(chars: &[char], at: usize, end: usize) -> bool {
    let word: String = chars[at..end].iter().collect();
    let before: String = chars[..at].iter().collect();
    let before = before.trim();
    let begins = before.is_empty() || before.ends_with('=') && before.matches('=').count() == 1;
    INNER.contains(&word.as_str()) || begins && KEYWORDS.split(' ').any(|keyword| keyword == word)
}

fn colours(chars: &[char]) -> Vec<Colour> {
    let mut out = vec![Colour::Plain; chars.len()];
    let (mut at, mut quoted) = (0, false);
    while at < chars.len() {
        let c = chars[at];
        if quoted || c == '"' {
            quoted = if c == '"' { !quoted } else { quoted };
            at += if c == '\\' && quoted { 2 } else { 1 };
        } else if c == '#' {
            out[at..].fill(Colour::Comment);
            break;
        } else if scenario::is_name_char(c) {
            let end =
                chars[at..].iter().position(|c| !scenario::is_name_char(*c)).map_or(chars.len(), |n| at + n);
            // `memory.max` is one word.
            let dotted = |end: usize| {
                let mut after = chars[end..].iter().copied();
                let is_dot = after.next() == Some('.') && after.next().is_some_and(scenario::is_name_char);
                let rest =
                    || chars[end + 1..].iter().take_while(|c| scenario::is_name_char(**c) || **c == '.');
                is_dot.then(|| end + 1 + rest().count())
            };
            let is_word = |end: usize| is_keyword(chars, at, end);
            let long = dotted(end).filter(|end| is_word(*end));
            let end = long.unwrap_or(end);
            if c.is_ascii_digit() {
                out[at..end].fill(Colour::Number);
            } else if is_word(end) {
                out[at..end].fill(Colour::Keyword);
            }
            at = end;
        } else {
            at += 1;
        }
    }
    out
}

/// Where a text area counts a place: in UTF-16 units from the beginning. No column: the end of the line.
fn utf16_place(text: &str, line: u32, column: Option<u32>) -> u32 {
    let units = |s: &str| s.encode_utf16().count() as u32;
    let mut at = 0;
    for (content, number) in text.split('\n').zip(1..) {
        if number == line {
            let end = match column {
                Some(column) => {
                    content.char_indices().nth(column.saturating_sub(1) as usize).map(|(byte, _)| byte)
                }
                None => None,
            };
            return at + units(&content[..end.unwrap_or(content.len())]);
        }
        at += units(content) + 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_in_utf16() {
        let text = "# 内存\na = alloc order=3\n𝔸 b";
        assert_eq!(utf16_place(text, 1, None), 4);
        assert_eq!(utf16_place(text, 2, Some(5)), 5 + 4);
        assert_eq!(utf16_place(text, 3, Some(2)), 5 + 18 + 2);
    }

    #[test]
    fn quotes_hide_comments_and_words() {
        let chars: Vec<char> = "say \"free #1\" # free".chars().collect();
        let colours = colours(&chars);
        assert_eq!(colours[0], Colour::Keyword);
        assert_eq!(colours[5], Colour::Plain);
        assert_eq!(colours[10], Colour::Plain);
        assert_eq!(colours[14], Colour::Comment);
    }
    #[test]
    fn every_word_that_begins_a_statement_is_marked() {
        let mut words: Vec<&str> = scenario::KEYWORDS.to_vec();
        words.sort_unstable();
        assert_eq!(KEYWORDS.split(' ').collect::<Vec<_>>(), words);
        let marked = |line: &str| {
            let chars: Vec<char> = line.chars().collect();
            let colours = colours(&chars);
            let of = |at: usize| chars.get(at).filter(|_| colours[at] == Colour::Keyword);
            (0..chars.len()).filter_map(of).collect::<String>()
        };
        assert_eq!(marked("cpuset.mems c 0..1"), "cpuset.mems");
        assert_eq!(marked("  memory.max g max"), "memory.max");
        assert_eq!(marked("p = exec cpuset=c cpu=1"), "exec");
        assert_eq!(marked("for i in 0..5 step 2"), "forinstep");
        assert_eq!(marked("node = alloc order=0 file"), "nodealloc");
    }
}
