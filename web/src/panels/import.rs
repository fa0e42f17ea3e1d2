//! What a person brings from a machine of their own: pasted, dropped or chosen as files. It is read in the page, piece
//! by piece, and goes nowhere.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Reflect, Uint8Array};
use scenario::Lang;
use view::import::{Import, MAX_BYTES, Opening, Progress, Replayed};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, ClipboardEvent, DragEvent, Element, File, FileList, HtmlInputElement, HtmlTextAreaElement,
    ReadableStream, ReadableStreamDefaultReader, ReadableWritablePair,
};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::vitals::grouped;
use crate::Action;
use crate::icons::{Icon, icon};

/// A pasted text larger than this is taken as a file: a text field that large would hold the page up.
const MAX_PASTED: usize = 64 << 10;
/// So long a piece of work may take, in milliseconds.
const SLICE_MS: f64 = 12.0;
/// So many mistakes are shown.
const MOST: usize = 30;

/// A text with the name of its file.
type Text = (String, Rc<Vec<u8>>);

/// Properties of [`ImportBox`].
#[derive(Properties, PartialEq)]
pub struct ImportProps {
    /// The language.
    pub lang: Lang,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// What is known of what was brought.
#[derive(Clone, Default)]
struct Known {
    import: Option<Rc<RefCell<Import>>>,
    /// None: the work is done.
    progress: Option<Progress>,
}

/// The box.
#[component]
pub fn ImportBox(props: &ImportProps) -> Html {
    let ImportProps { lang, on } = props;
    let lang = *lang;
    let files = use_state(Vec::<Text>::new);
    let text = use_state(String::new);
    let over = use_state(|| false);
    let refused = use_state(|| None::<String>);
    let known = use_state(Known::default);

    {
        let known = known.clone();
        use_effect_with(((*files).clone(), (*text).clone()), move |(files, text)| {
            let mut texts: Vec<(String, Vec<u8>)> =
                files.iter().map(|(name, bytes)| (name.clone(), bytes.as_ref().clone())).collect();
            if !text.trim().is_empty() {
                texts.push((String::new(), text.clone().into_bytes()));
            }
            let timer: Rc<RefCell<Option<Timeout>>> = Rc::default();
            if texts.is_empty() {
                known.set(Known::default());
            } else {
                let import = Rc::new(RefCell::new(Import::new(texts)));
                slice(import, known, Rc::clone(&timer));
            }
            // Another text: what was begun is left.
            move || drop(timer.borrow_mut().take())
        });
    }

    let add = {
        let (files, refused) = (files.clone(), refused.clone());
        Callback::from(move |list: Vec<File>| {
            let (files, refused) = (files.clone(), refused.clone());
            spawn_local(async move {
                let mut all = (*files).clone();
                refused.set(None);
                for file in list {
                    match read(&file).await {
                        Some(bytes) => {
                            all.retain(|(name, _)| *name != file.name());
                            all.push((file.name(), Rc::new(bytes)));
                        }
                        None => refused.set(Some(file.name())),
                    }
                }
                files.set(all);
            });
        })
    };
    let onchange = {
        let add = add.clone();
        move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            add.emit(list(input.files()));
            input.set_value("");
        }
    };
    let ondrop = {
        let (add, over) = (add.clone(), over.clone());
        move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            add.emit(list(event.data_transfer().and_then(|data| data.files())));
        }
    };
    let ondragover = {
        let over = over.clone();
        move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        }
    };
    let ondragleave = {
        let over = over.clone();
        move |_: DragEvent| over.set(false)
    };
    let oninput = {
        let text = text.clone();
        move |event: InputEvent| {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            text.set(area.value());
        }
    };
    let pasted = use_mut_ref(|| false);
    let onpaste = {
        let (files, pasted) = (files.clone(), Rc::clone(&pasted));
        move |event: Event| {
            pasted.replace(true);
            let data = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
            let Some(text) = data.and_then(|data| data.get_data("text").ok()) else { return };
            if text.len() > MAX_PASTED {
                event.prevent_default();
                let mut all = (*files).clone();
                let name = lang.pick("pasted", "粘贴的文本");
                all.retain(|(other, _)| other != name);
                all.push((name.to_owned(), Rc::new(text.into_bytes())));
                files.set(all);
            }
        }
    };
    let remove = {
        let files = files.clone();
        Callback::from(move |at: usize| {
            let mut all = (*files).clone();
            if at < all.len() {
                all.remove(at);
            }
            files.set(all);
        })
    };
    let import = known.import.clone();
    let import = import.as_ref().map(|import| import.borrow());
    // What came of it stands below what was brought, and may lie out of sight.
    let outcome = use_node_ref();
    {
        let found = import.as_ref().map_or(0, |import| import.problems().len());
        let done =
            (refused.is_some(), found, import.as_ref().is_some_and(|import| import.replayed().is_some()));
        let is_open = known.import.is_some() && known.progress.is_none();
        let (outcome, pasted, has_files) = (outcome.clone(), Rc::clone(&pasted), !files.is_empty());
        use_effect_with((done, is_open), move |(done, is_open)| {
            // Whoever types looks at what is typed.
            let is_brought = has_files || pasted.replace(false);
            if let Some(outcome) = outcome.cast::<Element>().filter(|_| is_brought && *is_open || done.0) {
                outcome.scroll_into_view_with_bool(false);
            }
        });
    }
    html! {
        <section class={classes!("paste", over.then_some("over"))} {ondrop} {ondragover} {ondragleave}>
            <label for="paste">
                <b>{ lang.pick("From your own machine", "来自你自己的机器") }</b>{ " " }
                { lang.pick("Nothing leaves this page.", "内容不会离开本页。") }
            </label>
            <textarea
                id="paste"
                class="field"
                spellcheck="false"
                autocomplete="off"
                placeholder="Node 0, zone   Normal   216   55  189  101   84   38   37   27    5    3  587"
                {oninput}
                {onpaste}
            />
            <div class="buttons">
                <label class="btn line" for="import-files">{ lang.pick("Files …", "文件……") }</label>
                <input id="import-files" class="file" type="file" multiple=true {onchange} />
                <span class="quiet">{ lang.pick(
                    "or drop them here: buddyinfo, pagetypeinfo, or a trace together with its free lists",
                    "或拖到这里：buddyinfo、pagetypeinfo，或跟踪记录连同它的空闲链表",
                ) }</span>
            </div>
            <ul class="sources">
                { for files.iter().enumerate().map(|(at, (name, bytes))| {
                    let role = import.as_ref().and_then(|import| {
                        let source = import.sources().iter().find(|source| source.name == *name)?;
                        Some(source.role.name(lang))
                    });
                    html! {
                        <li key={name.clone()}>
                            <span class="mono">{ name.clone() }</span>
                            <span class="quiet">{ format!("{} · {}", role.unwrap_or("…"), size(bytes.len())) }</span>
                            <button
                                type="button"
                                class="btn square"
                                aria-label={format!("{} {name}", lang.pick("Leave out", "去掉"))}
                                onclick={remove.reform(move |_: MouseEvent| at)}
                            >
                                { icon(Icon::Close) }
                            </button>
                        </li>
                    }
                }) }
            </ul>
            <div aria-live="polite">
                if let Some(name) = &*refused {
                    <p class="diag"><span class="mono">{ "✕" }</span><span>{ cannot(name, lang) }</span></p>
                }
            </div>
            <div>
                if let Some(Progress { done, of }) = known.progress {
                    <progress max={of.max(1).to_string()} value={done.to_string()} aria-label={lang.pick("Reading", "正在读取")} />
                }
            </div>
            <ul class="diags" aria-live="polite">
                { for import.iter().flat_map(|import| import.problems()).take(MOST).enumerate().map(|(at, problem)| {
                    html! {
                        <li key={at} class={classes!("diag", (!problem.is_error()).then_some("warning"))}>
                            <span class="mono">{ format!("✕ {}", problem.place()) }</span>
                            <span>
                                { problem.message(lang) }
                                <span class="hint">{ problem.hint(lang).unwrap_or_default() }</span>
                            </span>
                        </li>
                    }
                }) }
            </ul>
            <div aria-live="polite">
                if let Some(replayed) = import.as_ref().and_then(|import| import.replayed()) {
                    { verdict(replayed, lang) }
                }
            </div>
            <div class="buttons" ref={outcome}>{ buttons(known.import.as_ref(), known.progress.is_some(), lang, on) }</div>
        </section>
    }
}

/// One piece of work after the other, and the page in between.
fn slice(import: Rc<RefCell<Import>>, known: UseStateHandle<Known>, timer: Rc<RefCell<Option<Timeout>>>) {
    let begin = now();
    let mut progress;
    loop {
        progress = import.borrow_mut().work();
        if progress.is_none() || now() - begin > SLICE_MS {
            break;
        }
    }
    known.set(Known { import: Some(Rc::clone(&import)), progress });
    if progress.is_some() {
        let again = {
            let timer = Rc::clone(&timer);
            Timeout::new(0, move || slice(import, known, timer))
        };
        *timer.borrow_mut() = Some(again);
    }
}

fn now() -> f64 {
    gloo::utils::window().performance().map_or(0.0, |performance| performance.now())
}

/// What can be opened.
fn buttons(import: Option<&Rc<RefCell<Import>>>, is_busy: bool, lang: Lang, on: &Callback<Action>) -> Html {
    let openings = import.map(|import| import.borrow().openings()).unwrap_or_default();
    let open = |opening: Opening, name: &'static str, is_first: bool| {
        let (import, on) = (import.cloned(), on.clone());
        let onclick = move |_: MouseEvent| {
            let made = import.as_ref().and_then(|import| import.borrow().scenario_of(opening));
            if let Some((text, _)) = made {
                on.emit(Action::OpenText(text));
            }
        };
        html! {
            <button
                key={name}
                type="button"
                class={classes!("btn", if is_first { "solid" } else { "line" })}
                disabled={is_busy || !openings.contains(&opening)}
                {onclick}
            >
                { name }
            </button>
        }
    };
    let start = open(Opening::Start, lang.pick("Open as a scenario", "作为场景打开"), true);
    let divergence = openings.contains(&Opening::Divergence).then(|| {
        open(Opening::Divergence, lang.pick("Open before the first divergence", "从首次分歧之前打开"), false)
    });
    html! { <>{ start }<span>{ divergence.unwrap_or_default() }</span></> }
}

/// How the trace went, in a sentence or two.
fn verdict(replayed: &Replayed, lang: Lang) -> Html {
    let Replayed { events, ops, tally, first, lost, .. } = replayed;
    let counts = match lang {
        Lang::En => format!(
            "{} events, {} ops: {} of {} predictions agreed with the kernel.",
            grouped(u64::from(*events)),
            grouped(u64::from(*ops)),
            grouped(u64::from(tally.predicted)),
            grouped(u64::from(tally.events))
        ),
        Lang::Zh => format!(
            "{} 个事件，{} 个操作：{} 个预测中有 {} 个与内核一致。",
            grouped(u64::from(*events)),
            grouped(u64::from(*ops)),
            grouped(u64::from(tally.events)),
            grouped(u64::from(tally.predicted))
        ),
    };
    let first = match (first, lang) {
        (None, Lang::En) => "It never diverged.".to_owned(),
        (None, Lang::Zh) => "从未出现分歧。".to_owned(),
        (Some((op, line)), Lang::En) => {
            format!(
                "First divergence: op {}, line {} of the trace.",
                grouped(u64::from(*op)),
                grouped(u64::from(*line))
            )
        }
        (Some((op, line)), Lang::Zh) => {
            format!(
                "首次分歧：第 {} 个操作，跟踪记录第 {} 行。",
                grouped(u64::from(*op)),
                grouped(u64::from(*line))
            )
        }
    };
    let lost = match (lost, lang) {
        (0, _) => String::new(),
        (lost, Lang::En) => format!(" The tracer lost {} events.", grouped(*lost)),
        (lost, Lang::Zh) => format!("跟踪器丢了 {} 个事件。", grouped(*lost)),
    };
    let part = lang.pick(
        " A scenario holds the first ops of it that fit into 64 KiB of text.",
        "一个场景只能装下前面一段：文本最多 64 KiB。",
    );
    let part = if *ops > 1000 { part } else { "" };
    html! { <p class="verdict"><b>{ counts }</b>{ " " }{ first }{ lost }{ part }</p> }
}

fn cannot(name: &str, lang: Lang) -> String {
    let most = size(MAX_BYTES);
    match lang {
        Lang::En => format!("{name} cannot be read, or is larger than {most}."),
        Lang::Zh => format!("无法读取 {name}，或它大于 {most}。"),
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

fn list(files: Option<FileList>) -> Vec<File> {
    let files = files.as_ref();
    let len = files.map_or(0, FileList::length);
    (0..len).filter_map(|at| files?.get(at)).collect()
}

/// The bytes of a file, unpacked when it is packed; none when it cannot be read or is too large.
async fn read(file: &File) -> Option<Vec<u8>> {
    let head = file.slice_with_i32_and_i32(0, 2).ok()?;
    let head = Uint8Array::new(&JsFuture::from(head.array_buffer()).await.ok()?).to_vec();
    let blob: &Blob = file;
    let stream = if head == [0x1f, 0x8b] {
        // `DecompressionStream` by its name: web-sys does not count it among what stays as it is.
        let class = Reflect::get(&js_sys::global(), &JsValue::from_str("DecompressionStream")).ok()?;
        let class: Function = class.dyn_into().ok()?;
        let unpack = Reflect::construct(&class, &Array::of1(&JsValue::from_str("gzip"))).ok()?;
        let end = |name: &str| Reflect::get(&unpack, &JsValue::from_str(name)).ok();
        let (readable, writable) = (end("readable")?, end("writable")?);
        blob.stream()
            .pipe_through(&ReadableWritablePair::new(readable.unchecked_ref(), writable.unchecked_ref()))
    } else {
        blob.stream()
    };
    drain(&stream).await
}

async fn drain(stream: &ReadableStream) -> Option<Vec<u8>> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let read = JsFuture::from(reader.read()).await.ok()?;
        if Reflect::get(&read, &JsValue::from_str("done")).ok()?.is_truthy() {
            return Some(bytes);
        }
        let piece = Reflect::get(&read, &JsValue::from_str("value")).ok()?;
        let piece = Uint8Array::new(&piece);
        if bytes.len() + piece.length() as usize > MAX_BYTES {
            let _ = reader.cancel();
            return None;
        }
        let at = bytes.len();
        bytes.resize(at + piece.length() as usize, 0);
        piece.copy_to(&mut bytes[at..]);
    }
}
