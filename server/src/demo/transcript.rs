//! What the demo prints: each step, and each figure beside what it should be.

use std::fmt::Display;

/// A transcript under way.
#[derive(Debug, Default)]
pub struct Transcript {
    quiet: bool,
    right: u32,
    wrong: u32,
    step: u32,
}

impl Transcript {
    /// An empty one. Quiet: only what is wrong.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        Self { quiet, ..Self::default() }
    }

    /// A heading.
    pub fn step(&mut self, zh: &str, en: &str) {
        self.step = self.step.saturating_add(1);
        let step = self.step;
        self.line(&format!("\n{step}. {zh}  {en}"));
    }

    /// A line of story.
    pub fn line(&self, text: &str) {
        if !self.quiet {
            print_line(text);
        }
    }

    /// A figure and what it should be.
    pub fn check<T: PartialEq + Display>(&mut self, what: &str, got: T, expected: T) {
        if got == expected {
            self.right = self.right.saturating_add(1);
            self.line(&format!("   ok     {what}: {got}"));
        } else {
            self.wrong = self.wrong.saturating_add(1);
            print_line(&format!("   WRONG  {what}: {got}, expected {expected}"));
        }
    }

    /// The closing line; how many figures were wrong.
    pub fn close(&self) -> u32 {
        print_line(&format!("\ndemo: {} passed, {} failed", self.right, self.wrong));
        self.wrong
    }
}

fn print_line(text: &str) {
    use std::io::Write as _;
    // A closed pipe must not turn a right demo into a panic.
    let _closed = writeln!(std::io::stdout(), "{text}");
}
