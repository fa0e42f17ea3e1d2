//! The picture on the stage, and what the viewer has zoomed to in it.

use history::Survey;
use mm::mmzone::ZoneId;
use mm::{Pfn, PfnRange};
use scenario::Lang;
use view::question::Marks;
use view::{Moment, Stage, pyramid};
use yew::prelude::*;

use super::parts::zoom_buttons;
use crate::Action;
use crate::canvas::Shared;
use crate::lazy::{Lists, Map};
use crate::stage::frame_map::FrameMapStageProps;
use crate::stage::lists::ListsStageProps;
use crate::stage::pyramid::PyramidStage;

/// What a zoom button asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zoom {
    /// Nearer.
    In,
    /// Farther.
    Out,
    /// All of it.
    Fit,
}

/// Properties of [`StageView`].
#[derive(Properties, PartialEq)]
pub struct StageViewProps {
    /// The language.
    pub lang: Lang,
    /// Which picture.
    pub stage: Stage,
    /// The frame map, when it has been fetched.
    pub map: Option<&'static Map>,
    /// The stages of the per-CPU lists and of the zones, when they have been fetched.
    pub lists: Option<&'static Lists>,
    /// The moment that is shown.
    pub moment: Shared<Moment>,
    /// What is known about the whole history.
    pub survey: Shared<Survey>,
    /// Which zone.
    pub zone: ZoneId,
    /// The frame that is looked at everywhere.
    pub selected: Option<Pfn>,
    /// Large, for a projector.
    pub present: bool,
    /// What a question marks.
    #[prop_or_default]
    pub marks: Marks,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The picture.
#[component]
pub fn StageView(props: &StageViewProps) -> Html {
    let StageViewProps { lang, stage, map, lists, moment, survey, zone, selected, present, marks, on } =
        props;
    let window = use_state(|| (*zone, None::<PfnRange>));
    // Another zone has other frames.
    let shown = (window.0 == *zone).then_some(window.1).flatten();
    let on_window = {
        let (window, zone) = (window.clone(), *zone);
        Callback::from(move |range: Option<PfnRange>| window.set((zone, range)))
    };
    let on_zoom = {
        let (moment, zone, selected, on_window) = (moment.clone(), *zone, *selected, on_window.clone());
        Callback::from(move |zoom: Zoom| {
            let now = shown.unwrap_or_else(|| pyramid::window(&moment, zone));
            let middle = Pfn(now.start.0 + now.len() / 2);
            let about = selected.filter(|pfn| now.contains(*pfn)).unwrap_or(middle);
            let whole = pyramid::whole(&moment.machine, zone);
            on_window.emit(match zoom {
                Zoom::In => Some(pyramid::zoom(whole, now, about, true)),
                Zoom::Out => Some(pyramid::zoom(whole, now, about, false)),
                Zoom::Fit => None,
            });
        })
    };
    let on_select = on.reform(Action::Select);
    html! {
        <div class="picture">
            if *stage == Stage::Pyramid {
                <PyramidStage
                    moment={moment.clone()}
                    zone={*zone}
                    window={shown}
                    {on_window}
                    selected={*selected}
                    {on_select}
                    lang={*lang}
                    present={*present}
                    names_op={*present}
                    marks={marks.clone()}
                    on_answer={on.reform(Action::Pick)}
                />
                { zoom_buttons(*lang, &on_zoom) }
            } else if *stage != Stage::FrameMap {
                { lists.map(|lists| (lists.stage)(ListsStageProps {
                    marks: marks.clone(),
                    on_answer: on.reform(Action::Pick),
                    stage: *stage,
                    moment: moment.clone(),
                    survey: survey.clone(),
                    on_seek: on.reform(Action::SeekGlobal),
                    zone: *zone,
                    selected: *selected,
                    on_select,
                    on_zone: on.reform(Action::Zone),
                    on_stage: on.reform(Action::Stage),
                    lang: *lang,
                    present: *present,
                })).unwrap_or_default() }
            } else {
                { map.map(|map| (map.stage)(FrameMapStageProps {
                    moment: moment.clone(),
                    survey: survey.clone(),
                    zone: *zone,
                    selected: *selected,
                    on_select,
                    on_seek: on.reform(Action::SeekGlobal),
                    lang: *lang,
                    headline: *present,
                })).unwrap_or_default() }
            }
        </div>
    }
}
