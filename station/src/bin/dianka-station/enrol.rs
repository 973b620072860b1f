//! `dianka-station enrol`.

use std::error::Error;
use std::process::ExitCode;

use dianka_station::enrolment::{Enrolment, ServerPlace, StationKeys};
use dianka_station::journal::Journal;
use dianka_station::link::dial::Ended;
use dianka_station::link::enrol;
use dianka_station::workstation::Identity;

use crate::args::{Enrol, Language};
use crate::{refusals, text};

/// Presents the code with new keys and keeps the answer.
pub(crate) fn enrol(asked: &Enrol, language: Language) -> Result<ExitCode, Box<dyn Error>> {
    let dir = &asked.data.dir;
    let ca = asked.ca.as_ref().map(std::path::absolute).transpose()?;
    let place = ServerPlace { server: asked.server.clone(), ca, insecure_lan: asked.insecure_lan };
    let dial = place.dial()?;
    // A damaged one is replaced by the new.
    let former = Enrolment::load(dir).ok().flatten().map(|former| former.workstation_id);
    // Held until the end: a station that runs on this folder would go on with the former keys.
    let journal = Journal::open(dir)?;
    let keys = StationKeys::for_code(dir, &asked.code)?;
    let hello = Identity::resting("", keys.seal.public(), journal.seq()).hello();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let enrolled = match runtime.block_on(enrol::enrol(&dial, &asked.code, &keys.sign, hello, former)) {
        Ok(enrolled) => enrolled,
        Err(Ended::Refused { code, .. }) => {
            eprintln!("{}", refusals::text(language, &code));
            return Ok(ExitCode::FAILURE);
        }
        Err(ended) => return Err(text::unreachable(language, &asked.server, &ended).into()),
    };
    let enrolment = Enrolment::new(keys, place, enrolled);
    enrolment.store(dir)?;
    println!("{}", text::enrolled(language, enrolment.number, &enrolment.name));
    Ok(ExitCode::SUCCESS)
}
