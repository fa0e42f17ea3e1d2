//! A [`Scene`] as inline SVG: attributes and classes only, because the page's policy forbids styles.
//!
//! The picture is hidden from screen readers; what it says is said in words elsewhere. Things that the step has moved
//! carry the step in their key: they are new elements, whose entrance is animated by the style sheet, and the next
//! input replaces them, which ends the motion at once. Nothing moves in the first picture that is shown.

use view::scene::{Hit, Item, Motion, PATTERNS, Scene, TileMark, num, pattern_transform};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;
use yew::virtual_dom::{Key, VNode, VTag};

use crate::canvas::Shared;

/// The properties of [`SceneSvg`].
#[derive(Properties, PartialEq)]
pub struct SceneSvgProps {
    /// The picture.
    pub scene: Shared<Scene>,
    /// Called with what was clicked or tapped.
    pub on_hit: Callback<Hit>,
}

/// A picture as SVG.
#[component]
pub fn SceneSvg(props: &SceneSvgProps) -> Html {
    let scene = &props.scene;
    // The moment before this one, and whether the things of this one may move.
    let seen = use_mut_ref(|| (scene.moment, false));
    let moves = {
        let mut seen = seen.borrow_mut();
        if seen.0 != scene.moment {
            *seen = (scene.moment, true);
        }
        seen.1
    };
    let onclick = {
        let (scene, on_hit) = (scene.clone(), props.on_hit.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(hit) = event.target().and_then(|target| hit_of(&scene, target)) {
                on_hit.emit(hit);
            }
        })
    };
    let view_box = format!("0 0 {} {}", num(scene.width), num(scene.height));
    let (moment, form) = (scene.moment, scene.form);
    let items = scene.items.iter().enumerate().map(|(i, item)| element(i, item, moves, moment));
    html! {
        <svg class={classes!("sc", format!("sc-{}", form.word()))} viewBox={view_box} aria-hidden="true"
            focusable="false" preserveAspectRatio="xMidYMid meet" {onclick}>
            <defs>{ for PATTERNS.iter().map(|pattern| tile(pattern, form)) }</defs>
            <g>{ for items }</g>
        </svg>
    }
}

/// What the pointer is on.
fn hit_of(scene: &Scene, target: web_sys::EventTarget) -> Option<Hit> {
    let element = target.dyn_into::<Element>().ok()?.closest("[data-hit]").ok()??;
    let at: usize = element.get_attribute("data-hit")?.parse().ok()?;
    scene.items.get(at)?.hit
}

/// A thing; an element of its own for each step that moves it.
fn element(at: usize, item: &Item, moves: bool, moment: u64) -> VNode {
    let drawn = item.element();
    let mut tag = VTag::new(drawn.name);
    let motion = item.motion.class().filter(|_| moves);
    for (name, value) in drawn.attributes {
        match (name, motion) {
            ("class", Some(motion)) => tag.add_attribute(name, format!("{value} {motion}")),
            _ => tag.add_attribute(name, value),
        }
    }
    if item.hit.is_some() {
        tag.add_attribute("data-hit", at.to_string());
    }
    if let Some(words) = drawn.text {
        tag.add_child(VNode::from(words.to_owned()));
    }
    tag.add_attribute("data-id", item.id.to_string());
    tag.key = Some(match item.motion {
        Motion::Still => Key::from(at),
        _ => Key::from(format!("{at}@{moment}")),
    });
    tag.into()
}

/// The tile of a pattern.
fn tile(pattern: &view::scene::Pattern, form: view::scene::Form) -> Html {
    let size = num(pattern.size);
    let mark = |mark: &TileMark| match *mark {
        TileMark::Line { x1, y1, x2, y2 } => html! {
            <line class={pattern.marks} x1={num(x1)} y1={num(y1)} x2={num(x2)} y2={num(y2)} />
        },
        TileMark::Dot { x, y, r } => html! {
            <circle class={pattern.marks} cx={num(x)} cy={num(y)} r={num(r)} />
        },
    };
    html! {
        <pattern id={pattern.name} key={pattern.name} width={size.clone()} height={size.clone()}
            patternUnits="userSpaceOnUse" patternTransform={pattern_transform(pattern.turned, form)}>
            <rect class={pattern.ground} width={size.clone()} height={size} />
            <g>{ for pattern.strokes.iter().map(mark) }</g>
        </pattern>
    }
}
