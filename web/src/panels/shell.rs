//! The page's frame: which zone comes after which, and the sheet that a phone pulls up from below.
//!
//! The order of the zones is the order of the focus; where each stands is the style sheet's business.

use scenario::Lang;
use web_sys::{HtmlElement, PointerEvent};
use yew::prelude::*;

use crate::Action;
use crate::action::LeftPanel;
use crate::i18n::Msg;
use crate::icons::{Icon, icon};

/// How far the sheet is pulled up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Detent {
    Peek,
    Half,
    Full,
}

impl Detent {
    fn name(self) -> &'static str {
        match self {
            Detent::Peek => "peek",
            Detent::Half => "half",
            Detent::Full => "full",
        }
    }

    fn larger(self) -> Detent {
        match self {
            Detent::Peek => Detent::Half,
            Detent::Half | Detent::Full => Detent::Full,
        }
    }

    fn smaller(self) -> Detent {
        match self {
            Detent::Full => Detent::Half,
            Detent::Half | Detent::Peek => Detent::Peek,
        }
    }
}

/// A tab of the sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tab {
    Story,
    Inspect,
    Do,
    Log,
}

impl Tab {
    const ALL: [Tab; 4] = [Tab::Story, Tab::Inspect, Tab::Do, Tab::Log];

    fn name(self) -> &'static str {
        match self {
            Tab::Story => "story",
            Tab::Inspect => "inspect",
            Tab::Do => "do",
            Tab::Log => "log",
        }
    }

    fn label(self) -> Msg {
        match self {
            Tab::Story => Msg::StoryTab,
            Tab::Inspect => Msg::InspectTab,
            Tab::Do => Msg::DoTab,
            Tab::Log => Msg::Log,
        }
    }

    /// The left panel that it shows; none: the inspector.
    fn panel(self) -> Option<LeftPanel> {
        match self {
            Tab::Story => Some(LeftPanel::Lessons),
            Tab::Inspect => None,
            Tab::Do => Some(LeftPanel::Scenario),
            Tab::Log => Some(LeftPanel::Log),
        }
    }

    fn of(panel: LeftPanel) -> Tab {
        match panel {
            LeftPanel::Lessons => Tab::Story,
            LeftPanel::Scenario | LeftPanel::Proc => Tab::Do,
            LeftPanel::Log => Tab::Log,
        }
    }
}

/// What the frame is made of.
#[derive(Properties, PartialEq)]
pub struct ShellProps {
    /// The language.
    pub lang: Lang,
    /// Large and without panels.
    pub present: bool,
    /// What the left panel shows.
    pub left: Option<LeftPanel>,
    /// Whether the inspector is open.
    pub inspector: bool,
    /// Whether the scenario tells a story: its line needs room.
    pub story: bool,
    /// Whether anything is selected: on the projector the inspector floats only then.
    pub selected: bool,
    /// "asking" while a question waits, "shown" when its answer stands there, else "off".
    pub ask: &'static str,
    /// Z1.
    pub top: Html,
    /// Z7.
    pub side: Html,
    /// Z2 and Z6.
    pub stage: Html,
    /// Z3.
    pub card: Html,
    /// Z4.
    pub narration: Html,
    /// Z5.
    pub transport: Html,
    /// Dialogs and the note.
    pub overlays: Html,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The frame.
#[component]
pub fn Shell(props: &ShellProps) -> Html {
    let ShellProps { lang, present, left, inspector, story, selected, on, .. } = props;
    let lang = *lang;
    let inspecting = use_state(|| false);
    let detent = use_state(|| Detent::Peek);
    let tab = if *inspecting { Tab::Inspect } else { Tab::of(left.unwrap_or(LeftPanel::Lessons)) };

    // Opened from elsewhere (the menu): the sheet shows it.
    {
        let (inspecting, detent, first) = (inspecting.clone(), detent.clone(), use_mut_ref(|| true));
        use_effect_with(*left, move |left| {
            if !first.replace(false) && left.is_some() {
                inspecting.set(false);
                if *detent == Detent::Peek {
                    detent.set(Detent::Half);
                }
            }
        });
    }

    let choose = {
        let (on, inspecting, detent) = (on.clone(), inspecting.clone(), detent.clone());
        Callback::from(move |chosen: Tab| {
            let again = chosen == tab;
            detent.set(match (*detent, again) {
                (Detent::Peek, _) => Detent::Half,
                (_, true) => Detent::Peek,
                (other, false) => other,
            });
            if !again {
                inspecting.set(chosen == Tab::Inspect);
                if let Some(panel) = chosen.panel() {
                    on.emit(Action::Left(Some(panel)));
                }
            }
        })
    };

    let flag = |on: bool| if on { "on" } else { "off" };
    html! {
        <div
            class="shell"
            data-present={flag(*present)}
            data-left={flag(left.is_some())}
            data-inspector={flag(*inspector)}
            data-story={flag(*story)}
            data-selected={flag(*selected)}
            data-ask={props.ask}
            data-sheet={tab.name()}
            data-detent={detent.name()}
        >
            { skip_link(lang) }
            { props.top.clone() }
            { props.side.clone() }
            { props.stage.clone() }
            { props.card.clone() }
            { props.narration.clone() }
            { props.transport.clone() }
            <nav class="sheet-bar" aria-label={Msg::Sheet.text(lang)}>
                <Grip {lang} detent={detent.clone()} />
                <div class="bar-row">
                    <div class="tabs">
                        { for Tab::ALL.map(|each| sheet_tab(each, each == tab, lang, &choose)) }
                    </div>
                    <button
                        type="button"
                        class="btn line to-ask"
                        aria-label={Msg::PredictNext.text(lang)}
                        onclick={on.reform(|_| Action::Ask)}
                    >
                        { icon(Icon::Predict) }
                        <span>{ Msg::Predict.text(lang) }</span>
                    </button>
                </div>
            </nav>
            { props.overlays.clone() }
        </div>
    }
}

fn sheet_tab(tab: Tab, pressed: bool, lang: Lang, choose: &Callback<Tab>) -> Html {
    html! {
        <button
            key={tab.name()}
            type="button"
            class="tab"
            aria-pressed={pressed.to_string()}
            onclick={choose.reform(move |_| tab)}
        >
            { tab.label().text(lang) }
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct GripProps {
    lang: Lang,
    detent: UseStateHandle<Detent>,
}

/// The handle: dragging pulls the sheet, pressing it goes to the next size and from the largest back.
#[component]
fn Grip(props: &GripProps) -> Html {
    /// Further than this, and it was a drag.
    const DRAG_PX: i32 = 24;
    let detent = props.detent.clone();
    let from = use_mut_ref(|| None::<i32>);
    let dragged = use_mut_ref(|| false);

    let onpointerdown = {
        let (from, dragged) = (from.clone(), dragged.clone());
        move |event: PointerEvent| {
            *from.borrow_mut() = Some(event.client_y());
            *dragged.borrow_mut() = false;
            if let Some(grip) = event.target_dyn_into::<HtmlElement>() {
                let _ = grip.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let onpointermove = {
        let (from, dragged, detent) = (from.clone(), dragged.clone(), detent.clone());
        move |event: PointerEvent| {
            let mut from = from.borrow_mut();
            let Some(start) = *from else { return };
            let way = event.client_y() - start;
            if way.abs() > DRAG_PX {
                detent.set(if way < 0 { detent.larger() } else { detent.smaller() });
                *from = None;
                *dragged.borrow_mut() = true;
            }
        }
    };
    let onpointerup = move |_: PointerEvent| *from.borrow_mut() = None;
    let onclick = {
        let detent = detent.clone();
        move |_: MouseEvent| {
            if !dragged.replace(false) {
                detent.set(if *detent == Detent::Full { Detent::Peek } else { detent.larger() });
            }
        }
    };
    let label = if *props.detent == Detent::Full { Msg::SheetSmaller } else { Msg::SheetLarger };
    html! {
        <button
            type="button"
            class="grip"
            aria-label={label.text(props.lang)}
            {onpointerdown}
            {onpointermove}
            {onpointerup}
            {onclick}
        />
    }
}

/// A button and no link: the page's fragment is the scenario.
fn skip_link(lang: Lang) -> Html {
    let onclick = |_: MouseEvent| {
        use wasm_bindgen::JsCast;
        let stage = gloo::utils::document().get_element_by_id("stage");
        if let Some(stage) = stage.and_then(|stage| stage.dyn_into::<HtmlElement>().ok()) {
            let _ = stage.focus();
        }
    };
    html! {
        <button type="button" class="skip" {onclick}>{ Msg::SkipToStage.text(lang) }</button>
    }
}
