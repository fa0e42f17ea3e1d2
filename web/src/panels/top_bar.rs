//! Z1: the title, which picture, whose rules, and the viewer's own choices.

use scenario::Lang;
use view::Stage;
use yew::prelude::*;

use super::parts::icon_button;
use crate::Action;
use crate::action::{LeftPanel, Overlay};
use crate::i18n::Msg;
use crate::icons::{Icon, icon};
use crate::prefs::Theme;

/// Whose rules the machine follows, and what is simplified.
#[derive(Clone, PartialEq, Debug)]
pub struct Rules {
    /// "as in Linux 6.1"
    pub whose: AttrValue,
    /// "simplified: no per-CPU lists, no watermarks"
    pub notes: Vec<AttrValue>,
    /// All of it in whole sentences.
    pub reasons: Vec<AttrValue>,
}

/// What [`top_bar`] shows.
pub struct TopBar {
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// Large and without panels.
    pub present: bool,
    /// The scenario's title.
    pub title: AttrValue,
    /// Which picture is shown.
    pub stage: Stage,
    /// The badge.
    pub rules: Rules,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The word for a picture.
#[must_use]
pub fn stage_name(stage: Stage) -> Msg {
    match stage {
        Stage::Pyramid => Msg::StagePyramid,
        Stage::FrameMap => Msg::StageFrameMap,
        Stage::PerCpu => Msg::StagePerCpu,
        Stage::Zones => Msg::StageZones,
        Stage::Pageblocks => Msg::StagePageblocks,
        Stage::Fragmentation => Msg::StageFragmentation,
        Stage::Objects => Msg::StageObjects,
        Stage::Vmalloc => Msg::StageVmalloc,
        Stage::Faults => Msg::StageFaults,
        Stage::Walk => Msg::StageWalk,
        Stage::Hierarchy => Msg::StageHierarchy,
        Stage::Oom => Msg::StageOom,
        Stage::Segmentation => Msg::StageSegmentation,
        Stage::Nodes => Msg::StageNodes,
        Stage::Cma => Msg::StageCma,
        Stage::Dma => Msg::StageDma,
        Stage::Huge => Msg::StageHuge,
        Stage::Reclaim => Msg::StageReclaim,
        Stage::Compaction => Msg::StageCompaction,
    }
}

/// The top bar.
pub fn top_bar(props: &TopBar) -> Html {
    let TopBar { lang, theme, present, title, stage, rules, on } = props;
    let lang = *lang;
    let title = if title.is_empty() { AttrValue::from(Msg::Untitled.text(lang)) } else { title.clone() };
    let (theme_icon, theme_name, next_theme) = theme_button(*theme);
    let other = if lang == Lang::En { Lang::Zh } else { Lang::En };
    let (present_icon, present_name) =
        if *present { (Icon::Close, Msg::LeavePresent) } else { (Icon::Screen, Msg::Present) };
    let share = on.reform(|_: MouseEvent| Action::Overlay(Some(Overlay::Share)));
    html! {
        <header class="z1" aria-label={Msg::TopBar.text(lang)}>
            <span class="logo">{ "mmscope" }</span>
            <h1 class="title" title={title.clone()}>{ title }</h1>
            <nav class="stages not-present" aria-label={Msg::Stages.text(lang)}>
                { for Stage::ALL.map(|each| stage_tab(each, each == *stage, lang, on)) }
            </nav>
            <span class="grow" />
            <button type="button" class="btn badge" popovertarget="rules">
                <span>
                    { rules.whose.clone() }
                    <span class="badge-more">
                        { for rules.notes.iter().map(|note| format!(" · {note}")) }
                    </span>
                </span>
            </button>
            <div id="rules" class="menu notes" popover="auto">
                <h2>{ Msg::RulesHeading.text(lang) }</h2>
                <ul>
                    { for rules.reasons.iter().enumerate().map(|(at, reason)| html! {
                        <li key={at}>{ reason.clone() }</li>
                    }) }
                </ul>
            </div>
            <div class="tools">
                <button type="button" class="btn" title={format!("{} (R)", Msg::Share.text(lang))} onclick={share}>
                    { icon(Icon::Share) }
                    <span class="label wide">{ Msg::Share.text(lang) }</span>
                </button>
                <button
                    type="button"
                    class="btn wide"
                    title={format!("{} (P)", present_name.text(lang))}
                    aria-label={present_name.text(lang)}
                    onclick={on.reform(|_| Action::TogglePresent)}
                >
                    { icon(present_icon) }
                    <span class="label not-present">{ Msg::Present.text(lang) }</span>
                </button>
                <button
                    type="button"
                    class="btn wide"
                    lang={if other == Lang::Zh { "zh-CN" } else { "en" }}
                    aria-label={Msg::OtherLanguage.text(lang)}
                    title={format!("{} (L)", Msg::OtherLanguage.text(lang))}
                    onclick={on.reform(move |_| Action::Lang(other))}
                >
                    { lang.pick("EN / 中", "中 / EN") }
                </button>
                { icon_button(theme_icon, theme_name.text(lang), "wide not-present", on, Action::Theme(next_theme)) }
                { icon_button(Icon::Help, Msg::Keys.text(lang), "wide not-present", on, Action::Overlay(Some(Overlay::Help))) }
                <button
                    type="button"
                    class="btn square more"
                    popovertarget="more"
                    aria-label={Msg::More.text(lang)}
                >
                    { icon(Icon::Dots) }
                </button>
            </div>
            <div id="more" class="menu" popover="auto">
                { for Stage::ALL.map(|each| {
                    menu_item(Icon::Table, stage_name(each).text(lang), on, Action::Stage(each))
                }) }
                <hr />
                { menu_item(Icon::Terminal, Msg::Proc.text(lang), on, Action::Left(Some(LeftPanel::Proc))) }
                { menu_item(Icon::List, Msg::TwinHeading.text(lang), on, Action::Overlay(Some(Overlay::Twin))) }
                { menu_item(Icon::Screen, Msg::Present.text(lang), on, Action::TogglePresent) }
                { menu_item(theme_icon, theme_name.text(lang), on, Action::Theme(next_theme)) }
                { menu_item(Icon::Globe, Msg::OtherLanguage.text(lang), on, Action::Lang(other)) }
                { menu_item(Icon::Help, Msg::Keys.text(lang), on, Action::Overlay(Some(Overlay::Help))) }
                <hr />
                <p class="note">
                    { rules.whose.clone() }
                    { for rules.notes.iter().map(|note| format!(" · {note}")) }
                </p>
            </div>
        </header>
    }
}

/// What the button for the colours shows: those that are on, and those that come next.
fn theme_button(theme: Theme) -> (Icon, Msg, Theme) {
    match theme {
        Theme::Light => (Icon::Sun, Msg::ThemeLight, Theme::Dark),
        Theme::Dark => (Icon::Moon, Msg::ThemeDark, Theme::Projector),
        Theme::Projector => (Icon::Beamer, Msg::ThemeProjector, Theme::Light),
    }
}

fn stage_tab(stage: Stage, current: bool, lang: Lang, on: &Callback<Action>) -> Html {
    let name = stage_name(stage).text(lang);
    html! {
        <button
            key={name}
            type="button"
            class="btn"
            aria-current={current.then_some("true")}
            onclick={on.reform(move |_| Action::Stage(stage))}
        >
            { name }
        </button>
    }
}

fn menu_item(shape: Icon, name: &'static str, on: &Callback<Action>, action: Action) -> Html {
    html! {
        <button
            key={name}
            type="button"
            class="btn"
            popovertarget="more"
            popovertargetaction="hide"
            onclick={on.reform(move |_| action.clone())}
        >
            { icon(shape) }
            { name }
        </button>
    }
}
