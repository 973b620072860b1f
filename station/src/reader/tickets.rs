//! Running a ticket: the core says what, the session does it, the journal knows it first.

use uuid::Uuid;

use super::worker::Worker;
use crate::core::{
    About, Accepted, Chip, Command, Ended, Event, Failure, FailureKind, Memory, Refusal, Station, accept, start,
};
use crate::journal::{Entry, Journal};
use crate::power_cut;
use crate::proto::{FromStation, Hex, JournalStage, SignedTicket, Step, Ticket, TicketOutcome, TicketResult};

impl Memory for Journal {
    fn highest_epoch(&self, op: Uuid) -> Option<u32> {
        self.highest_epoch(op)
    }

    fn is_doubted(&self, image_sha256: &Hex) -> bool {
        self.is_doubted(image_sha256)
    }
}

impl Worker {
    /// Runs a ticket to its end, and reports it.
    pub(super) fn run_ticket(&mut self, signed: &SignedTicket) {
        let session = self.card_session();
        let can = self.connection().map(|connection| {
            let described = connection.driver.describe();
            (described.changes_code, described.reads_error_counter)
        });
        let (changes_code, counts_tries) = can.unwrap_or((false, false));
        let station = Station {
            welcome: self.welcome.as_ref(),
            key: &self.key,
            session,
            memory: &self.journal,
            chip: Chip::named(self.card_chip()),
            counts_tries,
            unpresented: self.unpresented,
            mismatched: self.is_mismatched(),
            changes_code,
        };
        match accept(signed, &station) {
            Ok(accepted) => self.run_accepted(accepted, signed),
            Err(refusal) => self.report_refusal(refusal),
        }
    }

    fn run_accepted(&mut self, accepted: Accepted, signed: &SignedTicket) {
        let ticket = accepted.ticket.clone();
        let size = ticket.before.0.len();
        let chip = self.card_chip().to_owned();
        let (mut job, mut command) = start(accepted);
        let mut shown = None;
        let mut lost = None;
        let ended = loop {
            if let Command::Finish(ended) = command {
                break ended;
            }
            self.show(&ticket, job.step(), &mut shown);
            if matches!(command, Command::Present(_)) {
                self.unpresented = false;
                if job.is_blind() {
                    tracing::warn!(op = %ticket.op_id, "presenting without the tries: the password verified before");
                }
            }
            let event = match &command {
                Command::Journal(stage) => self.journal_stage(&ticket, signed, *stage),
                command => match self.connection() {
                    Some(connection) => {
                        let event = connection.operate(command, &chip, size);
                        power_cut::point(point_of(job.step()));
                        event
                    }
                    None => Event::Failed(Failure { kind: FailureKind::Port, detail: "the reader is gone".into() }),
                },
            };
            if let Event::Failed(failure) = &event {
                tracing::warn!(op = %ticket.op_id, epoch = ticket.epoch, step = ?job.step(), ?failure, "a step failed");
                // A wrong password stays the reason, whatever fails while its tries are counted; a lost reader is worse.
                let keep = matches!(&lost, Some(Failure { kind: FailureKind::WrongCode, .. }));
                if !keep || !failure.kind.leaves_a_reader() {
                    lost = Some(failure.clone());
                }
            }
            command = job.next(event);
        };
        self.report(&ticket, ended);
        match lost {
            Some(failure) if failure.kind == FailureKind::WrongCode => self.close_to_passwords(),
            Some(failure) if failure.kind == FailureKind::NoCard => self.card_out(),
            Some(failure) if matches!(failure.kind, FailureKind::Port | FailureKind::Driver) => {
                self.disconnect(&failure.detail);
            }
            _ => {}
        }
    }

    fn show(&self, ticket: &Ticket, step: Step, shown: &mut Option<Step>) {
        if shown.replace(step) != Some(step) {
            self.say(FromStation::Progress { op: ticket.op_id, epoch: ticket.epoch, step });
        }
    }

    fn journal_stage(&mut self, ticket: &Ticket, signed: &SignedTicket, stage: JournalStage) -> Event {
        let (op, epoch, session) = (ticket.op_id, ticket.epoch, ticket.session);
        let entry = match stage {
            JournalStage::Received => Entry::Received { op, epoch, session, ticket: signed.clone() },
            stage => Entry::Stage { op, epoch, stage },
        };
        match self.write_down(&entry) {
            Ok(()) => {
                power_cut::point(match stage {
                    JournalStage::Received => "station.received",
                    JournalStage::Writing => "station.writing",
                    JournalStage::ChangingCode => "station.changing-code",
                    JournalStage::Result => "station.ended",
                });
                Event::Done
            }
            Err(error) => Event::Failed(Failure { kind: FailureKind::Journal, detail: error.to_string() }),
        }
    }

    /// Promises to refuse an operation's tickets. One that is running has ended before this is asked: one thread does both.
    pub(super) fn fence(&mut self, op: Uuid, up_to_epoch: u32) {
        match self.journal.fence(op, up_to_epoch) {
            Ok(()) => {
                self.publish_seq();
                power_cut::point("station.fenced");
                self.say(FromStation::Fenced { op, up_to_epoch });
            }
            // A promise that a power cut could undo is none.
            Err(error) => tracing::error!(%error, %op, "the promise to refuse a ticket is not in the journal"),
        }
    }

    fn report(&mut self, ticket: &Ticket, ended: Ended) {
        let Ended { outcome, psc_changed } = ended;
        let (op, epoch, session) = (ticket.op_id, ticket.epoch, ticket.session);
        self.finish(TicketResult { op, epoch, session, outcome, psc_changed });
    }

    /// Journals a result, then says it. A result that cannot be journalled is said all the same: the card is what it is.
    fn finish(&mut self, result: TicketResult) {
        tracing::info!(op = %result.op, epoch = result.epoch, outcome = name(&result.outcome), "a ticket ended");
        if let Err(error) = self.write_down(&Entry::Result(result.clone())) {
            tracing::error!(%error, op = %result.op, "a result is not in the journal");
        }
        power_cut::point("station.result");
        self.say(FromStation::TicketResult(result));
    }

    fn report_refusal(&mut self, refusal: Refusal) {
        let Refusal { code, detail, about } = refusal;
        tracing::warn!(code, detail, ?about, "a ticket is refused");
        let outcome = TicketOutcome::Refused { code: code.into(), image: None, tries: None, detail };
        match about {
            About::Genuine { op, epoch, session } => {
                self.finish(TicketResult { op, epoch, session, outcome, psc_changed: None });
            }
            // It has a result already, and may have no second one.
            About::Repeated { op, epoch, session } => {
                let known = self.journal.result_of(op, epoch).unwrap_or_else(|error| {
                    tracing::error!(%error, "the journal cannot be read");
                    None
                });
                let result = known.unwrap_or(TicketResult { op, epoch, session, outcome, psc_changed: None });
                self.say(FromStation::TicketResult(result));
            }
            About::Unknown => {}
        }
    }
}

/// The power cut after the first operation of a step.
const fn point_of(step: Step) -> &'static str {
    match step {
        Step::Compare => "station.compare",
        Step::Present => "station.present",
        Step::EraseSeal => "station.erase-seal",
        Step::Body => "station.body",
        Step::VerifyBody => "station.verify-body",
        Step::ChangeCode => "station.change-code",
        Step::VerifyCode => "station.verify-code",
        Step::Seal => "station.seal",
        Step::ReadBack => "station.read-back",
    }
}

fn name(outcome: &TicketOutcome) -> String {
    match outcome {
        TicketOutcome::Written { .. } => "written".into(),
        TicketOutcome::Refused { code, .. } => format!("refused: {code}"),
        TicketOutcome::Torn { step, code, .. } => format!("torn at {step:?}: {code}"),
        TicketOutcome::Interrupted { last_stage } => format!("interrupted after {last_stage:?}"),
    }
}
