//! Enrolment: a one-time code for a place at the server.

use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::dial::{Dial, Ended, next, speak};
use crate::proto::{EnrolledAs, FromStation, Hello, SignKey, Statement, ToStation};

/// Presents a code with the station's public keys. The same code with the same keys again gives the first answer again.
///
/// # Errors
/// [`Ended`]; `Refused` names the reason.
pub async fn enrol(
    dial: &Dial,
    code: &str,
    key: &SignKey,
    hello: Hello,
    former: Option<Uuid>,
) -> Result<EnrolledAs, Ended> {
    let (mut socket, challenge) = dial.open().await?;
    let statement = Statement::Enrolment {
        challenge: challenge.nonce,
        code: code.trim().to_owned(),
        former,
        sign_public_key: key.public(),
        hello,
    };
    speak(&mut socket, &FromStation::Signed(statement.sign(key)?)).await?;
    let answer = next(&mut socket).await?;
    let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
    match answer {
        ToStation::Enrolled(enrolled) => Ok(enrolled),
        ToStation::Refused { code, wait_s } => Err(Ended::Refused { code, wait_s }),
        _ => Err(Ended::NoChallenge),
    }
}
