//! The lessons, and below the one that is open what it has told so far.

use history::Cursor;
use scenario::Lang;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::parts::keep_in_sight;
use crate::Action;
use crate::i18n::Msg;

/// A built-in scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Lesson {
    /// What [`Action::OpenBuiltin`] takes.
    pub id: AttrValue,
    /// Its title.
    pub title: AttrValue,
    /// Its first sentence, for a pointer that rests on it.
    pub about: AttrValue,
    /// It is open.
    pub open: bool,
}

/// A sentence of the lesson that is open.
#[derive(Clone, PartialEq, Debug)]
pub struct Beat {
    /// The op it is said before.
    pub op: u32,
    /// The sentence.
    pub text: AttrValue,
    /// It is the newest one.
    pub now: bool,
}

/// Properties of [`Lessons`].
#[derive(Properties, PartialEq)]
pub struct LessonsProps {
    /// The language.
    pub lang: Lang,
    /// The sentences of what is open.
    pub story: Vec<Beat>,
    /// All lessons.
    pub lessons: Vec<Lesson>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The lessons.
#[component]
pub fn Lessons(props: &LessonsProps) -> Html {
    let LessonsProps { lang, story, lessons, on } = props;
    let lang = *lang;
    let scroller = use_node_ref();
    {
        let scroller = scroller.clone();
        let open = lessons.iter().position(|lesson| lesson.open);
        use_effect_with((open, story.iter().position(|beat| beat.now)), move |(_, beat)| {
            if let Some(scroller) = scroller.cast::<HtmlElement>() {
                let current = if beat.is_some() { ".beat[aria-current]" } else { ".lesson[aria-current]" };
                keep_in_sight(&scroller, current);
            }
        });
    }
    // A scenario of one's own stands before the lessons.
    let own = lessons.iter().all(|lesson| !lesson.open);
    html! {
        <div class="pane">
            <div
                ref={scroller}
                class="scroll lessons-pane"
                tabindex="0"
                role="group"
                aria-label={Msg::Lessons.text(lang)}
            >
                <div class="own">{ if own { draw_story(story, lang, on) } else { html! {} } }</div>
                <ul class="lessons" aria-label={Msg::AllLessons.text(lang)}>
                    { for lessons.iter().map(|lesson| draw_lesson(lesson, story, lang, on)) }
                </ul>
            </div>
        </div>
    }
}

fn draw_story(story: &[Beat], lang: Lang, on: &Callback<Action>) -> Html {
    html! {
        <section class="story" aria-label={Msg::Story.text(lang)}>
            <ol>{ for story.iter().enumerate().map(|(at, beat)| draw_beat(at + 1, beat, on)) }</ol>
            <p class="empty">{ if story.is_empty() { Msg::NoStory.text(lang) } else { "" } }</p>
        </section>
    }
}

fn draw_beat(number: usize, beat: &Beat, on: &Callback<Action>) -> Html {
    let op = beat.op;
    html! {
        <li key={number}>
            <button
                type="button"
                class="beat"
                aria-current={beat.now.then_some("step")}
                onclick={on.reform(move |_| Action::Seek(Cursor::new(op, 0)))}
            >
                <span class="at">{ number }</span>
                <span>{ beat.text.clone() }</span>
            </button>
        </li>
    }
}

fn draw_lesson(lesson: &Lesson, story: &[Beat], lang: Lang, on: &Callback<Action>) -> Html {
    let id = lesson.id.to_string();
    html! {
        <li key={id.clone()}>
            <button
                type="button"
                class="lesson"
                title={lesson.about.clone()}
                aria-current={lesson.open.then_some("true")}
                onclick={on.reform(move |_| Action::OpenBuiltin(id.clone()))}
            >
                { lesson.title.clone() }
            </button>
            <div>{ if lesson.open { draw_story(story, lang, on) } else { html! {} } }</div>
        </li>
    }
}
