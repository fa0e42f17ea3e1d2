//! Parts of the page in files of their own: fetched when they are wanted, and once the first picture stands in any
//! case, so that a lecture goes on when the network does not.
//!
//! A part is a table of functions behind one function that `wasm_split` marks; `cargo xtask post-build` cuts out what
//! only that function reaches. Without the feature `split` (in tests) the parts are ordinary code.

#![allow(unsafe_code, reason = "`wasm_split` declares what it imports from the part's file")]

use std::cell::Cell;
use std::rc::Rc;

use history::Session;
use mm::Pfn;
use scenario::edit::{self, EditError};
use scenario::link::{self, LinkError, LinkState};
use scenario::{Lang, Scenario, all_builtins_are_there};
use view::Moment;
use view::question::{Marks, Question};
use yew::prelude::*;

use crate::Action;
use crate::action::{LeftPanel, Overlay};
use crate::panels::timeline::TimelineData;
use crate::panels::vitals::VitalsData;
use crate::panels::{ask, gauge, strip, tools};
use crate::stage::frame_map::{self, FrameMapStage, FrameMapStageProps};
use crate::stage::lists::{ListsStage, ListsStageProps};
use crate::state::State;
use crate::texts;
use crate::writing::{self, Reading};

/// The frame map and its charts.
pub struct Map {
    /// The stage.
    pub stage: fn(FrameMapStageProps) -> Html,
    /// How long a redraw of everything and one of a patch take, in milliseconds.
    pub measure_redraw: fn() -> (f64, f64),
}

/// There is only one.
impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The stages of the per-CPU lists and of the zones.
pub struct Lists {
    /// The stage.
    pub stage: fn(ListsStageProps) -> Html,
}

/// There is only one.
impl PartialEq for Lists {
    fn eq(&self, other: &Lists) -> bool {
        std::ptr::eq(self, other)
    }
}

/// The panes and dialogs that are closed at first.
pub struct Tools {
    /// A pane of the left panel.
    pub pane: fn(LeftPanel, &State, &Moment, &Callback<Action>) -> Html,
    /// The card of the frame that is selected.
    pub card: fn(Pfn, &Moment, Lang, &Callback<Action>) -> Html,
    /// Why the address could not be opened.
    pub link_card: fn(&State, &Callback<Action>) -> Html,
    /// A dialog.
    pub overlay: fn(Overlay, &State, &Moment, &Callback<Action>) -> Html,
    /// What stands on the timeline.
    pub timeline: fn(&State, &Moment) -> Rc<TimelineData>,
    /// Its strip.
    pub density: fn(&Rc<TimelineData>) -> Html,
    /// Its marks, on a line of so many steps.
    pub marks: fn(&Rc<TimelineData>, u64) -> Html,
    /// The projector's column of figures.
    pub gauge: fn(&VitalsData, Lang) -> Html,
    /// What can be asked about the next step.
    pub question: fn(&Session, &Rc<Scenario>) -> Option<Question>,
    /// Where something is worth asking.
    pub places: fn(&Session, &Rc<Scenario>) -> Vec<u64>,
    /// The question that is open, or its answer.
    pub ask: fn(&State, &Callback<Action>) -> Html,
    /// The same for the reading voice.
    pub ask_voice: fn(&State) -> String,
    /// What it marks on the picture.
    pub ask_marks: fn(&State) -> Marks,
}

/// The text with a new op, and which op that is.
pub type Inserted = Result<(String, u32), EditError>;

/// What works on texts: the parser, edits, the coder of links; and what only texts ask for: the rules of kernel objects.
pub struct Writing {
    /// The rules that only texts ask for.
    pub rules: &'static mm::parts::Rules,
    /// And what is said of them.
    pub words: &'static view::parts::Words,
    /// [`writing::read`]
    pub read: fn(&str) -> Reading,
    /// [`writing::laid_out`]
    pub laid_out: fn(String) -> String,
    /// [`link::encode`]
    pub encode: fn(&LinkState) -> Result<String, LinkError>,
    /// [`link::decode`]
    pub decode: fn(&str) -> Result<Option<LinkState>, LinkError>,
    /// [`link::is_packed`]
    pub is_packed: fn(&str) -> bool,
    /// [`writing::insert`]
    pub insert: fn(&str, u32, &str) -> Option<Inserted>,
    /// [`edit::remove`]
    pub remove: fn(&str, u32) -> Result<String, EditError>,
}

/// A part could not be fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotFetched;

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for NotFetched {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        NotFetched
    }
}

thread_local! {
    static MAP: Cell<Option<&'static Map>> = const { Cell::new(None) };
    static LISTS: Cell<Option<&'static Lists>> = const { Cell::new(None) };
    static WRITING: Cell<Option<&'static Writing>> = const { Cell::new(None) };
    static TOOLS: Cell<Option<&'static Tools>> = const { Cell::new(None) };
}

/// The frame map, when it has arrived.
#[must_use]
pub fn map() -> Option<&'static Map> {
    MAP.get()
}

/// The stages of the per-CPU lists and of the zones, when they have arrived.
#[must_use]
pub fn lists() -> Option<&'static Lists> {
    LISTS.get()
}

/// Panes and dialogs, when they have arrived.
#[must_use]
pub fn tools() -> Option<&'static Tools> {
    TOOLS.get()
}

/// What works on texts, when it has arrived.
#[must_use]
pub fn writing() -> Option<&'static Writing> {
    WRITING.get()
}

/// Whether nothing is missing.
#[must_use]
pub fn complete() -> bool {
    all_builtins_are_there()
        && link::dictionary_is_there()
        && map().is_some()
        && lists().is_some()
        && tools().is_some()
        && writing().is_some()
}

/// Fetches what it takes to open an address.
pub async fn fetch_for(fragment: &str) -> Result<(), NotFetched> {
    if fragment.is_empty() {
        return Ok(());
    }
    texts::fetch_lessons().await?;
    let writing = fetch_writing().await?;
    if (writing.is_packed)(fragment) {
        texts::fetch_dictionary().await?;
    }
    wrote(writing);
    Ok(())
}

/// What works on texts has arrived.
fn wrote(writing: &'static Writing) {
    #[cfg(all(feature = "split", target_arch = "wasm32"))]
    {
        mm::parts::provide(writing.rules);
        view::parts::provide(writing.words);
    }
    WRITING.set(Some(writing));
}

/// Fetches what is missing.
pub async fn fetch() -> Result<(), NotFetched> {
    texts::fetch_styles().await?;
    // As soon as the lessons are there they can be opened.
    let writing = fetch_writing().await?;
    texts::fetch_lessons().await?;
    wrote(writing);
    texts::fetch_dictionary().await?;
    if TOOLS.get().is_none() {
        TOOLS.set(Some(fetch_tools().await?));
    }
    if LISTS.get().is_none() {
        LISTS.set(Some(fetch_lists().await?));
    }
    if MAP.get().is_none() {
        MAP.set(Some(fetch_map().await?));
    }
    Ok(())
}

/// Declares the function that fetches a part.
macro_rules! part {
    ($module:ident, $fetch:ident, $table:ty, $value:expr) => {
        #[cfg(feature = "split")]
        #[wasm_split_helpers::wasm_split($module, fallible)]
        fn $fetch() -> Result<&'static $table, NotFetched> {
            Ok(&$value)
        }

        #[cfg(not(feature = "split"))]
        async fn $fetch() -> Result<&'static $table, NotFetched> {
            Ok(&$value)
        }
    };
}

part!(
    writing,
    fetch_writing,
    Writing,
    Writing {
        rules: &mm::parts::RULES,
        words: &view::parts::WORDS,
        read: writing::read,
        laid_out: writing::laid_out,
        encode: link::encode,
        decode: link::decode,
        is_packed: link::is_packed,
        insert: writing::insert,
        remove: edit::remove,
    }
);
part!(map, fetch_map, Map, Map { stage, measure_redraw: frame_map::measure_redraw });
part!(lists, fetch_lists, Lists, Lists { stage: lists_stage });
part!(
    tools,
    fetch_tools,
    Tools,
    Tools {
        pane: tools::pane,
        overlay: tools::overlay,
        card: tools::card,
        link_card: tools::link_card,
        timeline: strip::timeline,
        density: strip::density,
        marks: strip::marks,
        gauge: gauge::column,
        question: ask::question,
        places: ask::places,
        ask: ask::panel,
        ask_voice: ask::voice,
        ask_marks: ask::marks,
    }
);

fn lists_stage(props: ListsStageProps) -> Html {
    html! { <ListsStage ..props /> }
}

fn stage(props: FrameMapStageProps) -> Html {
    html! { <FrameMapStage ..props /> }
}
