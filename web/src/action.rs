//! Everything that can be asked of the page. Buttons, keys, links and drags all produce these.

use history::Cursor;
use mm::Pfn;
use mm::mmzone::ZoneId;
use scenario::Lang;
use view::Stage;

use crate::prefs::{Motion, Theme};

/// Which way in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Towards the beginning.
    Back,
    /// Towards the end.
    Forward,
}

/// What the left panel shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeftPanel {
    /// The built-in scenarios and what each teaches.
    Lessons,
    /// The text of the scenario, with live diagnostics, and ready-made ops.
    Scenario,
    /// `/proc` text: what this machine would print, and pasting one's own.
    Proc,
    /// The steps of the op so far, in words.
    Log,
}

/// What lies over the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overlay {
    /// The keys.
    Help,
    /// The link to this moment, and how long it is.
    Share,
    /// The text twin of the stage.
    Twin,
}

/// One thing that a person, the page's address or the clock asks for.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// One micro-step.
    Step(Way),
    /// One op.
    Op(Way),
    /// To the beginning or to the end.
    End(Way),
    /// To the next notable moment.
    Marker(Way),
    /// To the next change of the selected block.
    Change(Way),
    /// To where so many steps are done: the scrubber, a chart, a typed number.
    SeekGlobal(u64),
    /// To a cursor.
    Seek(Cursor),
    /// A hand holds the scrubber (true), or has let go.
    Hold(bool),
    /// To so many tenths of the way: the digit keys.
    Tenth(u8),

    /// Start or stop playing.
    TogglePlay,
    /// The clock of playing has ticked.
    Tick,
    /// Faster (forward) or slower (back).
    Speed(Way),
    /// A slice of the survey is due.
    Survey,
    /// The parts of the page were fetched, or could not be.
    Fetched(bool),

    /// Look at this frame's block everywhere; none: at nothing.
    Select(Option<Pfn>),
    /// Show this stage.
    Stage(Stage),
    /// Show the next stage: presses may come faster than the page is drawn, so the state says which that is.
    NextStage,
    /// Show this zone.
    Zone(ZoneId),

    /// Speak this language.
    Lang(Lang),
    /// Use these colours.
    Theme(Theme),
    /// Move things, or do not.
    Motion(Motion),
    /// Large and without panels, or back.
    TogglePresent,
    /// Single-key shortcuts on or off.
    ToggleKeys,
    /// Show this in the left panel; none folds it to a rail.
    Left(Option<LeftPanel>),
    /// Show or fold the inspector.
    ToggleInspector,
    /// Show this over the page; none closes it.
    Overlay(Option<Overlay>),

    /// Ask about the next step; while a question waits: answer it, or see the answer; when it was answered: the next.
    Ask,
    /// Pick this answer, from 0.
    Pick(usize),
    /// A number was typed as the answer.
    Answer(String),
    /// Leave the question.
    LeaveQuestion,
    /// Count right answers from zero again.
    ResetTally,

    /// The person has typed in the scenario's text.
    Text(String),
    /// Put this op where the cursor is.
    Insert(String),
    /// Take the op away that the cursor is in.
    RemoveOp,
    /// Take back the last edit.
    Undo,
    /// Do it again.
    Redo,
    /// Open a built-in scenario.
    OpenBuiltin(String),
    /// Open a text as a new scenario: pasted `/proc` rows, a file, a recovered link.
    OpenText(String),
    /// Open what the page's address says.
    OpenFragment(String),
    /// Copy the link to this moment.
    CopyLink,
    /// The note at the bottom was read.
    DismissNote,
}
