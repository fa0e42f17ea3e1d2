//! The state of the page and what each [`Action`] does to it. Knows no Yew and touches no browser API: what has to
//! happen outside comes back as [`Effect`]s.

use std::rc::Rc;

use history::{Cursor, Session};
use mm::mmzone::ZoneId;
use mm::page::Block;
use mm::{Order, Pfn, Step};
use scenario::link::{self, LinkError, LinkErrorKind, LinkState};
use scenario::{Builtin, Diagnostic, Lang, Scenario, builtins};
use view::question::{Given, Question};
use view::{Moment, Stage};

use crate::action::{LeftPanel, Overlay, Way};
use crate::lazy;
use crate::prefs::Prefs;
use crate::writing::Reading;
use crate::{Action, keys};

/// What has to happen outside of the state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The address should follow, soon: the same page of the browser's history.
    ReplaceAddress,
    /// Another scenario was opened: a new page of the browser's history.
    PushAddress,
    /// The viewer's choices should be kept.
    SavePrefs,
    /// This goes to the clipboard.
    Copy(String),
    /// The survey has more to do: come back with [`Action::Survey`].
    ContinueSurvey,
    /// The sentence should be read out: the person moved the cursor.
    Announce,
}

/// The scenario that is open: its text, what the text says, and its history.
pub struct Doc {
    /// The built-in scenario it is, unchanged.
    pub builtin: Option<&'static Builtin>,
    /// The text, as the person writes it.
    pub text: String,
    /// Every error in it.
    pub diagnostics: Vec<Diagnostic>,
    /// What runs: everything in the text that makes sense.
    pub scenario: Rc<Scenario>,
    /// Its history.
    pub session: Session,
    /// Where something is worth asking, as steps done before; none: not known yet.
    pub places: Option<Vec<u64>>,
}

impl Doc {
    /// Opens a text. None: what reads texts has not arrived, and it is not the first lesson.
    fn open(text: String) -> Option<Doc> {
        let reading = match lazy::writing() {
            Some(writing) => (writing.read)(&text),
            None if text == builtins()[0].text => Reading::first(),
            None => return None,
        };
        Some(Doc::new(text, reading))
    }

    fn new(text: String, reading: Reading) -> Doc {
        let Reading { builtin, scenario, machine, diagnostics } = reading;
        let ops = scenario.engine_ops().cloned().collect();
        let session = Session::new(machine, Rc::new(ops));
        Doc { builtin, text, diagnostics, scenario: Rc::new(scenario), session, places: None }
    }

    /// What a link to this moment carries.
    #[must_use]
    pub fn link_state(&self) -> LinkState {
        let Cursor { op, step } = self.session.cursor();
        // At the beginning of an op the step before belongs to another op: nothing to recognise the moment by.
        let kind = self.session.just_did().filter(|_| step > 0).map(|step| step.kind.code());
        LinkState::new(&self.text, link::Cursor { op, step }, kind)
    }
}

/// A note at the bottom of the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Note {
    /// The link is in the clipboard.
    LinkCopied,
    /// There is no further change of the selected block that way.
    NoFurtherChange,
    /// Nothing is selected.
    NothingSelected,
    /// The rules were corrected since the link was made, and the step it points to has moved.
    StepMoved,
    /// The edit was made; the old future is one undo away.
    OldFutureKept,
    /// This op comes out of a loop: one turn of it cannot be taken away.
    OpFromLoop,
    /// A part of the page is wanted and could not be fetched.
    PartMissing,
    /// The next step is nothing to be wrong about.
    NothingToAsk,
}

/// A question about the next step, and what was answered.
pub struct Asking {
    /// The question.
    pub question: Question,
    /// What is answered so far.
    pub given: Option<Given>,
    /// What is typed as a number.
    pub typed: String,
    /// The step was played, and the answer is shown.
    pub shown: bool,
}

/// How fast playing goes, in steps per second times 2.
const SPEEDS: [u16; 6] = [1, 2, 4, 8, 16, 24];
/// Steps that a slice of the survey runs: about 4 ms in wasm.
const SURVEY_SLICE: u64 = 40_000;
/// How many edits can be taken back.
const UNDO_DEPTH: usize = 200;

/// The whole state of the page.
pub struct State {
    /// The scenario that is open.
    pub doc: Doc,
    /// The viewer's choices.
    pub prefs: Prefs,
    /// Which picture is shown.
    pub stage: Stage,
    /// Which zone the picture shows.
    pub zone: ZoneId,
    /// A frame of the block that is looked at everywhere.
    pub selected: Option<Pfn>,
    /// What the left panel shows; none: it is folded.
    pub left: Option<LeftPanel>,
    /// Whether the inspector is open.
    pub inspector: bool,
    /// What lies over the page.
    pub overlay: Option<Overlay>,
    /// Whether time runs by itself.
    pub playing: bool,
    /// Whether a hand holds the scrubber: the address waits until it lets go.
    held: bool,
    /// Index into the speeds.
    speed: usize,
    /// A note to read.
    pub note: Option<Note>,
    /// Why the address could not be opened.
    pub link_error: Option<LinkError>,
    /// What the address says, as long as a part that it takes is missing.
    waiting: Option<String>,
    /// The question that is open.
    pub asking: Option<Asking>,
    /// Whether the person has moved yet: until then a hint says which key to press.
    pub moved: bool,
    undo: Vec<(String, Cursor)>,
    redo: Vec<(String, Cursor)>,
    /// Whether the last edit was typing, so that the next key belongs to the same undo.
    typing: bool,
}

impl State {
    /// The page with the first built-in scenario, or with what `fragment` says.
    #[must_use]
    pub fn new(prefs: Prefs, fragment: &str) -> State {
        let mut state = State {
            doc: Doc::new(builtins()[0].text.to_owned(), Reading::first()),
            prefs,
            stage: Stage::Pyramid,
            zone: ZoneId(0),
            selected: None,
            left: Some(LeftPanel::Lessons),
            inspector: true,
            overlay: None,
            playing: false,
            held: false,
            speed: 2,
            note: None,
            link_error: None,
            waiting: None,
            asking: None,
            moved: false,
            undo: Vec::new(),
            redo: Vec::new(),
            typing: false,
        };
        state.focus_zone();
        state.open_fragment(fragment);
        state
    }

    /// The moment that every panel shows.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let moment = Moment::of(&self.doc.session, &self.doc.scenario);
        // What is asked is not told; and beside an answer nothing else comes yet.
        if self.asking.is_some() { Moment { next: None, ..moment } } else { moment }
    }

    /// Whether a question waits for its answer.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.asking.as_ref().is_some_and(|asking| !asking.shown)
    }

    /// Milliseconds from one step to the next while playing.
    #[must_use]
    pub fn tick_ms(&self) -> u32 {
        2000 / u32::from(SPEEDS[self.speed])
    }

    /// Steps per second while playing.
    #[must_use]
    pub fn speed(&self) -> f32 {
        f32::from(SPEEDS[self.speed]) / 2.0
    }

    /// Whether an edit can be taken back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether an edit that was taken back can be done again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// What the page looks like to a key.
    #[must_use]
    pub fn key_context(&self) -> keys::Context {
        // The card of a broken link lies over the page as well, and no key opens or closes it but Esc.
        let broken = self.link_error.is_some();
        keys::Context {
            single_keys: self.prefs.keys && !broken,
            overlay: if broken { Some(Overlay::Share) } else { self.overlay },
            present: self.prefs.present,
            lang: self.prefs.lang,
            theme: self.prefs.theme,
            asking: match &self.asking {
                None => keys::Asking::No,
                Some(Asking { shown: true, .. }) => keys::Asking::Shown,
                Some(Asking { question, .. }) => match question.choices().len() {
                    0 => keys::Asking::Number,
                    choices => keys::Asking::Choice(choices),
                },
            },
        }
    }

    /// The fragment of a link to this moment, with its `#`.
    ///
    /// # Errors
    /// When the text is too long for any link.
    pub fn fragment(&self) -> Result<String, LinkError> {
        // It will be there before anybody can copy the link.
        let writing =
            lazy::writing().filter(|_| link::dictionary_is_there()).ok_or(LinkErrorKind::NotALink)?;
        (writing.encode)(&self.doc.link_state())
    }

    /// Does what was asked for.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        if !matches!(action, Action::Survey | Action::Tick) {
            self.note = None;
            self.typing &= matches!(action, Action::Text(_));
        }
        if self.is_move(&action) {
            return self.apply_move(action);
        }
        match action {
            Action::TogglePlay => {
                self.asking = None;
                let at_end = self.doc.session.next_step().is_none();
                if at_end && !self.playing {
                    self.doc.session.seek(Cursor::START);
                }
                self.playing = !self.playing;
                self.moved = true;
                if self.playing { vec![] } else { vec![Effect::ReplaceAddress, Effect::Announce] }
            }
            Action::Tick => self.tick(),
            Action::Hold(held) => {
                self.held = held;
                if held { vec![] } else { vec![Effect::ReplaceAddress] }
            }
            Action::Speed(Way::Forward) => {
                self.speed = (self.speed + 1).min(SPEEDS.len() - 1);
                vec![]
            }
            Action::Speed(Way::Back) => {
                self.speed = self.speed.saturating_sub(1);
                vec![]
            }
            Action::Survey => {
                let done = self.doc.session.survey(SURVEY_SLICE);
                self.find_places();
                if done { vec![] } else { vec![Effect::ContinueSurvey] }
            }
            Action::Fetched(ok) => {
                if !ok && self.wants_parts() {
                    self.note = Some(Note::PartMissing);
                }
                self.find_places();
                match self.waiting.take() {
                    Some(fragment) if ok => self.apply(Action::OpenFragment(fragment)),
                    // The address could not follow before.
                    None if ok && self.moved => vec![Effect::ReplaceAddress],
                    waiting => {
                        self.waiting = waiting;
                        vec![]
                    }
                }
            }
            Action::Select(pfn) => {
                self.selected = pfn;
                if let Some(zone) = pfn.and_then(|pfn| self.doc.session.machine().zone_of(pfn)) {
                    self.zone = zone;
                }
                vec![]
            }
            Action::NextStage => self.apply(Action::Stage(self.stage.next())),
            Action::Stage(stage) => {
                self.stage = stage;
                vec![]
            }
            Action::Zone(zone) => {
                if zone.index() < self.doc.session.machine().zones().len() {
                    self.zone = zone;
                }
                vec![]
            }
            Action::Lang(lang) => self.save(|prefs| prefs.lang = lang),
            Action::Theme(theme) => self.save(|prefs| prefs.theme = theme),
            Action::Motion(motion) => self.save(|prefs| prefs.motion = motion),
            Action::TogglePresent => self.save(|prefs| prefs.present = !prefs.present),
            Action::ToggleKeys => self.save(|prefs| prefs.keys = !prefs.keys),
            Action::Left(panel) => {
                self.left = panel;
                vec![]
            }
            Action::ToggleInspector => {
                self.inspector = !self.inspector;
                vec![]
            }
            Action::Overlay(overlay) => {
                self.overlay = overlay;
                self.link_error = None;
                vec![]
            }
            Action::Text(text) => self.edit(text, true, None),
            Action::Insert(statement) => self.insert(&statement),
            Action::RemoveOp => self.remove_op(),
            Action::Undo => self.undo_or_redo(true),
            Action::Redo => self.undo_or_redo(false),
            Action::OpenBuiltin(id) => match scenario::builtin(&id) {
                Some(builtin) => self.open(builtin.text.to_owned()),
                None => vec![],
            },
            Action::OpenText(text) => self.open(text),
            Action::OpenFragment(fragment) => {
                self.open_fragment(&fragment);
                vec![Effect::ContinueSurvey, Effect::Announce]
            }
            Action::CopyLink => match self.fragment() {
                Ok(fragment) => {
                    self.note = Some(Note::LinkCopied);
                    vec![Effect::Copy(fragment)]
                }
                Err(_) => {
                    self.overlay = Some(Overlay::Share);
                    vec![]
                }
            },
            Action::Ask => self.ask(),
            Action::Pick(at) => {
                if let Some(asking) = self.asking.as_mut().filter(|asking| !asking.shown) {
                    asking.given = (at < asking.question.choices().len()).then_some(Given::Choice(at));
                }
                vec![]
            }
            Action::Answer(typed) => {
                if let Some(asking) = self.asking.as_mut().filter(|asking| !asking.shown) {
                    asking.given = typed.trim().parse().ok().map(Given::Number);
                    asking.typed = typed;
                }
                vec![]
            }
            Action::LeaveQuestion => {
                self.asking = None;
                vec![]
            }
            Action::ResetTally => self.save(|prefs| prefs.tally = (0, 0)),
            Action::DismissNote => vec![],
            _ => unreachable!("moves were applied above"),
        }
    }

    fn is_move(&self, action: &Action) -> bool {
        matches!(
            action,
            Action::Step(_)
                | Action::Op(_)
                | Action::End(_)
                | Action::Marker(_)
                | Action::Change(_)
                | Action::SeekGlobal(_)
                | Action::Seek(_)
                | Action::Tenth(_)
        )
    }

    fn apply_move(&mut self, action: Action) -> Vec<Effect> {
        self.playing = false;
        self.moved = true;
        self.asking = None;
        let session = &mut self.doc.session;
        match action {
            Action::Step(Way::Forward) => _ = session.step_forward(),
            Action::Step(Way::Back) => _ = session.step_back(),
            Action::Op(Way::Forward) => _ = session.op_forward(),
            Action::Op(Way::Back) => _ = session.op_back(),
            Action::End(Way::Back) => session.seek(Cursor::START),
            Action::End(Way::Forward) => session.seek(Cursor::new(u32::MAX, 0)),
            Action::Seek(cursor) => session.seek(cursor),
            Action::SeekGlobal(global) => session.seek_global(global),
            Action::Tenth(tenth) => {
                session.survey(u64::MAX);
                session.seek_global(session.survey_so_far().steps() * u64::from(tenth) / 10);
            }
            Action::Marker(way) => self.seek_marker(way),
            Action::Change(way) => self.seek_change(way),
            _ => {}
        }
        self.focus_zone();
        if self.held { vec![Effect::Announce] } else { vec![Effect::ReplaceAddress, Effect::Announce] }
    }

    fn seek_marker(&mut self, way: Way) {
        let session = &mut self.doc.session;
        session.survey(u64::MAX);
        let here = session.global();
        let survey = session.survey_so_far();
        let captions = self.doc.scenario.captions.iter().map(|c| survey.global(Cursor::new(c.op, 0)));
        let asked = self.doc.places.iter().flatten().copied();
        let places = survey.markers().iter().map(|m| m.global).chain(captions).chain(asked);
        let to = match way {
            Way::Forward => places.filter(|at| *at > here).min().unwrap_or(survey.steps()),
            Way::Back => places.filter(|at| *at < here).max().unwrap_or(0),
        };
        session.seek_global(to);
    }

    /// Asks about the next step; while a question waits, plays what was asked about; when it was answered, asks the
    /// next one.
    fn ask(&mut self) -> Vec<Effect> {
        self.playing = false;
        let Some(asking) = self.asking.as_mut().filter(|asking| !asking.shown) else {
            let Some(tools) = lazy::tools() else {
                self.note = Some(Note::PartMissing);
                return vec![];
            };
            self.asking = (tools.question)(&self.doc.session, &self.doc.scenario).map(|question| Asking {
                question,
                given: None,
                typed: String::new(),
                shown: false,
            });
            if self.asking.is_none() {
                self.note = Some(Note::NothingToAsk);
                return vec![];
            }
            return vec![Effect::Announce];
        };
        // A number that is none is no answer, and not to be thrown away.
        if asking.given.is_none() && !asking.typed.trim().is_empty() {
            return vec![];
        }
        asking.shown = true;
        let steps = u64::from(asking.question.steps);
        if let Some(given) = asking.given {
            let (right, all) = &mut self.prefs.tally;
            *right = right.saturating_add(u32::from(asking.question.mistake(given).is_none()));
            *all = all.saturating_add(1);
        }
        self.moved = true;
        let session = &mut self.doc.session;
        if steps == 1 {
            session.step_forward();
        } else {
            session.seek_global(session.global() + steps);
        }
        self.focus_zone();
        vec![Effect::SavePrefs, Effect::ReplaceAddress, Effect::Announce]
    }

    /// Where something is worth asking, once all is known that it takes.
    fn find_places(&mut self) {
        if let (None, true, Some(tools)) = (&self.doc.places, self.doc.session.is_surveyed(), lazy::tools()) {
            self.doc.places = Some((tools.places)(&self.doc.session, &self.doc.scenario));
        }
    }

    fn seek_change(&mut self, way: Way) {
        let Some(pfn) = self.selected else {
            self.note = Some(Note::NothingSelected);
            return;
        };
        let session = &mut self.doc.session;
        session.survey(u64::MAX);
        let block = session.machine().block_of(pfn).unwrap_or(Block { pfn, order: Order::ZERO });
        match session.find_change(block, way == Way::Forward) {
            Some(cursor) => session.seek(cursor),
            None => self.note = Some(Note::NoFurtherChange),
        }
    }

    fn tick(&mut self) -> Vec<Effect> {
        if !self.playing {
            return vec![];
        }
        self.doc.session.step_forward();
        self.focus_zone();
        if self.doc.session.next_step().is_none() {
            self.playing = false;
            return vec![Effect::ReplaceAddress, Effect::Announce];
        }
        vec![]
    }

    /// The picture follows the story: the zone of the step that was just done, or of the one that comes, or of the
    /// last one that had any.
    fn focus_zone(&mut self) {
        let session = &self.doc.session;
        let zone = |step: Step| step.kind.zone();
        let near = [session.just_did(), session.next_step()].into_iter().flatten().find_map(zone);
        if let Some(zone) = near.or_else(|| session.trail().copied().filter_map(zone).last()) {
            self.zone = zone;
        } else if self.zone.index() >= session.machine().zones().len() {
            self.zone = ZoneId(0);
        }
    }

    /// Whether something is open that is in a part of the page that may not be there yet.
    #[must_use]
    pub fn wants_parts(&self) -> bool {
        self.stage != Stage::Pyramid
            || self.overlay.is_some()
            || self.link_error.is_some()
            || self.waiting.is_some()
            || self.selected.is_some()
            || self.asking.is_some()
            || !matches!(self.left, None | Some(LeftPanel::Lessons))
    }

    fn save(&mut self, change: impl FnOnce(&mut Prefs)) -> Vec<Effect> {
        change(&mut self.prefs);
        vec![Effect::SavePrefs]
    }

    /// Opens another scenario: a new page of the browser's history.
    fn open(&mut self, text: String) -> Vec<Effect> {
        let Some(doc) = Doc::open(text) else {
            self.note = Some(Note::PartMissing);
            return vec![];
        };
        self.show(doc);
        self.stage = self.stage.opens(&self.doc.scenario);
        self.undo.clear();
        self.redo.clear();
        vec![Effect::PushAddress, Effect::ContinueSurvey, Effect::Announce]
    }

    fn show(&mut self, doc: Doc) {
        self.doc = doc;
        self.asking = None;
        self.playing = false;
        self.selected = None;
        self.link_error = None;
        self.zone = ZoneId(0);
        self.focus_zone();
    }

    /// Opens what the address says. What cannot be opened is said, and nothing else is shown in its place: the
    /// scenario that was open stays under the card.
    fn open_fragment(&mut self, fragment: &str) {
        if fragment.is_empty() {
            return;
        }
        let able = |writing: &&lazy::Writing| link::dictionary_is_there() || !(writing.is_packed)(fragment);
        let Some(writing) = lazy::writing().filter(able) else {
            self.note = Some(Note::PartMissing);
            self.waiting = Some(fragment.to_owned());
            return;
        };
        self.waiting = None;
        match (writing.decode)(fragment) {
            Ok(None) => {}
            Ok(Some(state)) => {
                let text = (writing.laid_out)(state.text);
                let reading = (writing.read)(&text);
                self.show(Doc::new(text, reading));
                self.stage = self.stage.opens(&self.doc.scenario);
                if !self.seek_link(state.cursor, state.kind) {
                    self.note = Some(Note::StepMoved);
                }
                self.focus_zone();
            }
            Err(error) => self.link_error = Some(error),
        }
    }

    /// Goes to the moment of a link. A later correction of the rules may have moved the step it means: then to the
    /// nearest step of its kind in that op, and false.
    fn seek_link(&mut self, to: link::Cursor, kind: Option<u8>) -> bool {
        let session = &mut self.doc.session;
        session.seek(Cursor::new(to.op, to.step));
        let is_it = |session: &Session| session.just_did().map(|step| step.kind.code()) == kind;
        if kind.is_none() || (session.cursor() == Cursor::new(to.op, to.step) && is_it(session)) {
            return true;
        }
        let steps = session.survey_so_far().steps_of(to.op);
        let mut near: Vec<u32> = (1..=steps).collect();
        mm::sort::by_key(&mut near, |step| u64::from(step.abs_diff(to.step)));
        for step in near {
            session.seek(Cursor::new(to.op, step));
            if is_it(session) {
                return false;
            }
        }
        session.seek(Cursor::new(to.op, to.step));
        false
    }

    /// The text has changed: everything reruns on the new text, and the cursor stays where it was or goes to the
    /// beginning of op `to`.
    fn edit(&mut self, text: String, typed: bool, to: Option<u32>) -> Vec<Effect> {
        let cursor = self.doc.session.cursor();
        if !(typed && self.typing) {
            self.undo.push((self.doc.text.clone(), cursor));
            if self.undo.len() > UNDO_DEPTH {
                self.undo.remove(0);
            }
        }
        self.typing = typed;
        self.redo.clear();
        self.replace_text(text, to.map_or(cursor, |op| Cursor::new(op, 0)));
        vec![Effect::ReplaceAddress, Effect::ContinueSurvey]
    }

    fn replace_text(&mut self, text: String, cursor: Cursor) {
        let selected = self.selected;
        let Some(mut doc) = Doc::open(text) else { return };
        doc.session.seek(cursor);
        self.show(doc);
        self.selected = selected.filter(|pfn| *pfn < self.doc.session.machine().end());
    }

    /// The op that a new op would become.
    fn place_of_new_op(&self) -> u32 {
        let Cursor { op, step } = self.doc.session.cursor();
        if step > 0 { op + 1 } else { op }
    }

    fn insert(&mut self, statement: &str) -> Vec<Effect> {
        let at = self.place_of_new_op();
        let Some(writing) = lazy::writing() else {
            self.note = Some(Note::PartMissing);
            return vec![];
        };
        match (writing.insert)(&self.doc.text, at, statement) {
            Some(Ok((text, at))) => {
                let effects = self.edit(text, false, Some(at));
                self.note = Some(Note::OldFutureKept);
                effects
            }
            Some(Err(_)) => {
                self.note = Some(Note::OpFromLoop);
                vec![]
            }
            None => vec![],
        }
    }

    fn remove_op(&mut self) -> Vec<Effect> {
        let op = self.doc.session.cursor().op;
        let Some(writing) = lazy::writing() else {
            self.note = Some(Note::PartMissing);
            return vec![];
        };
        match (writing.remove)(&self.doc.text, op) {
            Ok(text) => self.edit(text, false, Some(op)),
            Err(_) => {
                self.note = Some(Note::OpFromLoop);
                vec![]
            }
        }
    }

    fn undo_or_redo(&mut self, undo: bool) -> Vec<Effect> {
        let (from, to) =
            if undo { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        let Some((text, cursor)) = from.pop() else { return vec![] };
        to.push((self.doc.text.clone(), self.doc.session.cursor()));
        self.replace_text(text, cursor);
        vec![Effect::ReplaceAddress, Effect::ContinueSurvey]
    }

    /// The language of everything but kernel identifiers.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.prefs.lang
    }
}
