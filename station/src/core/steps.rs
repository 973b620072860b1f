//! The byte writes of a ticket: its plan, checked against its own images before a card is touched.

use dianka_domain::card::{ERASED, Step, WritePlan};

/// Bytes that are written in one go, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Offset of the first byte.
    pub offset: usize,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Run {
    fn covers(&self, at: usize) -> bool {
        at.checked_sub(self.offset).is_some_and(|into| into < self.bytes.len())
    }
}

/// What a ticket changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Offset of the seal.
    pub seal: usize,
    /// Whether the seal must be erased first (it is not, on a blank or torn card).
    pub erase_seal: bool,
    /// The seal's value at the end.
    pub seal_value: u8,
    /// Changed bytes outside the seal, ascending; bytes that need no change are left alone.
    pub body: Vec<Run>,
}

/// A ticket whose plan does not lead from its `before` to its `target`, in the one order that is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The images have different lengths, or none.
    #[error("the images do not have one length")]
    Length,
    /// Not: erase the seal, body, verify, write the seal, power cycle, read twice.
    #[error("the plan's steps are not in the safe order")]
    Order,
    /// The two steps for the seal disagree, or it lies outside the card or in the body.
    #[error("the plan does not treat one byte as the seal")]
    Seal,
    /// Following the plan does not give the target.
    #[error("the plan does not lead to the target: byte {at}")]
    Target {
        /// First such byte.
        at: usize,
    },
}

/// The longest run that is handed to a reader at once.
const RUN_MAX: usize = 32;

impl Steps {
    /// Checks a plan. None when it is empty: there is nothing to write.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn check(plan: &WritePlan, before: &[u8], target: &[u8]) -> Result<Option<Self>, PlanError> {
        if before.len() != target.len() || before.is_empty() {
            return Err(PlanError::Length);
        }
        if plan.is_empty() {
            return first_difference(before, target).map_or(Ok(None), |at| Err(PlanError::Target { at }));
        }
        let [Step::EraseSeal { offset: erased }, middle @ ..] = plan.steps() else { return Err(PlanError::Order) };
        let [
            body @ ..,
            Step::VerifyBody { .. },
            Step::WriteSeal { offset: sealed, value },
            Step::PowerCycle,
            Step::ReadTwice,
        ] = middle
        else {
            return Err(PlanError::Order);
        };
        let seal = usize::try_from(*sealed).map_err(|_| PlanError::Seal)?;
        let seal_before = *before.get(seal).filter(|_| erased == sealed && *value != ERASED).ok_or(PlanError::Seal)?;
        let body = body.iter().map(body_run).collect::<Result<Vec<_>, _>>()?;
        if body.iter().any(|run| run.covers(seal)) {
            return Err(PlanError::Seal);
        }
        let mut reached = before.to_vec();
        for run in body.iter().chain([&Run { offset: seal, bytes: vec![*value] }]) {
            let end = run.offset.checked_add(run.bytes.len());
            let cells = end.and_then(|end| reached.get_mut(run.offset..end)).ok_or(PlanError::Length)?;
            cells.copy_from_slice(&run.bytes);
        }
        if let Some(at) = first_difference(&reached, target) {
            return Err(PlanError::Target { at });
        }
        // Of the body, only what differs is written: the images say so, whatever the plan repeats.
        let body = runs(before, target, seal);
        Ok(Some(Self { seal, erase_seal: seal_before != ERASED, seal_value: *value, body }))
    }

    /// The runs that bring `image` back to `target` where they differ outside the seal, or none when a byte differs
    /// that this ticket never meant to touch.
    #[must_use]
    pub fn repair(&self, image: &[u8], target: &[u8]) -> Option<Vec<Run>> {
        if image.len() != target.len() {
            return None;
        }
        let repair = runs(image, target, self.seal);
        let ours = |at: usize| self.body.iter().any(|run| run.covers(at));
        let all_ours = repair.iter().all(|run| (run.offset..).zip(&run.bytes).all(|(at, _)| ours(at)));
        all_ours.then_some(repair)
    }
}

fn body_run(step: &Step) -> Result<Run, PlanError> {
    let Step::WriteBody { offset, bytes } = step else { return Err(PlanError::Order) };
    let offset = usize::try_from(*offset).map_err(|_| PlanError::Length)?;
    Ok(Run { offset, bytes: bytes.clone() })
}

fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| a != b)
}

/// Runs of bytes that differ, the seal left out, ascending.
fn runs(from: &[u8], to: &[u8], seal: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (offset, (old, new)) in from.iter().zip(to).enumerate() {
        if old == new || offset == seal {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.offset + run.bytes.len() == offset && run.bytes.len() < RUN_MAX => run.bytes.push(*new),
            _ => runs.push(Run { offset, bytes: vec![*new] }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn plan(steps: Value) -> WritePlan {
        serde_json::from_value(steps).unwrap()
    }

    fn good() -> Value {
        json!([
            {"step": "erase_seal", "offset": 1},
            {"step": "write_body", "offset": 2, "bytes": [7, 8]},
            {"step": "verify_body", "ranges": []},
            {"step": "write_seal", "offset": 1, "value": 0x68},
            {"step": "power_cycle"},
            {"step": "read_twice"},
        ])
    }

    const BEFORE: [u8; 5] = [1, 0x68, 3, 8, 5];
    const TARGET: [u8; 5] = [1, 0x68, 7, 8, 5];

    #[test]
    fn a_good_plan_gives_the_bytes_that_differ() {
        let steps = Steps::check(&plan(good()), &BEFORE, &TARGET).unwrap().unwrap();
        assert_eq!(steps.body, [Run { offset: 2, bytes: vec![7] }]);
        assert!(steps.erase_seal);
        let torn = [1, 0xFF, 3, 8, 5];
        assert!(!Steps::check(&plan(good()), &torn, &TARGET).unwrap().unwrap().erase_seal);
        assert_eq!(Steps::check(&plan(json!([])), &TARGET, &TARGET), Ok(None));
    }

    #[test]
    fn a_plan_in_another_order_or_for_other_images_is_not_run() {
        let steps = good();
        let swapped = |a: usize, b: usize| {
            let mut steps = steps.as_array().unwrap().clone();
            steps.swap(a, b);
            plan(Value::Array(steps))
        };
        for (a, b) in [(0, 1), (1, 3), (2, 3), (0, 3), (3, 4), (4, 5)] {
            assert_eq!(Steps::check(&swapped(a, b), &BEFORE, &TARGET), Err(PlanError::Order), "{a} {b}");
        }
        let with = |index: usize, key: &str, value: Value| {
            let mut steps = steps.clone();
            steps[index][key] = value;
            Steps::check(&plan(steps), &BEFORE, &TARGET)
        };
        assert_eq!(with(0, "offset", json!(4)), Err(PlanError::Seal));
        assert_eq!(with(3, "value", json!(0xFF)), Err(PlanError::Seal));
        assert_eq!(with(3, "value", json!(0x67)), Err(PlanError::Target { at: 1 }));
        assert_eq!(with(1, "offset", json!(0)), Err(PlanError::Seal));
        assert_eq!(with(1, "offset", json!(3)), Err(PlanError::Target { at: 2 }));
        assert_eq!(with(1, "offset", json!(4)), Err(PlanError::Length));
        assert_eq!(with(1, "bytes", json!([9, 8])), Err(PlanError::Target { at: 2 }));
        assert_eq!(Steps::check(&plan(json!([])), &BEFORE, &TARGET), Err(PlanError::Target { at: 2 }));
        assert_eq!(Steps::check(&plan(good()), &BEFORE[..4], &TARGET), Err(PlanError::Length));
    }

    #[test]
    fn only_bytes_of_the_plan_are_repaired() {
        let steps = Steps::check(&plan(good()), &BEFORE, &TARGET).unwrap().unwrap();
        assert_eq!(steps.repair(&[1, 0xFF, 7, 8, 5], &TARGET), Some(vec![]));
        assert_eq!(steps.repair(&[1, 0xFF, 6, 8, 5], &TARGET), Some(vec![Run { offset: 2, bytes: vec![7] }]));
        assert_eq!(steps.repair(&[1, 0xFF, 7, 8, 4], &TARGET), None);
        assert_eq!(steps.repair(&[1, 0xFF], &TARGET), None);
    }
}
