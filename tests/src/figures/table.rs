//! The table.

use serde_json::{Value, json};

use super::machine;

/// How a figure is held against its aim.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Told, not judged.
    Told,
}

/// One line of the table.
#[derive(Debug)]
struct Row {
    what: String,
    aim: Aim,
    unit: &'static str,
    values: Vec<f64>,
}

/// The whole.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    notes: Vec<String>,
    machine: Option<String>,
}

/// Middle of the values.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (upper, lower) = (sorted.len() / 2, sorted.len().saturating_sub(1) / 2);
    let at = |n: usize| sorted.get(n).copied().unwrap_or(f64::NAN);
    f64::midpoint(at(lower), at(upper))
}

impl Row {
    fn spread(&self) -> (f64, f64) {
        let low = self.values.iter().copied().fold(f64::INFINITY, f64::min);
        (low, self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    }

    fn verdict(&self) -> &'static str {
        let value = median(&self.values);
        match self.aim {
            Aim::AtLeast(aim) if value >= aim => "reached",
            Aim::AtMost(aim) if value <= aim => "reached",
            Aim::Told => "",
            _ => "missed",
        }
    }
}

/// Three digits that say something.
fn figure(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

impl Table {
    /// A figure: one value per round.
    pub fn add(&mut self, what: impl Into<String>, aim: Aim, unit: &'static str, values: Vec<f64>) {
        self.machine.get_or_insert_with(machine::describe);
        let row = Row { what: what.into(), aim, unit, values };
        println!("  {}: {}{}", row.what, figure(median(&row.values)), row.unit);
        self.rows.push(row);
    }

    /// A sentence under the table.
    pub fn note(&mut self, text: String) {
        println!("  {text}");
        self.notes.push(text);
    }

    /// To standard output, as Markdown.
    pub fn print(&self) {
        println!("\n| what | aim | measured (median) | spread | verdict |\n|---|---|---|---|---|");
        for row in &self.rows {
            let aim = match row.aim {
                Aim::AtLeast(aim) => format!(">= {}{}", figure(aim), row.unit),
                Aim::AtMost(aim) => format!("<= {}{}", figure(aim), row.unit),
                Aim::Told => "-".into(),
            };
            let (low, high) = row.spread();
            let spread = if row.values.len() > 1 { format!("{} - {}", figure(low), figure(high)) } else { "-".into() };
            let measured = format!("{}{}", figure(median(&row.values)), row.unit);
            println!("| {} | {aim} | {measured} | {spread} | {} |", row.what, row.verdict());
        }
        println!();
        for note in &self.notes {
            println!("* {note}");
        }
    }

    /// For programs.
    #[must_use]
    pub fn json(&self, plan: &Value) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let (aim, at_least) = match row.aim {
                    Aim::AtLeast(aim) => (Some(aim), Some(true)),
                    Aim::AtMost(aim) => (Some(aim), Some(false)),
                    Aim::Told => (None, None),
                };
                json!({
                    "what": row.what, "unit": row.unit.trim(), "aim": aim, "at_least": at_least,
                    "median": median(&row.values), "rounds": row.values, "verdict": row.verdict(),
                })
            })
            .collect();
        json!({
            "machine": self.machine, "release": !cfg!(debug_assertions), "plan": plan,
            "figures": rows, "notes": self.notes,
        })
    }
}
